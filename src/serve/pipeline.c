/* SPDX-License-Identifier: ISC */
#include "serve/pipeline.h"

#include "pool/pool.h"
#include "serve/writer.h"
#include "store/store.h"
#include "sys/clock.h"

#include <malloc.h>

enum {
	SECONDS = 60,
	LOOK_AT_CLOCK = 60,        /* seconds, when there is nothing to write */
	RECORDS = 8 * 1024 * 1024, /* bytes of records in memory */
	GROWS = 8 /* a record may be so many times as large as its message */
};

/* Rules and the workers that use them; an old generation lives until its last
 * message is answered. */
struct generation {
	struct nx_rules rules;
	struct nx_pool *pool;
	struct nx_attribution attribution;
	bool full_addresses;
	int64_t uneventful;
	struct nx_quarantine_limits quarantine;
	bool old;
	size_t users;
};

struct running {           /* a submission that is being processed */
	struct nx_job job; /* first: the pool passes its address back */
	struct nx_writer_message message;
	void (*done)(void *user, const enum nx_lmtp_answer *answer);
	void *user;
	struct nx_pipeline *pipeline;
	struct generation *generation;
	size_t room;    /* bytes that its records take, or may take */
	size_t reading; /* the recipient whose envelope is used for reading */
	struct running *next;
};

struct nx_pipeline {
	uv_loop_t *loop;
	struct nx_store *store;
	struct generation *now;
	struct running *first, **last; /* read since the loop waited */
	struct running *held,
	        **held_last; /* there is no room for their records */
	size_t room;         /* of all that are not held */
	size_t pending;
	size_t unread;
	uv_prepare_t prepare;
	uv_async_t recorded; /* sent when there is something done */
	size_t handles;
	/* the writer's alone */
	uv_thread_t writer;
	struct nx_writer_batch batch;
	struct running *under_way[NX_WRITER_BATCH];
	/* between the loop and the writer, for whoever has the lock */
	uv_mutex_t lock;
	uv_cond_t wake;
	struct running *ready, **ready_last; /* to be recorded */
	struct running *done, **done_last;   /* recorded, to be answered */
	struct nx_pipeline_tally done_tally;
	struct nx_error done_err;
	bool ending;
	/* the loop's again */
	struct nx_pipeline_tally tally;
	struct nx_error trouble;
	int64_t trouble_time;
	int64_t second[SECONDS]; /* recipients recorded in each */
	int64_t of_second[SECONDS];
};

/* --- generations ---------------------------------------------------------- */

static void leave(struct generation *generation)
{
	if (!generation->old || generation->users > 0)
		return;
	nx_pool_close(generation->pool);
	talloc_free(generation);
}

static bool fill(struct nx_pipeline *pipeline, const struct nx_config *config,
                 struct generation *out, struct nx_error *err)
{
	const struct nx_rules_from from = {.shipped = config->rules,
	                                   .site = config->site_rules,
	                                   .profile = config->profile,
	                                   .policy = config->policy};
	const struct nx_pool_options options = {.workers = config->workers,
	                                        .rules = &from,
	                                        .config = config->file};
	out->attribution =
	        (struct nx_attribution){config->streams, config->stream};
	out->full_addresses = config->full_addresses;
	out->uneventful = config->limits.uneventful;
	out->quarantine = config->quarantine;
	if (!nx_rules_load(out, &from, &out->rules, err))
		return false;
	malloc_trim(0); /* what reading the rules took; promise P9 */
	const struct nx_tables *tables = nx_engine_tables(out->rules.engine);
	const char *warning;
	for (size_t i = 0; (warning = nx_tables_warning(tables, i)); i++)
		nx_log_event("rules", "warning", warning, NX_LOG_END);
	return nx_pool_open(pipeline->loop, NULL, &options, &out->pool, err);
}

bool nx_pipeline_load(struct nx_pipeline *pipeline,
                      const struct nx_config *config, struct nx_error *err)
{
	struct generation *fresh = talloc_zero(pipeline, struct generation);
	if (!fill(pipeline, config, fresh, err)) {
		talloc_free(fresh);
		return false;
	}
	struct generation *old = pipeline->now;
	pipeline->now = fresh;
	if (old != NULL) {
		old->old = true;
		leave(old);
	}
	return true;
}

/* --- room ----------------------------------------------------------------- */

static void read_with(struct running *running, size_t recipient)
{
	running->job.envelope =
	        running->message.submission->envelope[recipient];
	nx_pool_submit(running->generation->pool, &running->job);
}

