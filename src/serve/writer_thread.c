/* SPDX-License-Identifier: ISC */
#include "serve/writer_thread.h"

#include "serve/writer_prune.h"

enum { LOOK_AROUND = 60 }; /* seconds, when there is nothing to write */

struct nx_writer_thread {
	uv_thread_t thread;
	uv_async_t *recorded;
	struct nx_writer_batch batch; /* the thread's alone */
	struct nx_writer_prune prune; /* the same, but for the terms */
	/* for whoever has the lock */
	uv_mutex_t lock;
	uv_cond_t wake;
	struct nx_writer_queue ready;    /* to be recorded */
	struct nx_attempt_queue asked;   /* the same */
	struct nx_task_queue tasks;      /* the same */
	struct nx_writer_message *done;  /* recorded, to be answered */
	struct nx_writer_message **last; /* of these */
	struct nx_attempt_queue told;    /* the same */
	struct nx_task_queue ran;        /* the same */
	struct nx_pipeline_tally tally;
	struct nx_error err;
	bool ending;
};

/* --- the thread ----------------------------------------------------------- */

static const struct nx_writer_rules *rules_of(
        const struct nx_writer_batch *batch)
{
	if (batch->messages > 0)
		return batch->message[0]->rules;
	return batch->attempts > 0 ? batch->attempt[0]->rules
	                           : batch->task[0]->rules;
}

/* With the lock. Attempts and tasks go with the messages, whatever rules were
 * in use when they were asked. */
static void gather(struct nx_writer_batch *batch, struct nx_writer_queue *from,
                   struct nx_attempt_queue *asked, struct nx_task_queue *tasks)
{
	batch->messages = 0;
	if (!nx_writer_queue_is_empty(from))
		nx_writer_queue_take(from, batch);
	batch->attempts =
	        nx_attempt_queue_take(asked, batch->attempt, NX_ATTEMPTS_GROUP);
	batch->tasks = nx_task_queue_take(tasks, batch->task, NX_TASKS_GROUP);
	const struct nx_writer_rules *rules = rules_of(batch);
	batch->to = rules->to;
	batch->log.full_addresses = rules->full_addresses;
}

/* With the lock. */
static void hand_back(struct nx_writer_thread *thread)
{
	const struct nx_writer_batch *batch = &thread->batch;
	struct nx_attempt_queue again = {.count = 0};

	for (size_t i = 0; i < batch->attempts; i++)
		nx_attempt_queue_add(batch->attempt[i]->again && !thread->ending
		                             ? &again
		                             : &thread->told,
		                     batch->attempt[i]);
	nx_attempt_queue_put_back(&thread->asked, &again);
	for (size_t i = 0; i < batch->tasks; i++)
		nx_task_queue_add(&thread->ran, batch->task[i]);
	for (size_t i = 0; i < batch->messages; i++) {
		struct nx_writer_message *message = batch->message[i];

		message->next = NULL;
		*thread->last = message;
		thread->last = &message->next;
	}
	thread->tally = batch->tally;
	nx_counters_tally(batch->counters, &batch->tally);
	if (batch->err.kind != NX_ERROR_NONE)
		thread->err = batch->err;
	uv_async_send(thread->recorded);
}

/* What came while the writer waited for a busy store has waited with it. With
 * the lock. */
static void defer_waiting(struct nx_writer_thread *thread)
{
	struct nx_writer_queue waited = {.turn = false};
	struct nx_attempt_queue asked = {.count = 0};
	struct nx_task_queue tasks = {.count = 0};

	nx_writer_queue_move(&waited, &thread->ready);
	nx_attempt_queue_move(&asked, &thread->asked);
	nx_task_queue_move(&tasks, &thread->tasks);
	while (!nx_writer_queue_is_empty(&waited) || asked.count > 0 ||
	       tasks.count > 0) {
		gather(&thread->batch, &waited, &asked, &tasks);
		uv_mutex_unlock(&thread->lock);
		nx_writer_defer(&thread->batch);
		uv_mutex_lock(&thread->lock);
		hand_back(thread);
	}
}

/* With the lock. */
static void look_around(struct nx_writer_thread *thread)
{
	thread->batch.messages = thread->batch.attempts = 0;
	thread->batch.tasks = 0;
	uv_mutex_unlock(&thread->lock);
	nx_writer_look_around(&thread->batch);
	uv_mutex_lock(&thread->lock);
	hand_back(thread);
}

/* A step, when it is time, with the lock. */
static bool prune(struct nx_writer_thread *thread)
{
	if (!nx_writer_prune_is_due(&thread->prune))
		return false;
	struct nx_writer_prune prune = thread->prune;
	thread->batch.messages = thread->batch.attempts = 0;
	thread->batch.tasks = 0;
	uv_mutex_unlock(&thread->lock);
	nx_writer_prune_step(&prune, &thread->batch);
	uv_mutex_lock(&thread->lock);
	thread->prune.run = prune.run;
	thread->prune.due = prune.due;
	if (thread->batch.err.kind != NX_ERROR_NONE)
		hand_back(thread);
	return true;
}

static bool has_work(const struct nx_writer_thread *thread)
{
	return !nx_writer_queue_is_empty(&thread->ready) ||
	       thread->tasks.count > 0 ||
	       nx_attempt_queue_due(&thread->asked) == 0;
}

