/* SPDX-License-Identifier: ISC */
#include "store/sqlite_prune.h"

#include "base/date.h"
#include "policy/mass.h"
#include "store/original.h"

/* Removes messages that are old, and counts of days. */

enum { HOUR = 3600 };

/* --- messages ------------------------------------------------------------- */

/* Which messages have events; from the last on. */
static bool note_told(struct nx_prune *prune, size_t most, size_t *rows)
{
	enum nx_step_answer answer;
	uint8_t digest[NX_DIGEST_SIZE];
	NX_ENDS struct nx_query query =
	        nx_query_begin(prune->store, NX_SQL_LOOK_DIGESTS);

	*rows = 0;
	nx_query_put_number(&query, nx_sqlite_digests_serial(prune->told));
	nx_query_put_number(&query, (int64_t)most);
	nx_query_put_number(&query, nx_sqlite_prune_before(
	                                    prune, prune->terms.keep.events));
	nx_query_put_number(&query, prune->now);
	while ((answer = nx_query_step(&query, prune->err)) == NX_STEP_ROW) {
		const int64_t serial = nx_query_int(&query);

		nx_query_bytes(&query, digest, sizeof(digest));
		nx_sqlite_digests_add(prune->told, serial, digest,
		                      nx_query_int(&query) == 0);
		++*rows;
	}
	return answer == NX_STEP_DONE;
}

bool nx_prune_told(struct nx_prune *prune, bool *is_end)
{
	size_t rows;

	*is_end = true;
	if (nx_sqlite_prune_before(prune, prune->terms.keep.digests) ==
	    INT64_MIN)
		return true;
	if (!prune->told)
		prune->told = nx_sqlite_digests_new(prune, prune->now / NX_DAY);
	if (!note_told(prune, NX_PRUNE_ROWS, &rows))
		return false;
	*is_end = rows < NX_PRUNE_ROWS;
	return true;
}

static bool look_at_messages(struct nx_prune *prune, int64_t before,
                             size_t *rows)
{
	enum nx_step_answer answer;
	const struct nx_prune_row after = prune->last;
	NX_ENDS struct nx_query query =
	        nx_query_begin(prune->store, NX_SQL_LOOK_MESSAGES);

	nx_query_put_bytes(&query, after.digest,
	                   prune->is_first ? 0 : NX_DIGEST_SIZE);
	nx_query_put_number(&query, NX_PRUNE_ROWS);
	nx_query_put_number(&query, before);
	while ((answer = nx_query_step(&query, prune->err)) == NX_STEP_ROW) {
		nx_query_bytes(&query, prune->last.digest, NX_DIGEST_SIZE);
		++*rows;
		if (nx_query_int(&query) != 0 &&
		    !nx_sqlite_digests_has(prune->told, prune->last.digest))
			prune->found[prune->founds++] = prune->last;
	}
	return answer == NX_STEP_DONE;
}

/* Events that came since they were noted. */
static bool note_new(struct nx_prune *prune)
{
	size_t rows;

	do
		if (!note_told(prune, NX_PRUNE_ROWS, &rows))
			return false;
	while (rows == NX_PRUNE_ROWS);
	return true;
}

static bool remove_message(struct nx_prune *prune,
                           const struct nx_prune_row *row)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(prune->store, NX_SQL_PRUNE_MESSAGE);

	if (!note_new(prune))
		return false;
	if (nx_sqlite_digests_has(prune->told, row->digest))
		return true;
	prune->out.messages++;
	nx_query_put_bytes(&query, row->digest, NX_DIGEST_SIZE);
	return nx_query_run(&query, prune->err);
}

static bool prune_old_messages(struct nx_prune *prune, bool *is_end)
{
	size_t rows = 0;
	const int64_t before =
	        nx_sqlite_prune_before(prune, prune->terms.keep.digests);

	*is_end = true;
	if (before == INT64_MIN)
		return true;
	/* most of it before there is a lock */
	if (!look_at_messages(prune, before, &rows) || !note_new(prune) ||
	    !nx_sqlite_prune_found(prune, remove_message, &prune->out.messages))
		return false;
	*is_end = rows < NX_PRUNE_ROWS && !prune->is_cut;
	return true;
}

bool nx_prune_messages(struct nx_prune *prune, bool *is_end)
{
	return nx_sqlite_prune_unchecked(prune, prune_old_messages, is_end);
}

/* --- counts --------------------------------------------------------------- */

