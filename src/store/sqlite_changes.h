/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_SQLITE_CHANGES_H
#define NX_STORE_SQLITE_CHANGES_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Which standings a transaction changes: recorded with it, under its number,
 * for those who follow (store/changes.h). Included by sqlite.h alone.
 */
struct nx_store;

enum {
	NX_CHANGE_SIZE = 12, /* a key: r and mail */
	NX_CHANGES_PART = 300
};

struct nx_changing {   /* since the last part was written */
	uint8_t *keys; /* room for one */
	size_t count;
	int64_t part; /* that comes next */
};

/* Within a transaction: a standing is saved, or is gone. The transaction has a
 * number then. */
NX_MUST_USE bool nx_sqlite_changes_note(struct nx_store *store, int64_t r,
                                        int64_t mail, struct nx_error *err);
/* All standings of a subject are told again: its address is another. */
NX_MUST_USE bool nx_sqlite_changes_note_all(struct nx_store *store, int64_t r,
                                            struct nx_error *err);

/* Before the commit of a transaction that has a number, and when any ended. */
NX_MUST_USE bool nx_sqlite_changes_end(struct nx_store *store,
                                       struct nx_error *err);
void nx_sqlite_changes_forget(struct nx_store *store);

#endif
