/* SPDX-License-Identifier: ISC */
#include "store/held.h"
#include "store/past.h"

#include "classify/verdict.h"

#include <string.h>

/* What is held: looked at, applied, dropped. */

/* The columns of HOLDS. */
static struct nx_hold hold_of(struct nx_query *query)
{
	struct nx_hold hold = {.domain = nx_query_text(query)};

	hold.bounces = nx_query_int(query);
	hold.addresses = nx_query_int(query);
	hold.domains = nx_query_int(query);
	hold.since = nx_query_int(query);
	hold.drops = nx_query_int(query);
	hold.last_drops = nx_query_int(query);
	return hold;
}

/* Of these, the ones that are not to be dropped yet. */
static struct nx_query ask(struct nx_store *store, enum nx_sql which,
                           const char *domain, int64_t now)
{
	struct nx_query query = nx_query_begin(store, which);

	nx_query_put_number(&query, now);
	nx_query_put_text(&query, domain ? domain : "");
	return query;
}

bool nx_held_list(struct nx_store *store, const char *domain, int64_t now,
                  bool (*row)(void *user, const struct nx_hold *hold),
                  void *user, struct nx_error *err)
{
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query = ask(store, NX_SQL_HOLDS, domain, now);

	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW) {
		const struct nx_hold hold = hold_of(&query);

		if (!row(user, &hold))
			return true;
	}
	return answer == NX_STEP_DONE;
}

static bool keep_own(void *user, const struct nx_hold *hold)
{
	struct nx_hold *own = user;

	if (strcmp(hold->domain, own->domain) != 0)
		return true;
	const char *domain = own->domain;
	*own = *hold;
	own->domain = domain;
	return false;
}

/* Kept for whoever asks for many addresses: all that are held are counted for
 * it. */
static bool read_hold(struct nx_store *store, const char *provider, int64_t now,
                      struct nx_hold *out, struct nx_error *err)
{
	if (!store->hold.domain || store->hold_now != now ||
	    strcmp(store->hold.domain, provider) != 0) {
		talloc_free((char *)store->hold.domain);
		store->hold = (struct nx_hold){
		        .domain = talloc_strdup(store, provider)};
		store->hold_now = now;
		if (!nx_held_list(store, store->hold.domain, now, keep_own,
		                  &store->hold, err)) {
			store->hold_now = 0;
			return false;
		}
	}
	*out = store->hold;
	return true;
}

bool nx_held_of(TALLOC_CTX *ctx, struct nx_store *store, const char *address,
                int64_t now, struct nx_hold *out, struct nx_error *err)
{
	const struct nx_subject subject = nx_subject_of(store, address);
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_HELD_WITH);

	*out = (struct nx_hold){.domain = NULL};
	nx_query_put_number(&query, subject.r);
	nx_query_put_number(&query, now);
	const enum nx_step_answer answer = nx_query_step(&query, err);
	if (answer != NX_STEP_ROW)
		return answer == NX_STEP_DONE;
	if (!read_hold(store, nx_query_text(&query), now, out, err))
		return false;
	out->domain = talloc_strdup(ctx, out->domain);
	return true;
}

/* --- forgetting ----------------------------------------------------------- */

bool nx_sqlite_has_held(struct nx_store *store, int64_t r, bool *any,
                        struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_HAS_HELD);

	nx_query_put_number(&query, r);
	if (nx_query_step(&query, err) != NX_STEP_ROW)
		return false;
	*any = nx_query_int(&query) != 0;
	return true;
}

bool nx_sqlite_forget_held(struct nx_store *store, int64_t r, bool *any,
                           struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_FORGET_HELD);

	nx_query_put_number(&query, r);
	if (!nx_query_run(&query, err))
		return false;
	*any = sqlite3_changes(store->db) > 0;
	return true;
}

static bool drop(struct nx_store *store, const char *domain, int64_t now,
                 struct nx_held_done *out, struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        ask(store, NX_SQL_DROP_HELD, domain, now);

	if (!nx_query_run(&query, err))
		return false;
	out->bounces = sqlite3_changes(store->db);
	store->hold_now = 0;
	return true;
}

bool nx_held_drop(struct nx_store *store, const char *domain, int64_t now,
                  struct nx_held_done *out, struct nx_error *err)
{
	*out = (struct nx_held_done){0};
	return nx_sqlite_enter(store, err) &&
	       nx_sqlite_leave(store, drop(store, domain, now, out, err), err);
}

/* --- applying ------------------------------------------------------------- */

/* The columns of HELD. */
static bool apply_one(struct nx_store *store, const struct nx_policy *policy,
                      struct nx_query *held, int64_t now,
                      struct nx_held_done *out, struct nx_error *err)
{
	struct nx_standing_row row;
	struct nx_verdict verdict = {.fault = NX_FAULT_RECIPIENT};
	bool hidden;
	const int64_t r = nx_query_int(held);
	const int64_t mail = nx_query_int(held);
	const int64_t time = nx_query_int(held);

	nx_class_of_name(nx_query_text(held), &verdict.class);
	verdict.reason = nx_query_text(held);
	verdict.confirm_days = (int)nx_query_int(held);
	const enum nx_trust evidence = (enum nx_trust)nx_query_int(held);
	if (!nx_tombstone_look(store, r, mail, &verdict, time, &hidden, err) ||
	    !nx_standing_load(store, r, mail, &row, err))
		return false;
	const struct nx_standing before = row.standing;
	if (hidden ||
	    !nx_standing_judge(policy, &verdict, time, evidence, &row))
		return true;
	out->suppressed += !nx_standing_holds(&before, now) &&
	                   nx_standing_holds(&row.standing, now);
	return nx_standing_save(store, &row, err);
}

static bool apply(struct nx_store *store, const struct nx_policy *policy,
                  const char *domain, int64_t now, struct nx_held_done *out,
                  struct nx_error *err)
{
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query = ask(store, NX_SQL_HELD, domain, now);

	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW)
		if (!apply_one(store, policy, &query, now, out, err))
			return false;
	return answer == NX_STEP_DONE && drop(store, domain, now, out, err);
}

bool nx_held_apply(struct nx_store *store, const struct nx_policy *policy,
                   const char *domain, int64_t now, struct nx_held_done *out,
                   struct nx_error *err)
{
	*out = (struct nx_held_done){0};
	return nx_sqlite_enter(store, err) &&
	       nx_sqlite_leave(
	               store, apply(store, policy, domain, now, out, err), err);
}
