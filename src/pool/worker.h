/* SPDX-License-Identifier: ISC */
#ifndef NX_POOL_WORKER_H
#define NX_POOL_WORKER_H

#include "engine.h"
#include "sys/out_of_memory.h"

#include <stdatomic.h>
#include <sys/wait.h>

/*
 * A worker process: reads messages from its channel, answers with records, and
 * ends after some processor time or when the channel is closed.
 */

/* A page shared with the pool: it says which message of its life a worker was
 * reading when it died. The process that writes it reads hostile bytes, so the
 * contents are a hint, never to be trusted beyond the worker's own window. */
struct nx_worker_slot {
	_Atomic unsigned begun;
	_Atomic unsigned finished; /* read, perhaps not yet answered */
};

enum nx_worker_exit { /* exit status of the process */
	              NX_WORKER_DONE = 0,
	              NX_WORKER_NO_SANDBOX = 3,
	              NX_WORKER_BAD_FRAME = 4,
	              NX_WORKER_LACKS_CHARSETS = 5, /* for its last message */
	              NX_WORKER_NO_MEMORY = NX_OUT_OF_MEMORY_EXIT
};

/* status is as from waitpid. */
static inline bool nx_worker_lacked_charsets(int status)
{
	return WIFEXITED(status) &&
	       WEXITSTATUS(status) == NX_WORKER_LACKS_CHARSETS;
}

enum { NX_WORKER_BATCH = 16 }; /* answers held back, at most */

/* Enters the sandbox and never returns. The process has only
 * NX_SANDBOX_CHANNEL. */
_Noreturn void nx_worker_run(const struct nx_engine *engine,
                             struct nx_worker_slot *slot);

#endif
