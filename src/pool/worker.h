/* SPDX-License-Identifier: ISC */
#ifndef NX_POOL_WORKER_H
#define NX_POOL_WORKER_H

#include "engine.h"

#include <stdatomic.h>
#include <sys/wait.h>

/*
 * A worker process: reads messages from its channel, answers with records,
 * and leaves when it has run for a while or nobody sends any more.
 */

/* A page shared with the pool: which message of a worker's life it was reading
 * when it died. Whatever stands here was written by a process that reads
 * hostile bytes: a hint, never to be trusted with more than its own window. */
struct nx_worker_slot {
	_Atomic unsigned begun;
	_Atomic unsigned finished; /* read; perhaps not yet answered */
};

enum nx_worker_exit { /* status of the process */
	              NX_WORKER_DONE = 0,
	              NX_WORKER_NO_SANDBOX = 3,
	              NX_WORKER_BAD_FRAME = 4,
	              NX_WORKER_LACKS_CHARSETS = 5 /* for its last message */
};

/* status as from waitpid. */
static inline bool nx_worker_lacked_charsets(int status)
{
	return WIFEXITED(status) &&
	       WEXITSTATUS(status) == NX_WORKER_LACKS_CHARSETS;
}

enum { NX_WORKER_BATCH = 16 }; /* answers held back at most */

/* Enters the sandbox and never returns. The process has NX_SANDBOX_CHANNEL and
 * nothing else. */
_Noreturn void nx_worker_run(const struct nx_engine *engine,
                             struct nx_worker_slot *slot);

#endif