/* Until it is time to look around, or that is interrupted. */
static bool wait_idly(struct nx_writer_thread *thread)
{
	const uint64_t patience = LOOK_AROUND * UINT64_C(1000000000);
	const uint64_t due = nx_attempt_queue_due(&thread->asked);

	return uv_cond_timedwait(&thread->wake, &thread->lock,
	                         due < patience ? due : patience) != 0 &&
	       due > patience;
}

/* Waits for messages, with the lock. Of an idle writer, too, the status is to
 * say that the clock has stepped, and the log what has closed by itself. */
static void await(struct nx_writer_thread *thread)
{
	while (!has_work(thread) && !thread->ending)
		if (!prune(thread) && wait_idly(thread))
			look_around(thread);
}

/* All that was read while it waited for the disk is its next group, so that it
 * never waits for the loop. */
static void write_groups(void *user)
{
	struct nx_writer_thread *thread = user;

	uv_mutex_lock(&thread->lock);
	look_around(thread);
	for (;;) {
		await(thread);
		if (nx_writer_queue_is_empty(&thread->ready) &&
		    thread->asked.count == 0 && thread->tasks.count == 0)
			break;
		gather(&thread->batch, &thread->ready, &thread->asked,
		       &thread->tasks);
		uv_mutex_unlock(&thread->lock);
		nx_writer_record(&thread->batch);
		uv_mutex_lock(&thread->lock);
		hand_back(thread);
		if (thread->batch.in_vain)
			defer_waiting(thread);
		else
			(void)prune(thread);
	}
	uv_mutex_unlock(&thread->lock);
}

/* --- for the loop --------------------------------------------------------- */

void nx_writer_thread_give(struct nx_writer_thread *thread,
                           struct nx_writer_queue *read,
                           struct nx_attempt_queue *asked,
                           struct nx_task_queue *tasks)
{
	if (nx_writer_queue_is_empty(read) && asked->count == 0 &&
	    tasks->count == 0)
		return;
	uv_mutex_lock(&thread->lock);
	/* else it wakes by itself when they are due */
	const bool wakes =
	        !nx_writer_queue_is_empty(read) || asked->awaited > 0 ||
	        thread->asked.count == 0 || tasks->count > 0 ||
	        thread->asked.count + asked->count >= NX_ATTEMPTS_GROUP;
	nx_writer_queue_move(&thread->ready, read);
	nx_attempt_queue_move(&thread->asked, asked);
	nx_task_queue_move(&thread->tasks, tasks);
	if (wakes)
		uv_cond_signal(&thread->wake);
	uv_mutex_unlock(&thread->lock);
}

void nx_writer_thread_prune(struct nx_writer_thread *thread,
                            const struct nx_prune_terms *terms)
{
	uv_mutex_lock(&thread->lock);
	thread->prune.terms = *terms;
	thread->prune.has_terms = true;
	uv_cond_signal(&thread->wake);
	uv_mutex_unlock(&thread->lock);
}

struct nx_writer_message *nx_writer_thread_take(struct nx_writer_thread *thread,
                                                struct nx_attempt_queue *told,
                                                struct nx_task_queue *ran,
                                                struct nx_pipeline_tally *tally,
                                                struct nx_error *err)
{
	uv_mutex_lock(&thread->lock);
	struct nx_writer_message *done = thread->done;
	nx_attempt_queue_move(told, &thread->told);
	nx_task_queue_move(ran, &thread->ran);
	*tally = thread->tally;
	*err = thread->err;
	thread->done = NULL;
	thread->last = &thread->done;
	thread->err.kind = NX_ERROR_NONE;
	uv_mutex_unlock(&thread->lock);
	return done;
}

bool nx_writer_thread_start(TALLOC_CTX *ctx, struct nx_store *store,
                            struct nx_counters *counters, uv_async_t *recorded,
                            struct nx_writer_thread **out, struct nx_error *err)
{
	struct nx_writer_thread *thread =
	        talloc_zero(ctx, struct nx_writer_thread);

	nx_log_init(talloc_new(NULL), &thread->batch.log, false);
	thread->batch.to.store = store;
	thread->batch.counters = counters;
	thread->recorded = recorded;
	thread->last = &thread->done;
	uv_mutex_init(&thread->lock);
	uv_cond_init(&thread->wake);
	*out = thread;
	return uv_thread_create(&thread->thread, write_groups, thread) == 0 ||
	       nx_error_set(err, NX_ERROR_TEMPORARY, "no thread that writes");
}

void nx_writer_thread_stop(struct nx_writer_thread *thread)
{
	uv_mutex_lock(&thread->lock);
	thread->ending = true;
	uv_cond_signal(&thread->wake);
	uv_mutex_unlock(&thread->lock);
	uv_thread_join(&thread->thread);
	struct nx_waiting_attempt *told;
	while (nx_attempt_queue_take(&thread->told, &told, 1) > 0)
		talloc_free(told);
	talloc_free(thread->prune.run);
	talloc_free(thread->batch.log.ctx);
	uv_cond_destroy(&thread->wake);
	uv_mutex_destroy(&thread->lock);
	talloc_free(thread);
}
