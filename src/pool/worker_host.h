/* SPDX-License-Identifier: ISC */
#ifndef NX_POOL_WORKER_HOST_H
#define NX_POOL_WORKER_HOST_H

#include "base/error.h"
#include "pool/worker.h"

/*
 * The process that forks worker processes. It is itself forked before anything
 * secret is in memory, starts GMime once for all of them, forks a worker when
 * asked, passes on its channel, and reports how it ended. It reads no
 * message.
 */
struct nx_worker_host;

enum { NX_WORKER_HOST_PLACES = 64 }; /* workers at a time */

enum nx_worker_host_event {
	NX_WORKER_HOST_QUIET = 0,    /* nothing to report now */
	NX_WORKER_HOST_SPAWNED,      /* pid and channel */
	NX_WORKER_HOST_SPAWN_FAILED, /* no worker could be started; status is
	                                errno */
	NX_WORKER_HOST_ENDED,        /* status as from waitpid */
	NX_WORKER_HOST_GONE          /* the worker host itself has ended */
};

struct nx_worker_host_report {
	enum nx_worker_host_event event;
	int place;
	int pid;
	int status;
	int descriptor; /* the receiver must close it */
};

/* Preparation that makes all workers faster but takes a while: done once,
 * before the first worker that replaces another, since there is much to read
 * then. */
struct nx_worker_warm_up {
	void (*warm_up)(const void *subject); /* NULL: none */
	const void *subject;
};

NX_MUST_USE bool nx_worker_host_open(TALLOC_CTX *ctx,
                                     const struct nx_engine *engine,
                                     const struct nx_worker_warm_up *warm_up,
                                     int places, struct nx_worker_host **out,
                                     struct nx_error *err);

/* What the two sides of a worker host share, when another process forks it
 * (pool/host_spawner.h): *socket is the worker host's end, *slots the memory;
 * both are to be passed on and closed. */
NX_MUST_USE bool nx_worker_host_prepare(TALLOC_CTX *ctx, int places,
                                        struct nx_worker_host **out,
                                        int *socket, int *slots,
                                        struct nx_error *err);

/* Turns that process into a worker host. */
_Noreturn void nx_worker_host_run(const struct nx_engine *engine, int socket,
                                  int slots, int places);

/* Ignores the signals that a terminal or a service manager sends to all
 * processes: the pool acts on them. */
void nx_worker_host_ignore_signals(void);

/* Asks for a worker in a place that is empty. */
void nx_worker_host_ask(struct nx_worker_host *host, int place);

/* Kills the worker in a place, if it is still there. */
void nx_worker_host_kill(struct nx_worker_host *host, int place);

/* The next report; waits at most wait_ms for it. */
struct nx_worker_host_report nx_worker_host_receive(
        const struct nx_worker_host *host, int wait_ms);
int nx_worker_host_socket(const struct nx_worker_host *host);
struct nx_worker_slot *nx_worker_host_slot(const struct nx_worker_host *host,
                                           int place);

/* Waits until the worker host and its workers are gone, so that their processor
 * time is counted as that of the caller's children. Close the channels before:
 * a worker that has not ended a second later is killed. */
void nx_worker_host_close(struct nx_worker_host *host);

#endif
