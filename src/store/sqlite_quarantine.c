/* SPDX-License-Identifier: ISC */
#include "store/sqlite.h"

#include "base/date.h"
#include "base/text.h"

#include <string.h>
#include <time.h>

/* Messages that nobody understood, or not wholly. */

static const char *const NAMES[] = {
        [NX_QUARANTINE_NOT] = "",
        [NX_QUARANTINE_UNPARSED] = "unparsed",
        [NX_QUARANTINE_NO_ADDRESS] = "no-address",
        [NX_QUARANTINE_TRUNCATED] = "truncated",
        [NX_QUARANTINE_ORDINARY] = "ordinary",
};

const char *nx_quarantine_why_name(enum nx_quarantine_why why)
{
	return NAMES[why];
}

enum nx_quarantine_why nx_quarantine_why_of_name(const char *name)
{
	const size_t count = sizeof(NAMES) / sizeof(NAMES[0]);
	const size_t at = nx_text_index(name, NAMES, count);
	return at < count ? (enum nx_quarantine_why)at : NX_QUARANTINE_NOT;
}

/* --- the limits ----------------------------------------------------------- */

struct total {
	int64_t ordinary; /* 1, or 0 for reports */
	int64_t messages, bytes;
};

static bool read_total(struct nx_store *store, struct total *total,
                       struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_QUARANTINE_TOTAL);
	nx_query_put_number(&query, total->ordinary);
	if (nx_query_step(&query, err) != NX_STEP_ROW)
		return false;
	total->messages = nx_query_int(&query);
	total->bytes = nx_query_int(&query);
	return true;
}

static bool change_total(struct nx_store *store, struct total *total,
                         int64_t messages, int64_t bytes, struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_CHANGE_TOTAL);
	total->messages += messages;
	total->bytes += bytes;
	nx_query_put_number(&query, messages);
	nx_query_put_number(&query, bytes);
	nx_query_put_number(&query, total->ordinary);
	return nx_query_run(&query, err);
}

struct oldest {
	bool is_there;
	uint8_t digest[NX_DIGEST_SIZE];
	int64_t time;
};

static bool find_oldest(struct nx_store *store, int64_t ordinary,
                        struct oldest *out, struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_OLDEST_QUARANTINED);
	nx_query_put_number(&query, ordinary);
	const enum nx_step_answer answer = nx_query_step(&query, err);
	out->is_there = answer == NX_STEP_ROW;
	if (out->is_there) {
		nx_query_bytes(&query, out->digest, NX_DIGEST_SIZE);
		out->time = nx_query_int(&query);
	}
	return answer != NX_STEP_FAILED;
}

static bool remove_one(struct nx_store *store,
                       const uint8_t digest[NX_DIGEST_SIZE],
                       struct total *total, struct nx_error *err)
{
	int64_t kept;
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_DROP_QUARANTINED);
	nx_query_put_bytes(&query, digest, NX_DIGEST_SIZE);
	answer = nx_query_step(&query, err);
	if (answer != NX_STEP_ROW)
		return answer == NX_STEP_DONE;
	total->ordinary = nx_query_int(&query);
	kept = nx_query_int(&query);
	return nx_query_run(&query, err) &&
	       change_total(store, total, -1, -kept, err);
}

/* Removes the oldest of its group until there is room for it. */
static bool make_room(struct nx_store *store,
                      const struct nx_quarantined *message,
                      const struct nx_quarantine_limits *limits,
                      struct total *total, struct nx_error *err)
{
	struct oldest oldest = {.is_there = true};
	const int64_t most = limits->bytes - (int64_t)message->kept;
	while (find_oldest(store, total->ordinary, &oldest, err)) {
		if (!oldest.is_there ||
		    (total->messages < limits->messages &&
		     total->bytes <= most &&
		     message->time - oldest.time <= limits->days * NX_DAY))
			return true;
		if (!remove_one(store, oldest.digest, total, err))
			return false;
	}
	return false;
}

/* --- adding and removing -------------------------------------------------- */

