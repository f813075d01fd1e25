/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_BACKUP_H
#define NX_STORE_BACKUP_H

#include "store/store.h"

/*
 * A store as a whole: copies of it, another in its place, room. directory is
 * that of the store, which need not be of the schema of today.
 */

/* Writes the store as it is at that moment to a file of its own, of which
 * nothing is seen before it is whole, checked and on the disk. Others may write
 * meanwhile. A file that is there is replaced only with force. */
NX_MUST_USE bool nx_store_backup(TALLOC_CTX *ctx, const char *directory,
                                 const char *file, bool force, int64_t *bytes,
                                 struct nx_error *err);

/* Puts a copy of what is in the file in the place of the store, which may be
 * missing or damaged; *kept is the path that the old one has then, or "".
 * Refuses, unless with force, while another process has it open; a daemon finds
 * that its store was replaced. */
NX_MUST_USE bool nx_store_restore(TALLOC_CTX *ctx, const char *directory,
                                  const char *file, bool force,
                                  const char **kept, struct nx_error *err);

/* Writes the store anew without the room that nothing needs. Refuses while
 * another process has it open. */
struct nx_store_sizes {
	int64_t before, after;
};
NX_MUST_USE bool nx_store_compact(TALLOC_CTX *ctx, const char *directory,
                                  struct nx_store_sizes *out,
                                  struct nx_error *err);

/* What it takes to bring the store to the schema of today, which opening it for
 * writing does. */
struct nx_store_upgrade {
	int from, to;
	int64_t needs; /* bytes of disk while it runs, at most */
};
NX_MUST_USE bool nx_store_look_at_upgrade(TALLOC_CTX *ctx,
                                          const char *directory,
                                          struct nx_store_upgrade *out,
                                          struct nx_error *err);

#endif
