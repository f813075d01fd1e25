/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_WRITER_QUEUE_H
#define NX_SERVE_WRITER_QUEUE_H

#include "serve/writer.h"

/*
 * Messages that wait to be recorded, and which of them are the next group. One
 * message may be a thousand rows: those that are few go first, and of the
 * others so many that nobody who comes meanwhile waits for long, but always
 * one. All zero: empty.
 */
struct nx_writer_queue {
	struct {
		struct nx_writer_message *first, *last;
	} few, many;
	bool turn; /* which of them says whose rules the next group has */
};

/* At the end; the message says of how many rows it is. */
void nx_writer_queue_add(struct nx_writer_queue *queue,
                         struct nx_writer_message *message);
bool nx_writer_queue_is_empty(const struct nx_writer_queue *queue);
/* All that is in more goes to the end of queue. */
void nx_writer_queue_move(struct nx_writer_queue *queue,
                          struct nx_writer_queue *more);
/* Takes messages with the same rules out of a queue that is not empty. */
void nx_writer_queue_take(struct nx_writer_queue *queue,
                          struct nx_writer_batch *out);

#endif