/* Workers read faster than the writer records, and the record of a message may
 * be longer than the message. */
static void let_go(struct nx_pipeline *pipeline)
{
	while (pipeline->held != NULL &&
	       (pipeline->room == 0 ||
	        pipeline->room + pipeline->held->room <= RECORDS)) {
		struct running *running = pipeline->held;
		pipeline->held = running->next;
		pipeline->room += running->room;
		read_with(running, 0);
	}
	if (pipeline->held == NULL)
		pipeline->held_last = &pipeline->held;
}

static void hold(struct nx_pipeline *pipeline, struct running *running)
{
	const size_t most = GROWS * running->message.submission->size;
	running->room = most < NX_RECORD_SIZE ? most : NX_RECORD_SIZE;
	*pipeline->held_last = running;
	pipeline->held_last = &running->next;
}

/* The real size is known now, and more may be started. */
static void note_room(struct running *running, size_t size)
{
	struct nx_pipeline *pipeline = running->pipeline;
	const size_t others =
	        running->message.submission->readings > 0 ? running->room : 0;
	pipeline->room += others + size - running->room;
	running->room = others + size;
}

/* --- writing -------------------------------------------------------------- */

static void count(struct nx_pipeline *pipeline,
                  const struct nx_pipeline_tally *tally)
{
	const int64_t more = tally->messages - pipeline->tally.messages;
	const int64_t second = (int64_t)(uv_now(pipeline->loop) / 1000);
	pipeline->tally = *tally;
	if (pipeline->second[second % SECONDS] != second) {
		pipeline->second[second % SECONDS] = second;
		pipeline->of_second[second % SECONDS] = 0;
	}
	pipeline->of_second[second % SECONDS] += more;
}

static void note_trouble(struct nx_pipeline *pipeline,
                         const struct nx_error *err)
{
	if (err->kind == NX_ERROR_NONE)
		return;
	pipeline->trouble = *err;
	pipeline->trouble_time = nx_clock_now();
}

static void answer(struct running *running)
{
	struct generation *generation = running->generation;
	running->pipeline->pending--;
	running->pipeline->room -= running->room;
	running->done(running->user, running->message.answer);
	talloc_free(running);
	generation->users--;
	leave(generation);
}

/* Answers everything that the writer has finished. */
static void on_recorded(uv_async_t *handle)
{
	struct nx_pipeline *pipeline = handle->data;
	uv_mutex_lock(&pipeline->lock);
	struct running *running = pipeline->done;
	const struct nx_pipeline_tally tally = pipeline->done_tally;
	const struct nx_error err = pipeline->done_err;
	pipeline->done = NULL;
	pipeline->done_last = &pipeline->done;
	pipeline->done_err.kind = NX_ERROR_NONE;
	uv_mutex_unlock(&pipeline->lock);
	count(pipeline, &tally);
	note_trouble(pipeline, &err);
	while (running != NULL) {
		struct running *next = running->next;
		answer(running);
		running = next;
	}
	let_go(pipeline);
}

/* Before the loop waits: what was read since the last time is the writer's. */
static void before_waiting(uv_prepare_t *handle)
{
	struct nx_pipeline *pipeline = handle->data;
	if (pipeline->first == NULL)
		return;
	uv_mutex_lock(&pipeline->lock);
	*pipeline->ready_last = pipeline->first;
	pipeline->ready_last = pipeline->last;
	uv_cond_signal(&pipeline->wake);
	uv_mutex_unlock(&pipeline->lock);
	pipeline->first = NULL;
	pipeline->last = &pipeline->first;
}

/* Takes messages with the same rules, in the order in which they were read. */
static void gather(struct nx_pipeline *pipeline, size_t most)
{
	struct nx_writer_batch *batch = &pipeline->batch;
	const struct generation *generation = pipeline->ready->generation;
	batch->messages = 0;
	while (pipeline->ready != NULL && batch->messages < most &&
	       pipeline->ready->generation == generation) {
		struct running *running = pipeline->ready;
		pipeline->under_way[batch->messages] = running;
		batch->message[batch->messages++] = &running->message;
		pipeline->ready = running->next;
	}
	if (pipeline->ready == NULL)
		pipeline->ready_last = &pipeline->ready;
	batch->to = (struct nx_commit){.store = pipeline->store,
	                               .policy = generation->rules.policy,
	                               .attribution = generation->attribution,
	                               .uneventful = generation->uneventful,
	                               .quarantine = generation->quarantine};
	batch->log.full_addresses = generation->full_addresses;
}

