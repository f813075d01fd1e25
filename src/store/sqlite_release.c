/* SPDX-License-Identifier: ISC */
#include "store/past.h"

#include "base/room.h"

#include <stdlib.h>
#include <string.h>

/*
 * Frees what certain events alone led to: each address that has such events is
 * judged again without them.
 */

struct release {
	struct nx_store *store;
	const struct nx_where *where;
	struct nx_past_terms terms;
	struct nx_bulk_act act;
	struct nx_bulk_rows rows;
	TALLOC_CTX *ctx; /* of the keys */
	int64_t *r;      /* subjects that have such events, or entries */
	size_t count;
};

/* The values that WHERE_EVENT and WHERE_ADDRESS ask for. */
static struct nx_query ask(const struct release *run, enum nx_sql which)
{
	const struct nx_where *where = run->where;
	struct nx_query query = nx_query_begin(run->store, which);

	nx_query_put_text(&query, where->rule);
	nx_query_put_text(&query, where->reporter);
	nx_query_put_text(&query, where->domain);
	nx_query_put_number(&query, where->since);
	nx_query_put_number(&query, where->until);
	return query;
}

static bool find_subjects(struct release *run, enum nx_sql which,
                          struct nx_error *err)
{
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query = ask(run, which);

	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW) {
		run->r = NX_ROOM(run->ctx, run->r, int64_t, run->count);
		run->r[run->count++] = nx_query_int(&query);
	}
	return answer == NX_STEP_DONE;
}

static struct nx_past_event *find_event(const struct nx_past *past,
                                        int64_t serial)
{
	for (size_t i = 0; i < past->events; i++)
		if (past->event[i].serial == serial)
			return &past->event[i];
	return NULL;
}

static bool leave_out(const struct release *run, struct nx_past *past,
                      struct nx_error *err)
{
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query = ask(run, NX_SQL_WHERE_OF);

	nx_query_put_number(&query, past->r);
	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW) {
		struct nx_past_event *event =
		        find_event(past, nx_query_int(&query));

		if (event)
			event->left_out = true;
	}
	return answer == NX_STEP_DONE;
}

/* --- one standing --------------------------------------------------------- */

/* The event that the lease began with; NULL: it is not known. */
static const struct nx_past_event *began_with(
        const struct nx_past *past, const struct nx_standing *standing)
{
	const struct nx_past_event *first = NULL;
	enum nx_trigger trigger;
	enum nx_cause cause;

	for (size_t i = 0; i < past->events; i++) {
		const struct nx_past_event *event = &past->event[i];

		if (event->event.time == standing->since &&
		    nx_policy_trigger(&event->event.verdict, &trigger,
		                      &cause) &&
		    (!first || event->left_out))
			first = event;
	}
	return first;
}

static bool is_named(const struct nx_where *where, enum nx_cause cause)
{
	return cause <= NX_CAUSE_HARD || cause == where->cause;
}

struct release_case { /* one kind of mail */
	const struct nx_past_standing *now;
	const struct nx_rejudged *all;     /* by all events */
	const struct nx_rejudged *without; /* those that are left out */
	const struct nx_past_event *first; /* that the lease began with */
};

static bool is_concerned(const struct release_case *of)
{
	return (of->first && of->first->left_out) ||
	       (of->all->last && of->all->last->left_out) ||
	       !nx_standing_is_same(&of->all->standing, &of->without->standing);
}

static enum nx_bulk_fate judge(const struct release *run,
                               const struct release_case *of)
{
	const int64_t now = run->act.said->now;

	if (!is_named(run->where, of->now->row.standing.cause))
		return NX_BULK_CLASS;
	if (nx_standing_holds(&of->without->standing, now))
		return NX_BULK_OTHERS;
	if ((of->first && of->first->left_out) ||
	    nx_standing_holds(&of->all->standing, now))
		return NX_BULK_FREED;
	return NX_BULK_PAST;
}

static const char *rule_of(const struct release_case *of,
                           enum nx_bulk_fate fate)
{
	const struct nx_past_event *event = fate == NX_BULK_OTHERS
	                                            ? of->without->last
	                                    : of->first ? of->first
	                                                : of->all->last;

	return event ? event->event.verdict.rule : "";
}

static void note(struct release *run, const struct nx_past *past,
                 const struct nx_past_standing *now, enum nx_bulk_fate fate,
                 const struct release_case *of)
{
	struct nx_bulk_row row = {.fate = fate,
	                          .address = past->address,
	                          .mail = now->mail,
	                          .before = now->row.standing,
	                          .after = now->row.standing,
	                          .rule = of ? rule_of(of, fate) : "",
	                          .again = ""};

	if (fate == NX_BULK_FREED)
		row.after = (struct nx_standing){0};
	if (fate == NX_BULK_LESS)
		row.after = of->without->standing;
	nx_bulk_note(&run->rows, &row);
}

static bool change(struct release *run, const struct nx_standing_row *row,
                   bool buried, struct nx_error *err)
{
	return run->act.said->dry_run ||
	       nx_bulk_change(run->store, &run->act, row, buried, err);
}

