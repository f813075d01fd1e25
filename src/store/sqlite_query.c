/* SPDX-License-Identifier: ISC */
#include "store/sqlite.h"

#include "sys/file.h"

#include <errno.h>
#include <string.h>

/* The statements and how to run them. */

#define QUARANTINE_COLUMNS                                                     \
	"digest, time, why, sender IS NOT NULL, sender, recipient, "           \
	"original_recipient, queue_id, size"
#define ORIGINAL_COLUMNS                                                       \
	"digest, time, sender IS NOT NULL, sender, recipient, "                \
	"original_recipient, queue_id, whole, size, bytes"
/* CROSS keeps SQLite from beginning with the addresses */
#define STATES                                                                 \
	"SELECT " NX_STANDING_COLUMNS                                          \
	", ifnull((SELECT address FROM recipient "                             \
	"WHERE recipient.r = standing.r), format('key:%016x', standing.r)) "   \
	"FROM standing "
/* from ?2 to ?1 */
#define HOURS                                                                  \
	"WITH RECURSIVE past (hour) AS (SELECT ?1 UNION ALL "                  \
	"SELECT hour - 1 FROM past WHERE hour > ?2) "
/* a hashed store has no addresses */
#define IS_NOBODY                                                              \
	"(address IS NULL AND NOT EXISTS (SELECT 1 FROM sqlite_schema "        \
	"WHERE type = 'trigger' AND name = 'hashed')) "
#define WHICH_HELD "drops > ?1 AND (?2 = '' OR provider = ?2 OR domain = ?2)"

