/* SPDX-License-Identifier: ISC */
#include "store/hash.h"

#include "mail/redact.h"
#include "store/sqlite.h"

#include <string.h>

/* Stores that know addresses by their keys alone. */

bool nx_store_is_hashed(const struct nx_store *store)
{
	return store->hashed;
}

/* --- what is recorded ----------------------------------------------------- */

void nx_sqlite_redact_event(TALLOC_CTX *ctx, struct nx_event *event)
{
	const char *address = event->address;

	event->verdict.matched =
	        nx_redact(ctx, event->verdict.matched, address);
	event->diagnostic = nx_redact(ctx, event->diagnostic, address);
	event->remote_mta = nx_redact_named(ctx, event->remote_mta, address);
	event->reporting_mta =
	        nx_redact_named(ctx, event->reporting_mta, address);
	event->message_id = nx_redact_named(ctx, event->message_id, address);
	event->list_id = nx_redact_named(ctx, event->list_id, address);
}

void nx_sqlite_redact_record(struct nx_record *record)
{
	record->sender = "";
	record->envelope_recipient = "";
	if (strchr(record->cause, '@') != NULL)
		record->cause = "";
}

const char *nx_sqlite_nameless(const struct nx_store *store, const char *text)
{
	return store->hashed && strchr(text, '@') ? "" : text;
}

/* --- what was recorded before --------------------------------------------- */

/* redact(TEXT, ADDRESS, 1), or 0: what names it is '' */
static void redact(sqlite3_context *call, int count, sqlite3_value **value)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const char *text = (const char *)sqlite3_value_text(value[0]);
	const char *address = (const char *)sqlite3_value_text(value[1]);

	(void)count;
	text = text ? text : "";
	address = address ? address : "";
	if (sqlite3_value_int(value[2]) != 0)
		text = nx_redact(ctx, text, address);
	else
		text = nx_redact_named(ctx, text, address);
	sqlite3_result_text(call, text, -1, SQLITE_TRANSIENT);
	talloc_free(ctx);
}

/* The triggers come last: they are what says that the store is hashed. Whoever
 * follows the changes has to begin again, as what was told names addresses. */
static bool drop_all(struct nx_store *store, struct nx_error *err)
{
	static const enum nx_sql steps[] = {
	        NX_SQL_HASH_EVENTS,     NX_SQL_HASH_MESSAGES,
	        NX_SQL_HASH_ATTEMPTS,   NX_SQL_HASH_ACTS,
	        NX_SQL_HASH_VERDICTS,   NX_SQL_HASH_BLOCKS,
	        NX_SQL_HASH_QUARANTINE, NX_SQL_HASH_TOTAL,
	        NX_SQL_HASH_ORIGINALS,  NX_SQL_HASH_KEPT,
	        NX_SQL_HASH_RECIPIENTS, NX_SQL_HASHED_MESSAGE,
	        NX_SQL_HASHED_ATTEMPT,  NX_SQL_HASHED_KEPT,
	        NX_SQL_HASHED_ORIGINAL, NX_SQL_HASHED,
	        NX_SQL_RENEW_WRITER};

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
		if (!nx_sqlite_run(store, steps[i], err))
			return false;
	return true;
}

static bool drop_addresses(struct nx_store *store, struct nx_error *err)
{
	if (sqlite3_create_function(store->db, "redact", 3,
	                            SQLITE_UTF8 | SQLITE_DETERMINISTIC |
	                                    SQLITE_DIRECTONLY,
	                            NULL, redact, NULL, NULL) != SQLITE_OK)
		return nx_sqlite_fail(store, err);
	/* nothing refers to addresses any more */
	if (!nx_sqlite_run(store, NX_SQL_FOREIGN_OFF, err) ||
	    !nx_sqlite_enter(store, err) ||
	    !nx_sqlite_leave(store, drop_all(store, err), err))
		return false;
	store->hashed = true;
	return true;
}

bool nx_store_hash(struct nx_store *store, struct nx_error *err)
{
	return (store->hashed || drop_addresses(store, err)) &&
	       nx_sqlite_run(store, NX_SQL_HASH_VACUUM, err) &&
	       nx_quarantine_erase(store, err);
}

/* --- as configured -------------------------------------------------------- */

bool nx_store_require(struct nx_store *store, bool hashed, struct nx_error *err)
{
	int64_t any = 0;

	if (store->hashed == hashed)
		return true;
	if (!hashed)
		return nx_error_set(err, NX_ERROR_CONFIG,
		                    "%s: is hashed, for ever: nixie.yaml must "
		                    "say privacy: hashed",
		                    store->path);
	if (!nx_query_number(store, NX_SQL_HAS_ADDRESSES, &any, err))
		return false;
	if (any != 0)
		return nx_error_set(
		        err, NX_ERROR_CONFIG,
		        "%s: has addresses, and nixie.yaml says "
		        "privacy: hashed: nixie db hash --yes drops "
		        "them for ever",
		        store->path);
	return sqlite3_db_readonly(store->db, "main") == 1 ||
	       drop_addresses(store, err);
}
