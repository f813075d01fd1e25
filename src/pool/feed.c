/* SPDX-License-Identifier: ISC */
#include "pool/feed.h"

enum {
	WINDOW_OF_WORKER = 64,   /* messages under way, a worker */
	BYTES = 16 * 1024 * 1024 /* and bytes of them, unless one is larger */
};

struct slot {
	struct nx_job job; /* first: the pool hands this back */
	TALLOC_CTX *ctx;   /* of the message; owns the slot */
	const char *line;
	size_t size;
	bool killed;
	bool answered;
};

struct nx_feed {
	uv_loop_t loop;
	struct nx_pool *pool;
	const struct nx_feed_source *source;
	struct slot **ring; /* in the order of the source */
	size_t window;
	size_t first, count;
	size_t bytes; /* of all in the ring */
	bool dry;     /* the source has no more */
	bool stopped; /* nobody wants answers any more */
};

static void close_loop(uv_loop_t *loop)
{
	while (uv_loop_close(loop) == UV_EBUSY)
		uv_run(loop, UV_RUN_NOWAIT);
}

bool nx_feed_open(const struct nx_engine *engine,
                  const struct nx_pool_options *options, struct nx_feed **out,
                  struct nx_error *err)
{
	struct nx_feed *feed = talloc_zero(NULL, struct nx_feed);
	const int cores = (int)uv_available_parallelism();
	const int workers = options->workers > 0 ? options->workers : cores;
	feed->window = (size_t)workers * WINDOW_OF_WORKER;
	feed->ring = talloc_array(feed, struct slot *, feed->window);
	if (uv_loop_init(&feed->loop) != 0) {
		talloc_free(feed);
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "no event loop for the workers");
	}
	if (!nx_pool_open(&feed->loop, engine, options, &feed->pool, err)) {
		close_loop(&feed->loop);
		talloc_free(feed);
		return false;
	}
	*out = feed;
	return true;
}

static void answered(struct nx_job *job, const char *line, size_t size,
                     bool killed)
{
	struct slot *slot = (struct slot *)job;
	slot->line = talloc_strndup(slot->ctx, line, size);
	slot->size = size;
	slot->killed = killed;
	slot->answered = true;
}

static struct slot *pull(struct nx_feed *feed)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct slot *slot = talloc_zero(ctx, struct slot);
	slot->ctx = ctx;
	slot->job.envelope = (struct nx_envelope){
	        .sender = "",
	        .recipient = "",
	        .original_recipient = "",
	        .queue_id = "",
	};
	if (feed->source->next(feed->source->user, ctx, &slot->job))
		return slot;
	talloc_free(ctx);
	return NULL;
}

static bool has_room(const struct nx_feed *feed)
{
	return !feed->dry && !feed->stopped && feed->count < feed->window &&
	       (feed->count == 0 || feed->bytes < BYTES);
}

static void fill(struct nx_feed *feed)
{
	while (has_room(feed)) {
		struct slot *slot = pull(feed);
		if (slot == NULL) {
			feed->dry = true;
			return;
		}
		slot->job.done = answered;
		feed->ring[(feed->first + feed->count) % feed->window] = slot;
		feed->count++;
		feed->bytes += slot->job.size;
		nx_pool_submit(feed->pool, &slot->job);
	}
}

static void hand_over(struct nx_feed *feed, const struct slot *slot)
{
	const struct nx_feed_source *source = feed->source;
	if (!feed->stopped &&
	    !source->answer(source->user, slot->ctx, &slot->job, slot->line,
	                    slot->size, slot->killed))
		feed->stopped = true;
	talloc_free(slot->ctx);
}

static void drain(struct nx_feed *feed)
{
	while (feed->count > 0 && feed->ring[feed->first]->answered) {
		const struct slot *slot = feed->ring[feed->first];
		feed->first = (feed->first + 1) % feed->window;
		feed->count--;
		feed->bytes -= slot->job.size;
		hand_over(feed, slot);
	}
}

void nx_feed_run(struct nx_feed *feed, const struct nx_feed_source *source)
{
	feed->source = source;
	feed->dry = false;
	feed->stopped = false;
	fill(feed);
	while (feed->count > 0) {
		uv_run(&feed->loop, UV_RUN_ONCE);
		drain(feed);
		fill(feed);
	}
}

void nx_feed_close(struct nx_feed *feed)
{
	if (feed == NULL)
		return;
	nx_pool_close(feed->pool);
	close_loop(&feed->loop);
	talloc_free(feed);
}
