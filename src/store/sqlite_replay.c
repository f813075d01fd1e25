/* SPDX-License-Identifier: ISC */
#include "store/past.h"

#include "base/room.h"
#include "event/judge_again.h"

#include <string.h>

/*
 * Judges the history with other rules. Two runs are compared, with the verdicts
 * of then and with those of today: what the first does not lead to either, a
 * lease that somebody ended unseen or that rests on what is no longer here, is
 * no matter of the rules.
 *
 * All events are judged before anybody has to wait. What is to be changed is
 * read again within the transaction.
 */

struct judged { /* an event with another verdict */
	int64_t serial;
	struct nx_verdict verdict;
};

struct planned { /* a subject to be looked at again */
	int64_t r;
	size_t first, count; /* of those */
};

struct replay_run {
	struct nx_store *store;
	const struct nx_replay *replay;
	struct nx_past_terms terms;
	struct nx_bulk_act act;
	struct nx_bulk_rows rows;
	struct nx_replayed *out;
	bool is_writing; /* else it only plans */
	TALLOC_CTX *ctx; /* of … */
	struct judged *judged;
	size_t judgeds;
	struct planned *plan;
	size_t plans;
};

/* --- one standing --------------------------------------------------------- */

struct replay_case { /* one kind of mail */
	const struct nx_past *past;
	const struct nx_past_standing *now; /* NULL: nothing is remembered */
	const struct nx_rejudged *then;     /* by the verdicts of then */
	const struct nx_rejudged *today;
};

static bool is_wish(enum nx_cause cause)
{
	return cause == NX_CAUSE_COMPLAINT || cause == NX_CAUSE_UNSUBSCRIBE;
}

/* The newest event with another verdict that has, or had, to do with it. */
static const struct nx_past_event *changed_by(const struct replay_case *of,
                                              bool wishes)
{
	enum nx_trigger trigger;
	enum nx_cause cause;

	for (size_t i = of->past->events; i > 0; i--) {
		const struct nx_past_event *event = &of->past->event[i - 1];

		if (!event->is_changed)
			continue;
		if (nx_policy_trigger(&event->event.verdict, &trigger,
		                      &cause) &&
		    (!wishes || is_wish(cause)))
			return event;
		if (!wishes &&
		    nx_policy_trigger(&event->again, &trigger, &cause))
			return event;
	}
	return NULL;
}

static bool is_same_lease(const struct nx_standing *one,
                          const struct nx_standing *other)
{
	return one->cause == other->cause && one->since == other->since &&
	       one->until == other->until &&
	       strcmp(one->reason, other->reason) == 0;
}

/* What was a lease and is none any more, or another one. */
static bool judge_lease(const struct replay_case *of,
                        const struct nx_standing *standing, int64_t now,
                        enum nx_bulk_fate *out)
{
	const struct nx_standing *then = &of->then->standing;
	const struct nx_standing *today = &of->today->standing;
	const bool holds = nx_standing_holds(today, now);

	if (is_same_lease(then, today) ||
	    (holds && (then->cause != standing->cause ||
	               then->since != standing->since)))
		return false;
	*out = holds ? NX_BULK_CHANGED : NX_BULK_FREED;
	if (!nx_standing_holds(then, now))
		*out = NX_BULK_PAST;
	else if (is_wish(standing->cause) && !changed_by(of, true))
		*out = NX_BULK_WISH;
	return true;
}

/* False: there is nothing to do, and nothing to say. */
static bool judge(const struct replay_case *of, int64_t now,
                  enum nx_bulk_fate *out)
{
	const struct nx_standing *then = &of->then->standing;
	const struct nx_standing *today = &of->today->standing;
	static const struct nx_standing nothing;
	const struct nx_standing *standing =
	        of->now ? &of->now->row.standing : &nothing;

	if (nx_standing_is_same(then, today))
		return false;
	if (nx_standing_holds(standing, now))
		return judge_lease(of, standing, now, out);
	if (nx_standing_holds(today, now)) {
		*out = NX_BULK_SUPPRESSED;
		return !nx_standing_holds(then, now);
	}
	*out = NX_BULK_LESS;
	return nx_standing_is_same(standing, then);
}

static void note(struct replay_run *run, const struct replay_case *of,
                 enum nx_bulk_fate fate)
{
	const struct nx_past_event *event =
	        changed_by(of, fate == NX_BULK_FREED &&
	                               is_wish(of->now->row.standing.cause));
	struct nx_bulk_row row = {.fate = fate,
	                          .address = of->past->address,
	                          .mail = of->today->last ? of->today->mail
	                                                  : of->then->mail,
	                          .after = of->today->standing,
	                          .rule = "",
	                          .again = ""};

