/* SPDX-License-Identifier: ISC */
#ifndef NX_POOL_CHANNEL_H
#define NX_POOL_CHANNEL_H

#include "pool/request.h"
#include "pool/worker.h"
#include "pool/worker_host.h"

/*
 * The pool's end of the connection to one worker: the messages that the worker
 * has been given and not yet answered, oldest first, and the bytes in transit
 * in both directions. Lives as long as its worker. It has no loop of its own:
 * the pool calls it when the channel is ready.
 */
enum {
	NX_CHANNEL_WINDOW = 2 * NX_WORKER_BATCH, /* messages at a time */
	NX_CHANNEL_BYTES = 512 * 1024 /* unless one message is larger */
};

struct nx_channel {
	struct nx_pool *pool; /* which watches the channel … */
	uv_poll_t poll;
	int events; /* … for these */
	int place;
	int descriptor;
	struct nx_request *window[NX_CHANNEL_WINDOW]; /* a ring */
	size_t first, count;
	size_t bytes;  /* of all in the window */
	size_t sent;   /* messages of the window that are written completely */
	size_t offset; /* bytes written of the next one */
	bool filling;  /* takes more until its window is full */
	int given;     /* messages given so far */
	unsigned answered;
	bool closing;     /* gets no more messages; its worker sees the end */
	bool ready;       /* its worker is in the sandbox */
	bool not_started; /* no worker could be started for it */
	bool muted;       /* nothing is sent to its worker: bad answers */
	int silence;      /* ticks since the last answer */
	bool hung_up;
	bool reaped;
	int status;        /* once reaped, as from waitpid */
	const char *cause; /* why the pool had it killed, or NULL */
	char *input;
	size_t start, end; /* the part of input that is unread */
};

enum nx_channel_result {
	NX_CHANNEL_QUIET = 0,
	NX_CHANNEL_ANSWER,
	NX_CHANNEL_NONSENSE /* the worker's answers are invalid; ignore it from
	                       now on */
};

/* Takes ownership of the descriptor. */
struct nx_channel *nx_channel_new(TALLOC_CTX *ctx, int place, int descriptor);

bool nx_channel_has_room(const struct nx_channel *channel,
                         const struct nx_request *request);
void nx_channel_give(struct nx_channel *channel, struct nx_request *request);

/* No more messages: the worker ends after its last answer. */
void nx_channel_retire(struct nx_channel *channel);

/* Writes as much as the channel accepts; false when some is left. */
bool nx_channel_send(struct nx_channel *channel);

/* Reads what has arrived, with at most one call. */
void nx_channel_receive(struct nx_channel *channel);

/* Waits until the worker is in its sandbox; false when it is not in that
 * time. */
NX_MUST_USE bool nx_channel_await(struct nx_channel *channel,
                                  const struct nx_worker_host *host,
                                  int wait_ms, struct nx_error *err);

/* The next record in what was read, for the oldest message; valid until
 * nx_channel_receive. */
enum nx_channel_result nx_channel_next(struct nx_channel *channel,
                                       const char **record, size_t *size);

/* Removes the oldest message from the window; NULL when there is none. */
struct nx_request *nx_channel_take(struct nx_channel *channel);

/* For a channel whose worker has ended: removes the message it was reading from
 * the window. NULL when it was reading none, for example when it ended as it
 * should, or when it leaves the message to a worker with more character
 * sets. */
struct nx_request *nx_channel_take_failed(struct nx_channel *channel,
                                          const struct nx_worker_slot *slot);

/* Its worker was killed from outside: SIGKILL, and not by the pool. */
bool nx_channel_was_shot(const struct nx_channel *channel);

/* Why the worker ended, for people. */
const char *nx_channel_cause(TALLOC_CTX *ctx, const struct nx_channel *channel);

#endif
