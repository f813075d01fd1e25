/* SPDX-License-Identifier: ISC */
#ifndef NX_POOL_BATCH_H
#define NX_POOL_BATCH_H

#include "pool/pool.h"

/*
 * A pool for commands: messages are pulled from a source, many are processed at
 * once, answers come in the order of the source.
 */
struct nx_batch_source {
	/* The next message: fills bytes, size, envelope, explain and user;
	 * false at the end. What it allocates hangs on ctx, which is freed
	 * after the answer. */
	bool (*next)(void *user, TALLOC_CTX *ctx, struct nx_job *job);
	/* Its answer, on ctx, as nx_job describes it: size 0 is a temporary
	 * error. False stops feeding; what is already with the pool is still
	 * processed, but the answers are dropped. */
	bool (*answer)(void *user, TALLOC_CTX *ctx, const struct nx_job *job,
	               const char *line, size_t size, bool killed);
	void *user;
};

struct nx_batch;

/* Forks the worker host; call it before the store is opened. */
NX_MUST_USE bool nx_batch_open(const struct nx_engine *engine,
                               const struct nx_pool_options *options,
                               struct nx_batch **out, struct nx_error *err);

/* Feeds until every message of the source is answered. */
void nx_batch_run(struct nx_batch *batch, const struct nx_batch_source *source);
void nx_batch_close(struct nx_batch *batch); /* takes NULL */

#endif
