/* SPDX-License-Identifier: ISC */
#include "store/sqlite.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Standings: stored, looked up, and stepped by an attempt. */

enum { STRIKES_SIZE = (NX_POLICY_STRIKES + NX_POLICY_UNCONFIRMED) * 22 + 1 };

/* Bounces that wait for confirmation come after the strikes, each with a
 * "?". */
static void write_strikes(const struct nx_standing *standing,
                          char out[STRIKES_SIZE])
{
	int at = 0;
	out[0] = '\0';
	for (int i = 0; i < standing->strikes; i++)
		at += snprintf(out + at, (size_t)(STRIKES_SIZE - at),
		               i ? " %" PRId64 : "%" PRId64,
		               standing->strike[i]);
	for (int i = 0; i < standing->unconfirmed_count; i++)
		at += snprintf(out + at, (size_t)(STRIKES_SIZE - at),
		               at ? " ?%" PRId64 : "?%" PRId64,
		               standing->unconfirmed[i]);
}

static void read_times(const char **text, const char *before, int64_t *times,
                       int *count, int most)
{
	while (*count < most) {
		const char *at = *text + strspn(*text, " ");
		size_t length = strlen(before);
		char *end;
		if (strncmp(at, before, length) != 0)
			break;
		int64_t time = strtoll(at + length, &end, 10);
		if (end == at + length)
			break;
		times[(*count)++] = time;
		*text = end;
	}
}

static void read_strikes(const char *text, struct nx_standing *out)
{
	read_times(&text, "", out->strike, &out->strikes, NX_POLICY_STRIKES);
	read_times(&text, "?", out->unconfirmed, &out->unconfirmed_count,
	           NX_POLICY_UNCONFIRMED);
}

/* A rung that no ladder has would be an invalid index. */
static int rung_of(int64_t rung)
{
	if (rung < 0)
		return 0;
	return rung < NX_POLICY_RUNGS ? (int)rung : NX_POLICY_RUNGS - 1;
}

struct nx_standing nx_standing_of_row(struct nx_query *query)
{
	struct nx_standing standing = {0};
	nx_cause_of_name(nx_query_text(query), &standing.cause);
	const char *reason = nx_query_text(query);
	memcpy(standing.reason, reason,
	       strnlen(reason, sizeof(standing.reason) - 1));
	standing.since = nx_query_int(query);
	standing.until = nx_query_int(query);
	standing.rung = rung_of(nx_query_int(query));
	standing.climbed = nx_query_int(query);
	read_strikes(nx_query_text(query), &standing);
	return standing;
}

struct nx_subject nx_subject_of(const struct nx_store *store, const char *scope,
                                const char *address)
{
	struct nx_subject subject = {.scope = scope, .address = address};
	nx_digest_recipient(store->key, address, subject.key);
	return subject;
}

void nx_query_put_subject(struct nx_query *query,
                          const struct nx_subject *subject)
{
	nx_query_put_text(query, subject->scope);
	nx_query_put_bytes(query, subject->key, sizeof(subject->key));
}

bool nx_standing_load(struct nx_store *store, const struct nx_subject *subject,
                      struct nx_standing *out, struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_STANDING);
	nx_query_put_subject(&query, subject);
	const enum nx_step_answer answer = nx_query_step(&query, err);
	*out = answer == NX_STEP_ROW ? nx_standing_of_row(&query)
	                             : (struct nx_standing){0};
	return answer != NX_STEP_FAILED;
}

static bool forget(struct nx_store *store, const struct nx_subject *subject,
                   struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_FORGET_STANDING);
	nx_query_put_subject(&query, subject);
	return nx_query_run(&query, err);
}

bool nx_standing_save(struct nx_store *store, const struct nx_subject *subject,
                      const struct nx_standing *standing, struct nx_error *err)
{
	char strikes[STRIKES_SIZE];
	if (standing->cause == NX_CAUSE_NONE &&
	    standing->strikes + standing->unconfirmed_count == 0)
		return forget(store, subject, err);
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_SAVE_STANDING);
	write_strikes(standing, strikes);
	nx_query_put_subject(&query, subject);
	nx_query_put_text(&query, nx_cause_name(standing->cause));
	nx_query_put_text(&query, standing->reason);
	nx_query_put_number(&query, standing->since);
	nx_query_put_number(&query, standing->until);
	nx_query_put_number(&query, standing->rung);
	nx_query_put_number(&query, standing->climbed);
	nx_query_put_text(&query, strikes);
	return nx_query_run(&query, err);
}

