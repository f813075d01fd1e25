/* SPDX-License-Identifier: ISC */
#include "store/sqlite_copy.h"
#include "store/verify.h"

#include <sys/stat.h>

/* How much is in the store, and what room it takes. */

static int64_t size_of(const char *path)
{
	struct stat about;
	return stat(path, &about) == 0 ? (int64_t)about.st_size : 0;
}

static bool read_counts(struct nx_store *store, int64_t now,
                        struct nx_store_status *out, struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_COUNTS);
	nx_query_put_number(&query, now);
	if (nx_query_step(&query, err) != NX_STEP_ROW)
		return false;
	out->messages = nx_query_int(&query);
	out->left_out = nx_query_int(&query);
	out->events = nx_query_int(&query);
	out->subjects = nx_query_int(&query);
	out->suppressed = nx_query_int(&query);
	out->attempts = nx_query_int(&query);
	out->quarantined = nx_query_int(&query);
	out->held = nx_query_int(&query);
	out->blocks = nx_query_int(&query);
	out->first_event = nx_query_int(&query);
	out->last_event = nx_query_int(&query);
	out->cut = nx_query_int(&query);
	out->refused = nx_query_int(&query);
	return true;
}

enum { DAYS = 30, DAY = 86400 };

/* Since nothing is written down of sizes, what came lately has the share of the
 * whole that its events have. */
static bool find_growth(struct nx_store *store, int64_t now, int64_t used,
                        struct nx_store_status *out, struct nx_error *err)
{
	int64_t days = DAYS, recent;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_RECENT_EVENTS);
	nx_query_put_number(&query, now - DAYS * (int64_t)DAY);
	if (nx_query_step(&query, err) != NX_STEP_ROW)
		return false;
	recent = nx_query_int(&query);
	if ((now - out->first_event) / DAY < days)
		days = (now - out->first_event) / DAY;
	out->growth = out->events == 0 || days < 1
	                      ? -1
	                      : (int64_t)((double)used * (double)recent /
	                                  (double)out->events / (double)days);
	return true;
}

bool nx_store_status(TALLOC_CTX *ctx, struct nx_store *store, int64_t now,
                     struct nx_store_status *out, struct nx_error *err)
{
	int64_t version, used, whole;
	*out = (struct nx_store_status){
	        .path = talloc_strdup(ctx, store->path)};
	if (!nx_query_number(store, NX_SQL_VERSION, &version, err) ||
	    !read_counts(store, now, out, err) ||
	    !nx_sqlite_bytes(store, &used, &whole, err) ||
	    !find_growth(store, now, used, out, err))
		return false;
	char *wal = talloc_asprintf(ctx, "%s-wal", store->path);
	out->schema = (int)version;
	out->wal = size_of(wal);
	out->bytes = size_of(store->path) + out->wal;
	out->unused = whole - used;
	talloc_free(wal);
	return true;
}

/* The names are those of the schema; what it is to count must be a part of the
 * statement. */
static bool count_rows(struct nx_store *store, const char *words, int64_t *rows,
                       struct nx_error *err)
{
	sqlite3_stmt *statement = NULL;
	const bool counted =
	        sqlite3_prepare_v2(store->db, words, -1, &statement, NULL) ==
	                SQLITE_OK &&
	        sqlite3_step(statement) == SQLITE_ROW;
	*rows = counted ? sqlite3_column_int64(statement, 0) : 0;
	if (!counted)
		nx_sqlite_fail(store, err);
	sqlite3_finalize(statement);
	return counted;
}

bool nx_store_tables(struct nx_store *store,
                     void (*table)(void *user, const char *name, int64_t rows),
                     void *user, struct nx_error *err)
{
	enum nx_step_answer answer;
	int64_t rows;
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_NAMES);
	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW) {
		const char *name = nx_query_text(&query);
		if (!count_rows(store, nx_query_text(&query), &rows, err))
			return false;
		table(user, name, rows);
	}
	return answer == NX_STEP_DONE;
}
