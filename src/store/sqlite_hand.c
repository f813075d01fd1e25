/* SPDX-License-Identifier: ISC */
#include "store/hash.h"
#include "store/past.h"
#include "store/sqlite_blocks.h"

#include <stdlib.h>
#include <string.h>

/* What is done by hand: suppress, release, and "it was delivered". */

bool nx_act_add(struct nx_store *store, const struct nx_act *act, int64_t *id,
                struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_ADD_ACT);

	nx_query_put_number(&query, act->now);
	nx_query_put_text(&query, act->what);
	nx_query_put_number(&query, act->mail);
	nx_query_put_text(&query, nx_cause_name(act->cause));
	nx_query_put_text(&query, act->reason);
	nx_query_put_text(&query, act->who);
	nx_query_put_text(&query, nx_sqlite_nameless(store, act->note));
	if (act->r)
		nx_query_put_number(&query, *act->r);
	else
		nx_query_put_nothing(&query);
	nx_query_put_number(&query, act->entries);
	nx_query_put_unless(&query, act->ended, 0);
	if (!nx_query_run(&query, err))
		return false;
	*id = sqlite3_last_insert_rowid(store->db);
	return true;
}

/* --- suppress ------------------------------------------------------------- */

struct entries {
	const struct nx_policy *policy;
	const struct nx_manual_action *said;
	struct nx_subject *subject; /* by key: rows that lie together are
	                               written together */
	size_t count;
	int64_t mail;
	int64_t act; /* 0: none yet */
};

static int compare_keys(const void *a, const void *b)
{
	const int64_t left = ((const struct nx_subject *)a)->r;
	const int64_t right = ((const struct nx_subject *)b)->r;

	return left < right ? -1 : left > right;
}

static enum nx_cause cause_of(const struct nx_manual_action *said)
{
	return said->cause == NX_CAUSE_NONE ? NX_CAUSE_MANUAL : said->cause;
}

static bool begin_act(struct nx_store *store, struct entries *entries,
                      struct nx_error *err)
{
	struct nx_mail mail = entries->said->mail;
	struct nx_act act = {.what = "suppress",
	                     .now = entries->said->now,
	                     .who = entries->said->who,
	                     .note = entries->said->note,
	                     .cause = cause_of(entries->said),
	                     .reason = entries->said->reason,
	                     .entries = (int64_t)entries->count};

	if (entries->act != 0)
		return true;
	mail.by_hand = true;
	if (!nx_mail_add(store, &mail, &entries->mail, err))
		return false;
	act.mail = entries->mail;
	act.r = entries->count == 1 ? &entries->subject->r : NULL;
	return nx_act_add(store, &act, &entries->act, err) &&
	       (entries->count == 1 || nx_bulk_allow(store, entries->act, err));
}

/* What was there is kept, so that the act can be taken back. */
static bool keep_before(struct nx_store *store, const struct entries *entries,
                        const struct nx_standing *before,
                        const struct nx_standing_row *row, struct nx_error *err)
{
	return entries->count == 1 || nx_standing_is_nothing(before) ||
	       nx_bulk_keep(store, entries->act, row, err);
}

static bool suppress_one(struct nx_store *store, const struct entries *entries,
                         const struct nx_subject *subject, struct nx_error *err)
{
	struct nx_standing_row row;
	const struct nx_manual_action *said = entries->said;

	if (!nx_subject_add(store, subject, err) ||
	    !nx_standing_load(store, subject->r, entries->mail, &row, err))
		return false;
	const struct nx_standing before = row.standing;
	row.standing =
	        nx_policy_step(entries->policy, before, NX_TRIGGER_MANUAL,
	                       cause_of(said), said->reason, said->now);
	if (row.act != 0 && nx_standing_is_same(&before, &row.standing))
		return true;
	if (row.standing.cause == cause_of(said))
		row.act = entries->act;
	return keep_before(store, entries, &before, &row, err) &&
	       nx_standing_save(store, &row, err);
}

static bool suppress(struct nx_store *store, struct entries *entries,
                     size_t from, size_t to, struct nx_error *err)
{
	if (!begin_act(store, entries, err))
		return false;
	for (size_t i = from; i < to; i++)
		if (!suppress_one(store, entries, &entries->subject[i], err))
			return false;
	return true;
}

static bool suppress_all(struct nx_store *store, struct entries *entries,
                         struct nx_error *err)
{
	size_t from = 0;

	while (from < entries->count) {
		const size_t left = entries->count - from;
		const size_t size =
		        left < NX_SUPPRESS_AT_ONCE ? left : NX_SUPPRESS_AT_ONCE;

		if (!nx_sqlite_enter(store, err) ||
		    !nx_sqlite_leave(
		            store,
		            suppress(store, entries, from, from + size, err),
		            err))
			return false;
		from += size;
	}
	return true;
}

bool nx_store_suppress(struct nx_store *store, const struct nx_policy *policy,
                       const struct nx_manual_action *act,
                       const char *const *address, size_t count,
                       struct nx_error *err)
{
	struct entries entries = {
	        .policy = policy,
	        .said = act,
	        .count = count,
	        .subject = talloc_array(NULL, struct nx_subject, count),
	};

	for (size_t i = 0; i < count; i++)
		entries.subject[i] = nx_subject_of(store, address[i]);
	qsort(entries.subject, count, sizeof(*entries.subject), compare_keys);
	const bool done = suppress_all(store, &entries, err);
	talloc_free(entries.subject);
	return done;
}

