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
	struct nx_writer_message *done;  /* recorded, to be answered */
	struct nx_writer_message **last; /* of these */
	struct nx_pipeline_tally tally;
	struct nx_error err;
	bool ending;
};

/* --- the thread ----------------------------------------------------------- */

/* With the lock. */
static void gather(struct nx_writer_batch *batch, struct nx_writer_queue *from)
{
	nx_writer_queue_take(from, batch);
	batch->to = batch->message[0]->rules->to;
	batch->log.full_addresses = batch->message[0]->rules->full_addresses;
}

/* With the lock. */
static void hand_back(struct nx_writer_thread *thread)
{
	const struct nx_writer_batch *batch = &thread->batch;

	for (size_t i = 0; i < batch->messages; i++) {
		struct nx_writer_message *message = batch->message[i];

		message->next = NULL;
		*thread->last = message;
		thread->last = &message->next;
	}
	thread->tally = batch->tally;
	if (batch->err.kind != NX_ERROR_NONE)
		thread->err = batch->err;
	uv_async_send(thread->recorded);
}

/* What came while the writer waited for a busy store has waited with it. With
 * the lock. */
static void defer_waiting(struct nx_writer_thread *thread)
{
	struct nx_writer_queue waited = {.turn = false};

	nx_writer_queue_move(&waited, &thread->ready);
	while (!nx_writer_queue_is_empty(&waited)) {
		gather(&thread->batch, &waited);
		uv_mutex_unlock(&thread->lock);
		nx_writer_defer(&thread->batch);
		uv_mutex_lock(&thread->lock);
		hand_back(thread);
	}
}

/* With the lock. */
static void look_around(struct nx_writer_thread *thread)
{
	thread->batch.messages = 0;
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
	thread->batch.messages = 0;
	uv_mutex_unlock(&thread->lock);
	nx_writer_prune_step(&prune, &thread->batch);
	uv_mutex_lock(&thread->lock);
	thread->prune.run = prune.run;
	thread->prune.due = prune.due;
	if (thread->batch.err.kind != NX_ERROR_NONE)
		hand_back(thread);
	return true;
}

/* Waits for messages, with the lock. Of an idle writer, too, the status is to
 * say that the clock has stepped, and the log what has closed by itself. */
static void await(struct nx_writer_thread *thread)
{
	const uint64_t patience = LOOK_AROUND * UINT64_C(1000000000);

	while (nx_writer_queue_is_empty(&thread->ready) && !thread->ending)
		if (!prune(thread) &&
		    uv_cond_timedwait(&thread->wake, &thread->lock, patience) !=
		            0)
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
		if (nx_writer_queue_is_empty(&thread->ready))
			break;
		gather(&thread->batch, &thread->ready);
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
                           struct nx_writer_queue *read)
{
	if (nx_writer_queue_is_empty(read))
		return;
	uv_mutex_lock(&thread->lock);
	nx_writer_queue_move(&thread->ready, read);
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
                                                struct nx_pipeline_tally *tally,
                                                struct nx_error *err)
{
	uv_mutex_lock(&thread->lock);
	struct nx_writer_message *done = thread->done;
	*tally = thread->tally;
	*err = thread->err;
	thread->done = NULL;
	thread->last = &thread->done;
	thread->err.kind = NX_ERROR_NONE;
	uv_mutex_unlock(&thread->lock);
	return done;
}

bool nx_writer_thread_start(TALLOC_CTX *ctx, struct nx_store *store,
                            uv_async_t *recorded, struct nx_writer_thread **out,
                            struct nx_error *err)
{
	struct nx_writer_thread *thread =
	        talloc_zero(ctx, struct nx_writer_thread);

	nx_log_init(talloc_new(NULL), &thread->batch.log, false);
	thread->batch.to.store = store;
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
	talloc_free(thread->prune.run);
	talloc_free(thread->batch.log.ctx);
	uv_cond_destroy(&thread->wake);
	uv_mutex_destroy(&thread->lock);
	talloc_free(thread);
}
