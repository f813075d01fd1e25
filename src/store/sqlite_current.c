/* SPDX-License-Identifier: ISC */
#include "store/current.h"
#include "store/sqlite.h"

#include <stdatomic.h>
#include <string.h>

/*
 * Each commit changes the header of the WAL's index, which all processes have
 * in memory, and which begins with two copies of it: "WAL-Index Format" in
 * SQLite's documents. It is had by the functions that SQLite itself gets it by.
 */
enum { REGION = 32 * 1024 }; /* octets of the first part of the index */

static const volatile uint64_t *header_of(const struct nx_store *store)
{
	sqlite3_file *file = NULL;
	volatile void *found = NULL;
	if (sqlite3_file_control(store->db, "main", SQLITE_FCNTL_FILE_POINTER,
	                         &file) != SQLITE_OK ||
	    file == NULL || file->pMethods == NULL ||
	    file->pMethods->iVersion < 2 ||
	    file->pMethods->xShmMap(file, 0, REGION, 0, &found) != SQLITE_OK)
		return NULL;
	return found;
}

/* A store that was restored has none before somebody writes to it; and an index
 * that is mapped without one is never given back. */
static bool has_wal(const struct nx_store *store)
{
	sqlite3_stmt *statement;
	if (sqlite3_prepare_v2(store->db, "PRAGMA journal_mode", -1, &statement,
	                       NULL) != SQLITE_OK)
		return false;
	const bool has = sqlite3_step(statement) == SQLITE_ROW &&
	                 strcmp((const char *)sqlite3_column_text(statement, 0),
	                        "wal") == 0;
	sqlite3_finalize(statement);
	return has;
}

/* What is mapped stays where it is as long as the database is open. */
void nx_sqlite_current_note(struct nx_store *store)
{
	struct nx_sqlite_current *mark = &store->current;
	mark->has_wal = mark->has_wal || (mark->was_read && has_wal(store));
	mark->at = mark->has_wal ? header_of(store) : NULL;
	for (int i = 0; mark->at != NULL && i < NX_SQLITE_CURRENT; i++)
		mark->header[i] = mark->at[i];
	atomic_thread_fence(memory_order_acquire);
	mark->was_read = true;
}

bool nx_store_is_current(const struct nx_store *store)
{
	const struct nx_sqlite_current *mark = &store->current;
	if (mark->at == NULL)
		return false;
	for (int i = 0; i < NX_SQLITE_CURRENT; i++)
		if (mark->header[i] != mark->at[i])
			return false;
	return true;
}