static bool count_before(struct nx_prune *prune, enum nx_sql which,
                         int64_t before, int64_t *count)
{
	NX_ENDS struct nx_query query = nx_query_begin(prune->store, which);

	nx_query_put_number(&query, before);
	if (nx_query_step(&query, prune->err) != NX_STEP_ROW)
		return false;
	*count += nx_query_int(&query);
	return true;
}

struct old { /* of counts: days and hours since 1970; and what is held */
	int64_t day, failures, sent, held;
};

static struct old old_of(const struct nx_prune *prune)
{
	const int64_t hour = prune->now / HOUR;
	const int64_t before =
	        nx_sqlite_prune_before(prune, prune->terms.keep.counts);

	return (struct old){.day = before == INT64_MIN ? before
	                                               : nx_date_day(before),
	                    .failures = hour - NX_MASS_HOURS,
	                    .sent = hour - NX_MASS_SENT,
	                    .held = prune->now};
}

static bool find_counts(struct nx_prune *prune, const struct old *old)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(prune->store, NX_SQL_OLD_COUNTS);

	nx_query_put_number(&query, old->day);
	nx_query_put_number(&query, old->failures);
	nx_query_put_number(&query, old->sent);
	nx_query_put_number(&query, old->held);
	if (nx_query_step(&query, prune->err) != NX_STEP_ROW)
		return false;
	prune->out.counts = nx_query_int(&query);
	return true;
}

static bool remove_before(struct nx_prune *prune, enum nx_sql which,
                          int64_t before, bool *is_end)
{
	NX_ENDS struct nx_query query = nx_query_begin(prune->store, which);

	nx_query_put_number(&query, before);
	if (!nx_query_run(&query, prune->err))
		return false;
	*is_end = *is_end && sqlite3_changes(prune->store->db) < NX_SQL_TIDIED;
	return true;
}

static bool remove_counts(struct nx_prune *prune, const struct old *old,
                          bool *is_end)
{
	return remove_before(prune, NX_SQL_PRUNE_EVENTLESS, old->day, is_end) &&
	       remove_before(prune, NX_SQL_PRUNE_FLOODS, old->day, is_end) &&
	       remove_before(prune, NX_SQL_OLD_FAILURES, old->failures,
	                     is_end) &&
	       remove_before(prune, NX_SQL_OLD_SENT, old->sent, is_end) &&
	       remove_before(prune, NX_SQL_OLD_HELD, old->held, is_end);
}

bool nx_prune_counts(struct nx_prune *prune, bool *is_end)
{
	const struct old old = old_of(prune);

	*is_end = true;
	if (prune->is_first && !find_counts(prune, &old))
		return false;
	return prune->only_counts || prune->out.counts == 0 ||
	       (nx_sqlite_prune_enter(prune) &&
	        nx_sqlite_prune_leave(prune,
	                              remove_counts(prune, &old, is_end)));
}

/* --- messages that are kept whole ----------------------------------------- */

/* The oldest of a group, when it is too old. */
static bool find_old(struct nx_prune *prune, enum nx_sql which, int group,
                     int64_t before, struct nx_prune_row *out, bool *is)
{
	NX_ENDS struct nx_query query = nx_query_begin(prune->store, which);

	if (group >= 0)
		nx_query_put_number(&query, group);
	const enum nx_step_answer answer = nx_query_step(&query, prune->err);
	*is = false;
	if (answer == NX_STEP_ROW) {
		nx_query_bytes(&query, out->digest, NX_DIGEST_SIZE);
		*is = nx_query_int(&query) < before;
	}
	return answer != NX_STEP_FAILED;
}

static bool drop_quarantined(struct nx_prune *prune,
                             const struct nx_prune_row *row)
{
	prune->out.quarantined++;
	return nx_sqlite_drop_quarantined(prune->store, row->digest,
	                                  prune->err);
}

static bool drop_original(struct nx_prune *prune,
                          const struct nx_prune_row *row)
{
	prune->out.originals++;
	return nx_sqlite_drop_original(prune->store, row->digest, prune->err);
}

/* Which are too old. */
struct aged {
	enum nx_sql which;
	int group;
	int64_t before;
	nx_prune_remove *drop;
};

/* From the oldest on; each may be a MiB. */
static bool drop_some(struct nx_prune *prune, const struct aged *aged,
                      struct nx_prune_row *row, bool *is)
{
	for (size_t rows = 1; *is; rows++) {
		if (!aged->drop(prune, row) ||
		    !find_old(prune, aged->which, aged->group, aged->before,
		              row, is))
			return false;
		if (nx_sqlite_prune_is_full(prune, rows))
			break;
	}
	return true;
}

