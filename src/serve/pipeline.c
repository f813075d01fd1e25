/* SPDX-License-Identifier: ISC */
#include "serve/pipeline_asked.h"

#include "store/hash.h"
#include "store/known.h"
#include "store/store.h"
#include "sys/clock.h"

#include <malloc.h>

enum {
	SMALL = 32 * 1024, /* bytes of a message that passes larger ones */
	PASSES = 8,
	RECORDS = 8 * 1024 * 1024, /* bytes of records in memory */
	GROWS = 8 /* a record may be so many times as large as its message */
};

struct running {           /* a submission that is being processed */
	struct nx_job job; /* first: the pool passes its address back */
	struct nx_writer_message message;
	void (*done)(void *user, const enum nx_lmtp_answer *answer);
	void *user;
	struct nx_pipeline *pipeline;
	struct nx_generation *generation;
	size_t room;    /* bytes that its records take, or may take */
	size_t reading; /* the recipient whose envelope is used for reading */
	struct running *next;
};

/* --- generations ---------------------------------------------------------- */

void nx_generation_leave(struct nx_generation *generation)
{
	if (!generation->old || generation->users > 0)
		return;
	nx_pool_close(generation->pool);
	talloc_free(generation);
}

static bool fill(struct nx_pipeline *pipeline, const struct nx_config *config,
                 TALLOC_CTX *texts, struct nx_generation *out,
                 struct nx_error *err)
{
	const struct nx_rules_from from = {.shipped = config->rules,
	                                   .site = config->site_rules,
	                                   .profile = config->profile,
	                                   .policy = config->policy};
	const struct nx_pool_options options = {.workers = config->workers,
	                                        .rules = &from,
	                                        .config = config->file};
	out->written.to = (struct nx_commit){
	        .store = pipeline->store,
	        .attribution = {config->streams, config->stream},
	        .uneventful = config->limits.uneventful,
	        .budget = &out->budget,
	        .quarantine = config->quarantine,
	        .originals = config->originals};
	out->budget = config->budget;
	out->written.full_addresses = config->full_addresses;
	out->within = (uint64_t)config->attempts_within * UINT64_C(1000000000);
	(void)talloc_reference(out, texts);
	if (!nx_rules_load(out, &from, &out->rules, err))
		return false;
	out->written.to.policy = out->rules.policy;
	malloc_trim(0); /* what reading the rules took; promise P9 */
	const struct nx_tables *tables = nx_engine_tables(out->rules.engine);
	const char *warning;
	nx_counters_rules(pipeline->counters, tables);
	for (size_t i = 0; (warning = nx_tables_warning(tables, i)); i++)
		nx_log_event("rules", "warning", warning, NX_LOG_END);
	return nx_pool_open(pipeline->loop, NULL, &options, &out->pool, err);
}