static const char *const TEXT[NX_SQL_CHANGE_BLOCKS] = {
        [NX_SQL_BEGIN] = "BEGIN IMMEDIATE",
        [NX_SQL_VIEW] = "BEGIN",
        [NX_SQL_COMMIT] = "COMMIT",
        [NX_SQL_ROLLBACK] = "ROLLBACK",
        [NX_SQL_APPLICATION] = "PRAGMA application_id",
        [NX_SQL_VERSION] = "PRAGMA user_version",
        [NX_SQL_TABLES] = "SELECT count(*) FROM sqlite_schema",
        [NX_SQL_JOURNAL] = "PRAGMA journal_mode=WAL",
        [NX_SQL_CHECKPOINT] = "PRAGMA wal_checkpoint(TRUNCATE)",
        [NX_SQL_COPY] = "VACUUM INTO ?",
        [NX_SQL_PAGES] = "PRAGMA page_count",
        [NX_SQL_FREE_PAGES] = "PRAGMA freelist_count",
        [NX_SQL_PAGE_SIZE] = "PRAGMA page_size",
        [NX_SQL_ADD_SECRET] = "INSERT INTO secret VALUES (?, ?)",
        [NX_SQL_SECRET] = "SELECT bytes FROM secret WHERE name = ?",
        [NX_SQL_ADD_MESSAGE] =
                "INSERT INTO message (digest, time, source, kind, format, "
                "feedback_type, sender, recipient, cause, queue_id, written) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT DO NOTHING",
        [NX_SQL_RENEW_MESSAGE] =
                "UPDATE message SET kind = ?, format = ?, "
                "feedback_type = ?, cause = ? WHERE digest = ?",
        [NX_SQL_HAS_MESSAGE] =
                "SELECT EXISTS (SELECT 1 FROM message WHERE digest = ?)",
        [NX_SQL_UNEVENTFUL] = "SELECT ifnull((SELECT recorded FROM eventless "
                              "WHERE day = ?), 0)",
        [NX_SQL_COUNT_UNEVENTFUL] =
                "INSERT INTO eventless (day, recorded, left_out) "
                "VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET "
                "recorded = recorded + ?2, left_out = left_out + ?3",
        [NX_SQL_OLDER_DIGESTS] = "SELECT since_schema FROM older_digests",
        [NX_SQL_ADD_QUARANTINED] =
                "INSERT INTO quarantine (digest, time, why, ordinary, sender, "
                "recipient, original_recipient, queue_id, size, kept, bytes) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT DO NOTHING",
        [NX_SQL_DROP_QUARANTINED] = "DELETE FROM quarantine WHERE digest = ? "
                                    "RETURNING ordinary, kept",
        [NX_SQL_OLDEST_QUARANTINED] =
                "SELECT digest, time FROM quarantine WHERE ordinary = ? "
                "ORDER BY serial LIMIT 1",
        [NX_SQL_QUARANTINE] =
                "SELECT " QUARANTINE_COLUMNS ", substr(bytes, 1, ?), serial "
                "FROM quarantine "
                "WHERE serial > ? ORDER BY serial LIMIT 1",
        [NX_SQL_QUARANTINED] =
                "SELECT " QUARANTINE_COLUMNS ", bytes FROM quarantine "
                "WHERE digest BETWEEN ? AND ? LIMIT 2",
        [NX_SQL_QUARANTINE_TOTAL] = "SELECT messages, bytes "
                                    "FROM quarantine_total WHERE ordinary = ?",
        [NX_SQL_CHANGE_TOTAL] =
                "UPDATE quarantine_total SET messages = messages + ?, "
                "bytes = bytes + ? WHERE ordinary = ?",
        [NX_SQL_BAD_TOTALS] =
                "SELECT ordinary FROM quarantine_total AS total WHERE "
                "messages <> (SELECT count(*) FROM quarantine "
                "WHERE ordinary = total.ordinary) OR "
                "bytes <> (SELECT ifnull(sum(kept), 0) FROM quarantine "
                "WHERE ordinary = total.ordinary)",
        [NX_SQL_ADD_ORIGINAL] =
                "INSERT INTO original (digest, time, sender, recipient, "
                "original_recipient, queue_id, whole, size, bytes) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [NX_SQL_ORIGINAL] =
                "SELECT " ORIGINAL_COLUMNS " FROM original WHERE digest = ?",
        [NX_SQL_ORIGINALS] =
                "SELECT " ORIGINAL_COLUMNS ", serial FROM original "
                "WHERE serial > ? ORDER BY serial LIMIT 1",
        [NX_SQL_OLDEST_ORIGINAL] =
                "SELECT serial, time FROM original ORDER BY serial LIMIT 1",
        [NX_SQL_DROP_OLDEST_ORIGINAL] = "DELETE FROM original WHERE serial = ? "
                                        "RETURNING length(bytes)",
        [NX_SQL_DROP_ORIGINAL] = "DELETE FROM original WHERE digest = ? "
                                 "RETURNING length(bytes)",
        [NX_SQL_ORIGINAL_TOTAL] = "SELECT messages, bytes FROM original_total",
        [NX_SQL_SAVE_ORIGINAL_TOTAL] =
                "UPDATE original_total SET messages = ?, bytes = ?",
        [NX_SQL_BAD_ORIGINAL_TOTAL] =
                "SELECT 1 FROM original_total WHERE messages <> "
                "(SELECT count(*) FROM original) OR bytes <> "
                "(SELECT ifnull(sum(length(bytes)), 0) FROM original)",
        [NX_SQL_PACKED] = "SELECT digest, size, bytes FROM original",
        /* of one that an older nixie kept; its events are of the same time */
        [NX_SQL_WHY] = "SELECT CASE WHEN kind = 'unparsed' THEN 'unparsed' "
                       "WHEN kind = 'other' THEN 'ordinary' "
                       "WHEN EXISTS (SELECT 1 FROM event WHERE event.time = "
                       "message.time AND event.message = message.digest) "
                       "THEN 'truncated' ELSE 'no-address' END "
                       "FROM message WHERE digest = ?",
        [NX_SQL_ADD_RECIPIENT] = "INSERT INTO recipient (r, address) "
                                 "VALUES (?, ?) ON CONFLICT DO NOTHING",
        [NX_SQL_NAME_RECIPIENT] = "UPDATE recipient SET address = ?2 "
                                  "WHERE r = ?1",
        [NX_SQL_ADDRESS] = "SELECT address FROM recipient WHERE r = ?",
        /* IN would make a table of its own each time */
        [NX_SQL_ADD_EVENT] =
                "INSERT INTO event (r, id, stream, sending_domain, message, "
                "time, class, reason, fault, advice, rule, basis, matched, "
                "trust, kind, action, status, reply, diagnostic, remote_mta, "
                "reporting_mta, message_id, list_id, incidents) SELECT "
                "?1, ?2, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                "?, ?, ?, ?, ? "
                "WHERE NOT EXISTS (SELECT 1 FROM event WHERE r = ?1 AND id = ?)"
                " AND NOT EXISTS (SELECT 1 FROM event WHERE r = ?1 AND id = ?)"
                " ON CONFLICT DO NOTHING",
        [NX_SQL_ADD_MAIL] = "INSERT INTO mail (reach, name, hand) "
                            "VALUES (?, ?, ?) "
                            "ON CONFLICT DO NOTHING",
        [NX_SQL_MAIL] = "SELECT id FROM mail WHERE reach = ? AND name = ? "
                        "AND hand = ?",
        [NX_SQL_MAILS] = "SELECT id, reach, name, hand FROM mail",
        [NX_SQL_WHYS] = "SELECT id, cause, reason, 0 FROM why",
        [NX_SQL_ADD_WHY] = "INSERT INTO why (cause, reason) "
                           "SELECT ?1, ?2 WHERE ?3 = 0 "
                           "ON CONFLICT DO NOTHING",
        [NX_SQL_WHY_ID] = "SELECT id FROM why WHERE cause = ?1 "
                          "AND reason = ?2 AND ?3 = 0",
        [NX_SQL_NEXT_NUMBER] = "UPDATE writer SET number = number + 1 "
                               "WHERE id = 1 RETURNING number",
        [NX_SQL_LAST_NUMBER] = "SELECT number FROM writer WHERE id = 1",
        [NX_SQL_KEYS] = "SELECT r, mail FROM standing WHERE (r, mail) > (?, ?) "
                        "ORDER BY r, mail LIMIT ?",
        [NX_SQL_STANDING] = "SELECT " NX_STANDING_COLUMNS
                            " FROM standing WHERE r = ? AND mail = ?",
        /* IN would make a table of its own for each look-up */
        [NX_SQL_STATES] = STATES "WHERE standing.r = ?1 UNION ALL " STATES
                                 "WHERE standing.r = ?2 AND ?2 <> ?1",
        [NX_SQL_SAVE_STANDING] =
                "INSERT OR REPLACE INTO standing (r, mail, why, since, until, "
                "rung, climbed, bounced_until, strikes, evidence, act, "
                "writer, number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, "
                "?)",
        [NX_SQL_FORGET_STANDING] =
                "DELETE FROM standing WHERE r = ? AND mail = ?",
        [NX_SQL_ADD_ATTEMPT] =
                "INSERT INTO attempt (r, asked, time, mail, cause, reason, "
                "since, until, rung, sender, queue_id, source) VALUES "
                "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [NX_SQL_LAST_ATTEMPT] =
                "SELECT queue_id, sender, source FROM attempt WHERE r = ? "
                "ORDER BY serial DESC LIMIT 1",
        [NX_SQL_ADD_ACT] =
                "INSERT INTO act (time, what, mail, cause, reason, who, note, "
                "r, entries, ended) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [NX_SQL_ACT] = "SELECT who, note FROM act WHERE serial = ?",
        [NX_SQL_LIST] = STATES "WHERE (standing.r, mail) > (?, ?) "
                               "AND until > ? ORDER BY standing.r, mail "
                               "LIMIT ?",
        [NX_SQL_FLOOD] = "SELECT rows, bytes FROM flood WHERE day = ?",
        [NX_SQL_FLOOD_HOST] = "SELECT rows, bytes FROM flood_host "
                              "WHERE day = ? AND host = ?",
        [NX_SQL_ADD_FLOOD] =
                "INSERT INTO flood (day, rows, bytes, cut, refused) "
                "VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET "
                "rows = rows + ?2, bytes = bytes + ?3, cut = cut + ?4, "
                "refused = refused + ?5",
        [NX_SQL_ADD_FLOOD_HOST] =
                "INSERT INTO flood_host (day, host, rows, bytes) "
                "VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET "
                "rows = ?3 + CASE WHEN day = ?1 THEN rows ELSE 0 END, "
                "bytes = ?4 + CASE WHEN day = ?1 THEN bytes ELSE 0 END, "
                "day = ?1",
        [NX_SQL_FORGET_FLOOD_HOSTS] = "DELETE FROM flood_host WHERE day < ?",
        [NX_SQL_CLOCK] =
                "SELECT boot, uptime, wall, step FROM clock WHERE id = 1",
        [NX_SQL_SAVE_CLOCK] =
                "INSERT OR REPLACE INTO clock (id, boot, uptime, wall, step) "
                "VALUES (1, ?, ?, ?, ?)",
        [NX_SQL_MADE_AFTER] =
                "SELECT r, mail FROM standing WHERE since > ?1 OR "
                "climbed > ?1 OR strikes IS NOT NULL",
        [NX_SQL_COUNTS] = "SELECT (SELECT count(*) FROM message), "
                          "(SELECT ifnull(sum(left_out), 0) FROM eventless), "
                          "(SELECT count(*) FROM event), "
                          "(SELECT count(*) FROM standing), "
                          "(SELECT count(*) FROM standing WHERE until > ?1), "
                          "(SELECT count(*) FROM attempt), "
                          "(SELECT sum(messages) FROM quarantine_total), "
                          "(SELECT count(*) FROM held WHERE drops > ?1), "
                          "(SELECT count(*) FROM block WHERE closed = 0 "
                          "AND until > ?1), "
                          "(SELECT ifnull(min(time), 0) FROM event), "
                          "(SELECT ifnull(max(time), 0) FROM event), "
                          "(SELECT ifnull(sum(cut), 0) FROM flood), "
                          "(SELECT ifnull(sum(refused), 0) FROM flood)",
        [NX_SQL_RECENT_EVENTS] = "SELECT count(*) FROM event WHERE time > ?",
        [NX_SQL_NAMES] = "SELECT name, format('SELECT count(*) FROM \"%w\"', "
                         "name) FROM sqlite_schema WHERE type = 'table' AND "
                         "name NOT LIKE 'sqlite%' ORDER BY name",
        [NX_SQL_INTEGRITY] = "PRAGMA integrity_check",
        [NX_SQL_FOREIGN_KEYS] = "PRAGMA foreign_key_check",
        [NX_SQL_BAD_STANDINGS] =
                "SELECT ifnull(address, format('%016x', standing.r)), "
                "ifnull(reach, ''), ifnull(name, ''), " IS_NOBODY
                "FROM standing LEFT JOIN recipient USING (r) "
                "LEFT JOIN why ON why.id = standing.why "
                "LEFT JOIN mail ON mail.id = standing.mail "
                "WHERE " IS_NOBODY "OR cause IS NULL OR reach IS NULL "
                "OR cause NOT IN ('', 'soft', 'hard', 'complaint', "
                "'unsubscribe', 'manual') OR rung NOT BETWEEN 0 AND 15 "
                "OR since > until OR climbed > until "
                "OR evidence NOT BETWEEN 0 AND 4 "
                "OR (cause = '') <> (until = 0) "
                "OR (cause = '' AND strikes IS NULL) "
                "OR strikes GLOB '*[^0-9 ?]*'",
        [NX_SQL_BAD_EVENTS] = "SELECT " NX_ADDRESS_COLUMN(
                "event.r") ", class FROM event "
                           "LEFT JOIN recipient USING (r) "
                           "WHERE class NOT IN ('none', 'soft', 'hard', 'complaint', "
                           "'unsubscribe')",
        [NX_SQL_RECIPIENTS] = "SELECT r, address FROM recipient",
        [NX_SQL_ADD_FAILURE] =
                "INSERT INTO failure_hour (hour, domain, failures, held) "
                "VALUES (?, ?, 1, 0) ON CONFLICT DO UPDATE SET "
                "failures = failures + 1 RETURNING failures",
        /* where nobody tells what is sent, that is seen at once */
        [NX_SQL_SENT] = HOURS
        "SELECT (SELECT ifnull(sum(mails), 0) FROM past CROSS JOIN "
        "sent_hour USING (hour) WHERE domain = ?3), "
        "(SELECT ifnull(sum(failures - held), 0) FROM past CROSS JOIN "
        "failure_hour USING (hour) WHERE domain = ?3 AND hour < ?1) "
        "WHERE EXISTS (SELECT 1 FROM sent_hour)",
        /* those in which nothing failed have no row, and would come last */
        [NX_SQL_MEDIAN] =
                HOURS "SELECT failures FROM past CROSS JOIN failure_hour "
                      "USING (hour) WHERE domain = ?3 ORDER BY failures DESC "
                      "LIMIT 1 OFFSET (?1 - ?2) / 2",
        [NX_SQL_COUNT_HELD] = "UPDATE failure_hour SET held = held + 1 "
                              "WHERE hour = ? AND domain = ? RETURNING held",
        [NX_SQL_HOLD] =
                "INSERT INTO held (r, mail, domain, provider, came, drops, "
                "time, class, reason, confirm, evidence) VALUES "
                "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [NX_SQL_OLD_FAILURES] =
                "DELETE FROM failure_hour WHERE (hour, domain) IN "
                "(SELECT hour, domain FROM failure_hour WHERE hour < ? " NX_SQL_LIMIT(
                        NX_SQL_TIDIED),
        [NX_SQL_OLD_HELD] =
                "DELETE FROM held WHERE serial IN "
                "(SELECT serial FROM held WHERE drops <= ? " NX_SQL_LIMIT(
                        NX_SQL_TIDIED),
        [NX_SQL_HELD] =
                "SELECT r, mail, time, class, reason, confirm, evidence "
                "FROM held WHERE " WHICH_HELD " ORDER BY time, serial",
        [NX_SQL_HOLDS] = "SELECT provider, count(*), count(DISTINCT r), "
                         "count(DISTINCT domain), min(came), min(drops), "
                         "max(drops) FROM held WHERE " WHICH_HELD
                         " GROUP BY provider ORDER BY 5, 1",
        [NX_SQL_HELD_WITH] = "SELECT provider FROM held WHERE r = ? AND "
                             "drops > ? ORDER BY serial DESC LIMIT 1",
        [NX_SQL_HAS_HELD] = "SELECT EXISTS (SELECT 1 FROM held WHERE r = ?)",
        [NX_SQL_FORGET_HELD] = "DELETE FROM held WHERE r = ?",
        [NX_SQL_DROP_HELD] = "DELETE FROM held WHERE " WHICH_HELD,
};