static bool drop_old(struct nx_prune *prune, const struct aged *aged,
                     bool *is_end)
{
	struct nx_prune_row row;
	bool is;

	if (!find_old(prune, aged->which, aged->group, aged->before, &row, &is))
		return false;
	const bool done =
	        !is || (nx_sqlite_prune_enter(prune) &&
	                nx_sqlite_prune_leave(
	                        prune, drop_some(prune, aged, &row, &is)));
	*is_end = !is;
	return done;
}

static bool prune_quarantine(struct nx_prune *prune, int ordinary, bool *is_end)
{
	const int64_t before =
	        prune->now - prune->terms.quarantine.days * NX_DAY;

	*is_end = true;
	if (prune->only_counts)
		return ordinary == 1 ||
		       count_before(prune, NX_SQL_OLD_QUARANTINED, before,
		                    &prune->out.quarantined);
	return drop_old(prune,
	                &(struct aged){NX_SQL_OLDEST_QUARANTINED, ordinary,
	                               before, drop_quarantined},
	                is_end);
}

bool nx_prune_reports(struct nx_prune *prune, bool *is_end)
{
	return prune_quarantine(prune, 0, is_end);
}

bool nx_prune_ordinary(struct nx_prune *prune, bool *is_end)
{
	return prune_quarantine(prune, 1, is_end);
}

/* All of them when none are kept any more. */
bool nx_prune_originals(struct nx_prune *prune, bool *is_end)
{
	const struct nx_original_limits *limits = &prune->terms.originals;
	const bool none = limits->days == 0 || limits->bytes == 0;
	const int64_t before =
	        none ? INT64_MAX : prune->now - limits->days * NX_DAY;

	*is_end = true;
	if (prune->only_counts)
		return count_before(prune, NX_SQL_OLD_ORIGINALS, before,
		                    &prune->out.originals);
	return drop_old(prune,
	                &(struct aged){NX_SQL_FIRST_ORIGINAL, -1, before,
	                               drop_original},
	                is_end);
}

/* --- what was sent, and what changed -------------------------------------- */

static bool drop_some_before(struct nx_prune *prune, enum nx_sql which,
                             int64_t before, int64_t *count)
{
	NX_ENDS struct nx_query query = nx_query_begin(prune->store, which);

	nx_query_put_number(&query, before);
	nx_query_put_number(&query, (int64_t)prune->most);
	if (!nx_query_run(&query, prune->err))
		return false;
	*count = sqlite3_changes(prune->store->db);
	return true;
}

static bool is_any_before(struct nx_prune *prune, enum nx_sql which,
                          int64_t before, bool *is_any)
{
	NX_ENDS struct nx_query query = nx_query_begin(prune->store, which);

	nx_query_put_number(&query, before);
	if (nx_query_step(&query, prune->err) != NX_STEP_ROW)
		return false;
	*is_any = nx_query_int(&query) != 0;
	return true;
}

/* The lock, for which others may have to wait, is only taken for something. */
static bool drop_before(struct nx_prune *prune, enum nx_sql any,
                        enum nx_sql which, int64_t before, int64_t *total,
                        bool *is_end)
{
	int64_t count = 0;
	bool is_any;
	const int64_t most = (int64_t)prune->most;

	if (!is_any_before(prune, any, before, &is_any))
		return false;
	if (!is_any)
		return true;
	if (!nx_sqlite_prune_enter(prune) ||
	    !nx_sqlite_prune_leave(
	            prune, drop_some_before(prune, which, before, &count)))
		return false;
	*total += count;
	*is_end = count < most;
	return true;
}

bool nx_prune_sent(struct nx_prune *prune, bool *is_end)
{
	const int64_t before =
	        nx_sqlite_prune_before(prune, prune->terms.keep.sent);

	*is_end = true;
	if (before == INT64_MIN)
		return true;
	return prune->only_counts
	               ? count_before(prune, NX_SQL_COUNT_OLD_MESSAGES, before,
	                              &prune->out.sent)
	               : drop_before(prune, NX_SQL_ANY_OLD_MESSAGES,
	                             NX_SQL_OLD_MESSAGES, before,
	                             &prune->out.sent, is_end);
}

bool nx_prune_changes(struct nx_prune *prune, bool *is_end)
{
	int64_t ignored = 0;
	const int64_t before =
	        nx_sqlite_prune_before(prune, prune->terms.keep.changes);

	*is_end = true;
	return before == INT64_MIN || prune->only_counts ||
	       drop_before(prune, NX_SQL_ANY_OLD_CHANGES, NX_SQL_OLD_CHANGES,
	                   before, &ignored, is_end);
}
