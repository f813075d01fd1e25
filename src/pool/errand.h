/* SPDX-License-Identifier: ISC */
#ifndef NX_POOL_ERRAND_H
#define NX_POOL_ERRAND_H

#include "mail/scan.h"
#include "pool/pool.h"

/*
 * A job on its way through the pool, as it goes over the wire; and the queue
 * of those that no worker has yet.
 */
struct nx_errand {
	struct nx_errand *next;
	struct nx_job *job;
	struct nx_scan scan; /* what a worker may see of the message */
	const char *head;    /* the frame up to the message; NULL: unpacked */
	size_t head_size;
	int tries; /* workers that ended on it without a word */
};

struct nx_queue {
	struct nx_errand *first;
	struct nx_errand *last;
};

struct nx_errand *nx_errand_new(TALLOC_CTX *ctx, struct nx_job *job);

/* Pre-scans the message and writes the frame's head, once. As late as can be:
 * where something has to be left out that takes a copy, and many may wait. */
void nx_errand_pack(struct nx_errand *errand);

/* On the wire; about that while it is not packed. */
size_t nx_errand_size(const struct nx_errand *errand);

/* Tells the job and frees the errand. */
void nx_errand_answer(struct nx_errand *errand, const char *line, size_t size);

/* Tells the job that no worker can read its message. */
void nx_errand_give_up(struct nx_errand *errand, const char *cause);

/* Tells the job that there are no workers any more. */
void nx_errand_drop(struct nx_errand *errand);

void nx_queue_append(struct nx_queue *queue, struct nx_errand *errand);
void nx_queue_prepend(struct nx_queue *queue, struct nx_errand *errand);
struct nx_errand *nx_queue_take(struct nx_queue *queue); /* NULL: empty */

#endif
