/* SPDX-License-Identifier: ISC */
#include "store/sqlite.h"

#include "base/date.h"

/*
 * Messages that led to no event. Anybody can send any number of them, so only a
 * limited number per day is recorded, and the others are only counted. Those
 * that are safe elsewhere need no wait for the disk: they are written with a
 * later transaction.
 */

/* --- the day -------------------------------------------------------------- */

static bool is_empty(const struct nx_uneventful *uneventful)
{
	return uneventful->rows == 0 && uneventful->recorded == 0 &&
	       uneventful->left_out == 0;
}

static bool is_day(const struct nx_uneventful *uneventful, int64_t day)
{
	return uneventful->known && uneventful->day == day;
}

static bool read_day(struct nx_store *store, int64_t day, struct nx_error *err)
{
	struct nx_uneventful *uneventful = &store->uneventful;
	NX_ENDS struct nx_query query = {0};
	if (!nx_query_begin(&query, store, NX_SQL_EVENTLESS, err))
		return false;
	nx_query_put_number(&query, day);
	if (nx_query_step(&query, err) != NX_STEP_ROW)
		return false;
	uneventful->known = true;
	uneventful->day = day;
	uneventful->before = nx_query_int(&query);
	uneventful->recorded = uneventful->left_out = 0;
	return true;
}

/* True: the limit of the day is reached, so the message was only counted. */
static bool leave_out(struct nx_uneventful *uneventful,
                      const struct nx_delivery *delivery)
{
	const size_t waiting = uneventful->rows - uneventful->written;
	const bool is_out =
	        delivery->uneventful > 0 &&
	        uneventful->before + uneventful->recorded + (int64_t)waiting >=
	                delivery->uneventful;
	uneventful->left_out += is_out;
	return is_out;
}

/* --- within a transaction ------------------------------------------------- */

static bool write_rows(struct nx_store *store, struct nx_error *err)
{
	struct nx_uneventful *uneventful = &store->uneventful;
	for (; uneventful->written < uneventful->rows; uneventful->written++) {
		bool is_new;
		if (!nx_sqlite_add_row(store, store->late[uneventful->written],
		                       &is_new, err))
			return false;
		uneventful->recorded += is_new;
	}
	return true;
}

bool nx_uneventful_write(struct nx_store *store, struct nx_error *err)
{
	const struct nx_uneventful *uneventful = &store->uneventful;
	NX_ENDS struct nx_query query = {0};
	if (is_empty(uneventful))
		return true;
	if (!write_rows(store, err) ||
	    !nx_query_begin(&query, store, NX_SQL_COUNT_EVENTLESS, err))
		return false;
	nx_query_put_number(&query, uneventful->day);
	nx_query_put_number(&query, uneventful->recorded);
	nx_query_put_number(&query, uneventful->left_out);
	return nx_query_run(&query, err);
}

static bool open_day(struct nx_store *store, int64_t day, struct nx_error *err)
{
	return is_day(&store->uneventful, day) ||
	       (nx_uneventful_write(store, err) && read_day(store, day, err));
}

bool nx_uneventful_add(struct nx_store *store,
                       const struct nx_delivery *delivery, bool *is_new,
                       bool *left_out, struct nx_error *err)
{
	if (!open_day(store, delivery->time / NX_DAY, err))
		return false;
	*left_out = leave_out(&store->uneventful, delivery);
	if (*left_out)
		return true;
	const struct nx_row row = nx_sqlite_row(delivery);
	if (!nx_sqlite_add_row(store, &row, is_new, err))
		return false;
	store->uneventful.recorded += *is_new;
	return true;
}

/* --- for a later transaction ---------------------------------------------- */

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
	struct nx_error ignored; /* the next write meets the same error */
	const int64_t day = delivery->time / NX_DAY;
	return store->grouped && !store->failed && delivery->kept &&
	       delivery->events == 0 && !delivery->told && !delivery->again &&
	       (is_day(&store->uneventful, day) ||
	        (!store->begun && is_empty(&store->uneventful) &&
	         read_day(store, day, &ignored)));
}

bool nx_uneventful_wait(struct nx_store *store,
                        const struct nx_delivery *delivery, bool *left_out)
{
	struct nx_uneventful *uneventful = &store->uneventful;
	if (!may_wait(store, delivery))
		return false;
	*left_out = leave_out(uneventful, delivery);
	if (*left_out)
		return true;
	if (uneventful->rows == NX_UNEVENTFUL_WAIT)
		return false;
	const struct nx_row row = nx_sqlite_row(delivery);
	store->late[uneventful->rows++] = copy_row(store, &row);
	return true;
}

bool nx_uneventful_is_due(const struct nx_store *store)
{
	const struct nx_uneventful *uneventful = &store->uneventful;
	return (int64_t)uneventful->rows + uneventful->left_out >=
	       NX_UNEVENTFUL_WAIT;
}

void nx_uneventful_begin(struct nx_store *store)
{
	store->uneventful_before = store->uneventful;
}

void nx_uneventful_end(struct nx_store *store, bool done)
{
	struct nx_uneventful *uneventful = &store->uneventful;
	const struct nx_uneventful nothing = {.known = false};
	const struct nx_uneventful *then =
	        done ? &nothing : &store->uneventful_before;
	for (size_t i = then->rows; i < uneventful->rows; i++)
		talloc_free(store->late[i]);
	*uneventful = *then;
}

bool nx_store_waits(const struct nx_store *store)
{
	return !is_empty(&store->uneventful);
}

bool nx_store_write_waiting(struct nx_store *store, struct nx_error *err)
{
	return is_empty(&store->uneventful) ||
	       (nx_sqlite_enter(store, err) &&
	        nx_sqlite_leave(store, true, err));
}
