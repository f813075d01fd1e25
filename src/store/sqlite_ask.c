/* SPDX-License-Identifier: ISC */
#include "base/room.h"
#include "store/attempt.h"
#include "store/hash.h"
#include "store/subject.h"

#include <stdlib.h>
#include <string.h>

/* What is remembered of an address and its domain, and which of it decides. */

struct nx_remembered nx_remembered_of(TALLOC_CTX *ctx,
                                      const struct nx_store *store,
                                      const struct nx_question *question,
                                      const char *address, int64_t now)
{
	struct nx_remembered of = {.ctx = ctx,
	                           .question = question,
	                           .subject = nx_subject_of(store, address),
	                           .now = now};
	const char *at = strrchr(address, '@');

	of.domain = at && at > address ? nx_subject_of(store, at) : of.subject;
	return of;
}

/* --- reading -------------------------------------------------------------- */

/* Another address may have the same key; one that was erased has nothing
 * else. */
static bool is_about(const struct nx_remembered *of, const char *address)
{
	return strcmp(of->subject.address, address) == 0 ||
	       strcmp(of->domain.address, address) == 0 ||
	       nx_sqlite_is_key(address);
}

void nx_remembered_add(struct nx_remembered *of,
                       const struct nx_standing_row *row,
                       const struct nx_subject_state *state)
{
	const size_t at = of->count++;

	of->row = NX_ROOM(of->ctx, of->row, struct nx_standing_row, at);
	of->state = NX_ROOM(of->ctx, of->state, struct nx_subject_state, at);
	of->row[at] = *row;
	of->state[at] = *state;
	of->state[at].address = talloc_strdup(of->ctx, state->address);
	of->state[at].mail.name = talloc_strdup(of->ctx, state->mail.name);
}

bool nx_remembered_read(struct nx_store *store, struct nx_remembered *of,
                        struct nx_error *err)
{
	enum nx_step_answer answer;
	struct nx_standing_row row;
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_STATES);

	of->count = 0;
	nx_query_put_number(&query, of->subject.r);
	nx_query_put_number(&query, of->domain.r);
	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW) {
		struct nx_subject_state state;

		if (!nx_state_read(&query, &row, &state, err))
			return false;
		if (!is_about(of, state.address))
			continue;
		if (row.r == of->domain.r && row.r != of->subject.r)
			state.address = of->domain.address;
		state.blocks = nx_standing_holds(&state.standing, of->now) &&
		               nx_question_covers(of->question, &state.mail);
		nx_remembered_add(of, &row, &state);
	}
	return answer == NX_STEP_DONE;
}

/* The row that blocks and lasts longest, or NULL. */
static struct nx_standing_row *decides(const struct nx_remembered *of)
{
	struct nx_standing_row *first = NULL;

	for (size_t i = 0; i < of->count; i++)
		if (of->state[i].blocks &&
		    (!first ||
		     of->row[i].standing.until > first->standing.until))
			first = &of->row[i];
	return first;
}

/* --- answering ------------------------------------------------------------ */

static int compare(const void *a, const void *b)
{
	const struct nx_subject_state *left = a, *right = b;

	if (left->blocks != right->blocks)
		return left->blocks ? -1 : 1;
	if (left->standing.until != right->standing.until)
		return left->standing.until > right->standing.until ? -1 : 1;
	return (int)left->mail.reach - (int)right->mail.reach;
}

/* What has ended has an end in the past, so it comes last. */
struct nx_response nx_remembered_response(const struct nx_remembered *of)
{
	struct nx_response answer = {
	        .address = talloc_strdup(of->ctx, of->subject.address),
	        .state = of->state,
	        .states = of->count};

	for (size_t i = 0; i < of->count; i++) {
		answer.blocking += of->state[i].blocks;
		answer.holding +=
		        nx_standing_holds(&of->state[i].standing, of->now);
	}
	if (of->count > 1)
		qsort(of->state, of->count, sizeof(*of->state), compare);
	return answer;
}

bool nx_store_ask(TALLOC_CTX *ctx, struct nx_store *store,
                  const struct nx_question *question, const char *address,
                  int64_t now, struct nx_response *out, struct nx_error *err)
{
	struct nx_remembered of =
	        nx_remembered_of(ctx, store, question, address, now);

	if (!nx_sqlite_known_is_neither(store, of.subject.r, of.domain.r) &&
	    !nx_remembered_read(store, &of, err))
		return false;
	*out = nx_remembered_response(&of);
	return true;
}

