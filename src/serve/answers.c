/* SPDX-License-Identifier: ISC */
#include "serve/answers.h"

#include "base/date.h"
#include "base/digest.h"
#include "base/text.h"
#include "mail/address.h"
#include "serve/known_reader.h"
#include "serve/reading_store.h"
#include "serve/recent.h"
#include "serve/refusal.h"

#include <stdio.h>
#include <string.h>

enum {
	MINUTE = 60,      /* seconds in which an attempt counts once, … */
	HOUR = 3600,      /* … and that of one message */
	TEXTS = 64 * 1024 /* for the texts of a question, at first */
};

struct nx_answers {
	struct nx_pipeline *pipeline;
	struct nx_recent *counted;
	bool waits; /* for attempts to be written */
	const struct nx_streams *streams;
	const char *stream; /* of questions that name none */
	struct nx_reading_store view;
	struct nx_known_reader *reader;
	int64_t time;      /* seconds that only go forward */
	TALLOC_CTX *texts; /* of one question */
	char text[NX_ASK_TEXT];
};

void nx_answers_configure(struct nx_answers *answers,
                          const struct nx_config *config)
{
	answers->streams = config->streams;
	answers->stream = config->stream;
	answers->waits = config->attempts_within == 0;
}

struct nx_answers *nx_answers_new(TALLOC_CTX *ctx, struct nx_pipeline *pipeline,
                                  const struct nx_config *config)
{
	struct nx_answers *answers = talloc_zero(ctx, struct nx_answers);
	answers->pipeline = pipeline;
	answers->counted = talloc_zero(answers, struct nx_recent);
	answers->texts = talloc_pool(answers, TEXTS);
	answers->reader = nx_known_reader_start(answers, config->store,
	                                        nx_pipeline_known(pipeline));
	answers->view = (struct nx_reading_store){
	        .name = "ask",
	        .directory = talloc_strdup(answers, config->store),
	        .hashed = config->hashed,
	        .known = answers->reader != NULL ? nx_pipeline_known(pipeline)
	                                         : NULL,
	        .counters = nx_pipeline_counters(pipeline)};
	nx_answers_configure(answers, config);
	return answers;
}

void nx_answers_stop(struct nx_answers *answers)
{
	nx_known_reader_stop(answers->reader);
	answers->reader = NULL;
}

void nx_answers_begin(struct nx_answers *answers, uint64_t time)
{
	answers->time = (int64_t)(time / 1000) + 1;
	nx_reading_store_begin(answers, &answers->view, time);
}

void nx_answers_end(struct nx_answers *answers)
{
	nx_reading_store_end(&answers->view);
}

void nx_answers_tick(struct nx_answers *answers, uint64_t time)
{
	nx_reading_store_tick(answers, &answers->view, time);
}

/* --- the question --------------------------------------------------------- */

/* Mail of a login or a sender is of a stream, where a map names one. */
static const char *stream_of(struct nx_answers *answers,
                             const struct nx_ask_question *question)
{
	const struct nx_submitter submitter = {
	        .login = question->login,
	        .sender = nx_address_normal(answers->texts, question->sender)};
	const struct nx_stream *stream =
	        nx_streams_of_submitter(answers->streams, &submitter);
	return stream != NULL ? stream->name : "";
}

/* "": neither an address nor a domain. */
static const char *subject_of(struct nx_answers *answers,
                              const struct nx_ask_question *question)
{
	const char *text = question->address;
	const size_t size = strlen(text);
	if (size > 0 &&
	    (nx_text_is_blank(*text) || nx_text_is_blank(text[size - 1])))
		text = nx_text_trim(answers->texts, text);
	return nx_address_subject(answers->texts, text);
}

/* --- attempts ------------------------------------------------------------- */

static void add_text(struct nx_digest_state *state, const char *text)
{
	nx_digest_add(state, text, strlen(text) + 1);
}

/* An MTA asks more than once about a recipient of a message. */
static bool is_counted(struct nx_answers *answers,
                       const struct nx_pipeline_attempt *attempt,
                       const char *instance)
{
	struct nx_digest_state state;
	uint8_t digest[NX_DIGEST_SIZE];
	uint64_t key;
	nx_digest_init(&state);
	add_text(&state, attempt->source);
	add_text(&state, attempt->address);
	add_text(&state, attempt->stream);
	add_text(&state, instance);
	nx_digest_end(&state, digest);
	memcpy(&key, digest, sizeof(key));
	return !nx_recent_note(answers->counted, key, answers->time,
	                       *instance != '\0' ? HOUR : MINUTE);
}

struct about { /* what is asked about */
	const char *subject;
	const char *stream;
};

/* Who asks at another stage than RCPT only looks. */
static bool is_attempt(const struct nx_asked *asked, enum nx_asked_map map,
                       const struct nx_ask_question *question)
{
	return map == NX_ASKED_ACCESS && (asked->protocol != NX_ASK_POLICY ||
	                                  strcmp(question->state, "RCPT") == 0);
}

/* False: too many wait already for anybody to wait. */
static bool count(struct nx_answers *answers, const struct nx_asked *asked,
                  const struct nx_ask_question *question,
                  const struct about *about, struct nx_answers_waiter *waiter)
{
	const struct nx_pipeline_attempt attempt = {
	        .address = about->subject,
	        .stream = about->stream,
	        .source =
	                asked->protocol == NX_ASK_POLICY ? "policy" : "access",
	        .sender = question->sender,
	        .queue_id = question->queue_id};
	if (is_counted(answers, &attempt, question->instance))
		return true;
	const bool is_taken = nx_pipeline_attempt(
	        answers->pipeline, &attempt,
	        answers->waits ? waiter->done : NULL, waiter->user);
	waiter->waits = answers->waits && is_taken;
	return is_taken || !answers->waits;
}