static const char *text_of(enum nx_sql which)
{
	if (which >= NX_SQL_GAUGES)
		return nx_sqlite_gauges_text[which - NX_SQL_GAUGES];
	if (which >= NX_SQL_ERASED_MESSAGES)
		return nx_sqlite_forget_text[which - NX_SQL_ERASED_MESSAGES];
	if (which >= NX_SQL_EVENTS_OF)
		return nx_sqlite_follow_text[which - NX_SQL_EVENTS_OF];
	if (which >= NX_SQL_PAST)
		return nx_sqlite_undo_text[which - NX_SQL_PAST];
	return which >= NX_SQL_CHANGE_BLOCKS
	               ? nx_sqlite_block_text[which - NX_SQL_CHANGE_BLOCKS]
	               : TEXT[which];
}

struct nx_query nx_query_begin(struct nx_store *store, enum nx_sql which)
{
	sqlite3_stmt **kept = &store->statement[which];
	if (!*kept)
		sqlite3_prepare_v3(store->db, text_of(which), -1,
		                   SQLITE_PREPARE_PERSISTENT, kept, NULL);
	return (struct nx_query){.store = store, .statement = *kept};
}

void nx_query_end(struct nx_query *query)
{
	if (!query->statement)
		return;
	sqlite3_reset(query->statement);
	sqlite3_clear_bindings(query->statement);
	query->statement = NULL;
}