bool nx_pipeline_load(struct nx_pipeline *pipeline,
                      const struct nx_config *config, TALLOC_CTX *texts,
                      struct nx_error *err)
{
	struct nx_generation *fresh =
	        talloc_zero(pipeline, struct nx_generation);
	if (!fill(pipeline, config, texts, fresh, err)) {
		talloc_free(fresh);
		return false;
	}
	const struct nx_prune_terms terms =
	        nx_prune_terms_of(config, fresh->rules.policy);
	nx_writer_thread_prune(pipeline->writer, &terms);
	struct nx_generation *old = pipeline->now;
	pipeline->now = fresh;
	if (old != NULL) {
		old->old = true;
		nx_generation_leave(old);
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

/* Small messages pass large ones, which take long to read and of which anybody
 * can send many; but not for ever. */
static struct nx_pipeline_waiting *next_waiting(struct nx_pipeline *pipeline)
{
	const bool small = pipeline->small.first != NULL;
	const bool large = pipeline->large.first != NULL;
	return large && (!small || pipeline->passed >= PASSES)
	               ? &pipeline->large
	               : &pipeline->small;
}

/* Workers read faster than the writer records, and the record of a message may
 * be longer than the message. */
static void let_go(struct nx_pipeline *pipeline)
{
	for (;;) {
		struct nx_pipeline_waiting *list = next_waiting(pipeline);
		struct running *running = list->first;
		if (running == NULL ||
		    (pipeline->room > 0 &&
		     pipeline->room + running->room > RECORDS))
			return;
		list->first = running->next;
		if (list->first == NULL)
			list->last = &list->first;
		pipeline->passed =
		        list == &pipeline->large ? 0 : pipeline->passed + 1;
		pipeline->room += running->room;
		read_with(running, 0);
	}
}

static void hold(struct nx_pipeline *pipeline, struct running *running)
{
	const size_t size = running->message.submission->size;
	struct nx_pipeline_waiting *list =
	        size <= SMALL ? &pipeline->small : &pipeline->large;
	running->room =
	        GROWS * size < NX_RECORD_SIZE ? GROWS * size : NX_RECORD_SIZE;
	*list->last = running;
	list->last = &running->next;
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
	pipeline->tally = *tally;
	pipeline->tally.attempts_lost += pipeline->attempts.refused;
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
	struct nx_generation *generation = running->generation;
	running->pipeline->pending--;
	running->pipeline->room -= running->room;
	running->done(running->user, running->message.answer);
	talloc_free(running);
	generation->users--;
	nx_generation_leave(generation);
}

/* Answers everything that the writer has finished. */
static void on_recorded(uv_async_t *handle)
{
	struct nx_pipeline *pipeline = handle->data;
	struct nx_pipeline_tally tally;
	struct nx_error err;
	struct nx_attempt_queue told = {.count = 0};
	struct nx_task_queue ran = {.count = 0};
	struct nx_writer_message *message = nx_writer_thread_take(
	        pipeline->writer, &told, &ran, &tally, &err);
	count(pipeline, &tally);
	note_trouble(pipeline, &err);
	while (message != NULL) {
		struct nx_writer_message *next = message->next;
		answer(message->owner);
		message = next;
	}
	nx_pipeline_asked_answer(pipeline, &told, &ran);
	let_go(pipeline);
}

/* Before the loop waits: what was read since the last time is the writer's. */
static void before_waiting(uv_prepare_t *handle)
{
	struct nx_pipeline *pipeline = handle->data;
	nx_writer_thread_give(pipeline->writer, &pipeline->read,
	                      &pipeline->asked, &pipeline->tasks);
}

/* --- reading -------------------------------------------------------------- */

/* What the writer would do while others wait for it. */
static void pack(struct running *running)
{
	struct nx_pipeline *pipeline = running->pipeline;
	struct nx_submission *submission = running->message.submission;
	if (running->message.lost || submission->size > SMALL ||
	    submission->reading->record.recipients == 0 ||
	    !nx_original_is_kept(&running->generation->written.to.originals))
		return;
	if (pipeline->packing == NULL)
		pipeline->packing = nx_packing_new(pipeline);
	submission->packed =
	        nx_packing_pack(running, pipeline->packing, submission->bytes,
	                        submission->size);
}

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
	pack(running);
	pipeline->unread--;
	nx_writer_queue_add(&pipeline->read, &running->message);
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
	running->message.owner = running;
	running->generation = pipeline->now;
	running->message.rules = &running->generation->written;
	running->generation->users++;
	pipeline->pending++;
	pipeline->unread++;
	hold(pipeline, running);
	let_go(pipeline);
}

/* --- looking -------------------------------------------------------------- */

size_t nx_pipeline_attempts(const struct nx_pipeline *pipeline)
{
	return pipeline->attempts.count;
}

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
	uv_async_init(pipeline->loop, &pipeline->recorded, on_recorded);
	pipeline->recorded.data = pipeline;
	uv_prepare_init(pipeline->loop, &pipeline->prepare);
	pipeline->prepare.data = pipeline;
	uv_prepare_start(&pipeline->prepare, before_waiting);
	pipeline->handles = 2;
	return nx_writer_thread_start(pipeline, pipeline->store,
	                              pipeline->counters, &pipeline->recorded,
	                              &pipeline->writer, err);
}

bool nx_pipeline_open(TALLOC_CTX *ctx, uv_loop_t *loop,
                      const struct nx_config *config, struct nx_pipeline **out,
                      struct nx_error *err)
{
	struct nx_pipeline *pipeline = talloc_zero(ctx, struct nx_pipeline);
	pipeline->loop = loop;
	pipeline->small.last = &pipeline->small.first;
	pipeline->large.last = &pipeline->large.first;
	/* not on a context of the loop's: the writer works with it */
	if (!nx_store_open(NULL, config->store, NX_STORE_CREATE,
	                   &pipeline->store, err) ||
	    !nx_store_require(pipeline->store, config->hashed, err)) {
		talloc_free(pipeline);
		return false;
	}
	pipeline->known = nx_known_new(pipeline);
	nx_store_share(pipeline->store, pipeline->known);
	pipeline->counters = nx_counters_new(pipeline);
	if (!start_writer(pipeline, err))
		return false; /* the process ends */
	*out = pipeline;
	return true;
}

struct nx_known *nx_pipeline_known(const struct nx_pipeline *pipeline)
{
	return pipeline->known;
}

struct nx_counters *nx_pipeline_counters(const struct nx_pipeline *pipeline)
{
	return pipeline->counters;
}

static void closed(uv_handle_t *handle)
{
	struct nx_pipeline *pipeline = handle->data;
	if (--pipeline->handles > 0)
		return;
	nx_counters_close(pipeline->counters);
	talloc_free(pipeline);
}

void nx_pipeline_close(struct nx_pipeline *pipeline)
{
	if (pipeline == NULL)
		return;
	if (pipeline->now != NULL)
		nx_pool_close(pipeline->now->pool);
	before_waiting(&pipeline->prepare);
	nx_writer_thread_stop(pipeline->writer);
	nx_store_close(pipeline->store);
	uv_close((uv_handle_t *)&pipeline->prepare, closed);
	uv_close((uv_handle_t *)&pipeline->recorded, closed);
}
