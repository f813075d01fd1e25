/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_WRITER_PRUNE_H
#define NX_SERVE_WRITER_PRUNE_H

#include "serve/writer.h"
#include "store/prune.h"

/*
 * What is old is removed when the daemon starts and then once a day, by the
 * thread that writes: a step when there is nothing to write, or between two
 * groups. All zero: there are no terms yet.
 */
struct nx_writer_prune {
	struct nx_prune_terms terms;
	bool has_terms;
	uint64_t due;         /* of uv_hrtime */
	struct nx_prune *run; /* NULL: none is under way */
};

bool nx_writer_prune_is_due(const struct nx_writer_prune *prune);

/* One step; what was removed, and what failed, is logged. Uses the store, the
 * log, the clock and the error of the batch. */
void nx_writer_prune_step(struct nx_writer_prune *prune,
                          struct nx_writer_batch *batch);

#endif
