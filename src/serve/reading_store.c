/* SPDX-License-Identifier: ISC */
#include "serve/reading_store.h"

#include "serve/counters.h"
#include "serve/log.h"
#include "store/current.h"
#include "store/hash.h"
#include "store/store.h"
#include "sys/clock.h"

enum { AGAIN_MS = 100 }; /* between looks for a store that is away */

static bool look_for(TALLOC_CTX *ctx, struct nx_reading_store *view,
                     struct nx_error *err)
{
	if (view->store != NULL)
		return nx_store_renew(view->store, err);
	if (!nx_store_open(ctx, view->directory, NX_STORE_LOOK, &view->store,
	                   err))
		return false;
	if (nx_store_require(view->store, view->hashed, err)) {
		if (view->known != NULL)
			nx_store_share(view->store, view->known);
		return true;
	}
	TALLOC_FREE(view->store);
	return false;
}

static void tell(struct nx_reading_store *view, const struct nx_error *err)
{
	const bool away = err != NULL;
	if (away)
		view->err = *err;
	if (away == view->away)
		return;
	view->away = away;
	if (away)
		nx_counters_store_error(view->counters);
	if (away)
		nx_log_event(view->name, "store", "away", "error", err->text,
		             NX_LOG_END);
	else
		nx_log_event(view->name, "store", "back", NX_LOG_END);
}

bool nx_reading_store_clock(struct nx_store *store,
                            struct nx_clock_reading *reading, int64_t *now,
                            struct nx_error *err)
{
	struct nx_clock_reading fresh;
	struct nx_clock_state state;
	if (!nx_clock_read(&fresh)) {
		*now = nx_clock_now();
		return true;
	}
	if (fresh.uptime == reading->uptime && fresh.wall == reading->wall)
		return true;
	if (!nx_store_clock_ask(store, &fresh, &state, err))
		return false;
	*now = state.seen.wall;
	*reading = fresh;
	return true;
}

static bool begin(struct nx_reading_store *view, struct nx_error *err)
{
	if (!nx_store_view_begin(view->store, err))
		return false;
	if (nx_reading_store_clock(view->store, &view->reading, &view->now,
	                           err))
		return true;
	nx_store_view_end(view->store);
	return false;
}

/* Some other store may be there now, with a clock of its own. */
static void begin_anew(TALLOC_CTX *ctx, struct nx_reading_store *view,
                       uint64_t time)
{
	struct nx_error err;
	view->reading = NX_NEVER_READ;
	view->is_open = look_for(ctx, view, &err) && begin(view, &err);
	if (!view->is_open)
		view->again = time + AGAIN_MS;
	tell(view, view->is_open ? NULL : &err);
}

void nx_reading_store_begin(TALLOC_CTX *ctx, struct nx_reading_store *view,
                            uint64_t time)
{
	struct nx_error ignored;
	if (!view->away && view->store != NULL)
		view->is_open = begin(view, &ignored);
	if (!view->is_open && time >= view->again)
		begin_anew(ctx, view, time);
}

void nx_reading_store_end(struct nx_reading_store *view)
{
	if (view->is_open)
		nx_store_view_end(view->store);
	view->is_open = false;
}

void nx_reading_store_go_on(TALLOC_CTX *ctx, struct nx_reading_store *view,
                            uint64_t time)
{
	if (view->is_open && time == view->begun &&
	    nx_store_is_current(view->store))
		return;
	nx_reading_store_end(view);
	nx_reading_store_begin(ctx, view, time);
	view->begun = time;
}

/* What comes back to the store's place must not meet with what another
 * connection of this process knows of an earlier log. */
void nx_reading_store_tick(TALLOC_CTX *ctx, struct nx_reading_store *view,
                           uint64_t time)
{
	if (view->store == NULL)
		return;
	begin_anew(ctx, view, time);
	nx_reading_store_end(view);
}