bool nx_store_act(TALLOC_CTX *ctx, struct nx_store *store, int64_t act,
                  const char **who, const char **note, struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_ACT);

	*who = *note = "";
	if (act == 0)
		return true;
	nx_query_put_number(&query, act);
	const enum nx_step_answer answer = nx_query_step(&query, err);
	if (answer == NX_STEP_ROW) {
		*who = talloc_strdup(ctx, nx_query_text(&query));
		*note = talloc_strdup(ctx, nx_query_text(&query));
	}
	return answer != NX_STEP_FAILED;
}

/* --- attempts ------------------------------------------------------------- */

/* A client that did not see our answer says the same again. */
static bool is_last(struct nx_store *store, const struct nx_remembered *of,
                    const struct nx_attempt *attempt, bool *is,
                    struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_LAST_ATTEMPT);

	*is = false;
	if (*attempt->queue_id == '\0')
		return true;
	nx_query_put_number(&query, of->subject.r);
	const enum nx_step_answer answer = nx_query_step(&query, err);
	if (answer == NX_STEP_ROW)
		*is = strcmp(nx_query_text(&query), attempt->queue_id) == 0 &&
		      strcmp(nx_query_text(&query),
		             nx_sqlite_nameless(store, attempt->sender)) == 0 &&
		      strcmp(nx_query_text(&query), attempt->source) == 0;
	return answer != NX_STEP_FAILED;
}

static bool record(struct nx_store *store, const struct nx_remembered *of,
                   const struct nx_standing_row *row,
                   const struct nx_attempt *attempt, struct nx_error *err)
{
	const struct nx_standing *standing = &row->standing;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_ADD_ATTEMPT);

	nx_query_put_number(&query, of->subject.r);
	nx_query_put_text(&query, of->question->stream);
	nx_query_put_number(&query, of->now);
	nx_query_put_number(&query, row->mail);
	nx_query_put_text(&query, nx_cause_name(standing->cause));
	nx_query_put_text(&query, standing->reason);
	nx_query_put_number(&query, standing->since);
	nx_query_put_number(&query, standing->until);
	nx_query_put_number(&query, standing->rung);
	nx_query_put_text(&query, nx_sqlite_nameless(store, attempt->sender));
	nx_query_put_text(&query, attempt->queue_id);
	nx_query_put_text(&query, attempt->source);
	return nx_query_run(&query, err);
}

/* Looked up again within the transaction: it may have been released since. */
static bool step(struct nx_store *store, const struct nx_policy *policy,
                 const struct nx_attempt *attempt, struct nx_remembered *of,
                 struct nx_error *err)
{
	bool is_again;

	if (!nx_remembered_read(store, of, err) ||
	    !is_last(store, of, attempt, &is_again, err))
		return false;
	struct nx_standing_row *row = decides(of);
	if (!row || is_again)
		return true;
	const struct nx_standing before = row->standing;
	row->standing = nx_policy_step(policy, before, NX_TRIGGER_ATTEMPT,
	                               NX_CAUSE_NONE, "", of->now);
	if (!nx_subject_refer(store, &of->subject, err) ||
	    !record(store, of, row, attempt, err) ||
	    (!nx_standing_is_same(&before, &row->standing) &&
	     !nx_standing_save(store, row, err)))
		return false;
	of->state[row - of->row].standing = row->standing;
	return true;
}

bool nx_store_attempt(TALLOC_CTX *ctx, struct nx_store *store,
                      const struct nx_policy *policy,
                      const struct nx_attempt *attempt, int64_t now,
                      struct nx_response *out, struct nx_error *err)
{
	struct nx_remembered of = nx_remembered_of(
	        ctx, store, attempt->question, attempt->address, now);

	if (!nx_remembered_read(store, &of, err))
		return false;
	if (decides(&of) &&
	    (!nx_sqlite_enter(store, err) ||
	     !nx_sqlite_leave(store, step(store, policy, attempt, &of, err),
	                      err)))
		return false;
	*out = nx_remembered_response(&of);
	return true;
}
