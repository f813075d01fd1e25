/* SPDX-License-Identifier: ISC */
#include "store/hash.h"
#include "store/sqlite_blocks.h"

#include "base/room.h"
#include "policy/block.h"
#include "policy/mass.h"

#include <string.h>

/* Opens, counts and closes block events. */

/* --- their number --------------------------------------------------------- */

struct totals {
	int64_t change, open, closed;
};

/* Every change of what is open or closed has a number, for those who follow. */
static bool next_change(struct nx_store *store, int opened, int closed,
                        struct totals *out, struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_CHANGE_BLOCKS);

	nx_query_put_number(&query, opened);
	nx_query_put_number(&query, closed);
	if (nx_query_step(&query, err) != NX_STEP_ROW)
		return false;
	out->change = nx_query_int(&query);
	out->open = nx_query_int(&query);
	out->closed = nx_query_int(&query);
	return true;
}

static bool drop_one(struct nx_store *store, enum nx_sql which,
                     struct nx_error *err)
{
	int64_t id;

	if (!nx_query_number(store, which, &id, err))
		return false;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_DROP_BLOCK);
	nx_query_put_number(&query, id);
	return nx_query_run(&query, err);
}

/* What would close first makes room. */
static bool make_room(struct nx_store *store, struct totals *totals,
                      struct nx_error *err)
{
	while (totals->open > NX_BLOCKS_OPEN)
		if (!drop_one(store, NX_SQL_QUIETEST_BLOCK, err) ||
		    !next_change(store, -1, 0, totals, err))
			return false;
	while (totals->closed > NX_BLOCKS_CLOSED)
		if (!drop_one(store, NX_SQL_OLDEST_CLOSED_BLOCK, err) ||
		    !next_change(store, 0, -1, totals, err))
			return false;
	return true;
}

/* --- opening and closing -------------------------------------------------- */

static bool set_end(struct nx_store *store, const struct nx_block_end *end,
                    int64_t change, struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_END_BLOCK);

	nx_query_put_number(&query, end->id);
	nx_query_put_number(&query, end->closed);
	nx_query_put_text(&query, end->how);
	nx_query_put_text(&query, end->who);
	nx_query_put_text(&query, nx_sqlite_nameless(store, end->note));
	nx_query_put_number(&query, change);
	return nx_query_run(&query, err);
}

bool nx_sqlite_blocks_close(struct nx_store *store,
                            const struct nx_block_end *end,
                            struct nx_error *err)
{
	struct totals totals;
	struct nx_block_end closed = *end;

	if (closed.closed <= 0) /* 1970: 0 would be open */
		closed.closed = 1;
	return next_change(store, -1, 1, &totals, err) &&
	       set_end(store, &closed, totals.change, err) &&
	       make_room(store, &totals, err);
}

bool nx_sqlite_blocks_next_due(struct nx_store *store, int64_t now, int64_t *id,
                               int64_t *until, struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_DUE_BLOCK);
	nx_query_put_number(&query, now);
	const enum nx_step_answer answer = nx_query_step(&query, err);

	*id = answer == NX_STEP_ROW ? nx_query_int(&query) : 0;
	*until = answer == NX_STEP_ROW ? nx_query_int(&query) : 0;
	return answer != NX_STEP_FAILED;
}

bool nx_sqlite_blocks_close_due(struct nx_store *store, int64_t now,
                                struct nx_error *err)
{
	int64_t id, until;

	for (;;) {
		if (!nx_sqlite_blocks_next_due(store, now, &id, &until, err))
			return false;
		if (id == 0)
			return true;
		const struct nx_block_end end = {.id = id,
		                                 .closed = until,
		                                 .how = "time",
		                                 .who = "",
		                                 .note = ""};
		if (!nx_sqlite_blocks_close(store, &end, err))
			return false;
	}
}

/* --- from a report -------------------------------------------------------- */

struct last {       /* of what is the same, the last that was opened */
	int64_t id; /* 0: there is none */
	int64_t closed;
	int64_t until;
	bool by_delivery;
	bool by_time;
};

/* What the list says is the same whatever reason it is given for. */
static const char *what_of(const struct nx_block_said *said,
                           const struct nx_event *event)
{
	return *said->list ? said->list : event->verdict.reason;
}

static bool read_last(struct nx_store *store, const struct nx_block_said *said,
                      const struct nx_event *event, struct last *out,
                      struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_LAST_BLOCK);
	nx_query_put_text(&query, said->provider);
	nx_query_put_text(&query, said->ours);
	nx_query_put_text(&query, what_of(said, event));
	const enum nx_step_answer answer = nx_query_step(&query, err);

	*out = (struct last){.id = 0};
	if (answer != NX_STEP_ROW)
		return answer == NX_STEP_DONE;
	out->id = nx_query_int(&query);
	out->closed = nx_query_int(&query);
	out->until = nx_query_int(&query);
	const char *how = nx_query_text(&query);
	out->by_delivery = strcmp(how, "delivery") == 0;
	out->by_time = strcmp(how, "time") == 0;
	return true;
}

static bool add_domain(struct nx_store *store, int64_t id, const char *domain,
                       struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_ADD_BLOCK_DOMAIN);

	nx_query_put_text(&query, domain);
	nx_query_put_number(&query, id);
	nx_query_put_number(&query, NX_BLOCK_DOMAINS);
	return nx_query_run(&query, err);
}

static bool count(struct nx_store *store, int64_t id,
                  const struct nx_block_said *said,
                  const struct nx_reported *reported, struct nx_error *err)
{
	const struct nx_event *event = reported->event;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_COUNT_BLOCK);

	nx_query_put_number(&query, id);
	nx_query_put_number(&query, event->time);
	nx_query_put_number(&query, event->time + said->lasts);
	nx_query_put_text(&query, event->verdict.reason);
	nx_query_put_text(&query, nx_sqlite_nameless(store, said->url));
	nx_query_put_number(&query, reported->serial);
	return nx_query_run(&query, err) &&
	       add_domain(store, id, said->domain, err);
}

