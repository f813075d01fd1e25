/* SPDX-License-Identifier: ISC */
#include "store/sqlite.h"

/* The statements that forget: those that hash a store; those of erase, where
 * names() is true when one of the texts names the address that is being erased;
 * and those of prune, of which what looks has the key after which it begins,
 * the number of rows, the time before which something is old, and the time that
 * it is. */

#define BLANK(column)                                                          \
#column " = CASE WHEN names(" #column ") THEN '' ELSE " #column " END"
#define EVENT_TEXTS                                                            \
	"matched, diagnostic, remote_mta, reporting_mta, message_id, list_id"
#define BLANK_EVENT                                                            \
	"UPDATE event SET " BLANK(matched) ", " BLANK(diagnostic) ", " BLANK(  \
	        remote_mta) ", " BLANK(reporting_mta) ", " BLANK(message_id) ", " BLANK(list_id)
#define MESSAGE_TEXTS "source, sender, recipient, cause"

#define IS_NEEDED(now)                                                         \
	"EXISTS (SELECT 1 FROM standing WHERE standing.r = event.r "           \
	"AND (until > " now " OR strikes IS NOT NULL))"

#define AT(name) (NX_SQL_##name - NX_SQL_ERASED_MESSAGES)

const char *const nx_sqlite_forget_text[AT(GAUGES)] = {
        [AT(ERASED_MESSAGES)] =
                "SELECT DISTINCT message, time FROM event WHERE r = ?",
        [AT(ERASE_EVENTS)] = "DELETE FROM event WHERE r = ?",
        [AT(ERASE_EVENT_TOLD)] = "DELETE FROM event WHERE time = ? "
                                 "AND message = ? AND +r = ?",
        [AT(ERASE_ATTEMPTS)] = "DELETE FROM attempt WHERE r = ?",
        /* ?2: also those that hold after ?3 */
        [AT(ERASE_STANDINGS)] =
                "DELETE FROM standing WHERE r = ?1 AND (?2 OR until <= ?3) "
                "RETURNING mail",
        [AT(ERASE_NOTES)] =
                "UPDATE act SET note = '', "
                "r = CASE WHEN ?2 THEN NULL ELSE r END WHERE r = ?1",
        [AT(ERASE_TOMBSTONES)] = "DELETE FROM tombstone WHERE r = ?",
        [AT(ERASE_UNDO)] = "DELETE FROM act_standing WHERE r = ?",
        [AT(ERASE_VERDICTS)] = "DELETE FROM act_verdict WHERE r = ?",
        [AT(KEEPS_STANDING)] =
                "SELECT EXISTS (SELECT 1 FROM standing WHERE r = ?)",
        [AT(FORGET_RECIPIENT)] = "DELETE FROM recipient WHERE r = ?",
        /* of other recipients of one report: all its events are of one time */
        [AT(ERASE_TOLD)] = BLANK_EVENT " WHERE time = ? AND message = ? "
                                       "AND names(" EVENT_TEXTS ")",
        [AT(ERASE_EVENT)] = BLANK_EVENT " WHERE serial = ?",
        [AT(ERASE_MESSAGE)] =
                "UPDATE message SET " BLANK(source) ", " BLANK(sender) ", " BLANK(
                        recipient) ", " BLANK(cause) " WHERE digest = ?",
        [AT(ERASE_ACT)] = "UPDATE act SET note = '' WHERE serial = ?",
        [AT(ERASE_BLOCK)] =
                "UPDATE block SET " BLANK(url) ", " BLANK(note) " WHERE id = ?",
        [AT(NAMING_BLOCKS)] = "SELECT id, names(url, note) FROM block "
                              "WHERE id > ? ORDER BY id LIMIT ?",
        [AT(NAMING_EVENTS)] =
                "SELECT serial, names(" EVENT_TEXTS ") FROM event "
                "WHERE serial > ? ORDER BY serial LIMIT ?",
        [AT(NAMING_MESSAGES)] =
                "SELECT digest, names(" MESSAGE_TEXTS ") FROM message "
                "WHERE digest > ? ORDER BY digest LIMIT ?",
        [AT(NAMING_ATTEMPTS)] = "SELECT serial, names(sender) FROM attempt "
                                "WHERE serial > ? ORDER BY serial LIMIT ?",
        [AT(ERASE_ATTEMPT)] = "UPDATE attempt SET sender = '' "
                              "WHERE serial = ?",
        [AT(NAMING_ACTS)] = "SELECT serial, names(note) FROM act "
                            "WHERE serial > ? ORDER BY serial LIMIT ?",
        [AT(CHECKPOINT_GENTLY)] = "PRAGMA wal_checkpoint(PASSIVE)",
        [AT(PRUNE_STANDINGS)] = "SELECT " NX_STANDING_COLUMNS " FROM standing "
                                "WHERE (standing.r, mail) > (?, ?) "
                                "ORDER BY standing.r, mail LIMIT ?",
        [AT(LOOK_TEXTS)] =
                "SELECT time, serial, (matched <> '' OR diagnostic <> '')"
                " AND NOT " IS_NEEDED(
                        "?5") " FROM event "
                              "WHERE (time, serial) > (?1, ?2) AND time < ?4 "
                              "ORDER BY time, serial LIMIT ?3",
        [AT(PRUNE_TEXTS)] = "UPDATE event SET matched = '', diagnostic = '' "
                            "WHERE serial = ?1 AND NOT " IS_NEEDED("?2"),
        [AT(LOOK_EVENTS)] = "SELECT time, serial, NOT " IS_NEEDED(
                "?5") " "
                      "FROM event WHERE (time, serial) > (?1, ?2) "
                      "AND time < ?4 ORDER BY time, serial LIMIT ?3",
        [AT(PRUNE_EVENT)] = "DELETE FROM event WHERE serial = ?1 "
                            "AND NOT " IS_NEEDED("?2") " RETURNING r",
        [AT(LOOK_ATTEMPTS)] = "SELECT time, serial, ?5 > 0 FROM attempt "
                              "WHERE (time, serial) > (?1, ?2) AND time < ?4 "
                              "ORDER BY time, serial LIMIT ?3",
        [AT(PRUNE_ATTEMPT)] =
                "DELETE FROM attempt WHERE serial = ?1 AND ?2 > 0 "
                "RETURNING r",
        /* the last column: that its standings must be asked */
        [AT(LOOK_ACTS)] =
                "SELECT 0, serial, time < ?4 AND ?5 > 0 AND (r IS NULL OR "
                "NOT EXISTS (SELECT 1 FROM standing "
                "WHERE standing.r = act.r AND standing.act = serial)), "
                "r IS NULL FROM act WHERE ?1 IS NOT NULL AND serial > ?2 "
                "ORDER BY serial LIMIT ?3",
        [AT(PRUNE_ACT)] = "DELETE FROM act WHERE serial = ?1 AND ?2 > 0",
        [AT(PRUNE_BULK)] = "DELETE FROM bulk WHERE act = ?1 OR undone = ?1",
        [AT(LOOK_DIGESTS)] =
                "SELECT serial, message, time < ?3 AND "
                "NOT " IS_NEEDED("?4") " FROM event WHERE serial > ?1 "
                                       "ORDER BY serial LIMIT ?2",
        [AT(LOOK_MESSAGES)] = "SELECT digest, time < ?3 FROM message "
                              "WHERE digest > ?1 ORDER BY digest LIMIT ?2",
        [AT(PRUNE_MESSAGE)] = "DELETE FROM message WHERE digest = ?",
        [AT(PRUNE_RECIPIENT)] =
                "DELETE FROM recipient WHERE r = ?1 "
                "AND NOT EXISTS (SELECT 1 FROM standing WHERE standing.r = ?1) "
                "AND NOT EXISTS (SELECT 1 FROM event WHERE event.r = ?1) "
                "AND NOT EXISTS (SELECT 1 FROM attempt WHERE attempt.r = ?1) "
                "AND NOT EXISTS (SELECT 1 FROM held WHERE held.r = ?1) "
                "AND NOT EXISTS (SELECT 1 FROM tombstone "
                "WHERE tombstone.r = ?1) "
                "AND NOT EXISTS (SELECT 1 FROM act_standing "
                "WHERE act_standing.r = ?1) "
                "AND NOT EXISTS (SELECT 1 FROM act_verdict "
                "WHERE act_verdict.r = ?1)",
        /* what an act changed goes with the right to take it back */
        [AT(LOOK_UNDO)] =
                "SELECT act, undo.r, time < ?4 AND ?5 > 0 "
                "FROM act_standing AS undo "
                "JOIN act ON serial = act WHERE (act, undo.r) > (?1, ?2) "
                "GROUP BY act, undo.r ORDER BY act, undo.r LIMIT ?3",
        [AT(PRUNE_UNDO)] = "DELETE FROM act_standing WHERE act = ?1 "
                           "AND r = ?2",
        [AT(LOOK_VERDICTS)] =
                "SELECT act, undo.r, time < ?4 AND ?5 > 0 "
                "FROM act_verdict AS undo "
                "JOIN act ON serial = act WHERE (act, undo.r) > (?1, ?2) "
                "GROUP BY act, undo.r ORDER BY act, undo.r LIMIT ?3",
        [AT(PRUNE_VERDICTS)] = "DELETE FROM act_verdict WHERE act = ?1 "
                               "AND r = ?2",
        /* an old bounce would hold no more; an old complaint would */
        [AT(LOOK_TOMBSTONES)] =
                "SELECT r, mail, time < ?4 AND ?5 > 0 AND also = '' "
                "FROM tombstone WHERE (r, mail) > (?1, ?2) "
                "ORDER BY r, mail LIMIT ?3",
        [AT(LOOK_TOMBSTONES_OF_CLASS)] =
                "SELECT r, mail, time < ?4 AND ?5 > 0 AND also <> '' "
                "FROM tombstone WHERE (r, mail) > (?1, ?2) "
                "ORDER BY r, mail LIMIT ?3",
        [AT(PRUNE_TOMBSTONE)] =
                "DELETE FROM tombstone WHERE r = ?1 AND mail = ?2",
        [AT(OLD_COUNTS)] =
                "SELECT (SELECT count(*) FROM eventless WHERE day < ?1) "
                "+ (SELECT count(*) FROM flood WHERE day < ?1) "
                "+ (SELECT count(*) FROM failure_hour WHERE hour < ?2) "
                "+ (SELECT count(*) FROM sent_hour WHERE hour < ?3) "
                "+ (SELECT count(*) FROM held WHERE drops <= ?4)",
        [AT(PRUNE_EVENTLESS)] = "DELETE FROM eventless WHERE day < ?",
        [AT(PRUNE_FLOODS)] = "DELETE FROM flood WHERE day < ?",
        [AT(OLD_QUARANTINED)] =
                "SELECT count(*) FROM quarantine WHERE time < ?",
        [AT(OLD_ORIGINALS)] = "SELECT count(*) FROM original WHERE time < ?",
        [AT(FIRST_ORIGINAL)] =
                "SELECT digest, time FROM original ORDER BY serial LIMIT 1",
        [AT(FOREIGN_ON)] = "PRAGMA foreign_keys=ON",
        [AT(FOREIGN_OFF)] = "PRAGMA foreign_keys=OFF",
        [AT(IS_HASHED)] = "SELECT EXISTS (SELECT 1 FROM sqlite_schema "
                          "WHERE type = 'trigger' AND name = 'hashed')",
        [AT(HAS_ADDRESSES)] = "SELECT EXISTS (SELECT 1 FROM recipient) OR "
                              "EXISTS (SELECT 1 FROM message) OR "
                              "EXISTS (SELECT 1 FROM quarantine)",
        [AT(HASH_EVENTS)] =
                "UPDATE event SET matched = redact(matched, who, 1), "
                "diagnostic = redact(diagnostic, who, 1), "
                "remote_mta = redact(remote_mta, who, 0), "
                "reporting_mta = redact(reporting_mta, who, 0), "
                "message_id = redact(message_id, who, 0), "
                "list_id = redact(list_id, who, 0) "
                "FROM (SELECT r AS whose, address AS who FROM recipient) "
                "WHERE whose = event.r",
        [AT(HASH_MESSAGES)] = "UPDATE message SET sender = '', "
                              "recipient = '', "
                              "cause = CASE WHEN instr(cause, '@') "
                              "THEN '' ELSE cause END",
        [AT(HASH_ATTEMPTS)] = "UPDATE attempt SET sender = ''",
        [AT(HASH_ACTS)] = "UPDATE act SET note = '' WHERE instr(note, '@')",
        [AT(HASH_VERDICTS)] =
                "UPDATE act_verdict SET matched = redact(matched, who, 1) "
                "FROM (SELECT r AS whose, address AS who FROM recipient) "
                "WHERE whose = act_verdict.r",
        [AT(HASH_BLOCKS)] = "UPDATE block SET note = '', url = '' "
                            "WHERE instr(note || url, '@')",
        [AT(HASH_QUARANTINE)] = "DELETE FROM quarantine",
        [AT(HASH_TOTAL)] =
                "UPDATE quarantine_total SET messages = 0, bytes = 0",
        [AT(HASH_ORIGINALS)] = "DELETE FROM original",
        [AT(HASH_KEPT)] = "UPDATE original_total SET messages = 0, "
                          "bytes = 0",
        [AT(HASH_RECIPIENTS)] = "DELETE FROM recipient",
        /* for those that had it open before; the last says that it is hashed */
        [AT(HASHED_MESSAGE)] =
                "CREATE TRIGGER IF NOT EXISTS hashed_message "
                "BEFORE INSERT ON message "
                "WHEN new.sender <> '' OR new.recipient <> '' BEGIN "
                "SELECT RAISE (ABORT, 'the store is hashed'); END",
        [AT(HASHED_ATTEMPT)] =
                "CREATE TRIGGER IF NOT EXISTS hashed_attempt "
                "BEFORE INSERT ON attempt WHEN new.sender <> '' BEGIN "
                "SELECT RAISE (ABORT, 'the store is hashed'); END",
        [AT(HASHED_KEPT)] =
                "CREATE TRIGGER IF NOT EXISTS hashed_quarantine "
                "BEFORE INSERT ON quarantine "
                "BEGIN SELECT RAISE (ABORT, 'the store is hashed'); END",
        [AT(HASHED_ORIGINAL)] =
                "CREATE TRIGGER IF NOT EXISTS hashed_original "
                "BEFORE INSERT ON original "
                "BEGIN SELECT RAISE (ABORT, 'the store is hashed'); END",
        [AT(HASHED)] = "CREATE TRIGGER IF NOT EXISTS hashed "
                       "BEFORE INSERT ON recipient "
                       "BEGIN SELECT RAISE (ABORT, 'the store is hashed'); END",
        [AT(HASH_VACUUM)] = "VACUUM",
};
