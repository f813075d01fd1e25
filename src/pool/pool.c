/* SPDX-License-Identifier: ISC */
#include "pool/pool.h"

#include "pool/keeper.h"
#include "pool/lane.h"

#include <string.h>
#include <sys/socket.h>

enum {
	RETIRE_AFTER = 10000,
	PATIENCE_MS = 5000,
	TICKS = 8,       /* that a worker's patience is counted in */
	TRIES = 3,       /* workers that may end on a message without a word */
	BARREN = 10,     /* workers in a row that could not be had */
	START_MS = 10000 /* for the first worker */
};

/* Of a place without a lane. */
enum asking { ASKING_NOT = 0, ASKING, ASKING_AGAIN /* at the next tick */ };

struct nx_pool {
	uv_loop_t *loop;
	struct nx_nursery *nursery;
	int workers;
	int retire_after;
	int64_t patience_ms;
	struct nx_lane *lane[NX_NURSERY_PLACES];
	enum asking asking[NX_NURSERY_PLACES];
	struct nx_queue queue;
	size_t pending;
	int barren; /* workers that could not be had since one could */
	bool lost;
	uv_poll_t news;
	uv_prepare_t dispatch;
	uv_timer_t clock;
	int handles; /* open; the last one frees the pool */
};

struct watch { /* owns its lane */
	struct nx_pool *pool;
	struct nx_lane *lane;
	uv_poll_t channel;
	int events; /* watched for */
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

static void watch_closed(uv_handle_t *handle)
{
	struct watch *watch = handle->data;
	struct nx_pool *pool = watch->pool;
	talloc_free(watch);
	handle_closed(pool);
}

static void close_lane(struct nx_pool *pool, struct nx_lane *lane)
{
	struct watch *watch = lane->owner;
	pool->lane[lane->place] = NULL;
	uv_close((uv_handle_t *)&watch->channel, watch_closed);
}

/* Counted before the job is told, so that it may look. */
static struct nx_errand *settled(struct nx_pool *pool, struct nx_errand *errand)
{
	pool->pending--;
	if (pool->pending == 0 && !pool->lost)
		uv_timer_stop(&pool->clock);
	return errand;
}

static void drop_all(struct nx_pool *pool)
{
	struct nx_errand *errand;
	for (int i = 0; i < pool->workers; i++) {
		struct nx_lane *lane = pool->lane[i];
		if (lane == NULL)
			continue;
		while ((errand = nx_lane_take(lane)) != NULL)
			nx_queue_append(&pool->queue, errand);
		close_lane(pool, lane);
	}
	while ((errand = nx_queue_take(&pool->queue)) != NULL)
		nx_errand_drop(settled(pool, errand));
}

/* A worker that ends before it has said anything takes one of the tries of the
 * message that was next: nothing comes round for ever. */
static void requeue(struct nx_pool *pool, struct nx_lane *lane, bool explained)
{
	struct nx_errand *errand[NX_LANE_WINDOW];
	const size_t count = lane->count;
	for (size_t i = 0; i < count; i++)
		errand[i] = nx_lane_take(lane);
	if (count > 0 && lane->answered == 0 && !explained)
		errand[0]->tries++;
	for (size_t i = count; i > 0; i--)
		nx_queue_prepend(&pool->queue, errand[i - 1]);
	if (count > 0 && errand[0]->tries >= TRIES)
		nx_errand_give_up(settled(pool, nx_queue_take(&pool->queue)),
		                  nx_lane_cause(errand[0], lane));
}

/* A worker that somebody shot did not die of its message, most likely. */
static void blame(struct nx_pool *pool, const struct nx_lane *lane,
                  struct nx_errand *culprit)
{
	culprit->tries++;
	if (nx_lane_was_shot(lane) && culprit->tries < TRIES)
		nx_queue_prepend(&pool->queue, culprit);
	else
		nx_errand_give_up(settled(pool, culprit),
		                  nx_lane_cause(culprit, lane));
}

/* A lane whose worker has ended and whose answers have all been heard. */
static void bury(struct nx_pool *pool, struct nx_lane *lane)
{
	const struct nx_seat *seat =
	        nx_nursery_seat(pool->nursery, lane->place);
	struct nx_errand *culprit = nx_lane_take_culprit(lane, seat);
	requeue(pool, lane, culprit != NULL || lane->deaf);
	if (culprit != NULL)
		blame(pool, lane, culprit);
	close_lane(pool, lane);
}

static void dismiss(struct nx_pool *pool, struct nx_lane *lane,
                    const char *cause)
{
	lane->cause = cause;
	nx_nursery_kill(pool->nursery, lane->place);
}

/* Hears nothing more of this worker; the message it spoke of is its last. */
static void hush(struct nx_pool *pool, struct nx_lane *lane)
{
	lane->deaf = true;
	dismiss(pool, lane, "worker answered with nonsense");
	if (lane->sent > 0) {
		struct nx_errand *errand = nx_lane_take(lane);
		nx_errand_give_up(settled(pool, errand), lane->cause);
	}
}

static void hear(struct nx_pool *pool, struct nx_lane *lane)
{
	const char *record;
	size_t size;
	enum nx_lane_news news;
	nx_lane_receive(lane);
	if (lane->deaf)
		return;
	while ((news = nx_lane_next(lane, &record, &size)) == NX_LANE_ANSWER)
		nx_errand_answer(settled(pool, nx_lane_take(lane)), record,
		                 size);
	if (news == NX_LANE_NONSENSE)
		hush(pool, lane);
}

static void send_to(struct nx_lane *lane);
static void watch_again(struct nx_lane *lane);

/* An error (of a worker that left mail unread) stops the watching, but there
 * may be answers before it. */
static void channel_ready(uv_poll_t *handle, int status, int events)
{
	struct watch *watch = handle->data;
	struct nx_pool *pool = watch->pool;
	struct nx_lane *lane = watch->lane;
	if (status < 0 || (events & UV_READABLE) != 0)
		hear(pool, lane);
	if (lane->hung_up)
		uv_poll_stop(handle);
	else if (status < 0)
		watch_again(lane);
	else if ((events & UV_WRITABLE) != 0)
		send_to(lane);
	if (lane->hung_up && lane->reaped)
		bury(pool, lane);
}

/* Each change costs system calls. */
static void watch_for(struct nx_lane *lane, int events)
{
	struct watch *watch = lane->owner;
	if (watch->events == events)
		return;
	watch->events = events;
	uv_poll_start(&watch->channel, events, channel_ready);
}

static void watch_again(struct nx_lane *lane)
{
	struct watch *watch = lane->owner;
	watch->events = 0;
	watch_for(lane, UV_READABLE);
}

static void send_to(struct nx_lane *lane)
{
	const bool all = nx_lane_send(lane);
	watch_for(lane, all ? UV_READABLE : UV_READABLE | UV_WRITABLE);
}

static void worker_born(struct nx_pool *pool,
                        const struct nx_nursery_report *report)
{
	struct watch *watch = talloc_zero(pool, struct watch);
	struct nx_lane *lane =
	        nx_lane_new(watch, report->place, report->channel);
	watch->pool = pool;
	watch->lane = lane;
	lane->owner = watch;
	uv_poll_init(pool->loop, &watch->channel, report->channel);
	watch->channel.data = watch;
	pool->handles++;
	pool->lane[report->place] = lane;
	pool->barren = 0;
	watch_for(lane, UV_READABLE);
}

static void worker_ended(struct nx_pool *pool, struct nx_lane *lane, int status)
{
	lane->reaped = true;
	lane->status = status;
	if (lane->hung_up)
		bury(pool, lane);
}

static bool has_lanes(const struct nx_pool *pool)
{
	for (int i = 0; i < pool->workers; i++) {
		if (pool->lane[i] != NULL)
			return true;
	}
	return false;
}

static void no_worker(struct nx_pool *pool, int place)
{
	pool->asking[place] = ASKING_AGAIN;
	pool->barren++;
	if (pool->barren < BARREN || has_lanes(pool))
		return;
	pool->barren = 0;
	drop_all(pool);
}

static void take_report(struct nx_pool *pool,
                        const struct nx_nursery_report *report)
{
	struct nx_lane *lane = pool->lane[report->place];
	switch (report->news) {
	case NX_NURSERY_QUIET:
		break;
	case NX_NURSERY_BORN:
		pool->asking[report->place] = ASKING_NOT;
		worker_born(pool, report);
		break;
	case NX_NURSERY_BARREN:
		no_worker(pool, report->place);
		break;
	case NX_NURSERY_ENDED:
		if (lane != NULL)
			worker_ended(pool, lane, report->status);
		break;
	case NX_NURSERY_GONE:
		uv_poll_stop(&pool->news);
		pool->lost = true;
		drop_all(pool);
		break;
	}
}

static void nursery_speaks(uv_poll_t *handle, int status, int events)
{
	struct nx_pool *pool = handle->data;
	(void)status;
	(void)events;
	const struct nx_nursery_report report =
	        nx_nursery_hear(pool->nursery, 0);
	take_report(pool, &report);
}

/* Ticks, not clock time: when the whole machine stood still, or this process
 * did, that is no worker's fault. */
static void lose_patience(struct nx_pool *pool, struct nx_lane *lane)
{
	if (lane->count == 0 || lane->cause != NULL)
		return;
	lane->silence++;
	if (lane->silence > TICKS)
		dismiss(pool, lane, "took too long");
}

/* The clock stops a tick late, so that the loop does not sleep on what was
 * just told. */
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
		if (pool->lane[i] != NULL)
			lose_patience(pool, pool->lane[i]);
		else if (pool->asking[i] == ASKING_AGAIN)
			pool->asking[i] = ASKING_NOT;
	}
}