/* --- the answer ----------------------------------------------------------- */

static enum nx_asked_map map_of(const struct nx_asked *asked,
                                const struct nx_ask_question *question)
{
	return asked->protocol == NX_ASK_POLICY
	               ? NX_ASKED_ACCESS
	               : nx_asked_map_of_name(question->map,
	                                      strlen(question->map));
}

enum nx_ask_answer nx_answers_trouble(const struct nx_asked *asked,
                                      const struct nx_ask_question *question,
                                      const char **text)
{
	const enum nx_asked_map map = map_of(asked, question);
	*text = "nixie cannot look into its store now";
	if (asked->open && map == NX_ASKED_ACCESS) {
		*text = "DUNNO";
		return NX_ASK_FOUND;
	}
	if (asked->open && map == NX_ASKED_TRANSPORT)
		return NX_ASK_NONE;
	if (asked->protocol == NX_ASK_POLICY) {
		*text = "DEFER_IF_PERMIT 4.3.0 nixie cannot look into its "
		        "store now";
		return NX_ASK_FOUND;
	}
	return NX_ASK_TROUBLE;
}

static enum nx_ask_answer free_answer(enum nx_asked_map map, const char **text)
{
	*text = "DUNNO";
	return map == NX_ASKED_ACCESS ? NX_ASK_FOUND : NX_ASK_NONE;
}

static void tell_refusal(struct nx_answers *answers,
                         const struct nx_standing *standing)
{
	snprintf(answers->text, sizeof(answers->text), "REJECT %s",
	         nx_refusal_text(answers->texts, standing->cause,
	                         standing->reason));
}

static void tell_standing(struct nx_answers *answers,
                          const struct nx_standing *standing)
{
	char date[NX_DATE_SIZE];
	const char *until = standing->until == NX_FOREVER
	                            ? "never"
	                            : nx_date_text(standing->until, date);
	snprintf(answers->text, sizeof(answers->text), "%s %.*s %s",
	         nx_cause_name(standing->cause), NX_REFUSAL_REASON,
	         *standing->reason != '\0' ? standing->reason : "-", until);
}

static enum nx_ask_answer blocked_answer(struct nx_answers *answers,
                                         const struct nx_asked *asked,
                                         enum nx_asked_map map,
                                         const struct nx_standing *standing,
                                         const char **text)
{
	*text = answers->text;
	switch (map) {
	case NX_ASKED_ACCESS:
		tell_refusal(answers, standing);
		break;
	case NX_ASKED_TRANSPORT:
		*text = asked->transport;
		break;
	case NX_ASKED_CHECK:
		tell_standing(answers, standing);
		break;
	case NX_ASKED_UNKNOWN:
		break;
	}
	return NX_ASK_FOUND;
}

static enum nx_ask_answer answer(struct nx_answers *answers,
                                 const struct nx_asked *asked,
                                 const struct nx_ask_question *asking,
                                 struct nx_answers_waiter *waiter,
                                 const char **text, enum nx_checked *checked)
{
	const enum nx_asked_map map = map_of(asked, asking);
	struct nx_response response;
	struct nx_error err;
	if (map == NX_ASKED_UNKNOWN) {
		*text = "there is no such map: access, transport or check";
		return NX_ASK_REFUSED;
	}
	const char *subject = subject_of(answers, asking);
	*checked = NX_CHECKED_FREE;
	if (*subject == '\0')
		return free_answer(map, text);
	const char *stream = asked->protocol == NX_ASK_POLICY
	                             ? stream_of(answers, asking)
	                             : asking->stream;
	const struct nx_question question = nx_question_of(
	        answers->streams, *stream != '\0' ? stream : answers->stream);
	*checked = NX_CHECKED_TROUBLE;
	if (!answers->view.is_open ||
	    !nx_store_ask(answers->texts, answers->view.store, &question,
	                  subject, answers->view.now, &response, &err))
		return nx_answers_trouble(asked, asking, text);
	*checked =
	        response.blocking > 0 ? NX_CHECKED_SUPPRESSED : NX_CHECKED_FREE;
	if (response.blocking == 0)
		return free_answer(map, text);
	if (is_attempt(asked, map, asking) &&
	    !count(answers, asked, asking,
	           &(struct about){subject, question.stream}, waiter))
		return nx_answers_trouble(asked, asking, text);
	return blocked_answer(answers, asked, map, &response.state->standing,
	                      text);
}

enum nx_ask_answer nx_answers_give(struct nx_answers *answers,
                                   const struct nx_asked *asked,
                                   const struct nx_ask_question *question,
                                   struct nx_answers_waiter *waiter,
                                   const char **text, enum nx_checked *checked)
{
	*checked = NX_CHECKEDS;
	const enum nx_ask_answer given =
	        answer(answers, asked, question, waiter, text, checked);
	talloc_free_children(answers->texts);
	return given;
}

enum nx_via nx_answers_via(const struct nx_asked *asked,
                           const struct nx_ask_question *question)
{
	if (asked->protocol == NX_ASK_POLICY)
		return NX_VIA_POLICY;
	switch (map_of(asked, question)) {
	case NX_ASKED_TRANSPORT:
		return NX_VIA_TRANSPORT;
	case NX_ASKED_CHECK:
		return NX_VIA_CHECK;
	case NX_ASKED_ACCESS:
	case NX_ASKED_UNKNOWN:
		break;
	}
	return NX_VIA_ACCESS;
}
