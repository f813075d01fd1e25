/* SPDX-License-Identifier: ISC */
#ifndef NX_POOL_REQUEST_H
#define NX_POOL_REQUEST_H

#include "mail/prescan.h"
#include "pool/pool.h"

/*
 * A job in the form in which it is sent to a worker; and the queue of those
 * that no worker has yet.
 */
struct nx_request {
	struct nx_request *next;
	struct nx_job *job;
	struct nx_prescan prescan; /* what a worker may see of the message */
	const char *head; /* the frame up to the message; NULL: unpacked */
	size_t head_size;
	int tries; /* workers that ended at it without an answer */
};

struct nx_queue {
	struct nx_request *first;
	struct nx_request *last;
};

struct nx_request *nx_request_new(TALLOC_CTX *ctx, struct nx_job *job);

/* Pre-scans the message and writes the frame's head, once. Call it as late as
 * possible: leaving something out takes a copy, and many requests may wait. */
void nx_request_pack(struct nx_request *request);

/* The bytes to send; an estimate before it is packed. */
size_t nx_request_size(const struct nx_request *request);

/* Calls done of the job and frees the request. */
void nx_request_answer(struct nx_request *request, const char *line,
                       size_t size);

/* Answers the job: no worker can read its message. */
void nx_request_give_up(struct nx_request *request, const char *cause);

/* Answers the job: there are no workers any more. */
void nx_request_drop(struct nx_request *request);

void nx_queue_append(struct nx_queue *queue, struct nx_request *request);
void nx_queue_prepend(struct nx_queue *queue, struct nx_request *request);
struct nx_request *nx_queue_take(struct nx_queue *queue); /* NULL: empty */

#endif
