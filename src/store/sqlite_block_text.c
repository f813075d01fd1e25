/* SPDX-License-Identifier: ISC */
#include "store/sqlite.h"

/* The statements about block events. */

#define BLOCKS                                                                 \
	"SELECT block.id, provider, ours, list, block.reason, url, first, "    \
	"last, reports, until, closed, how, who, note"

#define AT(name) (NX_SQL_##name - NX_SQL_CHANGE_BLOCKS)

const char *const nx_sqlite_block_text[AT(PAST)] = {
        [AT(CHANGE_BLOCKS)] = "UPDATE block_total SET change = change + 1, "
                              "open = open + ?, closed = closed + ? "
                              "RETURNING change, open, closed",
        [AT(BLOCK_TOTALS)] = "SELECT change, open FROM block_total",
        [AT(LAST_BLOCK)] =
                "SELECT id, closed, until, how FROM block WHERE provider = ? "
                "AND ours = ? AND what = ? ORDER BY id DESC LIMIT 1",
        [AT(ADD_BLOCK)] =
                "INSERT INTO block (id, provider, ours, list, what, reason, "
                "url, first, last, reports, until, event, closed, how, who, "
                "note, change) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, 1, "
                "?9, ?10, 0, '', '', '', ?1)",
        [AT(COUNT_BLOCK)] =
                "UPDATE block SET reports = reports + 1, first = min(first, "
                "?2), last = max(last, ?2), until = max(until, ?3), "
                "reason = iif(?2 >= last, ?4, reason), "
                "url = iif(?2 >= last AND ?5 <> '', ?5, url), "
                "event = iif(?2 >= last, ?6, event) WHERE id = ?1",
        [AT(END_BLOCK)] = "UPDATE block SET closed = ?2, how = ?3, who = "
                          "?4, note = ?5, change = ?6 WHERE id = ?1",
        [AT(DROP_BLOCK)] = "DELETE FROM block WHERE id = ?",
        [AT(ADD_BLOCK_DOMAIN)] =
                "INSERT INTO block_domain (domain, block) SELECT ?1, ?2 "
                "WHERE (SELECT count(*) FROM block_domain WHERE block = ?2) "
                "< ?3 ON CONFLICT DO NOTHING",
        [AT(DUE_BLOCK)] = "SELECT id, until FROM block WHERE closed = 0 "
                          "AND until <= ? ORDER BY until LIMIT 1",
        [AT(QUIETEST_BLOCK)] = "SELECT id FROM block WHERE closed = 0 "
                               "ORDER BY until LIMIT 1",
        /* passes no more than may be open */
        [AT(OLDEST_CLOSED_BLOCK)] = "SELECT id FROM block WHERE closed > 0 "
                                    "ORDER BY id LIMIT 1",
        [AT(REFUSED_BLOCKS)] =
                "SELECT id FROM block_domain CROSS JOIN block ON id = block "
                "WHERE domain = ?1 AND closed = 0 AND ?3 >= last "
                "AND ?3 < until UNION "
                "SELECT id FROM block WHERE provider IN (?1, ?2) "
                "AND closed = 0 AND ?3 >= last AND ?3 < until",
        [AT(BLOCKS)] = BLOCKS " FROM block WHERE ?2 OR (closed = 0 AND "
                              "until > ?1) ORDER BY closed = 0 AND "
                              "until > ?1 DESC, last DESC, id DESC",
        /* a serial may be given again */
        [AT(BLOCK)] =
                BLOCKS ", address, remote_mta, diagnostic FROM block "
                       "LEFT JOIN event ON serial = event AND time = last "
                       "LEFT JOIN recipient USING (r) WHERE block.id = ?",
        [AT(CHANGED_BLOCKS)] = BLOCKS " FROM block WHERE change > ? "
                                      "ORDER BY change LIMIT ?",
        [AT(BAD_BLOCKS)] =
                "SELECT 1 FROM block_total WHERE "
                "open <> (SELECT count(*) FROM block WHERE closed = 0) OR "
                "closed <> (SELECT count(*) FROM block WHERE closed > 0) OR "
                "change < (SELECT ifnull(max(change), 0) FROM block)",
};
