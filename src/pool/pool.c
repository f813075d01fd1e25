/* SPDX-License-Identifier: ISC */
#include "pool/pool.h"

#include "pool/channel.h"
#include "record.h"

#include <string.h>

#include <sys/socket.h>

enum {
	RETIRE_AFTER = 10000,
	PATIENCE_MS = 5000,
	TICKS = 8, /* into which a worker's patience is divided */
	TRIES = 3, /* workers that may end on one message without an answer */
	SPAWN_FAILURES = 10, /* workers in a row that could not be started */
	START_MS = 10000     /* for the first worker */
};

struct nx_pool {
	uv_loop_t *loop;
	struct nx_worker_host *host;
	int workers;
	int retire_after;
	int64_t patience_ms;
	struct nx_channel *channel[NX_WORKER_HOST_PLACES];
	bool postponed[NX_WORKER_HOST_PLACES]; /* until the next tick */
	struct nx_queue queue;
	size_t pending;
	int spawn_failed; /* workers in a row that could not be started */
	bool lost;
	uv_poll_t reports; /* from the worker host */
	uv_prepare_t dispatch;
	uv_timer_t clock;
	int handles; /* open; the last one frees the pool */
};

static void handle_closed(struct nx_pool *pool)
{
	if (--pool->handles == 0)
		talloc_free(pool);
}

static void pool_handle_closed(uv_handle_t *handle)
{
	handle_closed(handle->data);
}

static void channel_closed(uv_handle_t *handle)
{
	struct nx_channel *channel = handle->data;
	struct nx_pool *pool = channel->pool;
	talloc_free(channel);
	handle_closed(pool);
}

static void close_channel(struct nx_pool *pool, struct nx_channel *channel)
{
	pool->channel[channel->place] = NULL;
	uv_close((uv_handle_t *)&channel->poll, channel_closed);
}

static struct nx_request *take_next(struct nx_pool *pool)
{
	struct nx_request *request = STAILQ_FIRST(&pool->queue);
	STAILQ_REMOVE_HEAD(&pool->queue, next);
	return request;
}

/* Counts before the job is answered, so that done sees the new number. */
static void answer(struct nx_pool *pool, struct nx_request *request,
                   const char *line, size_t size, bool killed)
{
	pool->pending--;
	if (pool->pending == 0 && !pool->lost)
		uv_timer_stop(&pool->clock);
	request->job->done(request->job, line, size, killed);
	talloc_free(request);
}

/* No worker can read the message. */
static void give_up(struct nx_pool *pool, struct nx_request *request,
                    const struct nx_channel *channel)
{
	const char *line =
	        nx_record_unparsed(request, nx_channel_cause(request, channel));
	answer(pool, request, line, strlen(line), true);
}

static void drop_all(struct nx_pool *pool)
{
	struct nx_request *request;
	for (int i = 0; i < pool->workers; i++) {
		struct nx_channel *channel = pool->channel[i];
		if (channel == NULL)
			continue;
		while ((request = nx_channel_take(channel)) != NULL)
			STAILQ_INSERT_TAIL(&pool->queue, request, next);
		close_channel(pool, channel);
	}
	while (!STAILQ_EMPTY(&pool->queue))
		answer(pool, take_next(pool), "", 0, false);
}

static bool has_channels(const struct nx_pool *pool)
{
	for (int i = 0; i < pool->workers; i++)
		if (pool->channel[i] != NULL)
			return true;
	return false;
}

static void no_worker(struct nx_pool *pool, int place)
{
	pool->postponed[place] = true;
	pool->spawn_failed++;
	if (pool->spawn_failed < SPAWN_FAILURES || has_channels(pool))
		return;
	pool->spawn_failed = 0;
	drop_all(pool);
}

/* A worker that ends before it has said anything takes one of the tries of the
 * next message: nothing is tried for ever. */
