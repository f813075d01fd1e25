/* SPDX-License-Identifier: ISC */
#include "serve/pipeline_asked.h"

/* --- attempts ------------------------------------------------------------- */

bool nx_pipeline_attempt(struct nx_pipeline *pipeline,
                         const struct nx_pipeline_attempt *attempt,
                         nx_attempt_done *done, void *user)
{
	struct nx_generation *generation = pipeline->now;
	const struct nx_attribution *to = &generation->written.to.attribution;
	const struct nx_question question = nx_question_of(
	        to->streams, *attempt->stream ? attempt->stream : to->stream);
	struct nx_waiting_attempt *waiting = nx_attempt_new(
	        &(struct nx_attempt){.question = &question,
	                             .address = attempt->address,
	                             .source = attempt->source,
	                             .sender = attempt->sender,
	                             .queue_id = attempt->queue_id});
	if (pipeline->attempts.room + waiting->size > NX_ATTEMPTS_ROOM) {
		pipeline->attempts.refused += done == NULL;
		talloc_free(waiting);
		return false;
	}
	waiting->within = generation->within;
	waiting->rules = &generation->written;
	waiting->owner = generation;
	waiting->done = done;
	waiting->user = user;
	generation->users++;
	pipeline->attempts.count++;
	pipeline->attempts.room += waiting->size;
	nx_attempt_queue_add(&pipeline->asked, waiting);
	return true;
}

static void answer_attempt(struct nx_pipeline *pipeline,
                           struct nx_waiting_attempt *attempt)
{
	struct nx_generation *generation = attempt->owner;
	pipeline->attempts.count--;
	pipeline->attempts.room -= attempt->size;
	if (attempt->done)
		attempt->done(attempt->user, &attempt->answer);
	talloc_free(attempt);
	generation->users--;
	nx_generation_leave(generation);
}

/* --- tasks ---------------------------------------------------------------- */

void nx_pipeline_write(struct nx_pipeline *pipeline, struct nx_task *task)
{
	struct nx_generation *generation = pipeline->now;
	task->rules = &generation->written;
	task->owner = generation;
	generation->users++;
	nx_task_queue_add(&pipeline->tasks, task);
}

static void answer_task(struct nx_task *task)
{
	struct nx_generation *generation = task->owner;
	task->done(task->user,
	           task->err.kind != NX_ERROR_NONE ? &task->err : NULL);
	generation->users--;
	nx_generation_leave(generation);
}

/* --- what was written ----------------------------------------------------- */

void nx_pipeline_asked_answer(struct nx_pipeline *pipeline,
                              struct nx_attempt_queue *told,
                              struct nx_task_queue *ran)
{
	struct nx_waiting_attempt *attempt;
	struct nx_task *task;
	while (nx_attempt_queue_take(told, &attempt, 1) > 0)
		answer_attempt(pipeline, attempt);
	while (nx_task_queue_take(ran, &task, 1) > 0)
		answer_task(task);
}
