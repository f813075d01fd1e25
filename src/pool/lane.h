/* SPDX-License-Identifier: ISC */
#ifndef NX_POOL_LANE_H
#define NX_POOL_LANE_H

#include "pool/errand.h"
#include "pool/nursery.h"
#include "pool/worker.h"

/*
 * The pool's end of one worker: the messages it has been given and not yet
 * answered, oldest first, and the bytes under way in both directions. Lives as
 * long as its worker. Knows no loop: it is told when the channel is ready.
 */
enum {
	NX_LANE_WINDOW = 2 * NX_WORKER_BATCH, /* messages at a time */
	NX_LANE_BYTES = 512 * 1024 /* and bytes, unless one is larger */
};

struct nx_lane {
	void *owner; /* for whoever watches the channel */
	int place;
	int channel;
	struct nx_errand *window[NX_LANE_WINDOW]; /* a ring */
	size_t first, count;
	size_t bytes;  /* of all in the window */
	size_t sent;   /* of the window, written whole */
	size_t offset; /* of the one after them */
	bool filling;  /* takes more until its window is full */
	int given;     /* in its life */
	unsigned answered;
	bool closing; /* gets no more; its worker sees the end */
	bool ready;   /* its sandbox stands */
	bool deaf;    /* to its worker, which has talked nonsense */
	int silence;  /* ticks since the last answer */
	bool hung_up;
	bool reaped;
	int status;        /* once reaped, as from waitpid */
	const char *cause; /* why the pool had it killed, or NULL */
	char *input;
	size_t start, end; /* what of it is unread */
};

enum nx_lane_news {
	NX_LANE_QUIET = 0,
	NX_LANE_ANSWER,
	NX_LANE_NONSENSE /* the worker is not to be listened to any more */
};

/* Takes the channel over. */
struct nx_lane *nx_lane_new(TALLOC_CTX *ctx, int place, int channel);

bool nx_lane_has_room(const struct nx_lane *lane,
                      const struct nx_errand *errand);
void nx_lane_give(struct nx_lane *lane, struct nx_errand *errand);

/* No more messages: the worker ends after its last answer. */
void nx_lane_retire(struct nx_lane *lane);

/* Writes what the channel takes; false when some is left. */
bool nx_lane_send(struct nx_lane *lane);

/* Reads what the channel has, at most once. */
void nx_lane_receive(struct nx_lane *lane);

/* Waits for the worker's sandbox; false when there is none in that time. */
NX_MUST_USE bool nx_lane_await(struct nx_lane *lane,
                               const struct nx_nursery *nursery, int wait_ms,
                               struct nx_error *err);

/* The next record among what was read, for the oldest message; valid until
 * nx_lane_receive. */
enum nx_lane_news nx_lane_next(struct nx_lane *lane, const char **record,
                               size_t *size);

/* The oldest message leaves the window; NULL when there is none. */
struct nx_errand *nx_lane_take(struct nx_lane *lane);

/* Of a lane whose worker has ended: the message it was reading, out of the
 * window; NULL when it was reading none, as when it leaves as it should, and
 * when it leaves it to a worker with more character sets. */
struct nx_errand *nx_lane_take_culprit(struct nx_lane *lane,
                                       const struct nx_seat *seat);

/* Its worker was killed from outside: SIGKILL, and not by the pool. */
bool nx_lane_was_shot(const struct nx_lane *lane);

/* Why the worker ended, for people. */
const char *nx_lane_cause(TALLOC_CTX *ctx, const struct nx_lane *lane);

#endif
