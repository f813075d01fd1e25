/* SPDX-License-Identifier: ISC */
#include "store/packing.h"
#include "store/sqlite.h"

#include "base/date.h"

#include <string.h>

/* Messages that led to an event, as they came. */

/* --- the limits ----------------------------------------------------------- */

struct original_total {
	int64_t messages, bytes;
};

static bool read_total(struct nx_store *store, struct original_total *out,
                       struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_ORIGINAL_TOTAL);

	if (nx_query_step(&query, err) != NX_STEP_ROW)
		return false;
	out->messages = nx_query_int(&query);
	out->bytes = nx_query_int(&query);
	return true;
}

static bool save_total(struct nx_store *store,
                       const struct original_total *total, struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_SAVE_ORIGINAL_TOTAL);

	nx_query_put_number(&query, total->messages);
	nx_query_put_number(&query, total->bytes);
	return nx_query_run(&query, err);
}

struct oldest_original {
	bool is_there;
	int64_t serial, time;
};

static bool find_oldest(struct nx_store *store, struct oldest_original *out,
                        struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_OLDEST_ORIGINAL);
	const enum nx_step_answer answer = nx_query_step(&query, err);

	out->is_there = answer == NX_STEP_ROW;
	if (out->is_there) {
		out->serial = nx_query_int(&query);
		out->time = nx_query_int(&query);
	}
	return answer != NX_STEP_FAILED;
}

/* Runs one that removes a row, if there is such a row, and tells its size. */
static bool remove_one(struct nx_query *query, struct original_total *total,
                       struct nx_error *err)
{
	const enum nx_step_answer answer = nx_query_step(query, err);

	if (answer != NX_STEP_ROW)
		return answer == NX_STEP_DONE;
	total->messages--;
	total->bytes -= nx_query_int(query);
	return nx_query_run(query, err);
}

static bool remove_oldest(struct nx_store *store, int64_t serial,
                          struct original_total *total, struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_DROP_OLDEST_ORIGINAL);

	nx_query_put_number(&query, serial);
	return remove_one(&query, total, err);
}

/* Removes the oldest, but not much more than is to come, so that a message
 * costs what it is worth also after the limits were made narrower. */
static bool make_room(struct nx_store *store,
                      const struct nx_original_limits *limits, int64_t now,
                      int64_t size, struct original_total *total,
                      struct nx_error *err)
{
	const int64_t least = total->bytes - 2 * size;
	struct oldest_original oldest;

	while (find_oldest(store, &oldest, err)) {
		if (!oldest.is_there || total->bytes < least ||
		    (total->bytes + size <= limits->bytes &&
		     now - oldest.time <= limits->days * NX_DAY))
			return true;
		if (!remove_oldest(store, oldest.serial, total, err))
			return false;
	}
	return false;
}

/* --- adding and removing -------------------------------------------------- */

static bool insert(struct nx_store *store,
                   const struct nx_kept_original *original,
                   const struct nx_packed *packed, struct nx_error *err)
{
	const struct nx_envelope *envelope = &original->envelope;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_ADD_ORIGINAL);

	nx_query_put_bytes(&query, original->digest, NX_DIGEST_SIZE);
	nx_query_put_number(&query, original->time);
	nx_query_put_text(&query,
	                  envelope->sender_known ? envelope->sender : NULL);
	nx_query_put_text(&query, envelope->recipient);
	nx_query_put_text(&query, envelope->original_recipient);
	nx_query_put_text(&query, envelope->queue_id);
	nx_query_put_number(&query, original->size);
	nx_query_put_number(&query, (int64_t)original->kept);
	nx_query_put_bytes(&query, (const uint8_t *)packed->bytes,
	                   packed->size);
	return nx_query_run(&query, err);
}

static bool keep(struct nx_store *store,
                 const struct nx_kept_original *original,
                 const struct nx_original_limits *limits,
                 const struct nx_packed *packed, struct nx_error *err)
{
	const int64_t size = (int64_t)packed->size;
	struct original_total total;

	if (!insert(store, original, packed, err))
		return false;
	if (sqlite3_changes(store->db) == 0)
		return true; /* it is kept already */
	if (!read_total(store, &total, err) ||
	    !make_room(store, limits, original->time, size, &total, err))
		return false;
	total.messages++;
	total.bytes += size;
	return save_total(store, &total, err);
}

static struct nx_packed pack(TALLOC_CTX *ctx, struct nx_store *store,
                             const struct nx_kept_original *original)
{
	if (original->packed.bytes)
		return original->packed;
	if (!store->packing)
		store->packing = nx_packing_new(store);
	return nx_packing_pack(ctx, store->packing, original->bytes,
	                       original->kept);
}