/* --- release -------------------------------------------------------------- */

static bool is_ended_by(const struct nx_manual_action *act,
                        const struct nx_subject_state *state)
{
	if (state->standing.cause > NX_CAUSE_HARD &&
	    state->standing.cause != act->cause)
		return false;
	return act->mail.reach == NX_REACH_ALL ||
	       (state->mail.reach == act->mail.reach &&
	        strcmp(state->mail.name, act->mail.name) == 0);
}

static bool release_one(struct nx_store *store, const struct nx_policy *policy,
                        const struct nx_manual_action *said,
                        struct nx_standing_row *row, struct nx_error *err)
{
	const struct nx_act act = {.what = "release",
	                           .now = said->now,
	                           .who = said->who,
	                           .note = said->note,
	                           .cause = row->standing.cause,
	                           .reason = row->standing.reason,
	                           .mail = row->mail,
	                           .r = &row->r,
	                           .entries = 1,
	                           .ended = row->act};
	int64_t id;

	if (!nx_act_add(store, &act, &id, err) ||
	    !nx_tombstone_put(store, row, said->now, err))
		return false;
	row->standing =
	        nx_policy_step(policy, row->standing, NX_TRIGGER_RELEASE,
	                       NX_CAUSE_NONE, "", said->now);
	return nx_standing_save(store, row, err);
}

static void move(struct nx_remembered *from, size_t index,
                 struct nx_remembered *to)
{
	nx_remembered_add(to, &from->row[index], &from->state[index]);
	from->count--;
	for (size_t i = index; i < from->count; i++) {
		from->row[i] = from->row[i + 1];
		from->state[i] = from->state[i + 1];
	}
}

/* What is remembered of a whole domain stays: it is a subject of its own. */
static bool release(struct nx_store *store, const struct nx_policy *policy,
                    const struct nx_manual_action *act,
                    struct nx_remembered *left, struct nx_remembered *released,
                    struct nx_error *err)
{
	bool any;

	if (!nx_remembered_read(store, left, err) ||
	    (act->mail.reach == NX_REACH_ALL &&
	     !nx_sqlite_forget_held(store, left->subject.r, &any, err)))
		return false;
	for (size_t i = 0; i < left->count;) {
		const bool is_own = left->row[i].r == left->subject.r;

		if (!is_own || !is_ended_by(act, &left->state[i])) {
			i++;
			continue;
		}
		if (!release_one(store, policy, act, &left->row[i], err))
			return false;
		move(left, i, released);
	}
	return true;
}

bool nx_store_release(TALLOC_CTX *ctx, struct nx_store *store,
                      const struct nx_policy *policy,
                      const struct nx_manual_action *act, const char *address,
                      struct nx_response *released, struct nx_response *left,
                      struct nx_error *err)
{
	static const struct nx_question ANY = {.stream = ""};
	struct nx_remembered of =
	        nx_remembered_of(ctx, store, &ANY, address, act->now);
	struct nx_remembered ended = of;

	if (!nx_sqlite_enter(store, err) ||
	    !nx_sqlite_leave(
	            store, release(store, policy, act, &of, &ended, err), err))
		return false;
	*released = nx_remembered_response(&ended);
	*left = nx_remembered_response(&of);
	return true;
}

/* --- delivered ------------------------------------------------------------ */

static bool deliver(struct nx_store *store, const struct nx_policy *policy,
                    struct nx_remembered *of, bool *changed,
                    struct nx_error *err)
{
	if (!nx_remembered_read(store, of, err) ||
	    !nx_sqlite_forget_held(store, of->subject.r, changed, err) ||
	    !nx_sqlite_blocks_close_refused(store, of->subject.address, of->now,
	                                    err))
		return false;
	for (size_t i = 0; i < of->count; i++) {
		struct nx_standing_row *row = &of->row[i];
		const struct nx_standing before = row->standing;

		if (row->r != of->subject.r)
			continue;
		row->standing =
		        nx_policy_step(policy, before, NX_TRIGGER_DELIVERED,
		                       NX_CAUSE_NONE, "", of->now);
		if (nx_standing_is_same(&before, &row->standing))
			continue;
		*changed = true;
		if (!nx_tombstone_put(store, row, of->now, err) ||
		    !nx_standing_save(store, row, err))
			return false;
	}
	return true;
}

/* Most addresses have no standing, nor providers that refuse us, and then no
 * transaction is needed. */
bool nx_store_delivered(struct nx_store *store, const struct nx_policy *policy,
                        const char *address, int64_t now, bool *changed,
                        struct nx_error *err)
{
	static const struct nx_question ANY = {.stream = ""};
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_remembered of =
	        nx_remembered_of(ctx, store, &ANY, address, now);

	*changed = false;
	bool any = false, refused = false;
	bool done = nx_remembered_read(store, &of, err) &&
	            nx_sqlite_has_held(store, of.subject.r, &any, err) &&
	            nx_sqlite_blocks_refuse(store, address, now, &refused, err);
	if (done && (of.count > 0 || any || refused))
		done = nx_sqlite_enter(store, err) &&
		       nx_sqlite_leave(
		               store, deliver(store, policy, &of, changed, err),
		               err);
	talloc_free(ctx);
	return done;
}
