/* SPDX-License-Identifier: ISC */
#ifndef NX_POOL_REQUEST_H
#define NX_POOL_REQUEST_H

#include "mail/prescan.h"
#include "pool/pool.h"

/*
 * A job on its way through the pool, as it goes over the wire; and the queue
 * of those that no worker has yet.
 */
struct nx_request {
	struct nx_request *next;
	struct nx_job *job;
	struct nx_prescan prescan; /* what a worker may see of the message */
	const char *head; /* the frame up to the message; NULL: unpacked */
	size_t head_size;
	int tries; /* workers that ended on it without a word */
};

struct nx_queue {
	struct nx_request *first;
	struct nx_request *last;
};

struct nx_request *nx_request_new(TALLOC_CTX *ctx, struct nx_job *job);

/* Pre-scans the message and writes the frame's head, once. As late as can be:
 * where something has to be left out that takes a copy, and many may wait. */
void nx_request_pack(struct nx_request *request);

/* On the wire; about that while it is not packed. */
size_t nx_request_size(const struct nx_request *request);

/* Tells the job and frees the request. */
void nx_request_answer(struct nx_request *request, const char *line,
                       size_t size);

/* Tells the job that no worker can read its message. */
void nx_request_give_up(struct nx_request *request, const char *cause);

/* Tells the job that there are no workers any more. */
void nx_request_drop(struct nx_request *request);

void nx_queue_append(struct nx_queue *queue, struct nx_request *request);
void nx_queue_prepend(struct nx_queue *queue, struct nx_request *request);
struct nx_request *nx_queue_take(struct nx_queue *queue); /* NULL: empty */

#endif
