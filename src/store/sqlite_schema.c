/* SPDX-License-Identifier: ISC */
#include "store/schema.h"

#include <string.h>
#include <sys/random.h>

/* Checks that the database is ours, and migrates it. */

enum { APPLICATION_ID = 0x6e697869 }; /* "nixi" */

static bool add_secret(struct nx_store *store, struct nx_error *err)
{
	uint8_t bytes[NX_KEY_SIZE];
	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "%s: no random bytes for its key",
		                    store->path);
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_ADD_SECRET);
	nx_query_put_text(&query, "recipient");
	nx_query_put_bytes(&query, bytes, sizeof(bytes));
	return nx_query_run(&query, err);
}

enum { KEY_BYTES = 8 }; /* of an older key that are kept */

/* key_of(BLOB), for a migration: the first 64 bits as a number. */
static void cut_key(sqlite3_context *call, int count, sqlite3_value **value)
{
	const uint8_t *bytes = sqlite3_value_blob(*value);
	uint64_t r = 0;

	(void)count;
	if (!bytes || sqlite3_value_bytes(*value) < KEY_BYTES) {
		sqlite3_result_error(call, "not a key", -1);
		return;
	}
	for (int i = 0; i < KEY_BYTES; i++)
		r = r << 8 | bytes[i];
	sqlite3_result_int64(call, (sqlite3_int64)r);
}

/* Checks within a transaction: another process may have been faster. */
static bool migrate(struct nx_store *store, struct nx_error *err)
{
	int64_t version;
	if (!nx_query_number(store, NX_SQL_VERSION, &version, err))
		return false;
	bool is_new = version == 0;
	if (sqlite3_create_function(store->db, "key_of", 1,
	                            SQLITE_UTF8 | SQLITE_DETERMINISTIC |
	                                    SQLITE_DIRECTONLY,
	                            NULL, cut_key, NULL, NULL))
		return nx_sqlite_fail(store, err);
	for (; version < NX_SCHEMA_LATEST; version++)
		if (sqlite3_exec(store->db, nx_schema_text[version], NULL, NULL,
		                 NULL))
			return nx_sqlite_fail(store, err);
	return !is_new || add_secret(store, err);
}

bool nx_schema_is_ours(struct nx_store *store, int64_t *version,
                       struct nx_error *err)
{
	int64_t application, tables;
	if (!nx_query_number(store, NX_SQL_APPLICATION, &application, err) ||
	    !nx_query_number(store, NX_SQL_VERSION, version, err) ||
	    !nx_query_number(store, NX_SQL_TABLES, &tables, err))
		return false;
	bool is_fresh = application == 0 && *version == 0 && tables == 0;
	if (!is_fresh && application != APPLICATION_ID)
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "%s: a database, but not a nixie store: "
		                    "name another directory with --store or "
		                    "store: in nixie.yaml",
		                    store->path);
	if (*version > NX_SCHEMA_LATEST)
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "%s: schema %lld is of a newer nixie (this "
		                    "one knows up to %d): use that one, or "
		                    "restore a backup from before",
		                    store->path, (long long)*version,
		                    NX_SCHEMA_LATEST);
	return true;
}

bool nx_schema_load_key(struct nx_store *store, struct nx_error *err)
{
	uint8_t bytes[NX_KEY_SIZE];
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_SECRET);
	nx_query_put_text(&query, "recipient");
	enum nx_step_answer answer = nx_query_step(&query, err);
	if (answer == NX_STEP_DONE)
		return nx_error_set(err, NX_ERROR_DAMAGED,
		                    "%s: the key of its recipients is missing: "
		                    "restore a backup: nixie db restore",
		                    store->path);
	if (answer != NX_STEP_ROW)
		return false;
	nx_query_bytes(&query, bytes, sizeof(bytes));
	nx_digest_key_init(&store->key, bytes);
	explicit_bzero(bytes, sizeof(bytes));
	return true;
}

static bool load_older_digests(struct nx_store *store, struct nx_error *err)
{
	enum nx_step_answer answer;
	NX_ENDS struct nx_query query =
	        nx_query_begin(store, NX_SQL_OLDER_DIGESTS);
	while ((answer = nx_query_step(&query, err)) == NX_STEP_ROW)
		store->older_digests[nx_query_int(&query) < 3
		                             ? NX_OLDER_FIRST
		                             : NX_OLDER_SECOND] = true;
	return answer == NX_STEP_DONE;
}

/* What is hashed has no rows of addresses to refer to. */
static bool load_privacy(struct nx_store *store, struct nx_error *err)
{
	int64_t hashed;

	if (!nx_query_number(store, NX_SQL_IS_HASHED, &hashed, err))
		return false;
	store->hashed = hashed != 0;
	return !store->hashed || nx_sqlite_run(store, NX_SQL_FOREIGN_OFF, err);
}

bool nx_schema_check(struct nx_store *store, bool may_write,
                     struct nx_error *err)
{
	int64_t version;
	if (!nx_schema_is_ours(store, &version, err))
		return false;
	if (version == 0 && !may_write)
		return nx_sqlite_no_store(store, err);
	if (version < NX_SCHEMA_LATEST && !may_write)
		return nx_error_set(
		        err, NX_ERROR_TEMPORARY,
		        "%s: schema %lld is of an older nixie (this "
		        "one writes %d): nixie db migrate brings it up",
		        store->path, (long long)version, NX_SCHEMA_LATEST);
	if (may_write && !nx_sqlite_run(store, NX_SQL_JOURNAL, err))
		return false;
	if (version < NX_SCHEMA_LATEST &&
	    (!nx_sqlite_enter(store, err) ||
	     !nx_sqlite_leave(store, migrate(store, err), err)))
		return false;
	return nx_schema_load_key(store, err) &&
	       load_older_digests(store, err) && load_privacy(store, err);
}
