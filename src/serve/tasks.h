/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_TASKS_H
#define NX_SERVE_TASKS_H

#include "deliver/commit.h"

/*
 * What somebody wants written: the thread that writes runs it within the group
 * that it writes next, and whoever gave it is told when that is on the disk.
 */
struct nx_writer_rules;

struct nx_task {
	/* Within a group of the store, on the thread that writes. What it
	 * changes elsewhere is nobody's before done; it may be run again, when
	 * its group could not be written. */
	bool (*run)(void *user, const struct nx_commit *to, int64_t now,
	            struct nx_error *err);
	/* Once, on the loop: it is on the disk, or err says why not. */
	void (*done)(void *user, const struct nx_error *err);
	void *user;
	/* not for whoever gives it */
	struct nx_error err;                 /* kind NONE: there is none */
	const struct nx_writer_rules *rules; /* in use when it was given */
	void *owner;
	struct nx_task *next;
};

enum { NX_TASKS_GROUP = 64 }; /* that are written at once */

struct nx_task_queue { /* all zero: empty */
	struct nx_task *first, *last;
	size_t count;
};

void nx_task_queue_add(struct nx_task_queue *queue, struct nx_task *task);
/* All of more goes to the end. */
void nx_task_queue_move(struct nx_task_queue *queue,
                        struct nx_task_queue *more);
/* At most so many from the front. */
size_t nx_task_queue_take(struct nx_task_queue *queue, struct nx_task **out,
                          size_t most);

#endif
