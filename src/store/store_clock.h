/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_STORE_CLOCK_H
#define NX_STORE_STORE_CLOCK_H

#include "policy/clock_step.h"
#include "store/store.h"

/* The clock as a store last saw it: what is recorded, asked and stepped there
 * is to be of out->seen.wall. The next transaction that writes remembers the
 * reading, once a minute. */
NX_MUST_USE bool nx_store_clock_ask(struct nx_store *store,
                                    const struct nx_clock_reading *reading,
                                    struct nx_clock_state *out,
                                    struct nx_error *err);

/* From now on the wall clock is right. When it went back, what was made by
 * times that it has not reached moves back with it, and so ends no later than
 * was meant; *moved says how many standings did. */
NX_MUST_USE bool nx_store_clock_accept(struct nx_store *store,
                                       const struct nx_clock_reading *reading,
                                       size_t *moved, struct nx_error *err);

#endif