static void hand_back(struct nx_pipeline *pipeline)
{
	for (size_t i = 0; i < pipeline->batch.messages; i++) {
		struct running *running = pipeline->under_way[i];
		running->next = NULL;
		*pipeline->done_last = running;
		pipeline->done_last = &running->next;
	}
	pipeline->done_tally = pipeline->batch.tally;
	if (pipeline->batch.err.kind != NX_ERROR_NONE)
		pipeline->done_err = pipeline->batch.err;
}

static size_t count_ready(const struct nx_pipeline *pipeline)
{
	size_t count = 0;
	const struct running *running = pipeline->ready;
	for (; running != NULL; running = running->next)
		count++;
	return count;
}

/* What came while the writer waited for a busy store has waited with it. */
static void defer_waiting(struct nx_pipeline *pipeline)
{
	size_t waiting = count_ready(pipeline);
	while (waiting > 0) {
		gather(pipeline,
		       waiting < NX_WRITER_BATCH ? waiting : NX_WRITER_BATCH);
		waiting -= pipeline->batch.messages;
		uv_mutex_unlock(&pipeline->lock);
		nx_writer_defer(&pipeline->batch);
		uv_mutex_lock(&pipeline->lock);
		hand_back(pipeline);
	}
}

/* Without the lock. */
static void look_at_clock(struct nx_pipeline *pipeline)
{
	pipeline->batch.messages = 0;
	nx_writer_look_at_clock(&pipeline->batch);
	uv_mutex_lock(&pipeline->lock);
	hand_back(pipeline);
	uv_async_send(&pipeline->recorded);
	uv_mutex_unlock(&pipeline->lock);
}

/* Waits for messages, with the lock. Of an idle writer, too, the status is to
 * say that the clock has stepped. */
static void await(struct nx_pipeline *pipeline)
{
	const uint64_t patience = LOOK_AT_CLOCK * UINT64_C(1000000000);
	while (pipeline->ready == NULL && !pipeline->ending) {
		if (uv_cond_timedwait(&pipeline->wake, &pipeline->lock,
		                      patience) == 0)
			continue;
		uv_mutex_unlock(&pipeline->lock);
		look_at_clock(pipeline);
		uv_mutex_lock(&pipeline->lock);
	}
}

/* The writer's thread. All that was read while it waited for the disk is its
 * next group, so that it never waits for the loop. */
static void write_groups(void *user)
{
	struct nx_pipeline *pipeline = user;
	look_at_clock(pipeline);
	uv_mutex_lock(&pipeline->lock);
	for (;;) {
		await(pipeline);
		if (pipeline->ready == NULL)
			break;
		gather(pipeline, NX_WRITER_BATCH);
		uv_mutex_unlock(&pipeline->lock);
		nx_writer_record(&pipeline->batch);
		uv_mutex_lock(&pipeline->lock);
		hand_back(pipeline);
		if (pipeline->batch.in_vain)
			defer_waiting(pipeline);
		uv_async_send(&pipeline->recorded);
	}
	uv_mutex_unlock(&pipeline->lock);
}

/* --- reading -------------------------------------------------------------- */

static void was_read(struct nx_job *job, const char *line, size_t size,
                     bool killed)
{
	struct running *running = (struct running *)job;
	struct nx_pipeline *pipeline = running->pipeline;
	(void)killed; /* the record shows it */
	note_room(running, size);
	running->message.lost |= size == 0;
	if (!running->message.lost) {
		running->reading =
		        nx_submission_read(running, running->message.submission,
		                           running->reading, line, size);
		if (running->reading <
		    running->message.submission->recipients) {
			read_with(running, running->reading);
			return;
		}
	}
	running->next = NULL;
	pipeline->unread--;
	*pipeline->last = running;
	pipeline->last = &running->next;
	let_go(pipeline);
}

void nx_pipeline_submit(
        struct nx_pipeline *pipeline, struct nx_submission *submission,
        void (*done)(void *user, const enum nx_lmtp_answer *answer), void *user)
{
	struct running *running = talloc_zero(pipeline, struct running);
	running->job = (struct nx_job){.bytes = submission->bytes,
	                               .size = submission->size,
	                               .done = was_read};
	running->message = (struct nx_writer_message){
	        .submission = submission,
	        .answer = talloc_zero_array(running, enum nx_lmtp_answer,
	                                    submission->recipients),
	};
	running->done = done;
	running->user = user;
	running->pipeline = pipeline;
	running->generation = pipeline->now;
	running->generation->users++;
	pipeline->pending++;
	pipeline->unread++;
	hold(pipeline, running);
	let_go(pipeline);
}

