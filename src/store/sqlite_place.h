/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_SQLITE_PLACE_H
#define NX_STORE_SQLITE_PLACE_H

#include "base/error.h"

#include <sys/types.h>

/*
 * The store among other processes: whose turn it is to open it, and whether its
 * files are still where others find them. Included by sqlite.h alone.
 */
struct nx_store;

enum {
	NX_PLACE_FILES = 3,          /* nixie.db, its -wal, its -shm */
	NX_SQLITE_PATIENCE_MS = 5000 /* for a lock, or a turn */
};

struct nx_sqlite_place { /* which files are open; inode 0: not known */
	dev_t device[NX_PLACE_FILES];
	ino_t inode[NX_PLACE_FILES];
};

/* Several processes that open a store at once take turns, so that only one
 * makes or migrates it; readers share a turn. It ends when the descriptor is
 * closed, which may be -1: nobody waits longer for a turn than for a lock. */
int nx_sqlite_place_turn(const char *path, bool may_write);
/* Of a reader that does not wait: false, when a writer has its turn. */
bool nx_sqlite_place_is_turn(const char *path, int *turn);

/* Which files are open: the database just after it was opened, the others when
 * it was used. Both fail when it was moved meanwhile. */
NX_MUST_USE bool nx_sqlite_place_note_database(struct nx_store *store,
                                               struct nx_error *err);
NX_MUST_USE bool nx_sqlite_place_note_others(struct nx_store *store,
                                             struct nx_error *err);
/* The database is still the one that others find at the store's path: what is
 * asked before each view, as it costs the least. Then all files are. */
NX_MUST_USE bool nx_sqlite_place_has_database(const struct nx_store *store,
                                              struct nx_error *err);
NX_MUST_USE bool nx_sqlite_place_holds(const struct nx_store *store,
                                       struct nx_error *err);

/* A process other than this one that has the database open; 0 when there is
 * none. Called before this one opens it: its own locks would end. */
pid_t nx_sqlite_place_user(const char *path);

#endif