/* Bounces that led to nothing yet are not to be counted later either. */
static bool count_less(struct release *run, const struct nx_past *past,
                       const struct release_case *of, struct nx_error *err)
{
	struct nx_standing_row row = of->now->row;

	if (row.standing.cause > NX_CAUSE_HARD ||
	    !nx_standing_is_same(&row.standing, &of->all->standing))
		return true;
	row.standing = of->without->standing;
	note(run, past, of->now, NX_BULK_LESS, of);
	return change(run, &row, false, err);
}

static bool release_standing(struct release *run, const struct nx_past *past,
                             const struct release_case *of,
                             struct nx_error *err)
{
	const struct nx_standing *standing = &of->now->row.standing;

	if (!is_concerned(of))
		return true;
	if (!nx_standing_holds(standing, run->act.said->now))
		return count_less(run, past, of, err);
	const enum nx_bulk_fate fate = judge(run, of);
	note(run, past, of->now, fate, of);
	return fate != NX_BULK_FREED || change(run, &of->now->row, true, err);
}

/* An entry by hand rests on no event, but has a time. */
static bool release_entry(struct release *run, const struct nx_past *past,
                          const struct nx_past_standing *entry,
                          struct nx_error *err)
{
	const struct nx_where *where = run->where;
	const struct nx_standing *standing = &entry->row.standing;

	if (where->cause != NX_CAUSE_MANUAL ||
	    standing->cause != NX_CAUSE_MANUAL || *where->rule ||
	    *where->reporter || standing->since < where->since ||
	    standing->since >= where->until)
		return true;
	note(run, past, entry, NX_BULK_FREED, NULL);
	return change(run, &entry->row, true, err);
}

/* --- all of them ---------------------------------------------------------- */

static bool release_all_of(struct release *run, const struct nx_past *past,
                           struct nx_error *err)
{
	const struct nx_policy *policy = run->act.said->policy;
	const struct nx_rejudging all =
	        nx_rejudge(policy, past, NX_REJUDGE_STORED);
	const struct nx_rejudging without =
	        nx_rejudge(policy, past, NX_REJUDGE_WITHOUT);

	for (size_t i = 0; i < past->standings; i++) {
		const struct nx_past_standing *now = &past->standing[i];
		const struct release_case of = {
		        .now = now,
		        .all = nx_rejudging_of(&all, &now->mail),
		        .without = nx_rejudging_of(&without, &now->mail),
		        .first = began_with(past, &now->row.standing)};

		if (!(now->mail.by_hand
		              ? release_entry(run, past, now, err)
		              : release_standing(run, past, &of, err)))
			return false;
	}
	return true;
}

static bool unhold_all(struct release *run, const struct nx_past *past,
                       struct nx_error *err)
{
	for (size_t i = 0; i < past->events; i++)
		if (past->event[i].left_out &&
		    !nx_bulk_unhold(run->store, &run->act, past,
		                    &past->event[i], &run->rows, err))
			return false;
	return true;
}

static bool release_subject(struct release *run, int64_t r,
                            struct nx_error *err)
{
	struct nx_past past;
	TALLOC_CTX *ctx = talloc_new(NULL);
	const bool done =
	        nx_past_read(ctx, run->store, &run->terms, r, &past, err) &&
	        leave_out(run, &past, err) && release_all_of(run, &past, err) &&
	        unhold_all(run, &past, err);

	talloc_free(ctx);
	return done;
}

static int compare_keys(const void *a, const void *b)
{
	const int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return left < right ? -1 : left > right;
}

/* One that has both events and an entry was found twice. */
static bool release_subjects(struct release *run, struct nx_error *err)
{
	if (run->count > 1)
		qsort(run->r, run->count, sizeof(*run->r), compare_keys);
	for (size_t i = 0; i < run->count; i++)
		if ((i == 0 || run->r[i] != run->r[i - 1]) &&
		    !release_subject(run, run->r[i], err))
			return false;
	return nx_bulk_end(run->store, &run->act, err);
}

/* The events are searched before others have to wait. */
static bool release_where(struct release *run, struct nx_error *err)
{
	const bool by_hand = run->where->cause == NX_CAUSE_MANUAL;

	if (!find_subjects(run, NX_SQL_WHERE, err) ||
	    (by_hand && !find_subjects(run, NX_SQL_WHERE_BY_HAND, err)))
		return false;
	if (run->act.said->dry_run)
		return release_subjects(run, err);
	return nx_sqlite_enter(run->store, err) &&
	       nx_sqlite_leave(run->store, release_subjects(run, err), err);
}

bool nx_bulk_release(struct nx_store *store, const struct nx_bulk *bulk,
                     const struct nx_where *where, nx_bulk_row_fn *row,
                     void *user, int64_t *act, struct nx_error *err)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct release run = {
	        .store = store,
	        .where = where,
	        .terms = nx_past_terms_of(ctx, bulk),
	        .act = {.said = bulk, .what = "release", .reason = where->text},
	        .rows = {.ctx = talloc_new(ctx)},
	        .ctx = ctx};
	const bool done = release_where(&run, err);

	*act = done ? run.act.id : 0;
	if (done)
		nx_bulk_give(&run.rows, row, user);
	talloc_free(ctx);
	return done;
}
