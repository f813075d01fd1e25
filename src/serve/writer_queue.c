/* SPDX-License-Identifier: ISC */
#include "serve/writer_queue.h"

enum {
	FEW = 16,         /* rows of a message that goes first */
	GROUP_ROWS = 1000 /* that a group has, about, of the others */
};

/* Events are not known yet: those that it may have at most. */
static size_t rows_of(const struct nx_writer_message *message)
{
	const struct nx_submission *submission = message->submission;
	size_t rows = 1;

	if (message->lost)
		return rows;
	for (size_t i = 0; i < submission->recipients; i++)
		if (!submission->reading[i].shares)
			rows += 1 + submission->reading[i].record.recipients;
	return rows;
}

static void append(struct nx_writer_message **first,
                   struct nx_writer_message **last,
                   struct nx_writer_message *more,
                   struct nx_writer_message *more_last)
{
	if (!more)
		return;
	if (*first)
		(*last)->next = more;
	else
		*first = more;
	*last = more_last;
}

void nx_writer_queue_add(struct nx_writer_queue *queue,
                         struct nx_writer_message *message)
{
	message->next = NULL;
	message->rows = rows_of(message);
	if (message->rows <= FEW)
		append(&queue->few.first, &queue->few.last, message, message);
	else
		append(&queue->many.first, &queue->many.last, message, message);
}

bool nx_writer_queue_is_empty(const struct nx_writer_queue *queue)
{
	return !queue->few.first && !queue->many.first;
}

void nx_writer_queue_move(struct nx_writer_queue *queue,
                          struct nx_writer_queue *more)
{
	append(&queue->few.first, &queue->few.last, more->few.first,
	       more->few.last);
	append(&queue->many.first, &queue->many.last, more->many.first,
	       more->many.last);
	*more = (struct nx_writer_queue){.turn = more->turn};
}

static void take(struct nx_writer_message **first, struct nx_writer_batch *out,
                 size_t *rows)
{
	struct nx_writer_message *message = *first;

	*first = message->next;
	*rows += message->rows;
	out->message[out->messages++] = message;
}

void nx_writer_queue_take(struct nx_writer_queue *queue,
                          struct nx_writer_batch *out)
{
	struct nx_writer_message **few = &queue->few.first;
	struct nx_writer_message **many = &queue->many.first;
	size_t rows = 0;

	queue->turn = !queue->turn;
	out->messages = 0;
	const struct nx_writer_rules *rules = *many && (queue->turn || !*few)
	                                              ? (*many)->rules
	                                              : (*few)->rules;
	/* there is always room for one of the others */
	while (*few && (*few)->rules == rules &&
	       out->messages < NX_WRITER_BATCH - 1)
		take(few, out, &rows);
	rows = 0;
	while (*many && (*many)->rules == rules &&
	       out->messages < NX_WRITER_BATCH &&
	       (rows == 0 || rows + (*many)->rows <= GROUP_ROWS))
		take(many, out, &rows);
}
