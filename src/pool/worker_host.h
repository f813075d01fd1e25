/* SPDX-License-Identifier: ISC */
#ifndef NX_POOL_WORKER_HOST_H
#define NX_POOL_WORKER_HOST_H

#include "config/config.h"
#include "pool/worker.h"

/*
 * The process that forks worker processes. Nothing secret is ever in its
 * memory, so no worker has it. It starts GMime once for all of them, forks a
 * worker when asked, gives it its channel, and reports how it ended. It reads
 * no message.
 */
struct nx_worker_host;

enum { NX_WORKER_HOST_PLACES = 64 }; /* workers at a time */

enum nx_worker_host_event {
	NX_WORKER_HOST_QUIET = 0,    /* nothing to report now */
	NX_WORKER_HOST_SPAWN_FAILED, /* no worker could be started; status is
	                                errno */
	NX_WORKER_HOST_ENDED,        /* status as from waitpid */
	NX_WORKER_HOST_GONE          /* the worker host itself has ended */
};

struct nx_worker_host_report {
	enum nx_worker_host_event event;
	int place;
	int status;
};

/* Preparation that makes all workers faster but takes a while: done once,
 * before the first worker that replaces another, since there is much to read
 * then. */
struct nx_worker_warm_up {
	void (*warm_up)(const void *subject); /* NULL: none */
	const void *subject;
};

struct nx_worker_source {
	const struct nx_rules_from *rules; /* to be loaded, … */
	const char *config; /* … with the site of that file, or "" */
	/* rules NULL: what is loaded already */
	const struct nx_engine *engine;
	struct nx_worker_warm_up warm_up;
};

/* With rules the worker host is the same program, started anew; this waits
 * until it has loaded them. Without, it is a copy of this process: call it
 * before anything secret is in memory. */
NX_MUST_USE bool nx_worker_host_open(TALLOC_CTX *ctx,
                                     const struct nx_worker_source *source,
                                     int places, struct nx_worker_host **out,
                                     struct nx_error *err);

/* How the program is called to be a worker host; also the name of its
 * process. */
#define NX_WORKER_HOST_NAME "nixie-host"
enum { NX_WORKER_HOST_ARGUMENTS = 7 };

/* What main does when it is called like that. */
_Noreturn void nx_worker_host_main(char *const *argv);

/* Turns that process into a worker host, after telling the pool whether the
 * rules could be loaded; engine NULL: they could not, and it ends. */
_Noreturn void nx_worker_host_run(const struct nx_engine *engine, int socket,
                                  int slots, const struct nx_error *err);

/* Asks for a worker in a place that is empty; returns the channel to it, or -1
 * when there can be none now. */
int nx_worker_host_ask(const struct nx_worker_host *host, int place);

/* Kills the worker in a place, if it is still there. */
void nx_worker_host_kill(const struct nx_worker_host *host, int place);

/* Waits until there is something to read from a descriptor; false when there is
 * nothing in that time. */
bool nx_worker_host_await(int descriptor, int wait_ms);

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
