/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_VERIFY_H
#define NX_STORE_VERIFY_H

#include "store/store.h"

/* How the store does: numbers, and whether it is consistent. */
struct nx_store_status {
	const char *path;
	int schema;
	int64_t bytes;  /* of the database and the WAL */
	int64_t wal;    /* of these */
	int64_t unused; /* of the database: nixie db compact gives them back */
	int64_t growth; /* bytes a day that the last 30 days took, at their
	                   share of the events; -1 with none before today */
	int64_t messages, left_out, events, attempts, quarantined;
	int64_t subjects;   /* of which anything is remembered */
	int64_t suppressed; /* of these, with a lease that holds */
	int64_t held;       /* bounces, see store/held.h */
	int64_t blocks;     /* that are open, see store/blocks.h */
	int64_t first_event, last_event;
	int64_t cut;     /* events without their texts, see struct nx_budget */
	int64_t refused; /* messages: too many reports came on that day */
};
NX_MUST_USE bool nx_store_status(TALLOC_CTX *ctx, struct nx_store *store,
                                 int64_t now, struct nx_store_status *out,
                                 struct nx_error *err);

/* Each table and how many rows it has, by name. */
NX_MUST_USE bool nx_store_tables(struct nx_store *store,
                                 void (*table)(void *user, const char *name,
                                               int64_t rows),
                                 void *user, struct nx_error *err);

/* Checks the integrity of the database and of what is stored in it; each
 * finding is one line. True also when there are findings; *findings is their
 * number. */
NX_MUST_USE bool nx_store_verify(struct nx_store *store,
                                 void (*finding)(void *user, const char *line),
                                 void *user, size_t *findings,
                                 struct nx_error *err);

#endif
