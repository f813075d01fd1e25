/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_SQLITE_COPY_H
#define NX_STORE_SQLITE_COPY_H

#include "store/sqlite.h"

/* Copies of a database; for sqlite*.c. */

/* Writes one, without what was deleted, to a new file beside the one that it is
 * for: its owner's alone, checked, on the disk. Returns its path, or NULL with
 * *err; a file that is left behind when the process is killed goes with the
 * next. */
NX_MUST_USE char *nx_sqlite_copy(TALLOC_CTX *ctx, struct nx_store *from,
                                 const char *file, struct nx_error *err);

/* There is room on the disk of the directory. */
NX_MUST_USE bool nx_sqlite_has_room(const char *directory, int64_t bytes,
                                    struct nx_error *err);

/* The bytes that are in use in the database, and those of the file. */
NX_MUST_USE bool nx_sqlite_bytes(struct nx_store *store, int64_t *used,
                                 int64_t *whole, struct nx_error *err);

/* Who followed the changes of what this is a copy of has to begin again. */
NX_MUST_USE bool nx_sqlite_restart_changes(TALLOC_CTX *ctx, const char *copy,
                                           struct nx_error *err);

#endif
