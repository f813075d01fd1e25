/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_GAUGE_READER_H
#define NX_SERVE_GAUGE_READER_H

#include "serve/counters.h"

/*
 * A thread that looks every other second at what of the store goes up and down,
 * and at the room on the disk. Suppressions are counted while somebody looks at
 * the counters, once a minute at most and a hundredth of the time.
 */
struct nx_gauge_reader;

/* NULL: there is no thread for it, and nothing is told. The counters live
 * longer. */
struct nx_gauge_reader *nx_gauge_reader_start(TALLOC_CTX *ctx,
                                              struct nx_counters *counters,
                                              const char *store,
                                              const char *spool);
/* Waits for what is being read. Takes NULL. */
void nx_gauge_reader_stop(struct nx_gauge_reader *reader);

#endif
