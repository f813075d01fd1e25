/* SPDX-License-Identifier: ISC */
#include "store/sqlite.h"

/* The statements of the history, of what changed, and of what was sent. */

/* what nx_sqlite_budget_cut_event and _record leave */
#define IS_CUT                                                                 \
	"(matched || sending_domain || diagnostic || remote_mta || "           \
	"reporting_mta || message_id || list_id || sender || "                 \
	"message.recipient = '')"
#define EVENT_COLUMNS                                                                            \
	"event.time, " NX_ADDRESS_COLUMN(                                                        \
	        "event.r") ", id, message, stream, sending_domain, class, reason, fault, "       \
	                   "advice, rule, basis, matched, trust, event.kind, action, status, "   \
	                   "reply, diagnostic, remote_mta, reporting_mta, message_id, list_id, " \
	                   "incidents, feedback_type, source, sender, queue_id, written, "       \
	                   "message.time, " IS_CUT
#define ATTEMPT_COLUMNS                                                                          \
	"time, " NX_ADDRESS_COLUMN(                                                              \
	        "attempt.r") ", reach, name, asked, cause, reason, since, until, rung, sender, " \
	                     "queue_id, source"
#define EVENTS                                                                 \
	"SELECT " EVENT_COLUMNS ", serial FROM event "                         \
	"LEFT JOIN recipient USING (r) CROSS JOIN message "                    \
	"ON message.digest = event.message "                                   \
	"WHERE (event.time, serial) > (?1, ?2) AND event.time < ?3 "
#define ATTEMPTS                                                               \
	"SELECT " ATTEMPT_COLUMNS ", serial FROM attempt "                     \
	"LEFT JOIN recipient USING (r) "                                       \
	"CROSS JOIN mail ON mail.id = attempt.mail "                           \
	"WHERE (time, serial) > (?1, ?2) AND time < ?3 "

#define AT(name) (NX_SQL_##name - NX_SQL_EVENTS_OF)

const char *const nx_sqlite_follow_text[AT(ERASED_MESSAGES)] = {
        [AT(EVENTS_OF)] = "SELECT " EVENT_COLUMNS
                          " FROM event LEFT JOIN recipient USING (r) "
                          "JOIN message ON message.digest = event.message "
                          "WHERE event.r = ? ORDER BY event.time, serial",
        [AT(ATTEMPTS_OF)] = "SELECT " ATTEMPT_COLUMNS
                            " FROM attempt LEFT JOIN recipient USING (r) "
                            "JOIN mail ON mail.id = mail "
                            "WHERE attempt.r = ? ORDER BY time, serial",
        /* its own, and those for many that its standings name */
        [AT(ACTS_OF)] =
                "SELECT time, (SELECT address FROM recipient WHERE r = ?1), "
                "reach, name, what, cause, reason, who, note "
                "FROM act JOIN mail ON mail.id = act.mail "
                "WHERE act.r = ?1 OR serial IN (SELECT act FROM standing "
                "WHERE standing.r = ?1 UNION SELECT ended FROM act WHERE "
                "act.r = ?1 UNION SELECT act FROM act_standing WHERE r = ?1 "
                "UNION SELECT made_by FROM act_standing WHERE r = ?1) "
                "ORDER BY time, serial",
        /* CROSS makes SQLite use the time index first; the + keeps it from
         * that, so that an address's own rows are found by its key */
        [AT(WALK_EVENTS)] = EVENTS "AND class IN (?5, ?6, ?7, ?8, ?9) "
                                   "ORDER BY event.time, serial LIMIT ?4",
        [AT(WALK_ATTEMPTS)] = ATTEMPTS "ORDER BY time, serial LIMIT ?4",
        [AT(WALK_EVENTS_OF)] =
                EVENTS "AND event.r = ?5 ORDER BY +event.time, serial LIMIT ?4",
        [AT(WALK_ATTEMPTS_OF)] =
                ATTEMPTS "AND attempt.r = ?5 ORDER BY +time, serial LIMIT ?4",
        [AT(WRITER)] = "SELECT name, number FROM writer WHERE id = 1",
        [AT(RENEW_WRITER)] = "UPDATE writer SET "
                             "name = lower(hex(randomblob(8))) WHERE id = 1",
        [AT(ADD_CHANGES)] = "INSERT INTO change (number, part, time, keys) "
                            "VALUES (?, ?, ?, ?)",
        [AT(CHANGES)] = "SELECT number, part, keys FROM change "
                        "WHERE (number, part) >= (?, ?) "
                        "ORDER BY number, part LIMIT ?",
        /* the oldest alone are looked at */
        [AT(OLD_CHANGES)] =
                "DELETE FROM change WHERE (number, part) IN (SELECT number, "
                "part FROM (SELECT number, part, time FROM change "
                "ORDER BY number, part LIMIT ?2) WHERE time < ?1)",
        [AT(ANY_OLD_CHANGES)] =
                "SELECT EXISTS (SELECT 1 FROM (SELECT time FROM change "
                "ORDER BY number, part LIMIT 1) WHERE time < ?)",
        [AT(ANY_OLD_MESSAGES)] =
                "SELECT EXISTS (SELECT 1 FROM sent WHERE time < ?)",
        [AT(TOUCH_STANDINGS)] = "UPDATE standing SET number = ?2 "
                                "WHERE r = ?1 RETURNING mail",
        [AT(ADD_SENT)] =
                "INSERT INTO sent_hour (hour, domain, mails) VALUES (?, ?, ?) "
                "ON CONFLICT DO UPDATE SET mails = mails + excluded.mails",
        [AT(OLD_SENT)] =
                "DELETE FROM sent_hour WHERE (hour, domain) IN (SELECT hour, "
                "domain FROM sent_hour WHERE hour < ?" NX_SQL_LIMIT(
                        NX_SQL_TIDIED),
        [AT(ADD_SENT_MESSAGE)] = "INSERT INTO sent (r, message, mail, time) "
                                 "VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [AT(ERASE_SENT)] = "DELETE FROM sent WHERE r = ?",
        [AT(COUNT_OLD_MESSAGES)] = "SELECT count(*) FROM sent WHERE time < ?",
        [AT(OLD_MESSAGES)] =
                "DELETE FROM sent WHERE (r, message) IN (SELECT r, message "
                "FROM sent WHERE time < ?1 ORDER BY time LIMIT ?2)",
        [AT(SENT_TO)] =
                "SELECT time, name FROM sent JOIN mail ON mail.id = mail "
                "WHERE r = ? ORDER BY time",
};
