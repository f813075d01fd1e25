/* SPDX-License-Identifier: ISC */
#include "store/sqlite.h"

#include "base/date.h"

/*
 * Messages that led to no event. Anybody can send any number of them, so that
 * a day has room for some, and more are only counted. Those that are safe
 * elsewhere do not make the disk wait: they are written with a transaction
 * that is to come.
 */

/* --- the day -------------------------------------------------------------- */

static bool is_empty(const struct nx_eventless *eventless)
{
	return eventless->rows == 0 && eventless->recorded == 0 &&
	       eventless->left_out == 0;
}

static bool is_day(const struct nx_eventless *eventless, int64_t day)
{
	return eventless->known && eventless->day == day;
}

static bool read_day(struct nx_store *store, int64_t day, struct nx_error *err)
{
	struct nx_eventless *eventless = &store->eventless;
	NX_ENDS struct nx_query query = {0};
	if (!nx_query_begin(&query, store, NX_SQL_EVENTLESS, err))
		return false;
	nx_query_put_number(&query, day);
	if (nx_query_step(&query, err) != NX_STEP_ROW)
		return false;
	eventless->known = true;
	eventless->day = day;
	eventless->before = nx_query_int(&query);
	eventless->recorded = eventless->left_out = 0;
	return true;
}

/* True: the day has no room for it, so it was counted and that is all. */
static bool leave_out(struct nx_eventless *eventless,
                      const struct nx_delivery *delivery)
{
	const size_t waiting = eventless->rows - eventless->written;
	const bool is_out =
	        delivery->eventless > 0 &&
	        eventless->before + eventless->recorded + (int64_t)waiting >=
	                delivery->eventless;
	eventless->left_out += is_out;
	return is_out;
}

/* --- within a transaction ------------------------------------------------- */

static bool write_rows(struct nx_store *store, struct nx_error *err)
{
	struct nx_eventless *eventless = &store->eventless;
	for (; eventless->written < eventless->rows; eventless->written++) {
		bool is_new;
		if (!nx_sqlite_add_row(store, store->late[eventless->written],
		                       &is_new, err))
			return false;
		eventless->recorded += is_new;
	}
	return true;
}

bool nx_eventless_write(struct nx_store *store, struct nx_error *err)
{
	const struct nx_eventless *eventless = &store->eventless;
	NX_ENDS struct nx_query query = {0};
	if (is_empty(eventless))
		return true;
	if (!write_rows(store, err) ||
	    !nx_query_begin(&query, store, NX_SQL_COUNT_EVENTLESS, err))
		return false;
	nx_query_put_number(&query, eventless->day);
	nx_query_put_number(&query, eventless->recorded);
	nx_query_put_number(&query, eventless->left_out);
	return nx_query_run(&query, err);
}

static bool open_day(struct nx_store *store, int64_t day, struct nx_error *err)
{
	return is_day(&store->eventless, day) ||
	       (nx_eventless_write(store, err) && read_day(store, day, err));
}

bool nx_eventless_add(struct nx_store *store,
                      const struct nx_delivery *delivery, bool *is_new,
                      bool *left_out, struct nx_error *err)
{
	if (!open_day(store, delivery->time / NX_DAY, err))
		return false;
	*left_out = leave_out(&store->eventless, delivery);
	if (*left_out)
		return true;
	const struct nx_row row = nx_sqlite_row(delivery);
	if (!nx_sqlite_add_row(store, &row, is_new, err))
		return false;
	store->eventless.recorded += *is_new;
	return true;
}

/* --- for the next one ----------------------------------------------------- */

static struct nx_row *copy_row(TALLOC_CTX *ctx, const struct nx_row *row)
{
	struct nx_row *copy = talloc_memdup(ctx, row, sizeof(*row));
	copy->source = talloc_strdup(copy, row->source);
	copy->format = talloc_strdup(copy, row->format);
	copy->feedback_type = talloc_strdup(copy, row->feedback_type);
	copy->sender = talloc_strdup(copy, row->sender);
	copy->recipient = talloc_strdup(copy, row->recipient);
	copy->cause = talloc_strdup(copy, row->cause);
	return copy;
}

static bool may_wait(struct nx_store *store, const struct nx_delivery *delivery)
{
	struct nx_error ignored; /* who writes comes to it again */
	const int64_t day = delivery->time / NX_DAY;
	return store->grouped && !store->failed && delivery->kept &&
	       delivery->events == 0 && !delivery->told && !delivery->again &&
	       (is_day(&store->eventless, day) ||
	        (!store->begun && is_empty(&store->eventless) &&
	         read_day(store, day, &ignored)));
}

bool nx_eventless_wait(struct nx_store *store,
                       const struct nx_delivery *delivery, bool *left_out)
{
	struct nx_eventless *eventless = &store->eventless;
	if (!may_wait(store, delivery))
		return false;
	*left_out = leave_out(eventless, delivery);
	if (*left_out)
		return true;
	if (eventless->rows == NX_EVENTLESS_WAIT)
		return false;
	const struct nx_row row = nx_sqlite_row(delivery);
	store->late[eventless->rows++] = copy_row(store, &row);
	return true;
}

bool nx_eventless_is_due(const struct nx_store *store)
{
	const struct nx_eventless *eventless = &store->eventless;
	return (int64_t)eventless->rows + eventless->left_out >=
	       NX_EVENTLESS_WAIT;
}

void nx_eventless_begin(struct nx_store *store)
{
	store->eventless_before = store->eventless;
}

void nx_eventless_end(struct nx_store *store, bool done)
{
	struct nx_eventless *eventless = &store->eventless;
	const struct nx_eventless nothing = {.known = false};
	const struct nx_eventless *then =
	        done ? &nothing : &store->eventless_before;
	for (size_t i = then->rows; i < eventless->rows; i++)
		talloc_free(store->late[i]);
	*eventless = *then;
}

bool nx_store_waits(const struct nx_store *store)
{
	return !is_empty(&store->eventless);
}

bool nx_store_write_waiting(struct nx_store *store, struct nx_error *err)
{
	return is_empty(&store->eventless) ||
	       (nx_sqlite_enter(store, err) &&
	        nx_sqlite_leave(store, true, err));
}
