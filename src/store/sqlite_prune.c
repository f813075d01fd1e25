/* SPDX-License-Identifier: ISC */
#include "store/sqlite_prune.h"

#include "base/date.h"
#include "base/room.h"
#include "sys/clock.h"

#include <stdlib.h>
#include <string.h>

/* Removes what is old. */

enum {
	FEW = 20,  /* rows of a step, … */
	QUICK = 3, /* … which are to take so many milliseconds, … */
	SLOW = 10  /* … and no more */
};

/* --- terms ---------------------------------------------------------------- */

static int64_t larger(int64_t one, int64_t other)
{
	return one > other ? one : other;
}

static void note_terms(const struct nx_terms *terms, struct nx_prune_terms *out)
{
	out->strikes = larger(out->strikes, terms->within);
	out->rungs = larger(out->rungs, terms->forget_after);
}

struct nx_prune_terms nx_prune_terms_of(const struct nx_config *config,
                                        const struct nx_policy *policy)
{
	struct nx_prune_terms out = {.keep = config->retention,
	                             .quarantine = config->quarantine,
	                             .originals = config->originals};

	for (int cause = NX_CAUSE_SOFT; cause <= NX_CAUSE_MANUAL; cause++) {
		const char *reason;

		note_terms(nx_policy_terms(policy, (enum nx_cause)cause, ""),
		           &out);
		for (size_t i = 0;
		     (reason = nx_policy_reason(policy, (enum nx_cause)cause,
		                                i)) != NULL;
		     i++)
			note_terms(nx_policy_terms(policy, (enum nx_cause)cause,
			                           reason),
			           &out);
	}
	return out;
}

int64_t nx_sqlite_prune_before(const struct nx_prune *prune, int64_t span)
{
	if (span == 0 || span == NX_FOREVER || span > prune->now)
		return INT64_MIN;
	return prune->now - span;
}

/* --- removing ------------------------------------------------------------- */

/* The lock is held as long on a slow disk: the commit counts, the wait for the
 * lock does not. */
static void adapt(struct nx_prune *prune)
{
	const int64_t took = prune->took;

	if (took > SLOW)
		prune->most = prune->most / 2 < FEW ? FEW : prune->most / 2;
	else if (took < QUICK && prune->most < NX_PRUNE_ROWS)
		prune->most *= 2;
}

bool nx_sqlite_prune_enter(struct nx_prune *prune)
{
	const bool done = nx_sqlite_enter(prune->store, prune->err);

	prune->begun = nx_clock_milliseconds();
	return done;
}

bool nx_sqlite_prune_leave(struct nx_prune *prune, bool done)
{
	done = nx_sqlite_leave(prune->store, done, prune->err);
	prune->took = nx_clock_milliseconds() - prune->begun;
	adapt(prune);
	return done;
}

bool nx_sqlite_prune_is_full(const struct nx_prune *prune, size_t rows)
{
	return rows >= prune->most ||
	       nx_clock_milliseconds() - prune->begun >= QUICK;
}

/* What is more than fits is found again by the next step. */
static void cut(struct nx_prune *prune, size_t most)
{
	if (prune->founds <= most)
		return;
	prune->founds = most;
	prune->last = prune->found[most - 1];
	prune->is_cut = true;
}

static bool remove_all(struct nx_prune *prune, nx_prune_remove *remove)
{
	for (size_t i = 0; i < prune->founds; i++) {
		if (!remove(prune, &prune->found[i]))
			return false;
		if (nx_sqlite_prune_is_full(prune, i + 1))
			cut(prune, i + 1);
	}
	return true;
}

bool nx_sqlite_prune_found(struct nx_prune *prune, nx_prune_remove *remove,
                           int64_t *count)
{
	if (prune->only_counts) {
		*count += (int64_t)prune->founds;
		return true;
	}
	return prune->founds == 0 ||
	       (nx_sqlite_prune_enter(prune) &&
	        nx_sqlite_prune_leave(prune, remove_all(prune, remove)));
}

