/* SPDX-License-Identifier: ISC */
#include "serve/attempts.h"

#include <string.h>
#include <uv.h>

static const uint64_t SECOND = UINT64_C(1000000000);

static const char *copy(struct nx_waiting_attempt *to, const char *text)
{
	const char *copied = talloc_strndup(to, text, NX_ATTEMPT_TEXT);

	to->size += strlen(copied) + 1;
	return copied;
}

struct nx_waiting_attempt *nx_attempt_new(const struct nx_attempt *attempt)
{
	struct nx_waiting_attempt *made =
	        talloc_zero(NULL, struct nx_waiting_attempt);

	made->size = sizeof(*made);
	made->question = *attempt->question;
	made->question.stream = copy(made, attempt->question->stream);
	made->attempt =
	        (struct nx_attempt){.question = &made->question,
	                            .address = copy(made, attempt->address),
	                            .source = copy(made, attempt->source),
	                            .sender = copy(made, attempt->sender),
	                            .queue_id = copy(made, attempt->queue_id)};
	made->asked = uv_hrtime();
	made->answer.reason = "";
	return made;
}

/* --- the queue ------------------------------------------------------------ */

void nx_attempt_queue_add(struct nx_attempt_queue *queue,
                          struct nx_waiting_attempt *attempt)
{
	attempt->next = NULL;
	if (queue->first)
		queue->last->next = attempt;
	else
		queue->first = attempt;
	queue->last = attempt;
	queue->count++;
	queue->awaited += attempt->done != NULL;
}

void nx_attempt_queue_move(struct nx_attempt_queue *queue,
                           struct nx_attempt_queue *more)
{
	if (!more->first)
		return;
	if (queue->first)
		queue->last->next = more->first;
	else
		queue->first = more->first;
	queue->last = more->last;
	queue->count += more->count;
	queue->awaited += more->awaited;
	*more = (struct nx_attempt_queue){.count = 0};
}

void nx_attempt_queue_put_back(struct nx_attempt_queue *queue,
                               struct nx_attempt_queue *more)
{
	if (!more->first)
		return;
	nx_attempt_queue_move(more, queue);
	*queue = *more;
	queue->not_before = uv_hrtime() + SECOND;
	*more = (struct nx_attempt_queue){.count = 0};
}

size_t nx_attempt_queue_take(struct nx_attempt_queue *queue,
                             struct nx_waiting_attempt **out, size_t most)
{
	size_t taken = 0;

	while (queue->first && taken < most) {
		struct nx_waiting_attempt *attempt = queue->first;

		queue->first = attempt->next;
		queue->count--;
		queue->awaited -= attempt->done != NULL;
		out[taken++] = attempt;
	}
	return taken;
}

uint64_t nx_attempt_queue_due(const struct nx_attempt_queue *queue)
{
	const struct nx_waiting_attempt *first = queue->first;
	const uint64_t now = uv_hrtime();

	if (!first)
		return UINT64_MAX;
	if (queue->awaited > 0)
		return 0;
	uint64_t due = queue->count < NX_ATTEMPTS_GROUP
	                       ? first->asked + first->within
	                       : 0;
	if (due < queue->not_before)
		due = queue->not_before;
	return due > now ? due - now : 0;
}

/* --- the store ------------------------------------------------------------ */

bool nx_attempt_record(struct nx_waiting_attempt *attempt,
                       struct nx_store *store, const struct nx_policy *policy,
                       int64_t now, struct nx_error *err)
{
	struct nx_response response;
	const int64_t ago = (int64_t)((uv_hrtime() - attempt->asked) / SECOND);

	if (!nx_store_attempt(attempt, store, policy, &attempt->attempt,
	                      now - ago, &response, err))
		return false;
	attempt->answer = (struct nx_attempt_answer){
	        .is_blocked = response.blocking > 0, .reason = ""};
	if (response.blocking == 0)
		return true;
	const struct nx_standing *standing = &response.state[0].standing;
	attempt->answer.cause = standing->cause;
	attempt->answer.reason = talloc_strdup(attempt, standing->reason);
	attempt->answer.until = standing->until;
	return true;
}
