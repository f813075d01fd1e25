/* SPDX-License-Identifier: ISC */
#include "serve/door.h"

#include "base/date.h"
#include "base/text.h"
#include "mail/address.h"
#include "serve/counters.h"
#include "serve/refusal.h"

#include <string.h>

enum { QUEUE_ID = 64 }; /* octets of one */

/* --- the queue id --------------------------------------------------------- */

/* The end of the field that begins there, with the lines that continue it. */
static size_t field_end(const char *text, size_t at, size_t size)
{
	while (at < size) {
		const char *line = memchr(text + at, '\n', size - at);

		if (!line)
			return size;
		at = (size_t)(line - text) + 1;
		if (at == size || (text[at] != ' ' && text[at] != '\t'))
			break;
	}
	return at;
}

static bool is_received(const char *field, size_t size)
{
	static const char name[] = "Received:";

	return size > sizeof(name) && nx_text_starts(field, name);
}

/* What stands in parentheses is a comment. */
static const char *id_of(TALLOC_CTX *ctx, const char *field)
{
	int depth = 0;
	const char *from = strpbrk(field, " \t\r\n");

	for (const char *at = from; at && *at; at++) {
		depth += *at == '(';
		depth -= *at == ')' && depth > 0;
		if (depth > 0 || !strchr(" \t\r\n", *at) ||
		    !nx_text_starts(at + 1, "id ") || at[4] == ' ')
			continue;
		const size_t size = strcspn(at + 4, " \t\r\n;()<>");

		return talloc_strndup(ctx, at + 4,
		                      size < QUEUE_ID ? size : QUEUE_ID);
	}
	return "";
}

const char *nx_door_queue_id(TALLOC_CTX *ctx, const char *bytes, size_t size)
{
	for (size_t at = 0, end; at < size; at = end) {
		end = field_end(bytes, at, size);
		if (bytes[at] == '\r' || bytes[at] == '\n')
			break;
		if (!is_received(bytes + at, end - at))
			continue;
		const char *id =
		        id_of(ctx, talloc_strndup(ctx, bytes + at, end - at));
		return nx_text_repair(ctx, id, strlen(id), QUEUE_ID);
	}
	return "";
}

/* --- the answer ----------------------------------------------------------- */

struct visit { /* a message, until all of its recipients are asked about */
	struct nx_counters *counters;
	uint64_t begun; /* of uv_hrtime */
	const struct nx_door *door;
	const struct nx_lmtp_message *message;
	const char *queue_id;
	struct nx_lmtp_door_answer *answer;
	size_t waiting;
	nx_door_done *done;
	void *user;
};

struct asked_for { /* a recipient */
	struct visit *visit;
	const char *address; /* in normal form, or "" */
	size_t index;
	struct asked_for *same; /* an earlier one of that address, or NULL */
};

static const char *refusal(TALLOC_CTX *ctx,
                           const struct nx_attempt_answer *said)
{
	char date[NX_DATE_SIZE];
	const bool has_end = said->until != NX_FOREVER;

	return talloc_asprintf(ctx, "%s%s%s",
	                       nx_refusal_text(ctx, said->cause, said->reason),
	                       has_end ? " until " : "",
	                       has_end ? nx_date_text(said->until, date) : "");
}

static struct nx_lmtp_door_answer answer_of(
        const struct visit *visit, const struct nx_attempt_answer *said)
{
	struct nx_lmtp_door_answer answer = {.text = ""};

	if (said->failed)
		answer.answer = NX_LMTP_DOOR_TROUBLE;
	else if (!said->is_blocked)
		answer.answer = NX_LMTP_DOOR_FREE;
	else if (visit->door->swallows)
		answer.answer = NX_LMTP_DOOR_SWALLOWED;
	else
		answer = (struct nx_lmtp_door_answer){
		        .answer = NX_LMTP_DOOR_REFUSED,
		        .text = refusal(visit->answer, said)};
	return answer;
}

static void count(const struct visit *visit)
{
	int64_t result[NX_CHECKEDS] = {0};

	for (size_t i = 0; i < visit->message->recipients; i++)
		switch (visit->answer[i].answer) {
		case NX_LMTP_DOOR_FREE:
			result[NX_CHECKED_FREE]++;
			break;
		case NX_LMTP_DOOR_REFUSED:
		case NX_LMTP_DOOR_SWALLOWED:
			result[NX_CHECKED_SUPPRESSED]++;
			break;
		case NX_LMTP_DOOR_TROUBLE:
			result[NX_CHECKED_TROUBLE]++;
			break;
		}
	nx_counters_checks(visit->counters, NX_VIA_DOOR, result,
	                   (int64_t)(uv_hrtime() - visit->begun));
}

static void asked(void *user, const struct nx_attempt_answer *said)
{
	const struct asked_for *place = user;
	struct visit *visit = place->visit;
	const struct asked_for *const first = place - place->index;

	visit->answer[place->index] = answer_of(visit, said);
	for (size_t i = place->index + 1; i < visit->message->recipients; i++)
		if (first[i].same == place)
			visit->answer[i] = visit->answer[place->index];
	if (--visit->waiting > 0)
		return;
	count(visit);
	visit->done(visit->user, visit->answer);
}

/* --- the question --------------------------------------------------------- */

static struct asked_for *find_same(struct asked_for *place, size_t count,
                                   const char *address)
{
	for (size_t i = 0; i < count; i++)
		if (*address && !place[i].same &&
		    strcmp(place[i].address, address) == 0)
			return &place[i];
	return NULL;
}

/* What is no address, nothing can suppress. */
static void ask(struct nx_pipeline *pipeline, struct asked_for *place)
{
	struct visit *visit = place->visit;
	const struct nx_pipeline_attempt attempt = {
	        .address = place->address,
	        .stream = visit->door->stream,
	        .source = "door",
	        .sender = visit->message->sender,
	        .queue_id = visit->queue_id};

	if (!*place->address)
		visit->answer[place->index].answer = NX_LMTP_DOOR_FREE;
	else if (nx_pipeline_attempt(pipeline, &attempt, asked, place))
		visit->waiting++;
}

static const char *queue_id_of(TALLOC_CTX *ctx,
                               const struct nx_lmtp_message *message)
{
	return *message->queue_id
	               ? message->queue_id
	               : nx_door_queue_id(ctx, message->bytes, message->size);
}

const struct nx_lmtp_door_answer *nx_door_ask(
        TALLOC_CTX *ctx, struct nx_pipeline *pipeline,
        const struct nx_door *door, const struct nx_lmtp_message *message,
        nx_door_done *done, void *user)
{
	struct visit *visit = talloc_zero(ctx, struct visit);
	struct asked_for *place =
	        talloc_zero_array(ctx, struct asked_for, message->recipients);

	*visit = (struct visit){
	        .counters = nx_pipeline_counters(pipeline),
	        .begun = uv_hrtime(),
	        .door = door,
	        .message = message,
	        .queue_id = queue_id_of(ctx, message),
	        .answer = talloc_zero_array(ctx, struct nx_lmtp_door_answer,
	                                    message->recipients),
	        .done = done,
	        .user = user};
	for (size_t i = 0; i < message->recipients; i++) {
		const char *address =
		        nx_address_normal(ctx, message->recipient[i].address);

		place[i] = (struct asked_for){visit, address, i,
		                              find_same(place, i, address)};
		if (!place[i].same)
			ask(pipeline, &place[i]);
	}
	if (visit->waiting > 0)
		return NULL;
	count(visit);
	return visit->answer;
}
