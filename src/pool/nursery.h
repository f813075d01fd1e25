/* SPDX-License-Identifier: ISC */
#ifndef NX_POOL_NURSERY_H
#define NX_POOL_NURSERY_H

#include "base/error.h"
#include "pool/worker.h"

/*
 * The process that worker processes come from. It is forked before anything
 * secret is in memory, starts GMime once for all of them, forks a worker when
 * asked, hands its channel over, and tells how it ended. Reads no message.
 */
struct nx_nursery;

enum { NX_NURSERY_PLACES = 64 }; /* workers at a time */

enum nx_nursery_news {
	NX_NURSERY_QUIET = 0, /* nothing to hear now */
	NX_NURSERY_BORN,      /* pid and channel */
	NX_NURSERY_BARREN,    /* no worker could be had; status is errno */
	NX_NURSERY_ENDED,     /* status as from waitpid */
	NX_NURSERY_GONE       /* the nursery itself */
};

struct nx_nursery_report {
	enum nx_nursery_news news;
	int place;
	int pid;
	int status;
	int channel; /* the hearer's to close */
};

/* What makes all workers faster and takes a while: done once, before the first
 * worker that takes the place of another, since there is much to read then. */
struct nx_nursery_lesson {
	void (*learn)(const void *subject); /* NULL: none */
	const void *subject;
};

NX_MUST_USE bool nx_nursery_open(TALLOC_CTX *ctx,
                                 const struct nx_engine *engine,
                                 const struct nx_nursery_lesson *lesson,
                                 int places, struct nx_nursery **out,
                                 struct nx_error *err);

/* What the two sides of a nursery share, when it is to be another process that
 * forks it (pool/keeper.h): *socket is the nursery's end, *seats the memory;
 * both are to be given away and closed. */
NX_MUST_USE bool nx_nursery_prepare(TALLOC_CTX *ctx, int places,
                                    struct nx_nursery **out, int *socket,
                                    int *seats, struct nx_error *err);

/* In that process: a nursery from here on. */
_Noreturn void nx_nursery_be(const struct nx_engine *engine, int socket,
                             int seats, int places);

/* What the terminal or a service manager sends to all processes is for the
 * pool to act upon. */
void nx_nursery_ignore_signals(void);

/* Asks for a worker in a place that is empty. */
void nx_nursery_ask(struct nx_nursery *nursery, int place);

/* Kills the worker in a place, if it is still there. */
void nx_nursery_kill(struct nx_nursery *nursery, int place);

/* The next report, waited for at most wait_ms. */
struct nx_nursery_report nx_nursery_hear(const struct nx_nursery *nursery,
                                         int wait_ms);
int nx_nursery_socket(const struct nx_nursery *nursery);
struct nx_seat *nx_nursery_seat(const struct nx_nursery *nursery, int place);

/* Waits until the nursery and its workers are gone, so that their processor
 * time is counted as the caller's children's. Channels are to be closed
 * before: a worker that has not left a second later is killed. */
void nx_nursery_close(struct nx_nursery *nursery);

#endif
