/* SPDX-License-Identifier: ISC */
#include "store/sqlite.h"

/* The statements about what is judged again, and taken back. */

#define STANDING                                                               \
	"why, since, until, rung, climbed, bounced_until, strikes, evidence"
#define VERDICT "class, reason, fault, advice, rule, basis, matched"
/* rule, reporter, domain, since, until; "" for any */
#define WHERE_EVENT                                                            \
	"event.time >= ?4 AND event.time < ?5 AND (?1 = '' OR rule = ?1) "     \
	"AND (?2 = '' OR lower(reporting_mta) = ?2 OR "                        \
	"substr(lower(reporting_mta), -length(?2) - 1) = '.' || ?2) "          \
	"AND class <> 'none' "
#define WHERE_ADDRESS                                                          \
	"(?3 = '' OR substr(address, -length(?3) - 1) = '@' || ?3)"

#define AT(name) (NX_SQL_##name - NX_SQL_PAST)

const char *const nx_sqlite_undo_text[AT(EVENTS_OF)] = {
        /* by the index that begins with r */
        [AT(PAST)] =
                "SELECT r, serial, event.time, id, message, stream, "
                "sending_domain, " VERDICT ", trust, kind, action, status, "
                "reply, diagnostic, remote_mta, reporting_mta, message_id, "
                "list_id, incidents, CASE kind WHEN 'feedback-report' THEN "
                "(SELECT feedback_type FROM message WHERE digest = "
                "event.message) ELSE '' END "
                "FROM event WHERE r BETWEEN ? AND ? ORDER BY r",
        [AT(PAST_ATTEMPTS)] = "SELECT time, mail FROM attempt WHERE r = ? "
                              "ORDER BY time, serial",
        [AT(PAST_STANDINGS)] =
                "SELECT standing.r, mail, why, since, until, rung, climbed, "
                "ifnull(bounced_until, until), strikes, evidence, act "
                "FROM standing WHERE r = ? ORDER BY mail",
        [AT(TOMBSTONES)] =
                "SELECT mail, time, event, also FROM tombstone WHERE r = ?",
        [AT(TOMBSTONE)] = "SELECT time, also FROM tombstone "
                          "WHERE r = ? AND mail = ?",
        [AT(BURY)] =
                "INSERT OR REPLACE INTO tombstone (r, mail, time, event, also) "
                "VALUES (?, ?, ?, ?, ?)",
        [AT(UNBURY)] = "DELETE FROM tombstone WHERE r = ? AND mail = ?",
        [AT(LAST_EVENT)] = "SELECT ifnull(max(serial), 0) FROM event",
        [AT(WHERE)] = "SELECT DISTINCT event.r FROM event "
                      "LEFT JOIN recipient USING (r) "
                      "WHERE " WHERE_EVENT "AND " WHERE_ADDRESS,
        [AT(WHERE_OF)] = "SELECT serial FROM event WHERE r = ?6 AND "
                         "?3 = ?3 AND " WHERE_EVENT,
        [AT(WHERE_BY_HAND)] =
                "SELECT DISTINCT standing.r FROM mail CROSS JOIN standing "
                "ON mail = mail.id LEFT JOIN recipient USING (r) "
                "WHERE hand = 1 AND since >= ?4 AND since < ?5 "
                "AND ?1 = '' AND ?2 = '' AND " WHERE_ADDRESS,
        [AT(ADD_BULK)] = "INSERT INTO bulk (act) VALUES (?)",
        [AT(SET_ENTRIES)] = "UPDATE act SET entries = ? WHERE serial = ?",
        [AT(BULK)] = "SELECT what, entries, (SELECT ifnull(undone, -1) "
                     "FROM bulk WHERE bulk.act = serial) "
                     "FROM act WHERE serial = ?",
        [AT(BULKS)] = "SELECT serial, time, what, reason, who, note, entries, "
                      "ifnull(undone, 0), ifnull(ended, 0) "
                      "FROM act LEFT JOIN bulk ON act = serial "
                      "WHERE bulk.act IS NOT NULL OR what = 'undo' "
                      "ORDER BY serial DESC LIMIT ?",
        [AT(LATER_REPLAY)] = "SELECT ifnull(max(serial), 0) FROM bulk "
                             "JOIN act ON serial = act WHERE what = 'replay' "
                             "AND undone IS NULL AND serial > ?",
        [AT(SET_UNDONE)] = "UPDATE bulk SET undone = ? WHERE act = ?",
        [AT(KEEP_STANDING)] =
                "INSERT INTO act_standing (act, r, mail, " STANDING
                ", made_by, buried, buried_event, buried_also, number) "
                "SELECT ?1, ?2, ?3, " STANDING ", act, time, event, also, ?4 "
                "FROM (SELECT 1) LEFT JOIN standing ON standing.r = ?2 AND "
                "standing.mail = ?3 LEFT JOIN tombstone ON tombstone.r = ?2 "
                "AND tombstone.mail = ?3",
        [AT(ENTRIES_OF)] =
                "SELECT r, mail, 1 FROM standing WHERE (r, mail) > (?2, ?3) "
                "AND act = ?1 AND NOT EXISTS (SELECT 1 FROM act_standing "
                "WHERE act = ?1 AND act_standing.r = standing.r AND "
                "act_standing.mail = standing.mail) ORDER BY r, mail LIMIT ?4",
        [AT(ENDED_OF)] =
                "SELECT r, mail, 0 FROM (SELECT r, mail FROM act "
                "WHERE ended = ?1 AND what = 'release' UNION "
                "SELECT r, mail FROM act_standing WHERE made_by = ?1 AND "
                "act <> ?1) AS later WHERE (r, mail) > (?2, ?3) AND "
                "NOT EXISTS (SELECT 1 FROM standing WHERE "
                "standing.r = later.r AND standing.mail = later.mail AND "
                "standing.act = ?1) ORDER BY r, mail LIMIT ?4",
        /* and whether the standing is still as the act left it */
        [AT(CHANGED_BY)] =
                "SELECT r, mail, number IS (SELECT number FROM standing "
                "WHERE standing.r = act_standing.r AND "
                "standing.mail = act_standing.mail) FROM act_standing "
                "WHERE act = ?1 AND (r, mail) > (?2, ?3) ORDER BY r, mail "
                "LIMIT ?4",
        [AT(RESTORE_STANDING)] =
                "INSERT OR REPLACE INTO standing (r, mail, " STANDING
                ", act, writer, number) SELECT r, mail, " STANDING
                ", made_by, 1, ?4 FROM act_standing "
                "WHERE act = ?1 AND r = ?2 AND mail = ?3 AND why IS NOT NULL",
        [AT(RESTORE_TOMBSTONE)] =
                "INSERT OR REPLACE INTO tombstone (r, mail, time, event, also) "
                "SELECT r, mail, buried, buried_event, buried_also "
                "FROM act_standing WHERE act = ?1 AND r = ?2 AND mail = ?3 "
                "AND buried IS NOT NULL",
        [AT(KEEP_VERDICT)] =
                "INSERT INTO act_verdict (act, r, id, " VERDICT ") "
                "SELECT ?, r, id, " VERDICT " FROM event WHERE serial = ?",
        [AT(SET_VERDICT)] =
                "UPDATE event SET class = ?, reason = ?, fault = ?, "
                "advice = ?, rule = ?, basis = ?, matched = ? "
                "WHERE serial = ?",
        [AT(KEEP_VERDICTS)] =
                "INSERT INTO act_verdict (act, r, id, " VERDICT ") "
                "SELECT ?2, event.r, event.id, event.class, event.reason, "
                "event.fault, event.advice, event.rule, event.basis, "
                "event.matched FROM act_verdict JOIN event "
                "ON event.r = act_verdict.r AND event.id = act_verdict.id "
                "WHERE act = ?1",
        [AT(IS_HELD)] = "SELECT count(*) FROM held WHERE r = ? AND time = ?",
        [AT(DROP_HELD_OF)] = "DELETE FROM held WHERE r = ? AND time = ?",
        [AT(ORIGINALS_SINCE)] =
                "SELECT digest FROM original WHERE time >= ? ORDER BY serial",
        [AT(RESTORE_VERDICTS)] =
                "UPDATE event SET (" VERDICT ") = (SELECT " VERDICT
                " FROM act_verdict WHERE act = ?1 AND act_verdict.r = event.r "
                "AND act_verdict.id = event.id) WHERE (r, id) IN "
                "(SELECT r, id FROM act_verdict WHERE act = ?1)",
};