static void requeue(struct nx_pool *pool, struct nx_channel *channel,
                    bool explained)
{
	struct nx_request *request[NX_CHANNEL_WINDOW];
	const size_t count = channel->count;
	for (size_t i = 0; i < count; i++)
		request[i] = nx_channel_take(channel);
	if (count > 0 && channel->answered == 0 && !explained)
		request[0]->tries++;
	for (size_t i = count; i > 0; i--)
		STAILQ_INSERT_HEAD(&pool->queue, request[i - 1], next);
	if (count > 0 && request[0]->tries >= TRIES)
		give_up(pool, take_next(pool), channel);
}

/* A worker that was killed from outside did probably not die of its message. */
static void fail_request(struct nx_pool *pool, const struct nx_channel *channel,
                         struct nx_request *failed)
{
	failed->tries++;
	if (nx_channel_was_shot(channel) && failed->tries < TRIES)
		STAILQ_INSERT_HEAD(&pool->queue, failed, next);
	else
		give_up(pool, failed, channel);
}

/* A channel whose worker has ended and whose answers have all been read. */
static void reap(struct nx_pool *pool, struct nx_channel *channel)
{
	struct nx_request *failed = nx_channel_take_failed(
	        channel, nx_worker_host_slot(pool->host, channel->place));
	const int place = channel->place;
	const bool not_started = channel->not_started;
	requeue(pool, channel, failed != NULL || channel->muted || not_started);
	if (failed != NULL)
		fail_request(pool, channel, failed);
	close_channel(pool, channel);
	if (not_started)
		no_worker(pool, place);
}

static void dismiss(struct nx_pool *pool, struct nx_channel *channel,
                    const char *cause)
{
	channel->cause = cause;
	nx_worker_host_kill(pool->host, channel->place);
}

/* Ignores this worker from now on; the message it answered is its last. */
static void mute(struct nx_pool *pool, struct nx_channel *channel)
{
	channel->muted = true;
	dismiss(pool, channel, "worker answered with nonsense");
	if (channel->sent > 0)
		give_up(pool, nx_channel_take(channel), channel);
}

static void hear(struct nx_pool *pool, struct nx_channel *channel)
{
	const char *record;
	size_t size;
	enum nx_channel_result event;
	nx_channel_receive(channel);
	if (channel->muted)
		return;
	while ((event = nx_channel_next(channel, &record, &size)) ==
	       NX_CHANNEL_ANSWER)
		answer(pool, nx_channel_take(channel), record, size, false);
	if (channel->ready)
		pool->spawn_failed = 0;
	if (event == NX_CHANNEL_NONSENSE)
		mute(pool, channel);
}

static void channel_ready(uv_poll_t *handle, int status, int events);

/* Each change costs system calls. */
static void watch_for(struct nx_channel *channel, int events)
{
	if (channel->events == events)
		return;
	channel->events = events;
	uv_poll_start(&channel->poll, events, channel_ready);
}

static void watch_again(struct nx_channel *channel)
{
	channel->events = 0;
	watch_for(channel, UV_READABLE);
}

static void send_to(struct nx_channel *channel)
{
	const bool all = nx_channel_send(channel);
	watch_for(channel, all ? UV_READABLE : UV_READABLE | UV_WRITABLE);
}

/* An error (from a worker that left mail unread) stops the watching, but there
 * may be answers before it. */
static void channel_ready(uv_poll_t *handle, int status, int events)
{
	struct nx_channel *channel = handle->data;
	struct nx_pool *pool = channel->pool;
	if (status < 0 || (events & UV_READABLE) != 0)
		hear(pool, channel);
	if (channel->hung_up)
		uv_poll_stop(handle);
	else if (status < 0)
		watch_again(channel);
	else if ((events & UV_WRITABLE) != 0)
		send_to(channel);
	if (channel->hung_up && channel->reaped)
		reap(pool, channel);
}

