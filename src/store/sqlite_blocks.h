/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_SQLITE_BLOCKS_H
#define NX_STORE_SQLITE_BLOCKS_H

#include "store/blocks.h"
#include "store/sqlite.h"

/*
 * What opens and closes block events within the transaction of another verb.
 * Included by sqlite*.c alone.
 */
struct nx_reported { /* an event that is new */
	const struct nx_event *event;
	int64_t serial;
	int64_t now;
	bool counts_only; /* opens nothing: reports are beyond the budget */
};
/* Nothing happens unless its verdict refuses us (policy/block.h). */
NX_MUST_USE bool nx_sqlite_blocks_note(struct nx_store *store,
                                       const struct nx_policy *policy,
                                       const struct nx_reported *reported,
                                       struct nx_error *err);

/* A mail was delivered to the address: closes what its provider refused. The
 * first only looks. */
NX_MUST_USE bool nx_sqlite_blocks_refuse(struct nx_store *store,
                                         const char *address, int64_t now,
                                         bool *any, struct nx_error *err);
NX_MUST_USE bool nx_sqlite_blocks_close_refused(struct nx_store *store,
                                                const char *address,
                                                int64_t now,
                                                struct nx_error *err);

struct nx_block_end {
	int64_t id;
	int64_t closed;
	const char *how, *who, *note;
};
NX_MUST_USE bool nx_sqlite_blocks_close(struct nx_store *store,
                                        const struct nx_block_end *end,
                                        struct nx_error *err);
/* Closes what is due. */
NX_MUST_USE bool nx_sqlite_blocks_close_due(struct nx_store *store, int64_t now,
                                            struct nx_error *err);
/* The id and the end of the open one that ends first, if that is not after
 * now; else 0. */
NX_MUST_USE bool nx_sqlite_blocks_next_due(struct nx_store *store, int64_t now,
                                           int64_t *id, int64_t *until,
                                           struct nx_error *err);

#endif