/* The lane with the least to do that has room. */
static struct nx_lane *choose(const struct nx_pool *pool,
                              const struct nx_errand *errand)
{
	struct nx_lane *best = NULL;
	for (int i = 0; i < pool->workers; i++) {
		struct nx_lane *lane = pool->lane[i];
		if (lane == NULL || !nx_lane_has_room(lane, errand))
			continue;
		if (best == NULL || lane->count < best->count)
			best = lane;
	}
	return best;
}

/* As many workers as there are jobs, up to the number of workers. */
static void ask_for_workers(struct nx_pool *pool)
{
	size_t wanted = pool->pending;
	for (int i = 0; i < pool->workers && wanted > 0; i++) {
		wanted--;
		if (pool->lane[i] != NULL || pool->asking[i] != ASKING_NOT)
			continue;
		pool->asking[i] = ASKING;
		nx_nursery_ask(pool->nursery, i);
	}
}

static void give_out(struct nx_pool *pool)
{
	struct nx_lane *lane;
	while (pool->queue.first != NULL &&
	       (lane = choose(pool, pool->queue.first)) != NULL) {
		nx_lane_give(lane, nx_queue_take(&pool->queue));
		if (lane->given >= pool->retire_after)
			nx_lane_retire(lane);
	}
}

/* Before the loop waits: what was submitted since the last time goes out, a
 * worker's share in one write. */