static void start_worker(struct nx_pool *pool, int place)
{
	const int descriptor = nx_worker_host_ask(pool->host, place);
	if (descriptor < 0) {
		no_worker(pool, place);
		return;
	}
	struct nx_channel *channel = nx_channel_new(pool, place, descriptor);
	channel->pool = pool;
	uv_poll_init(pool->loop, &channel->poll, descriptor);
	channel->poll.data = channel;
	pool->handles++;
	pool->channel[place] = channel;
	watch_for(channel, UV_READABLE);
}

static void worker_ended(struct nx_pool *pool,
                         const struct nx_worker_host_report *report)
{
	struct nx_channel *channel = pool->channel[report->place];
	if (channel == NULL)
		return;
	channel->reaped = true;
	channel->not_started = report->event == NX_WORKER_HOST_SPAWN_FAILED;
	channel->status = report->status;
	if (channel->hung_up)
		reap(pool, channel);
}

static void host_ready(uv_poll_t *handle, int status, int events)
{
	struct nx_pool *pool = handle->data;
	(void)status;
	(void)events;
	const struct nx_worker_host_report report =
	        nx_worker_host_receive(pool->host, 0);
	if (report.event == NX_WORKER_HOST_GONE) {
		uv_poll_stop(handle);
		pool->lost = true;
		drop_all(pool);
	} else if (report.event != NX_WORKER_HOST_QUIET) {
		worker_ended(pool, &report);
	}
}

/* Counts ticks, not clock time: if the whole machine or this process stood
 * still, that is no worker's fault. */
static void lose_patience(struct nx_pool *pool, struct nx_channel *channel)
{
	if (channel->count == 0 || channel->cause != NULL)
		return;
	channel->silence++;
	if (channel->silence > TICKS)
		dismiss(pool, channel, "took too long");
}

/* The clock stops a tick late, since done may submit new jobs. */
static void drop_or_rest(struct nx_pool *pool)
{
	if (pool->pending == 0)
		uv_timer_stop(&pool->clock);
	else
		drop_all(pool);
}

static void tick(uv_timer_t *timer)
{
	struct nx_pool *pool = timer->data;
	if (pool->lost) {
		drop_or_rest(pool);
		return;
	}
	for (int i = 0; i < pool->workers; i++) {
		pool->postponed[i] = false;
		if (pool->channel[i] != NULL)
			lose_patience(pool, pool->channel[i]);
	}
}

/* The channel with the least to do that has room. */
static struct nx_channel *choose(const struct nx_pool *pool,
                                 const struct nx_request *request)
{
	struct nx_channel *best = NULL;
	for (int i = 0; i < pool->workers; i++) {
		struct nx_channel *channel = pool->channel[i];
		if (channel != NULL && nx_channel_has_room(channel, request) &&
		    (best == NULL || channel->count < best->count))
			best = channel;
	}
	return best;
}

/* Asks for as many workers as there are jobs, up to the limit. */
static void ask_for_workers(struct nx_pool *pool)
{
	size_t wanted = pool->pending;
	for (int i = 0; i < pool->workers && wanted > 0; i++) {
		wanted--;
		if (pool->channel[i] == NULL && !pool->postponed[i])
			start_worker(pool, i);
	}
}

static void give_out(struct nx_pool *pool)
{
	struct nx_channel *channel;
	while (!STAILQ_EMPTY(&pool->queue) &&
	       (channel = choose(pool, STAILQ_FIRST(&pool->queue))) != NULL) {
		nx_channel_give(channel, take_next(pool));
		if (channel->given >= pool->retire_after)
			nx_channel_retire(channel);
	}
}

/* Before the loop waits: sends what was submitted since the last time, a
 * worker's share in one write. */
static void before_waiting(uv_prepare_t *handle)
{
	struct nx_pool *pool = handle->data;
	if (STAILQ_EMPTY(&pool->queue) || pool->lost)
		return;
	give_out(pool);
	for (int i = 0; i < pool->workers; i++) {
		struct nx_channel *channel = pool->channel[i];
		if (channel != NULL && channel->sent < channel->count &&
		    !channel->hung_up)
			send_to(channel);
	}
	ask_for_workers(pool);
}

