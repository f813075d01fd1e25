/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_COUNTERS_H
#define NX_SERVE_COUNTERS_H

#include "serve/metrics.h"

/*
 * What the daemon counts, for all of its threads: the writer counts messages,
 * who answers counts checks, the loop and the reader of gauges tell how things
 * stand. Each call takes a lock for less than a microsecond, apart from the
 * copy. NULL counts nothing.
 */
struct nx_counters;

struct nx_counters *nx_counters_new(TALLOC_CTX *ctx);
void nx_counters_close(struct nx_counters *counters);

/* The rules that are loaded now. */
void nx_counters_rules(struct nx_counters *counters,
                       const struct nx_tables *tables);

/* A message as it was recorded for one recipient; tables have the rules and
 * reasons that count by their names, all others are one. */
void nx_counters_message(struct nx_counters *counters, const char *source,
                         const struct nx_reading *reading,
                         const struct nx_tables *tables);

void nx_counters_store_error(struct nx_counters *counters);

/* All that the writer has counted. */
void nx_counters_tally(struct nx_counters *counters,
                       const struct nx_pipeline_tally *tally);

/* Checks that took no longer than that, each. */
void nx_counters_checks(struct nx_counters *counters, enum nx_via via,
                        const int64_t result[NX_CHECKEDS], int64_t nanoseconds);

void nx_counters_set_levels(struct nx_counters *counters,
                            const struct nx_levels *levels);
void nx_counters_set_gauges(struct nx_counters *counters,
                            const struct nx_gauges *gauges);

/* All of it, as of one moment; texts are on ctx. */
struct nx_metrics *nx_counters_copy(TALLOC_CTX *ctx,
                                    struct nx_counters *counters);
/* It was copied within the last hour. */
bool nx_counters_are_watched(struct nx_counters *counters);

struct nx_lately {
	int64_t messages;               /* recorded in the last minute */
	int64_t deferred, store_errors; /* in the last hour */
};
struct nx_lately nx_counters_lately(struct nx_counters *counters);

struct nx_gauges nx_counters_gauges(struct nx_counters *counters);

#endif