/* Binding without a copy allocates nothing, so it can fail only for a wrong
 * number, which is our own mistake: the value is NULL then, and every column
 * refuses it. */
void nx_query_put_text(struct nx_query *query, const char *text)
{
	if (query->statement)
		sqlite3_bind_text(query->statement, ++query->put, text, -1,
		                  SQLITE_STATIC);
}

void nx_query_put_number(struct nx_query *query, int64_t number)
{
	if (query->statement)
		sqlite3_bind_int64(query->statement, ++query->put, number);
}

void nx_query_put_nothing(struct nx_query *query)
{
	if (query->statement)
		sqlite3_bind_null(query->statement, ++query->put);
}

void nx_query_put_unless(struct nx_query *query, int64_t number, int64_t null)
{
	if (number != null)
		nx_query_put_number(query, number);
	else
		nx_query_put_nothing(query);
}

void nx_query_put_bytes(struct nx_query *query, const uint8_t *bytes,
                        size_t size)
{
	if (query->statement)
		sqlite3_bind_blob64(query->statement, ++query->put, bytes, size,
		                    SQLITE_STATIC);
}

enum nx_step_answer nx_query_step(struct nx_query *query, struct nx_error *err)
{
	int result = SQLITE_ERROR; /* of preparing it */
	query->got = 0;
	if (query->statement) {
		errno = 0;
		result = sqlite3_step(query->statement);
	}
	if (result == SQLITE_ROW || result == SQLITE_DONE)
		return result == SQLITE_ROW ? NX_STEP_ROW : NX_STEP_DONE;
	nx_sqlite_fail(query->store, err);
	return NX_STEP_FAILED;
}