void nx_pool_submit(struct nx_pool *pool, struct nx_job *job)
{
	struct nx_request *request = nx_request_new(pool, job);
	const uint64_t period =
	        pool->lost ? 1 : (uint64_t)pool->patience_ms / TICKS;
	if (pool->pending == 0)
		uv_timer_start(&pool->clock, tick, period, period);
	pool->pending++;
	STAILQ_INSERT_TAIL(&pool->queue, request, next);
}

bool nx_pool_is_lost(const struct nx_pool *pool)
{
	return pool->lost;
}

int nx_pool_workers(const struct nx_pool *pool)
{
	return pool->workers;
}

size_t nx_pool_pending(const struct nx_pool *pool)
{
	return pool->pending;
}

static bool start_first(struct nx_pool *pool, struct nx_error *err)
{
	start_worker(pool, 0);
	if (pool->channel[0] == NULL)
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "no socket for the workers");
	return nx_channel_await(pool->channel[0], pool->host, START_MS, err);
}

static void start_handles(struct nx_pool *pool)
{
	uv_poll_init(pool->loop, &pool->reports,
	             nx_worker_host_socket(pool->host));
	uv_prepare_init(pool->loop, &pool->dispatch);
	uv_timer_init(pool->loop, &pool->clock);
	pool->reports.data = pool;
	pool->dispatch.data = pool;
	pool->clock.data = pool;
	pool->handles += 3;
	uv_poll_start(&pool->reports, UV_READABLE, host_ready);
	uv_prepare_start(&pool->dispatch, before_waiting);
}

static int workers_of(const struct nx_pool_options *options)
{
	const int wanted = options->workers > 0
	                           ? options->workers
	                           : (int)uv_available_parallelism();
	return wanted < NX_WORKER_HOST_PLACES ? wanted : NX_WORKER_HOST_PLACES;
}

static bool get_host(struct nx_pool *pool, const struct nx_engine *engine,
                     const struct nx_pool_options *options,
                     struct nx_error *err)
{
	const struct nx_worker_source source = {.engine = engine,
	                                        .rules = options->rules,
	                                        .config = options->config,
	                                        .warm_up = options->warm_up};
	return nx_worker_host_open(pool, &source, pool->workers, &pool->host,
	                           err);
}

bool nx_pool_open(uv_loop_t *loop, const struct nx_engine *engine,
                  const struct nx_pool_options *options, struct nx_pool **out,
                  struct nx_error *err)
{
	struct nx_pool *pool = talloc_zero(NULL, struct nx_pool);
	STAILQ_INIT(&pool->queue);
	pool->loop = loop;
	pool->workers = workers_of(options);
	pool->retire_after = options->retire_after > 0 ? options->retire_after
	                                               : RETIRE_AFTER;
	pool->patience_ms =
	        options->patience_ms > 0 ? options->patience_ms : PATIENCE_MS;
	*out = pool;
	if (!get_host(pool, engine, options, err)) {
		talloc_free(pool);
		return false;
	}
	start_handles(pool);
	if (start_first(pool, err))
		return true;
	nx_pool_close(pool);
	return false;
}

void nx_pool_close(struct nx_pool *pool)
{
	if (pool == NULL)
		return;
	for (int i = 0; i < pool->workers; i++) {
		if (pool->channel[i] == NULL)
			continue;
		shutdown(pool->channel[i]->descriptor, SHUT_RDWR);
		close_channel(pool, pool->channel[i]);
	}
	uv_close((uv_handle_t *)&pool->reports, pool_handle_closed);
	uv_close((uv_handle_t *)&pool->dispatch, pool_handle_closed);
	uv_close((uv_handle_t *)&pool->clock, pool_handle_closed);
	nx_worker_host_close(pool->host);
}
