/* SPDX-License-Identifier: ISC */
#include "store/subject.h"

#include "base/date.h"

#include <string.h>

/* The clock as the store last saw it. */

enum { REMEMBERED_FOR = 60 };

static bool load(struct nx_store *store, struct nx_clock_state *out,
                 struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_CLOCK);
	const enum nx_step_answer answer = nx_query_step(&query, err);

	*out = (struct nx_clock_state){.step = 0};
	if (answer != NX_STEP_ROW)
		return answer == NX_STEP_DONE;
	const char *boot = nx_query_text(&query);
	strncpy(out->seen.boot, boot, sizeof(out->seen.boot) - 1);
	out->seen.uptime = nx_query_int(&query);
	out->seen.wall = nx_query_int(&query);
	out->step = nx_query_int(&query);
	return true;
}

static bool save(struct nx_store *store, const struct nx_clock_state *state,
                 struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_SAVE_CLOCK);

	nx_query_put_text(&query, state->seen.boot);
	nx_query_put_number(&query, state->seen.uptime);
	nx_query_put_number(&query, state->seen.wall);
	nx_query_put_number(&query, state->step);
	return nx_query_run(&query, err);
}

bool nx_store_clock_ask(struct nx_store *store,
                        const struct nx_clock_reading *reading,
                        struct nx_clock_state *out, struct nx_error *err)
{
	struct nx_clock_state last;

	if (store->db == NULL)
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "%s: no store here", store->named);
	if (!load(store, &last, err))
		return false;
	*out = nx_clock_step_judge(&last, reading);
	store->reading = *reading;
	store->has_reading = true;
	return true;
}

/* Another process may have written a later one, or accepted the step. */
static bool is_news(const struct nx_clock_state *last,
                    const struct nx_clock_state *state)
{
	const int64_t since = state->seen.uptime - last->seen.uptime;

	if (strcmp(last->seen.boot, state->seen.boot) != 0)
		return true;
	return since >= REMEMBERED_FOR ||
	       (since >= 0 && state->step != last->step);
}

bool nx_sqlite_note_clock(struct nx_store *store, struct nx_error *err)
{
	struct nx_clock_state last;

	if (!load(store, &last, err))
		return false;
	const struct nx_clock_state state =
	        nx_clock_step_judge(&last, &store->reading);
	store->has_reading = false;
	return !is_news(&last, &state) || save(store, &state, err);
}

/* --- accepting ------------------------------------------------------------ */

static bool put_back(int64_t *time, const struct nx_clock_state *state)
{
	const int64_t now = state->seen.wall + state->step;

	if (*time <= now || *time == NX_FOREVER)
		return false;
	*time += state->step;
	return true;
}

/* What was made by a time that has not come ends as long after it as before. */
static bool put_standing_back(struct nx_standing *standing,
                              const struct nx_clock_state *state)
{
	bool moved = put_back(&standing->since, state);

	moved |= put_back(&standing->climbed, state);
	if (moved) {
		put_back(&standing->until, state);
		put_back(&standing->bounced_until, state);
	}
	for (int i = 0; i < standing->strikes; i++)
		moved |= put_back(&standing->strike[i], state);
	for (int i = 0; i < standing->unconfirmed_count; i++)
		moved |= put_back(&standing->unconfirmed[i], state);
	return moved;
}

struct keys { /* of standings */
	int64_t (*key)[2];
	size_t count;
};

static bool find_made_after(TALLOC_CTX *ctx, struct nx_store *store,
                            int64_t time, struct keys *out,
                            struct nx_error *err)
{
	enum nx_step_answer answer;
	size_t room = 0;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_MADE_AFTER);

	nx_query_put_number(&query, time);
	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW) {
		if (out->count == room) {
			room = room == 0 ? 64 : 2 * room;
			out->key = talloc_realloc_size(
			        ctx, out->key, room * sizeof(*out->key));
		}
		out->key[out->count][0] = nx_query_int(&query);
		out->key[out->count++][1] = nx_query_int(&query);
	}
	return answer == NX_STEP_DONE;
}

static bool put_all_back(TALLOC_CTX *ctx, struct nx_store *store,
                         const struct nx_clock_state *state, size_t *moved,
                         struct nx_error *err)
{
	struct keys keys = {.count = 0};
	const int64_t now = state->seen.wall + state->step;

	if (state->step >= 0)
		return true;
	if (!find_made_after(ctx, store, now, &keys, err))
		return false;
	for (size_t i = 0; i < keys.count; i++) {
		struct nx_standing_row row;

		if (!nx_standing_load(store, keys.key[i][0], keys.key[i][1],
		                      &row, err))
			return false;
		if (!put_standing_back(&row.standing, state))
			continue;
		if (!nx_standing_save(store, &row, err))
			return false;
		++*moved;
	}
	return true;
}

static bool take_as_it_is(struct nx_store *store,
                          const struct nx_clock_reading *reading, size_t *moved,
                          struct nx_error *err)
{
	struct nx_clock_state last;
	const struct nx_clock_state accepted = {.seen = *reading};
	TALLOC_CTX *ctx = talloc_new(NULL);
	bool done = load(store, &last, err);

	if (done)
		last = nx_clock_step_judge(&last, reading);
	done = done && put_all_back(ctx, store, &last, moved, err) &&
	       save(store, &accepted, err);
	talloc_free(ctx);
	return done;
}

bool nx_store_clock_accept(struct nx_store *store,
                           const struct nx_clock_reading *reading,
                           size_t *moved, struct nx_error *err)
{
	*moved = 0;
	store->has_reading = false;
	return nx_sqlite_enter(store, err) &&
	       nx_sqlite_leave(store, take_as_it_is(store, reading, moved, err),
	                       err);
}
