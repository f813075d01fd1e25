/* SPDX-License-Identifier: ISC */
#ifndef NX_POOL_REQUEST_H
#define NX_POOL_REQUEST_H

#include "mail/prescan.h"
#include "pool/pool.h"

#include <sys/queue.h>

/*
 * A job in the form in which it is sent to a worker; and the queue of those
 * that no worker has yet.
 */
struct nx_request {
	STAILQ_ENTRY(nx_request) next;
	struct nx_job *job;
	struct nx_prescan prescan; /* what a worker may see of the message */
	const char *head; /* the frame up to the message; NULL: unpacked */
	size_t head_size;
	int tries; /* workers that ended at it without an answer */
};

STAILQ_HEAD(nx_queue, nx_request);

struct nx_request *nx_request_new(TALLOC_CTX *ctx, struct nx_job *job);

/* Pre-scans the message and writes the frame's head, once. Call it as late as
 * possible: leaving something out takes a copy, and many requests may wait. */
void nx_request_pack(struct nx_request *request);

/* The bytes to send; an estimate before it is packed. */
size_t nx_request_size(const struct nx_request *request);

#endif
