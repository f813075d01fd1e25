/* SPDX-License-Identifier: ISC */
#include "serve/tasks.h"

void nx_task_queue_add(struct nx_task_queue *queue, struct nx_task *task)
{
	task->next = NULL;
	if (queue->first != NULL)
		queue->last->next = task;
	else
		queue->first = task;
	queue->last = task;
	queue->count++;
}

void nx_task_queue_move(struct nx_task_queue *queue, struct nx_task_queue *more)
{
	if (more->first == NULL)
		return;
	if (queue->first != NULL)
		queue->last->next = more->first;
	else
		queue->first = more->first;
	queue->last = more->last;
	queue->count += more->count;
	*more = (struct nx_task_queue){.count = 0};
}

size_t nx_task_queue_take(struct nx_task_queue *queue, struct nx_task **out,
                          size_t most)
{
	size_t taken = 0;
	while (queue->first != NULL && taken < most) {
		out[taken++] = queue->first;
		queue->first = queue->first->next;
		queue->count--;
	}
	return taken;
}