bool nx_query_run(struct nx_query *query, struct nx_error *err)
{
	enum nx_step_answer answer;
	do
		answer = nx_query_step(query, err);
	while (answer == NX_STEP_ROW);
	return answer == NX_STEP_DONE;
}

bool nx_sqlite_run(struct nx_store *store, enum nx_sql which,
                   struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, which);
	return nx_query_run(&query, err);
}

bool nx_query_number(struct nx_store *store, enum nx_sql which, int64_t *out,
                     struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, which);
	if (nx_query_step(&query, err) == NX_STEP_FAILED)
		return false;
	*out = nx_query_int(&query);
	return true;
}

const char *nx_query_text(struct nx_query *query)
{
	const unsigned char *text =
	        sqlite3_column_text(query->statement, query->got++);
	if (!text)
		return "";
	return query->keep ? talloc_strdup(query->keep, (const char *)text)
	                   : (const char *)text;
}

int64_t nx_query_int(struct nx_query *query)
{
	return sqlite3_column_int64(query->statement, query->got++);
}

void nx_query_bytes(struct nx_query *query, uint8_t *out, size_t size)
{
	int column = query->got++;
	const void *bytes = sqlite3_column_blob(query->statement, column);
	memset(out, 0, size);
	if (bytes &&
	    (size_t)sqlite3_column_bytes(query->statement, column) == size)
		memcpy(out, bytes, size);
}

const char *nx_query_blob(struct nx_query *query, size_t *size)
{
	const int column = query->got++;
	const char *bytes = sqlite3_column_blob(query->statement, column);
	*size = (size_t)sqlite3_column_bytes(query->statement, column);
	return bytes ? bytes : "";
}