/* --- which one decides ---------------------------------------------------- */

struct decision {
	struct nx_subject subject;
	struct nx_standing standing;
};

/* If both hold, the one that lasts longer; if one holds, that one; else what is
 * remembered of the scope itself. */
static bool is_weightier(const struct nx_standing *all,
                         const struct nx_standing *own, int64_t now)
{
	if (nx_standing_holds(all, now))
		return !nx_standing_holds(own, now) || all->until > own->until;
	return !nx_standing_holds(own, now) && own->cause == NX_CAUSE_NONE &&
	       all->cause != NX_CAUSE_NONE;
}

static bool decide(struct nx_store *store, const struct nx_subject *asked,
                   int64_t now, struct decision *out, struct nx_error *err)
{
	out->subject = *asked;
	if (!nx_standing_load(store, asked, &out->standing, err))
		return false;
	if (!*asked->scope)
		return true;
	struct decision of_all = {.subject = *asked};
	of_all.subject.scope = "";
	if (!nx_standing_load(store, &of_all.subject, &of_all.standing, err))
		return false;
	if (is_weightier(&of_all.standing, &out->standing, now))
		*out = of_all;
	return true;
}

static struct nx_subject_state state_of(TALLOC_CTX *ctx,
                                        const struct decision *decision)
{
	return (struct nx_subject_state){
	        .address = talloc_strdup(ctx, decision->subject.address),
	        .scope = talloc_strdup(ctx, decision->subject.scope),
	        .standing = decision->standing};
}

bool nx_store_standing(TALLOC_CTX *ctx, struct nx_store *store,
                       const char *scope, const char *address, int64_t now,
                       struct nx_subject_state *out, struct nx_error *err)
{
	struct decision decision;
	const struct nx_subject asked = nx_subject_of(store, scope, address);
	if (!decide(store, &asked, now, &decision, err))
		return false;
	*out = state_of(ctx, &decision);
	return true;
}

/* --- attempts ------------------------------------------------------------- */

struct attempt {
	const struct nx_policy *policy;
	struct nx_subject asked;
	int64_t now;
	struct decision decision;
};

static bool record(struct nx_store *store, const struct attempt *attempt,
                   struct nx_error *err)
{
	const struct nx_standing *standing = &attempt->decision.standing;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_ADD_ATTEMPT);
	nx_query_put_subject(&query, &attempt->decision.subject);
	nx_query_put_text(&query, attempt->asked.scope);
	nx_query_put_number(&query, attempt->now);
	nx_query_put_text(&query, nx_cause_name(standing->cause));
	nx_query_put_text(&query, standing->reason);
	nx_query_put_number(&query, standing->since);
	nx_query_put_number(&query, standing->until);
	nx_query_put_number(&query, standing->rung);
	return nx_query_run(&query, err);
}

static bool step(struct nx_store *store, struct attempt *attempt,
                 struct nx_error *err)
{
	struct decision *decision = &attempt->decision;
	/* looked up again: it may have been released since */
	if (!decide(store, &attempt->asked, attempt->now, decision, err))
		return false;
	if (!nx_standing_holds(&decision->standing, attempt->now))
		return true;
	struct nx_standing before = decision->standing;
	decision->standing =
	        nx_policy_step(attempt->policy, before, NX_TRIGGER_ATTEMPT,
	                       NX_CAUSE_NONE, "", attempt->now);
	bool is_renewed = decision->standing.until != before.until ||
	                  decision->standing.rung != before.rung ||
	                  decision->standing.climbed != before.climbed;
	return record(store, attempt, err) &&
	       (!is_renewed || nx_standing_save(store, &decision->subject,
	                                        &decision->standing, err));
}

bool nx_store_attempt(TALLOC_CTX *ctx, struct nx_store *store,
                      const struct nx_policy *policy, const char *scope,
                      const char *address, int64_t now,
                      struct nx_subject_state *out, struct nx_error *err)
{
	struct attempt attempt = {.policy = policy,
	                          .asked = nx_subject_of(store, scope, address),
	                          .now = now};
	if (!decide(store, &attempt.asked, now, &attempt.decision, err))
		return false;
	if (nx_standing_holds(&attempt.decision.standing, now) &&
	    (!nx_sqlite_enter(store, err) ||
	     !nx_sqlite_leave(store, step(store, &attempt, err), err)))
		return false;
	*out = state_of(ctx, &attempt.decision);
	return true;
}
