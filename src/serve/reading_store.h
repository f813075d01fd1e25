/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_READING_STORE_H
#define NX_SERVE_READING_STORE_H

#include "store/known.h"
#include "store/store_clock.h"

/*
 * A reading store for those who ask, which waits for nobody: one that was moved
 * or is locked is trouble at once. It is looked for again by itself. Used by
 * one thread at a time.
 */
struct nx_counters;

struct nx_reading_store {
	const char *name;      /* in the log */
	const char *directory; /* of the store */
	bool hashed;
	struct nx_known *known;       /* that is shared with it, or NULL */
	struct nx_counters *counters; /* where it is counted when it is away */
	/* all zero at first */
	bool is_open;                    /* it may be asked */
	struct nx_store *store;          /* NULL: it has never been there */
	int64_t now;                     /* the time that the store goes by */
	bool away;                       /* told in the log */
	uint64_t again;                  /* when it is looked for again */
	uint64_t begun;                  /* when it was opened */
	struct nx_clock_reading reading; /* that now belongs to */
	struct nx_error err;             /* why it is not open */
};

/* What is asked until the end is answered as the last commit before the
 * beginning left it. time is in milliseconds of any clock that only goes
 * forward: a store that is away is looked for some times a second, and then
 * opened on ctx. */
void nx_reading_store_begin(TALLOC_CTX *ctx, struct nx_reading_store *view,
                            uint64_t time);
void nx_reading_store_end(struct nx_reading_store *view);

/* The same, without an end to the one before: what nobody has changed since
 * goes on, for a millisecond, in which many may ask. */
void nx_reading_store_go_on(TALLOC_CTX *ctx, struct nx_reading_store *view,
                            uint64_t time);

/* The time that a store goes by. It is asked for when the system's clock says
 * something else than *reading, once a second at most; else *now stays. */
#define NX_NEVER_READ ((struct nx_clock_reading){.uptime = -1})
NX_MUST_USE bool nx_reading_store_clock(struct nx_store *store,
                                        struct nx_clock_reading *reading,
                                        int64_t *now, struct nx_error *err);

/* To be called once a second, outside of a view: a store that was moved is
 * closed, also when nobody asks. */
void nx_reading_store_tick(TALLOC_CTX *ctx, struct nx_reading_store *view,
                           uint64_t time);

#endif