static void before_waiting(uv_prepare_t *handle)
{
	struct nx_pool *pool = handle->data;
	if (pool->queue.first == NULL || pool->lost)
		return;
	give_out(pool);
	for (int i = 0; i < pool->workers; i++) {
		struct nx_lane *lane = pool->lane[i];
		if (lane != NULL && lane->sent < lane->count && !lane->hung_up)
			send_to(lane);
	}
	ask_for_workers(pool);
}

void nx_pool_submit(struct nx_pool *pool, struct nx_job *job)
{
	const uint64_t period =
	        pool->lost ? 1 : (uint64_t)pool->patience_ms / TICKS;
	if (pool->pending == 0)
		uv_timer_start(&pool->clock, tick, period, period);
	pool->pending++;
	nx_queue_append(&pool->queue, nx_errand_new(pool, job));
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
	nx_nursery_ask(pool->nursery, 0);
	const struct nx_nursery_report report =
	        nx_nursery_hear(pool->nursery, START_MS);
	if (report.news != NX_NURSERY_BORN)
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "no worker process can be had: %s",
		                    strerror(report.status));
	worker_born(pool, &report);
	return nx_lane_await(pool->lane[0], pool->nursery, START_MS, err);
}

static void start_handles(struct nx_pool *pool)
{
	uv_poll_init(pool->loop, &pool->news, nx_nursery_socket(pool->nursery));
	uv_prepare_init(pool->loop, &pool->dispatch);
	uv_timer_init(pool->loop, &pool->clock);
	pool->news.data = pool;
	pool->dispatch.data = pool;
	pool->clock.data = pool;
	pool->handles += 3;
	uv_poll_start(&pool->news, UV_READABLE, nursery_speaks);
	uv_prepare_start(&pool->dispatch, before_waiting);
}

static int workers_of(const struct nx_pool_options *options)
{
	const int wanted = options->workers > 0
	                           ? options->workers
	                           : (int)uv_available_parallelism();
	return wanted < NX_NURSERY_PLACES ? wanted : NX_NURSERY_PLACES;
}

static bool get_nursery(struct nx_pool *pool, const struct nx_engine *engine,
                        const struct nx_pool_options *options,
                        struct nx_error *err)
{
	if (options->keeper == NULL)
		return nx_nursery_open(pool, engine, &options->lesson,
		                       pool->workers, &pool->nursery, err);
	const struct nx_keeper_order order = {.rules = options->rules,
	                                      .config = options->config,
	                                      .places = pool->workers};
	return nx_keeper_raise(pool, options->keeper, &order, &pool->nursery,
	                       err);
}

bool nx_pool_open(uv_loop_t *loop, const struct nx_engine *engine,
                  const struct nx_pool_options *options, struct nx_pool **out,
                  struct nx_error *err)
{
	struct nx_pool *pool = talloc_zero(NULL, struct nx_pool);
	pool->loop = loop;
	pool->workers = workers_of(options);
	pool->retire_after = options->retire_after > 0 ? options->retire_after
	                                               : RETIRE_AFTER;
	pool->patience_ms =
	        options->patience_ms > 0 ? options->patience_ms : PATIENCE_MS;
	*out = pool;
	if (!get_nursery(pool, engine, options, err)) {
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
		if (pool->lane[i] != NULL) {
			shutdown(pool->lane[i]->channel, SHUT_RDWR);
			close_lane(pool, pool->lane[i]);
		}
	}
	uv_close((uv_handle_t *)&pool->news, pool_handle_closed);
	uv_close((uv_handle_t *)&pool->dispatch, pool_handle_closed);
	uv_close((uv_handle_t *)&pool->clock, pool_handle_closed);
	nx_nursery_close(pool->nursery);
}
