/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_GAUGES_H
#define NX_STORE_GAUGES_H

#include "store/store.h"

/* What of a store goes up and down, for whoever watches it. */
enum { NX_GAUGES_LATELY = 1000, NX_GAUGES_CAUSES = NX_CAUSE_MANUAL + 1 };

struct nx_kept_total { /* see store/quarantine.h */
	int64_t messages, bytes;
};

struct nx_store_gauges {
	struct nx_kept_total reports, ordinary; /* in quarantine */
	int64_t lately; /* reports that came there since, NX_GAUGES_LATELY at
	                   most */
	int64_t held;   /* bounces, see store/held.h */
	int64_t holds;  /* domains that they are held of */
	int64_t blocks; /* that are open, see store/blocks.h */
};

/* Looks at no more than what is held and what came lately, however large the
 * store is. */
NX_MUST_USE bool nx_gauges_read(struct nx_store *store, int64_t now,
                                int64_t since, struct nx_store_gauges *out,
                                struct nx_error *err);

/* How many standings hold, by what they rest on. Reads all that there are, in
 * short views; a store that was moved is left at once. */
NX_MUST_USE bool nx_gauges_count(struct nx_store *store, int64_t now,
                                 int64_t out[NX_GAUGES_CAUSES],
                                 struct nx_error *err);

#endif