static bool insert(struct nx_store *store, const struct nx_quarantined *message,
                   int64_t ordinary, struct nx_error *err)
{
	const struct nx_envelope *envelope = &message->envelope;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_ADD_QUARANTINED);
	nx_query_put_bytes(&query, message->digest, NX_DIGEST_SIZE);
	nx_query_put_number(&query, message->time);
	nx_query_put_text(&query, nx_quarantine_why_name(message->why));
	nx_query_put_number(&query, ordinary);
	nx_query_put_text(&query,
	                  envelope->sender_known ? envelope->sender : NULL);
	nx_query_put_text(&query, envelope->recipient);
	nx_query_put_text(&query, envelope->original_recipient);
	nx_query_put_text(&query, envelope->queue_id);
	nx_query_put_number(&query, message->size);
	nx_query_put_number(&query, (int64_t)message->kept);
	nx_query_put_bytes(&query, (const uint8_t *)message->bytes,
	                   message->kept);
	return nx_query_run(&query, err);
}

bool nx_sqlite_quarantine(struct nx_store *store,
                          const struct nx_quarantined *message,
                          const struct nx_quarantine_limits *limits,
                          struct nx_error *err)
{
	struct nx_quarantined fits = *message;
	struct total total = {.ordinary =
	                              message->why == NX_QUARANTINE_ORDINARY};
	if (store->hashed)
		return true;
	if (!read_total(store, &total, err))
		return false;
	if (limits != NULL && (int64_t)fits.kept > limits->bytes)
		fits.kept = (size_t)limits->bytes;
	if (!insert(store, &fits, total.ordinary, err))
		return false;
	if (sqlite3_changes(store->db) == 0)
		return true; /* it is kept already */
	return (limits == NULL ||
	        make_room(store, &fits, limits, &total, err)) &&
	       change_total(store, &total, 1, (int64_t)fits.kept, err);
}

bool nx_sqlite_drop_quarantined(struct nx_store *store,
                                const uint8_t digest[NX_DIGEST_SIZE],
                                struct nx_error *err)
{
	struct total total = {0};
	return remove_one(store, digest, &total, err);
}

bool nx_quarantine_drop(struct nx_store *store,
                        const uint8_t digest[NX_DIGEST_SIZE],
                        struct nx_error *err)
{
	return nx_sqlite_enter(store, err) &&
	       nx_sqlite_leave(store,
	                       nx_sqlite_drop_quarantined(store, digest, err),
	                       err);
}

/* Copied while others may write, and then what came in the meantime: little is
 * left for when nobody may. */
static bool try_to_empty(struct nx_store *store, int64_t *busy,
                         struct nx_error *err)
{
	enum { TIMES = 2 };

	for (int i = 0; i < TIMES; i++)
		if (!nx_sqlite_run(store, NX_SQL_CHECKPOINT_GENTLY, err))
			return false;
	return nx_query_number(store, NX_SQL_CHECKPOINT, busy, err);
}

/* Between tries others may write: SQLite would wait for readers with the lock
 * in its hand, and whoever copies the store reads for minutes. */
static bool try_often(struct nx_store *store, int64_t *busy,
                      struct nx_error *err)
{
	enum { TRIES = 1000 };
	static const struct timespec pause = {
	        .tv_nsec = NX_SQLITE_PATIENCE_MS * INT64_C(1000000) / TRIES};

	for (int i = 0; i < TRIES; i++) {
		if (!try_to_empty(store, busy, err))
			return false;
		if (*busy == 0)
			break;
		nanosleep(&pause, NULL);
	}
	return true;
}

bool nx_quarantine_erase(struct nx_store *store, struct nx_error *err)
{
	int64_t busy = 1;

	sqlite3_busy_timeout(store->db, 0);
	const bool done = try_often(store, &busy, err);
	sqlite3_busy_timeout(store->db, NX_SQLITE_PATIENCE_MS);
	return done &&
	       (busy == 0 ||
	        nx_error_set(err, NX_ERROR_TEMPORARY,
	                     "%s-wal: in use, what was dropped is still in it",
	                     store->path));
}

/* --- reading -------------------------------------------------------------- */

static struct nx_quarantined of_row(struct nx_query *query)
{
	struct nx_quarantined message = {.why = NX_QUARANTINE_NOT};
	nx_query_bytes(query, message.digest, NX_DIGEST_SIZE);
	message.time = nx_query_int(query);
	message.why = nx_quarantine_why_of_name(nx_query_text(query));
	message.envelope.sender_known = nx_query_int(query) != 0;
	message.envelope.sender = nx_query_text(query);
	message.envelope.recipient = nx_query_text(query);
	message.envelope.original_recipient = nx_query_text(query);
	message.envelope.queue_id = nx_query_text(query);
	message.size = nx_query_int(query);
	message.bytes = nx_query_blob(query, &message.kept);
	return message;
}