/* With the last row of an address the address goes. */
bool nx_sqlite_prune_address(struct nx_prune *prune, int64_t r)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(prune->store, NX_SQL_PRUNE_RECIPIENT);

	nx_query_put_number(&query, r);
	if (!nx_query_run(&query, prune->err))
		return false;
	prune->out.addresses += sqlite3_changes(prune->store->db);
	return true;
}

/* --- standings ------------------------------------------------------------ */

static int64_t newest_strike(const struct nx_standing *standing)
{
	int64_t newest = standing->strikes > 0 ? standing->strike[0] : 0;

	if (standing->unconfirmed_count > 0)
		newest = larger(newest, standing->unconfirmed[0]);
	return newest;
}

static bool is_over(const struct nx_prune *prune,
                    const struct nx_standing *standing)
{
	const struct nx_prune_terms *terms = &prune->terms;
	const int64_t strikes = nx_sqlite_prune_before(prune, terms->strikes);
	const int64_t leases = nx_sqlite_prune_before(
	        prune, larger(terms->keep.leases, terms->rungs));

	if (newest_strike(standing) > 0 && newest_strike(standing) >= strikes)
		return false;
	return standing->cause == NX_CAUSE_NONE ||
	       (terms->rungs != NX_FOREVER && standing->until < leases);
}

static void note_act(struct nx_prune *prune, int64_t act)
{
	if (act == 0 || (prune->acts > 0 && prune->act[prune->acts - 1] == act))
		return;
	prune->act = NX_ROOM(prune, prune->act, int64_t, prune->acts);
	prune->act[prune->acts++] = act;
}

static bool look_at_standings(struct nx_prune *prune, size_t *rows)
{
	enum nx_step_answer answer;
	struct nx_standing_row row;
	const struct nx_prune_row after = prune->last;
	NX_ENDS struct nx_query query =
	        nx_query_begin(prune->store, NX_SQL_PRUNE_STANDINGS);

	nx_query_put_number(&query, prune->is_first ? INT64_MIN : after.first);
	nx_query_put_number(&query, after.second);
	nx_query_put_number(&query, NX_PRUNE_ROWS);
	while ((answer = nx_query_step(&query, prune->err)) == NX_STEP_ROW) {
		if (!nx_standing_read(&query, &row, prune->err))
			return false;
		prune->last = (struct nx_prune_row){.first = row.r,
		                                    .second = row.mail};
		++*rows;
		note_act(prune, row.act);
		if (prune->terms.keep.leases > 0 &&
		    is_over(prune, &row.standing))
			prune->found[prune->founds++] = prune->last;
	}
	return answer == NX_STEP_DONE;
}

/* It may have changed since it was looked at. */
static bool remove_standing(struct nx_prune *prune,
                            const struct nx_prune_row *row)
{
	struct nx_standing_row now;

	if (!nx_standing_load(prune->store, row->first, row->second, &now,
	                      prune->err))
		return false;
	if (!is_over(prune, &now.standing))
		return true;
	now.standing = (struct nx_standing){.cause = NX_CAUSE_NONE};
	prune->out.leases++;
	return nx_standing_save(prune->store, &now, prune->err) &&
	       nx_sqlite_prune_address(prune, row->first);
}

static int compare_acts(const void *a, const void *b)
{
	const int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return left < right ? -1 : left > right;
}

static bool prune_standings(struct nx_prune *prune, bool *is_end)
{
	size_t rows = 0;

	if (!look_at_standings(prune, &rows) ||
	    !nx_sqlite_prune_found(prune, remove_standing, &prune->out.leases))
		return false;
	*is_end = rows < NX_PRUNE_ROWS && !prune->is_cut;
	if (*is_end && prune->acts > 1)
		qsort(prune->act, prune->acts, sizeof(*prune->act),
		      compare_acts);
	return true;
}

