/* SPDX-License-Identifier: ISC */
#include "store/past.h"

/*
 * Evidence that counts no more: until when what is known of an address is
 * nothing to go by, for one kind of mail. A complaint or an unsubscribe counts
 * on, unless it was released itself.
 */

bool nx_tombstone_hides(const struct nx_tombstone *tombstone,
                        const struct nx_verdict *verdict)
{
	enum nx_trigger trigger;
	enum nx_cause cause;

	return nx_policy_trigger(verdict, &trigger, &cause) &&
	       (cause <= NX_CAUSE_HARD || cause == tombstone->also);
}

/* What comes in the very second of the release is newer. */
bool nx_tombstone_look(struct nx_store *store, int64_t r, int64_t mail,
                       const struct nx_verdict *verdict, int64_t time,
                       bool *hidden, struct nx_error *err)
{
	struct nx_tombstone tombstone = {.time = INT64_MIN};
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_TOMBSTONE);

	nx_query_put_number(&query, r);
	nx_query_put_number(&query, mail);
	const enum nx_step_answer answer = nx_query_step(&query, err);
	if (answer == NX_STEP_ROW) {
		tombstone.time = nx_query_int(&query);
		nx_cause_of_name(nx_query_text(&query), &tombstone.also);
	}
	*hidden = time < tombstone.time &&
	          nx_tombstone_hides(&tombstone, verdict);
	return answer != NX_STEP_FAILED;
}

static bool put(struct nx_store *store, const struct nx_standing_row *row,
                int64_t now, int64_t last, struct nx_error *err)
{
	const enum nx_cause cause = row->standing.cause;
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_BURY);

	nx_query_put_number(&query, row->r);
	nx_query_put_number(&query, row->mail);
	nx_query_put_number(&query, now);
	nx_query_put_number(&query, last);
	nx_query_put_text(&query, cause == NX_CAUSE_COMPLAINT ||
	                                          cause == NX_CAUSE_UNSUBSCRIBE
	                                  ? nx_cause_name(cause)
	                                  : "");
	return nx_query_run(&query, err);
}

bool nx_tombstone_put(struct nx_store *store, const struct nx_standing_row *row,
                      int64_t now, struct nx_error *err)
{
	int64_t last;

	return nx_query_number(store, NX_SQL_LAST_EVENT, &last, err) &&
	       put(store, row, now, last, err);
}