bool nx_sqlite_keep_original(struct nx_store *store,
                             const struct nx_kept_original *original,
                             const struct nx_original_limits *limits,
                             int64_t *kept, struct nx_error *err)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const struct nx_packed packed = pack(ctx, store, original);
	const bool fits = (int64_t)packed.size <= limits->bytes;
	const bool done = !fits || keep(store, original, limits, &packed, err);

	*kept = done && fits ? (int64_t)packed.size : 0;
	talloc_free(ctx);
	return done;
}

bool nx_sqlite_drop_original(struct nx_store *store,
                             const uint8_t digest[NX_DIGEST_SIZE],
                             struct nx_error *err)
{
	struct original_total total;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_DROP_ORIGINAL);

	nx_query_put_bytes(&query, digest, NX_DIGEST_SIZE);
	return read_total(store, &total, err) &&
	       remove_one(&query, &total, err) &&
	       save_total(store, &total, err);
}

bool nx_original_drop(struct nx_store *store,
                      const uint8_t digest[NX_DIGEST_SIZE],
                      struct nx_error *err)
{
	return nx_sqlite_enter(store, err) &&
	       nx_sqlite_leave(
	               store, nx_sqlite_drop_original(store, digest, err), err);
}

/* --- reading -------------------------------------------------------------- */

static bool unpack(TALLOC_CTX *ctx, struct nx_query *query, int64_t size,
                   struct nx_kept_original *out, struct nx_error *err)
{
	size_t packed_size;
	char hex[2 * NX_DIGEST_SIZE + 1];
	const char *packed = nx_query_blob(query, &packed_size);

	out->bytes = nx_packing_unpack(ctx, packed, packed_size, size);
	out->kept = out->bytes ? (size_t)size : 0;
	return out->bytes ||
	       nx_error_set(err, NX_ERROR_CONFIG,
	                    "%s: the original of message %s is damaged",
	                    query->store->path,
	                    nx_digest_hex(out->digest, NX_DIGEST_SIZE, hex));
}

static bool read_row(TALLOC_CTX *ctx, struct nx_query *query,
                     struct nx_kept_original *out, struct nx_error *err)
{
	query->keep = ctx;
	nx_query_bytes(query, out->digest, NX_DIGEST_SIZE);
	out->time = nx_query_int(query);
	out->envelope.sender_known = nx_query_int(query) != 0;
	out->envelope.sender = nx_query_text(query);
	out->envelope.recipient = nx_query_text(query);
	out->envelope.original_recipient = nx_query_text(query);
	out->envelope.queue_id = nx_query_text(query);
	out->size = nx_query_int(query);
	const int64_t size = nx_query_int(query);
	return unpack(ctx, query, size, out, err);
}

bool nx_original_find(TALLOC_CTX *ctx, struct nx_store *store,
                      const uint8_t digest[NX_DIGEST_SIZE],
                      struct nx_kept_original *out, bool *found,
                      struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_ORIGINAL);

	nx_query_put_bytes(&query, digest, NX_DIGEST_SIZE);
	const enum nx_step_answer answer = nx_query_step(&query, err);
	*found = answer == NX_STEP_ROW;
	return *found ? read_row(ctx, &query, out, err)
	              : answer == NX_STEP_DONE;
}

/* The one behind serial, which becomes its own. */
static enum nx_step_answer read_next(TALLOC_CTX *ctx, struct nx_store *store,
                                     int64_t *serial,
                                     struct nx_kept_original *out,
                                     struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_ORIGINALS);

	nx_query_put_number(&query, *serial);
	const enum nx_step_answer answer = nx_query_step(&query, err);
	if (answer != NX_STEP_ROW)
		return answer;
	if (!read_row(ctx, &query, out, err))
		return NX_STEP_FAILED;
	*serial = nx_query_int(&query);
	return answer;
}

bool nx_original_walk(struct nx_store *store,
                      bool (*row)(void *user,
                                  const struct nx_kept_original *original),
                      void *user, struct nx_error *err)
{
	enum nx_step_answer answer;
	int64_t serial = INT64_MIN;
	bool more = true;
	do {
		struct nx_kept_original original;
		TALLOC_CTX *ctx = talloc_new(NULL);
		answer = read_next(ctx, store, &serial, &original, err);
		if (answer == NX_STEP_ROW)
			more = row(user, &original);
		talloc_free(ctx);
	} while (answer == NX_STEP_ROW && more);
	return answer != NX_STEP_FAILED;
}