/* --- tables whose rows have a time ---------------------------------------- */

static bool is_named_act(const struct nx_prune *prune, int64_t act)
{
	return prune->acts > 0 && bsearch(&act, prune->act, prune->acts,
	                                  sizeof(act), compare_acts) != NULL;
}

static bool look_at_rows(struct nx_prune *prune, enum nx_sql look,
                         int64_t before, size_t *rows)
{
	enum nx_step_answer answer;
	const struct nx_prune_row after = prune->last;
	NX_ENDS struct nx_query query = nx_query_begin(prune->store, look);

	nx_query_put_number(&query, prune->is_first ? INT64_MIN : after.first);
	nx_query_put_number(&query, after.second);
	nx_query_put_number(&query, NX_PRUNE_ROWS);
	nx_query_put_number(&query, before);
	nx_query_put_number(&query, prune->now);
	while ((answer = nx_query_step(&query, prune->err)) == NX_STEP_ROW) {
		prune->last.first = nx_query_int(&query);
		prune->last.second = nx_query_int(&query);
		++*rows;
		if (nx_query_int(&query) == 0 ||
		    (look == NX_SQL_LOOK_ACTS && nx_query_int(&query) != 0 &&
		     is_named_act(prune, prune->last.second)))
			continue;
		prune->found[prune->founds++] = prune->last;
	}
	return answer == NX_STEP_DONE;
}

/* Runs what removes a row; *r: whose it was, where it says so. */
static bool run_on_row(struct nx_prune *prune, enum nx_sql which,
                       const struct nx_prune_row *row, bool *any, int64_t *r)
{
	NX_ENDS struct nx_query query = nx_query_begin(prune->store, which);

	nx_query_put_number(&query, row->second);
	nx_query_put_number(&query, prune->now);
	enum nx_step_answer answer = nx_query_step(&query, prune->err);
	*any = answer == NX_STEP_ROW;
	if (*any)
		*r = nx_query_int(&query);
	while (answer == NX_STEP_ROW)
		answer = nx_query_step(&query, prune->err);
	*any = *any || sqlite3_changes(prune->store->db) > 0;
	return answer == NX_STEP_DONE;
}

static bool remove_texts(struct nx_prune *prune, const struct nx_prune_row *row)
{
	bool any;
	int64_t r = 0;

	if (!run_on_row(prune, NX_SQL_PRUNE_TEXTS, row, &any, &r))
		return false;
	prune->out.texts += any;
	return true;
}

static bool remove_event(struct nx_prune *prune, const struct nx_prune_row *row)
{
	bool any;
	int64_t r = 0;

	if (!run_on_row(prune, NX_SQL_PRUNE_EVENT, row, &any, &r))
		return false;
	prune->out.events += any;
	return !any || nx_sqlite_prune_address(prune, r);
}

static bool remove_attempt(struct nx_prune *prune,
                           const struct nx_prune_row *row)
{
	bool any;
	int64_t r = 0;

	if (!run_on_row(prune, NX_SQL_PRUNE_ATTEMPT, row, &any, &r))
		return false;
	prune->out.attempts += any;
	return !any || nx_sqlite_prune_address(prune, r);
}

static bool remove_act(struct nx_prune *prune, const struct nx_prune_row *row)
{
	bool any;
	int64_t r = 0;

	if (!run_on_row(prune, NX_SQL_PRUNE_ACT, row, &any, &r))
		return false;
	prune->out.acts += any;
	return nx_sqlite_prune_bulk(prune, row->second);
}

bool nx_sqlite_prune_rows(struct nx_prune *prune, enum nx_sql look,
                          int64_t span, nx_prune_remove *remove, int64_t *count,
                          bool *is_end)
{
	size_t rows = 0;
	const int64_t before = nx_sqlite_prune_before(prune, span);

	*is_end = true;
	if (before == INT64_MIN)
		return true;
	if (!look_at_rows(prune, look, before, &rows) ||
	    !nx_sqlite_prune_found(prune, remove, count))
		return false;
	*is_end = rows < NX_PRUNE_ROWS && !prune->is_cut;
	return true;
}