static void copy(TALLOC_CTX *ctx, const struct nx_quarantined *message,
                 struct nx_quarantined *out)
{
	struct nx_envelope *envelope = &out->envelope;
	*out = *message;
	envelope->sender = talloc_strdup(ctx, envelope->sender);
	envelope->recipient = talloc_strdup(ctx, envelope->recipient);
	envelope->original_recipient =
	        talloc_strdup(ctx, envelope->original_recipient);
	envelope->queue_id = talloc_strdup(ctx, envelope->queue_id);
	char *bytes = talloc_zero_size(ctx, message->kept + 1);
	memcpy(bytes, message->bytes, message->kept);
	out->bytes = bytes;
}

/* The one behind serial, which becomes its own. */
static enum nx_step_answer read_next(TALLOC_CTX *ctx, struct nx_store *store,
                                     size_t most, int64_t *serial,
                                     struct nx_quarantined *out,
                                     struct nx_error *err)
{
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_QUARANTINE);
	nx_query_put_number(&query, (int64_t)most);
	nx_query_put_number(&query, *serial);
	const enum nx_step_answer answer = nx_query_step(&query, err);
	if (answer != NX_STEP_ROW)
		return answer;
	const struct nx_quarantined message = of_row(&query);
	*serial = nx_query_int(&query);
	copy(ctx, &message, out);
	return answer;
}

bool nx_quarantine_list(struct nx_store *store, size_t most,
                        bool (*row)(void *user,
                                    const struct nx_quarantined *message),
                        void *user, struct nx_error *err)
{
	enum nx_step_answer answer;
	int64_t serial = INT64_MIN;
	bool more = true;
	do {
		struct nx_quarantined message;
		TALLOC_CTX *ctx = talloc_new(NULL);
		answer = read_next(ctx, store, most, &serial, &message, err);
		if (answer == NX_STEP_ROW)
			more = row(user, &message);
		talloc_free(ctx);
	} while (answer == NX_STEP_ROW && more);
	return answer != NX_STEP_FAILED;
}

/* The lowest and the highest digest that begin so; false when none can. */
static bool find_range(const char *prefix, uint8_t lowest[NX_DIGEST_SIZE],
                       uint8_t highest[NX_DIGEST_SIZE])
{
	const size_t digits = strlen(prefix);
	memset(lowest, 0, NX_DIGEST_SIZE);
	memset(highest, 0xff, NX_DIGEST_SIZE);
	for (size_t i = 0; i < digits; i++) {
		const int digit = nx_text_hex(prefix[i]);
		const int shift = i % 2 == 0 ? 4 : 0;
		if (i == (size_t)2 * NX_DIGEST_SIZE || digit < 0)
			return false;
		lowest[i / 2] |= (uint8_t)(digit << shift);
		highest[i / 2] ^= (uint8_t)((digit ^ 0xf) << shift);
	}
	return true;
}

static bool is_missing(const char *prefix, struct nx_error *err)
{
	return nx_error_set(err, NX_ERROR_USAGE,
	                    "%s: no such message in quarantine", prefix);
}

bool nx_quarantine_find(TALLOC_CTX *ctx, struct nx_store *store,
                        const char *prefix, struct nx_quarantined *out,
                        struct nx_error *err)
{
	uint8_t lowest[NX_DIGEST_SIZE], highest[NX_DIGEST_SIZE];
	if (!find_range(prefix, lowest, highest))
		return is_missing(prefix, err);
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_QUARANTINED);
	nx_query_put_bytes(&query, lowest, NX_DIGEST_SIZE);
	nx_query_put_bytes(&query, highest, NX_DIGEST_SIZE);
	enum nx_step_answer answer = nx_query_step(&query, err);
	if (answer == NX_STEP_DONE)
		return is_missing(prefix, err);
	if (answer == NX_STEP_FAILED)
		return false;
	const struct nx_quarantined message = of_row(&query);
	copy(ctx, &message, out);
	answer = nx_query_step(&query, err);
	if (answer == NX_STEP_ROW)
		nx_error_set(err, NX_ERROR_USAGE,
		             "%s: several messages begin so", prefix);
	return answer == NX_STEP_DONE;
}