static bool insert(struct nx_store *store, int64_t id,
                   const struct nx_block_said *said,
                   const struct nx_reported *reported, struct nx_error *err)
{
	const struct nx_event *event = reported->event;
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_ADD_BLOCK);

	nx_query_put_number(&query, id);
	nx_query_put_text(&query, said->provider);
	nx_query_put_text(&query, said->ours);
	nx_query_put_text(&query, said->list);
	nx_query_put_text(&query, what_of(said, event));
	nx_query_put_text(&query, event->verdict.reason);
	nx_query_put_text(&query, nx_sqlite_nameless(store, said->url));
	nx_query_put_number(&query, event->time);
	nx_query_put_number(&query, event->time + said->lasts);
	nx_query_put_number(&query, reported->serial);
	return nx_query_run(&query, err);
}

/* Its number is its id. */
static bool open_new(struct nx_store *store, const struct nx_block_said *said,
                     const struct nx_reported *reported, struct nx_error *err)
{
	struct totals totals;

	if (!next_change(store, 1, 0, &totals, err))
		return false;
	const int64_t id = totals.change;
	return insert(store, id, said, reported, err) &&
	       add_domain(store, id, said->domain, err) &&
	       make_room(store, &totals, err);
}

static bool open_again(struct nx_store *store, int64_t id,
                       const struct nx_block_said *said,
                       const struct nx_reported *reported, struct nx_error *err)
{
	const struct nx_block_end none = {
	        .id = id, .how = "", .who = "", .note = ""};
	struct totals totals;

	return next_change(store, 1, -1, &totals, err) &&
	       set_end(store, &none, totals.change, err) &&
	       count(store, id, said, reported, err) &&
	       make_room(store, &totals, err);
}

static bool is_open(const struct last *last, int64_t now)
{
	return last->id != 0 && last->closed == 0 && last->until > now;
}

/* A report that was written before somebody, or a delivery, closed it tells
 * nothing new. */
static bool is_outdated(const struct last *last, const struct nx_event *event)
{
	return last->closed != 0 && !last->by_time &&
	       event->time <= last->closed;
}

/* A provider that takes some mails and refuses others is one event. */
static bool goes_on(const struct last *last, const struct nx_event *event,
                    int64_t lasts)
{
	return last->by_delivery && event->time - last->closed < lasts;
}

static bool note(struct nx_store *store, const struct nx_block_said *said,
                 const struct nx_reported *reported, struct nx_error *err)
{
	const struct nx_event *event = reported->event;
	struct last last;

	if (!read_last(store, said, event, &last, err))
		return false;
	if (is_open(&last, reported->now))
		return count(store, last.id, said, reported, err);
	if (reported->counts_only || is_outdated(&last, event))
		return true;
	if (!nx_sqlite_blocks_close_due(store, reported->now, err))
		return false;
	return goes_on(&last, event, said->lasts)
	               ? open_again(store, last.id, said, reported, err)
	               : open_new(store, said, reported, err);
}

bool nx_sqlite_blocks_note(struct nx_store *store,
                           const struct nx_policy *policy,
                           const struct nx_reported *reported,
                           struct nx_error *err)
{
	struct nx_block_said said;
	TALLOC_CTX *ctx = talloc_new(NULL);
	bool done = true;

	/* old mail that is read now may tell of what is over */
	if (nx_block_read(ctx, nx_policy_tables(policy), reported->event,
	                  &said) &&
	    reported->event->time + said.lasts > reported->now)
		done = note(store, &said, reported, err);
	talloc_free(ctx);
	return done;
}

/* --- by a delivery -------------------------------------------------------- */

static struct nx_query ask_refused(struct nx_store *store, const char *address,
                                   int64_t now)
{
	const char *at = strrchr(address, '@');
	const char *domain = at ? at + 1 : address;
	struct nx_query query = nx_query_begin(store, NX_SQL_REFUSED_BLOCKS);

	nx_query_put_text(&query, domain);
	nx_query_put_text(&query, nx_mass_provider(domain));
	nx_query_put_number(&query, now);
	return query;
}

bool nx_sqlite_blocks_refuse(struct nx_store *store, const char *address,
                             int64_t now, bool *any, struct nx_error *err)
{
	NX_ENDS struct nx_query query = ask_refused(store, address, now);
	const enum nx_step_answer answer = nx_query_step(&query, err);

	*any = answer == NX_STEP_ROW;
	return answer != NX_STEP_FAILED;
}

static bool read_refused(struct nx_store *store, const char *address,
                         int64_t now, int64_t **id, size_t *count,
                         struct nx_error *err)
{
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query = ask_refused(store, address, now);

	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW) {
		*id = NX_ROOM(store, *id, int64_t, *count);
		(*id)[(*count)++] = nx_query_int(&query);
	}
	return answer == NX_STEP_DONE;
}

bool nx_sqlite_blocks_close_refused(struct nx_store *store, const char *address,
                                    int64_t now, struct nx_error *err)
{
	int64_t *id = NULL;
	size_t count = 0;
	bool done = read_refused(store, address, now, &id, &count, err);

	for (size_t i = 0; done && i < count; i++) {
		const struct nx_block_end end = {.id = id[i],
		                                 .closed = now,
		                                 .how = "delivery",
		                                 .who = "",
		                                 .note = ""};
		done = nx_sqlite_blocks_close(store, &end, err);
	}
	talloc_free(id);
	return done;
}
