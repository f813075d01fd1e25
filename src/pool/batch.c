/* SPDX-License-Identifier: ISC */
#include "pool/batch.h"

enum {
	WINDOW_OF_WORKER = 64,   /* messages at a time, per worker */
	BYTES = 16 * 1024 * 1024 /* of them, unless one message is larger */
};

struct answer_slot {
	struct nx_job job; /* first: the pool passes its address back */
	TALLOC_CTX *ctx;   /* for the message; owns the slot */
	const char *line;
	size_t size;
	bool killed;
	bool answered;
};

struct nx_batch {
	uv_loop_t loop;
	struct nx_pool *pool;
	const struct nx_batch_source *source;
	struct answer_slot **ring; /* in the order of the source */
	size_t window;
	size_t first, count;
	size_t bytes; /* of all in the ring */
	bool dry;     /* the source has no more */
	bool stopped; /* answers are no longer wanted */
};

static void close_loop(uv_loop_t *loop)
{
	while (uv_loop_close(loop) == UV_EBUSY)
		uv_run(loop, UV_RUN_NOWAIT);
}

bool nx_batch_open(const struct nx_engine *engine,
                   const struct nx_pool_options *options, struct nx_batch **out,
                   struct nx_error *err)
{
	struct nx_batch *batch = talloc_zero(NULL, struct nx_batch);
	if (uv_loop_init(&batch->loop) != 0) {
		talloc_free(batch);
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "no event loop for the workers");
	}
	if (!nx_pool_open(&batch->loop, engine, options, &batch->pool, err)) {
		close_loop(&batch->loop);
		talloc_free(batch);
		return false;
	}
	batch->window = (size_t)nx_pool_workers(batch->pool) * WINDOW_OF_WORKER;
	batch->ring = talloc_array(batch, struct answer_slot *, batch->window);
	*out = batch;
	return true;
}

static void answered(struct nx_job *job, const char *line, size_t size,
                     bool killed)
{
	struct answer_slot *slot = (struct answer_slot *)job;
	slot->line = talloc_strndup(slot->ctx, line, size);
	slot->size = size;
	slot->killed = killed;
	slot->answered = true;
}

static struct answer_slot *pull(struct nx_batch *batch)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct answer_slot *slot = talloc_zero(ctx, struct answer_slot);
	slot->ctx = ctx;
	slot->job.envelope = (struct nx_envelope){
	        .sender = "",
	        .recipient = "",
	        .original_recipient = "",
	        .queue_id = "",
	};
	if (batch->source->next(batch->source->user, ctx, &slot->job))
		return slot;
	talloc_free(ctx);
	return NULL;
}

static bool has_room(const struct nx_batch *batch)
{
	return !batch->dry && !batch->stopped && batch->count < batch->window &&
	       (batch->count == 0 || batch->bytes < BYTES);
}

static void fill(struct nx_batch *batch)
{
	while (has_room(batch)) {
		struct answer_slot *slot = pull(batch);
		if (slot == NULL) {
			batch->dry = true;
			return;
		}
		slot->job.done = answered;
		batch->ring[(batch->first + batch->count) % batch->window] =
		        slot;
		batch->count++;
		batch->bytes += slot->job.size;
		nx_pool_submit(batch->pool, &slot->job);
	}
}

static void hand_over(struct nx_batch *batch, const struct answer_slot *slot)
{
	const struct nx_batch_source *source = batch->source;
	if (!batch->stopped &&
	    !source->answer(source->user, slot->ctx, &slot->job, slot->line,
	                    slot->size, slot->killed))
		batch->stopped = true;
	talloc_free(slot->ctx);
}

static void drain(struct nx_batch *batch)
{
	while (batch->count > 0 && batch->ring[batch->first]->answered) {
		const struct answer_slot *slot = batch->ring[batch->first];
		batch->first = (batch->first + 1) % batch->window;
		batch->count--;
		batch->bytes -= slot->job.size;
		hand_over(batch, slot);
	}
}

void nx_batch_run(struct nx_batch *batch, const struct nx_batch_source *source)
{
	batch->source = source;
	batch->dry = false;
	batch->stopped = false;
	fill(batch);
	while (batch->count > 0) {
		uv_run(&batch->loop, UV_RUN_ONCE);
		drain(batch);
		fill(batch);
	}
}

void nx_batch_close(struct nx_batch *batch)
{
	if (batch == NULL)
		return;
	nx_pool_close(batch->pool);
	close_loop(&batch->loop);
	talloc_free(batch);
}