static bool prune_texts(struct nx_prune *prune, bool *is_end)
{
	return nx_sqlite_prune_rows(prune, NX_SQL_LOOK_TEXTS,
	                            prune->terms.keep.texts, remove_texts,
	                            &prune->out.texts, is_end);
}

static bool prune_events(struct nx_prune *prune, bool *is_end)
{
	return nx_sqlite_prune_rows(prune, NX_SQL_LOOK_EVENTS,
	                            prune->terms.keep.events, remove_event,
	                            &prune->out.events, is_end);
}

static bool prune_attempts(struct nx_prune *prune, bool *is_end)
{
	return nx_sqlite_prune_rows(prune, NX_SQL_LOOK_ATTEMPTS,
	                            prune->terms.keep.attempts, remove_attempt,
	                            &prune->out.attempts, is_end);
}

bool nx_sqlite_prune_unchecked(struct nx_prune *prune, nx_prune_stage *run,
                               bool *is_end)
{
	struct nx_error ignored;

	if (prune->store->hashed)
		return run(prune, is_end);
	if (!nx_sqlite_run(prune->store, NX_SQL_FOREIGN_OFF, prune->err))
		return false;
	const bool done = run(prune, is_end);
	return nx_sqlite_run(prune->store, NX_SQL_FOREIGN_ON,
	                     done ? prune->err : &ignored) &&
	       done;
}

static bool prune_old_acts(struct nx_prune *prune, bool *is_end)
{
	return nx_sqlite_prune_rows(prune, NX_SQL_LOOK_ACTS,
	                            prune->terms.keep.acts, remove_act,
	                            &prune->out.acts, is_end);
}

static bool prune_acts(struct nx_prune *prune, bool *is_end)
{
	return nx_sqlite_prune_unchecked(prune, prune_old_acts, is_end);
}

/* -------------------------------------------------------------------------- */

/* Standings first: what they needed may then go. */
static nx_prune_stage *const STAGES[] = {
        prune_standings,     prune_events,
        prune_texts,         prune_attempts,
        nx_prune_undo,       nx_prune_verdicts,
        nx_prune_tombstones, nx_prune_tombstones_of_class,
        prune_acts,          nx_prune_told,
        nx_prune_messages,   nx_prune_counts,
        nx_prune_reports,    nx_prune_ordinary,
        nx_prune_originals,  nx_prune_sent,
        nx_prune_changes};

enum { STAGES_COUNT = sizeof(STAGES) / sizeof(*STAGES) };

struct nx_prune *nx_prune_new(TALLOC_CTX *ctx, struct nx_store *store,
                              const struct nx_prune_terms *terms, int64_t now,
                              bool only_counts)
{
	struct nx_prune *prune = talloc_zero(ctx, struct nx_prune);

	prune->store = store;
	prune->terms = *terms;
	prune->now = now;
	prune->only_counts = only_counts;
	prune->is_first = true;
	prune->most = FEW;
	return prune;
}

bool nx_prune_step(struct nx_prune *prune, bool *more, struct nx_error *err)
{
	bool is_end;

	prune->err = err;
	prune->founds = 0;
	prune->is_cut = false;
	prune->took = 0;
	if (!STAGES[prune->stage](prune, &is_end))
		return false;
	prune->is_first = is_end;
	if (is_end) {
		prune->stage++;
		prune->last = (struct nx_prune_row){.first = 0};
	}
	*more = prune->stage < STAGES_COUNT;
	return true;
}

int64_t nx_prune_step_ms(const struct nx_prune *prune)
{
	return prune->took;
}

const struct nx_pruned *nx_prune_result(const struct nx_prune *prune)
{
	return &prune->out;
}
