/* SPDX-License-Identifier: ISC */
#ifndef NX_POOL_POOL_H
#define NX_POOL_POOL_H

#include "base/error.h"
#include "engine.h"
#include "pool/worker_host.h"

#include <uv.h>

/*
 * The worker processes: sandboxed, bounded in time and memory, fed with message
 * bytes, answering with one record each. They may die; a message that kills one
 * is answered with an "unparsed" record and not tried again.
 *
 * A worker host process is started at once and forks all workers, so none ever
 * holds a key, a socket or the store. Unless it loads its own engine it is
 * forked from this process: open the pool before anything secret is in memory.
 */
struct nx_pool;

struct nx_pool_options {
	int workers;         /* 1 to 64; 0: one per core */
	int retire_after;    /* messages a worker reads; 0: 10,000 */
	int64_t patience_ms; /* wall time for one message; 0: 5,000 */
	struct nx_worker_warm_up warm_up; /* may be empty */
	/* If not NULL, the worker host loads its engine from there. */
	const struct nx_rules_from *rules;
	const char *config;
};

struct nx_job {
	const char *bytes; /* as received; pre-scanned by the pool */
	size_t size;
	struct nx_envelope envelope;
	bool explain;
	/* Called once, on the loop, never from nx_pool_submit. line is the
	 * record without a line end, and lives until done returns; killed says
	 * that no worker survived the message. size 0: the worker host is gone
	 * and there are no workers any more; nothing is known of the message,
	 * which is a temporary error. */
	void (*done)(struct nx_job *job, const char *line, size_t size,
	             bool killed);
	void *user;
};

/* Also starts the first worker and waits until it is in its sandbox: fails when
 * there can be no sandbox. */
NX_MUST_USE bool nx_pool_open(uv_loop_t *loop, const struct nx_engine *engine,
                              const struct nx_pool_options *options,
                              struct nx_pool **out, struct nx_error *err);

/* The worker host is gone: every job will be dropped. */
bool nx_pool_is_lost(const struct nx_pool *pool);

int nx_pool_workers(const struct nx_pool *pool); /* at most */

/* The job and its bytes stay the caller's and must live until done is
 * called. */
void nx_pool_submit(struct nx_pool *pool, struct nx_job *job);

/* Jobs whose done has not been called. */
size_t nx_pool_pending(const struct nx_pool *pool);

/* Ends the workers and the worker host and waits for them; no job may be
 * pending. The last of the memory is freed when the loop runs next. Takes
 * NULL. */
void nx_pool_close(struct nx_pool *pool);

#endif