/* --- looking -------------------------------------------------------------- */

size_t nx_pipeline_pending(const struct nx_pipeline *pipeline)
{
	return pipeline->pending;
}

size_t nx_pipeline_unread(const struct nx_pipeline *pipeline)
{
	return pipeline->unread;
}

const struct nx_pipeline_tally *nx_pipeline_tally(
        const struct nx_pipeline *pipeline)
{
	return &pipeline->tally;
}

int64_t nx_pipeline_last_minute(const struct nx_pipeline *pipeline)
{
	const int64_t now = (int64_t)(uv_now(pipeline->loop) / 1000);
	int64_t sum = 0;
	for (int i = 0; i < SECONDS; i++)
		if (now - pipeline->second[i] < SECONDS)
			sum += pipeline->of_second[i];
	return sum;
}

const char *nx_pipeline_trouble(const struct nx_pipeline *pipeline,
                                int64_t *time)
{
	*time = pipeline->trouble_time;
	return pipeline->trouble.text;
}

int nx_pipeline_workers(const struct nx_pipeline *pipeline)
{
	return nx_pool_workers(pipeline->now->pool);
}

bool nx_pipeline_is_lost(const struct nx_pipeline *pipeline)
{
	return nx_pool_is_lost(pipeline->now->pool);
}

/* --- opening and closing -------------------------------------------------- */

static bool start_writer(struct nx_pipeline *pipeline, struct nx_error *err)
{
	nx_log_init(talloc_new(NULL), &pipeline->batch.log, false);
	pipeline->batch.to.store = pipeline->store;
	pipeline->ready_last = &pipeline->ready;
	pipeline->done_last = &pipeline->done;
	uv_mutex_init(&pipeline->lock);
	uv_cond_init(&pipeline->wake);
	uv_async_init(pipeline->loop, &pipeline->recorded, on_recorded);
	pipeline->recorded.data = pipeline;
	uv_prepare_init(pipeline->loop, &pipeline->prepare);
	pipeline->prepare.data = pipeline;
	uv_prepare_start(&pipeline->prepare, before_waiting);
	pipeline->handles = 2;
	return uv_thread_create(&pipeline->writer, write_groups, pipeline) ==
	               0 ||
	       nx_error_set(err, NX_ERROR_TEMPORARY, "no thread that writes");
}

bool nx_pipeline_open(TALLOC_CTX *ctx, uv_loop_t *loop,
                      const struct nx_config *config, struct nx_pipeline **out,
                      struct nx_error *err)
{
	struct nx_pipeline *pipeline = talloc_zero(ctx, struct nx_pipeline);
	pipeline->loop = loop;
	pipeline->last = &pipeline->first;
	pipeline->held_last = &pipeline->held;
	/* not on a context of the loop's: the writer works with it */
	if (!nx_store_open(NULL, config->store, NX_STORE_CREATE,
	                   &pipeline->store, err)) {
		talloc_free(pipeline);
		return false;
	}
	if (!start_writer(pipeline, err))
		return false; /* the process ends */
	*out = pipeline;
	return true;
}

static void closed(uv_handle_t *handle)
{
	struct nx_pipeline *pipeline = handle->data;
	if (--pipeline->handles > 0)
		return;
	uv_cond_destroy(&pipeline->wake);
	uv_mutex_destroy(&pipeline->lock);
	talloc_free(pipeline);
}

static void stop_writer(struct nx_pipeline *pipeline)
{
	uv_mutex_lock(&pipeline->lock);
	pipeline->ending = true;
	uv_cond_signal(&pipeline->wake);
	uv_mutex_unlock(&pipeline->lock);
	uv_thread_join(&pipeline->writer);
}

void nx_pipeline_close(struct nx_pipeline *pipeline)
{
	if (pipeline == NULL)
		return;
	if (pipeline->now != NULL)
		nx_pool_close(pipeline->now->pool);
	stop_writer(pipeline);
	nx_store_close(pipeline->store);
	talloc_free(pipeline->batch.log.ctx);
	uv_close((uv_handle_t *)&pipeline->prepare, closed);
	uv_close((uv_handle_t *)&pipeline->recorded, closed);
}