	if (of->now)
		row.before = of->now->row.standing;
	if (event) {
		row.rule = event->event.verdict.rule;
		row.again = event->again.rule;
	} else if (of->then->last || of->today->last) {
		row.rule = (of->then->last ? of->then->last : of->today->last)
		                   ->event.verdict.rule;
	}
	nx_bulk_note(&run->rows, &row);
}

static bool change(struct replay_run *run, const struct replay_case *of,
                   struct nx_error *err)
{
	struct nx_standing_row row = {.r = of->past->r,
	                              .standing = of->today->standing,
	                              .evidence = of->today->evidence};
	const struct nx_mail *mail =
	        of->today->last ? &of->today->mail : &of->then->mail;

	return nx_mail_add(run->store, mail, &row.mail, err) &&
	       nx_bulk_change(run->store, &run->act, &row, false, err);
}

static bool compare(struct replay_run *run, const struct replay_case *of,
                    bool *any, struct nx_error *err)
{
	enum nx_bulk_fate fate;

	if (!judge(of, run->act.said->now, &fate))
		return true;
	*any = *any || fate < NX_BULK_OTHERS;
	if (run->is_writing || run->act.said->dry_run)
		note(run, of, fate);
	return !run->is_writing || fate >= NX_BULK_OTHERS ||
	       change(run, of, err);
}

/* --- one subject ---------------------------------------------------------- */

static const struct nx_past_standing *standing_of(const struct nx_past *past,
                                                  const struct nx_mail *mail)
{
	for (size_t i = 0; i < past->standings; i++)
		if (nx_mail_is_same(&past->standing[i].mail, mail))
			return &past->standing[i];
	return NULL;
}

/* *any: something is to be changed. Entries by hand are of mail that no event
 * leads to. */
static bool compare_all(struct replay_run *run, const struct nx_past *past,
                        bool *any, struct nx_error *err)
{
	const struct nx_rejudging then =
	        nx_rejudge(run->act.said->policy, past, NX_REJUDGE_STORED);
	const struct nx_rejudging today =
	        nx_rejudge(run->replay->policy, past, NX_REJUDGE_AGAIN);

	for (size_t i = 0; i < then.mails + today.mails; i++) {
		const bool is_then = i < then.mails;
		const struct nx_mail *mail =
		        is_then ? &then.mail[i].mail
		                : &today.mail[i - then.mails].mail;
		const struct replay_case of = {
		        .past = past,
		        .now = standing_of(past, mail),
		        .then = nx_rejudging_of(&then, mail),
		        .today = nx_rejudging_of(&today, mail)};

		if ((is_then || !of.then->last) && !compare(run, &of, any, err))
			return false;
	}
	return true;
}

/* What is held would be applied with the verdict of then. */
static bool unhold_all(struct replay_run *run, const struct nx_past *past,
                       struct nx_error *err)
{
	for (size_t i = 0; i < past->events; i++) {
		const struct nx_past_event *event = &past->event[i];

		if (event->is_changed &&
		    (event->again.class != NX_CLASS_HARD ||
		     event->again.fault != NX_FAULT_RECIPIENT) &&
		    !nx_bulk_unhold(run->store, &run->act, past, event,
		                    &run->rows, err))
			return false;
	}
	return true;
}

static size_t judge_events(struct replay_run *run, struct nx_past *past)
{
	size_t changed = 0;

	for (size_t i = 0; i < past->events; i++) {
		struct nx_past_event *event = &past->event[i];

		event->again = event->event.verdict;
		if (event->event.time < run->replay->since)
			continue;
		run->out->events++;
		struct nx_verdict again;
		event->is_changed =
		        run->replay->judge(run->replay->user, past->ctx, event,
		                           &again) &&
		        !nx_event_judge_again_is_same(&event->event.verdict,
		                                      &again);
		if (event->is_changed)
			event->again = again;
		changed += event->is_changed;
	}
	run->out->changed += (int64_t)changed;
	return changed;
}

static struct nx_verdict kept(TALLOC_CTX *ctx, struct nx_verdict verdict)
{
	verdict.reason = talloc_strdup(ctx, verdict.reason);
	verdict.advice = talloc_strdup(ctx, verdict.advice);
	verdict.rule = talloc_strdup(ctx, verdict.rule);
	verdict.matched = talloc_strdup(ctx, verdict.matched);
	return verdict;
}

static void plan(struct replay_run *run, const struct nx_past *past)
{
	struct planned subject = {.r = past->r, .first = run->judgeds};

	for (size_t i = 0; i < past->events; i++) {
		const struct nx_past_event *event = &past->event[i];

		if (!event->is_changed)
			continue;
		run->judged = NX_ROOM(run->ctx, run->judged, struct judged,
		                      run->judgeds);
		run->judged[run->judgeds++] = (struct judged){
		        event->serial, kept(run->ctx, event->again)};
		subject.count++;
	}
	run->plan = NX_ROOM(run->ctx, run->plan, struct planned, run->plans);
	run->plan[run->plans++] = subject;
}

