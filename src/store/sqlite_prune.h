/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_SQLITE_PRUNE_H
#define NX_STORE_SQLITE_PRUNE_H

#include "store/prune.h"
#include "store/sqlite_digests.h"
#include "store/subject.h"

/*
 * What the parts of pruning share. Included by sqlite_prune*.c alone.
 */
enum { NX_PRUNE_ROWS = 500 /* that a step looks at, at most */ };

struct nx_prune_row {                   /* a row that was looked at */
	int64_t first, second;          /* its key; standing: r and mail */
	uint8_t digest[NX_DIGEST_SIZE]; /* message: its key */
};

struct nx_prune {
	struct nx_store *store;
	struct nx_prune_terms terms;
	int64_t now;
	bool only_counts;
	struct nx_pruned out;
	size_t stage;
	struct nx_prune_row last; /* that this stage has looked at */
	bool is_first;            /* step of a stage */
	size_t most;              /* rows that a step removes */
	bool is_cut;              /* this one found more */
	int64_t begun;            /* that it removes, in milliseconds */
	int64_t took;             /* the same until the commit; 0: nothing */
	struct nx_prune_row found[NX_PRUNE_ROWS];
	size_t founds;
	struct nx_sqlite_digests *told; /* messages that have events */
	int64_t *act; /* that are for many, and named by standings; sorted */
	size_t acts;
	struct nx_error *err;
};

/* Before that, what is kept for so long is old; INT64_MIN: nothing is. */
int64_t nx_sqlite_prune_before(const struct nx_prune *prune, int64_t span);

typedef bool nx_prune_remove(struct nx_prune *prune,
                             const struct nx_prune_row *row);

/* The transaction of a step; it is over when it is full, before it takes
 * long. */
NX_MUST_USE bool nx_sqlite_prune_enter(struct nx_prune *prune);
NX_MUST_USE bool nx_sqlite_prune_leave(struct nx_prune *prune, bool done);
bool nx_sqlite_prune_is_full(const struct nx_prune *prune, size_t rows);

/* Removes what was found, or some of it, in one transaction; or adds it to
 * *count. */
NX_MUST_USE bool nx_sqlite_prune_found(struct nx_prune *prune,
                                       nx_prune_remove *remove, int64_t *count);

/* A step of a stage; *is_end: it was the last. */
typedef bool nx_prune_stage(struct nx_prune *prune, bool *is_end);

/* The same without looking for what refers to each row, which would be a look
 * at all of another table. */
NX_MUST_USE bool nx_sqlite_prune_unchecked(struct nx_prune *prune,
                                           nx_prune_stage *stage, bool *is_end);

/* What a look finds older than span; *count is what is or would be removed. */
NX_MUST_USE bool nx_sqlite_prune_rows(struct nx_prune *prune, enum nx_sql look,
                                      int64_t span, nx_prune_remove *remove,
                                      int64_t *count, bool *is_end);

/* With the last row of an address the address goes. */
NX_MUST_USE bool nx_sqlite_prune_address(struct nx_prune *prune, int64_t r);

/* sqlite_prune_undo.c: what can no longer be taken back */
nx_prune_stage nx_prune_undo, nx_prune_verdicts, nx_prune_tombstones,
        nx_prune_tombstones_of_class;
NX_MUST_USE bool nx_sqlite_prune_bulk(struct nx_prune *prune, int64_t act);

/* sqlite_prune_messages.c */
nx_prune_stage nx_prune_told, nx_prune_messages, nx_prune_counts,
        nx_prune_reports, nx_prune_ordinary, nx_prune_originals, nx_prune_sent,
        nx_prune_changes;

#endif