static bool look(struct replay_run *run, struct nx_past *past,
                 struct nx_error *err)
{
	const size_t changed = judge_events(run, past);
	bool any = false;

	if (changed == 0 && run->replay->policy == run->act.said->policy)
		return true;
	if (!nx_past_complete(run->store, past, err) ||
	    !compare_all(run, past, &any, err) ||
	    (run->act.said->dry_run && !unhold_all(run, past, err)))
		return false;
	if ((any || changed > 0) && !run->act.said->dry_run)
		plan(run, past);
	return true;
}

static bool look_at_all(struct replay_run *run, struct nx_error *err)
{
	struct nx_past_walk walk;
	bool any = true;
	bool done = nx_past_walk_begin(run->store, &run->terms, &walk, err);

	while (done && any) {
		struct nx_past past;

		done = nx_past_walk_next(&walk, &past, &any, err) &&
		       (!any || look(run, &past, err));
		if (any)
			TALLOC_FREE(past.ctx);
	}
	nx_past_walk_end(&walk);
	return done;
}

/* --- carrying it out ------------------------------------------------------ */

static bool keep_verdict(struct replay_run *run, int64_t serial,
                         struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(run->store, NX_SQL_KEEP_VERDICT);

	nx_query_put_number(&query, run->act.id);
	nx_query_put_number(&query, serial);
	return nx_query_run(&query, err);
}

static bool set_verdict(struct replay_run *run,
                        const struct nx_past_event *event, struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(run->store, NX_SQL_SET_VERDICT);

	nx_verdict_put(&query, &event->again);
	nx_query_put_number(&query, event->serial);
	return nx_query_run(&query, err);
}

/* An event that came meanwhile keeps the verdict it has. */
static bool set_verdicts(struct replay_run *run, const struct planned *subject,
                         struct nx_past *past, struct nx_error *err)
{
	for (size_t i = 0; i < past->events; i++) {
		struct nx_past_event *event = &past->event[i];

		event->again = event->event.verdict;
		for (size_t k = 0; k < subject->count; k++) {
			const struct judged *judged =
			        &run->judged[subject->first + k];

			if (judged->serial != event->serial)
				continue;
			event->again = judged->verdict;
			event->is_changed = true;
			if (!keep_verdict(run, event->serial, err) ||
			    !set_verdict(run, event, err))
				return false;
		}
	}
	return true;
}

static bool carry_out(struct replay_run *run, const struct planned *subject,
                      struct nx_error *err)
{
	struct nx_past past;
	bool any = false;
	TALLOC_CTX *ctx = talloc_new(NULL);
	const bool done = nx_past_read(ctx, run->store, &run->terms, subject->r,
	                               &past, err) &&
	                  set_verdicts(run, subject, &past, err) &&
	                  compare_all(run, &past, &any, err) &&
	                  unhold_all(run, &past, err);

	talloc_free(ctx);
	return done;
}

static bool carry_out_all(struct replay_run *run, struct nx_error *err)
{
	run->is_writing = true;
	if (run->plans > 0 && !nx_bulk_begin(run->store, &run->act, err))
		return false;
	for (size_t i = 0; i < run->plans; i++)
		if (!carry_out(run, &run->plan[i], err))
			return false;
	return nx_bulk_end(run->store, &run->act, err);
}

static bool replay(struct replay_run *run, struct nx_error *err)
{
	if (!look_at_all(run, err))
		return false;
	if (run->act.said->dry_run)
		return true;
	return nx_sqlite_enter(run->store, err) &&
	       nx_sqlite_leave(run->store, carry_out_all(run, err), err);
}

bool nx_bulk_replay(struct nx_store *store, const struct nx_bulk *bulk,
                    const struct nx_replay *with, nx_bulk_row_fn *row,
                    void *user, struct nx_replayed *out, struct nx_error *err)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct replay_run run = {
	        .store = store,
	        .replay = with,
	        .terms = nx_past_terms_of(ctx, bulk),
	        .act = {.said = bulk, .what = "replay", .reason = ""},
	        .rows = {.ctx = talloc_new(ctx)},
	        .out = out,
	        .ctx = ctx};

	*out = (struct nx_replayed){0};
	const bool done = replay(&run, err);
	if (done) {
		out->act = run.act.id;
		nx_bulk_give(&run.rows, row, user);
	}
	talloc_free(ctx);
	return done;
}

bool nx_bulk_originals(struct nx_store *store, int64_t since,
                       void (*row)(void *user,
                                   const uint8_t digest[NX_DIGEST_SIZE]),
                       void *user, struct nx_error *err)
{
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_ORIGINALS_SINCE);

	nx_query_put_number(&query, since);
	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW) {
		uint8_t digest[NX_DIGEST_SIZE];

		nx_query_bytes(&query, digest, sizeof(digest));
		row(user, digest);
	}
	return answer == NX_STEP_DONE;
}
