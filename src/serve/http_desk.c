/* SPDX-License-Identifier: ISC */
#include "serve/http_desk.h"

#include "api/answer.h"
#include "serve/counters.h"
#include "serve/reading_store.h"
#include "sys/clock.h"

struct nx_http_desk {
	uv_loop_t *loop;
	struct nx_pipeline *pipeline;
	nx_http_daemon *daemon;
	void *user;
	uv_mutex_t looking; /* for the view and its memory */
	struct nx_reading_store view;
	TALLOC_CTX *viewed;
	uv_async_t given; /* sent when there is an errand */
	uv_mutex_t lock;  /* for these */
	struct nx_http_errand *first, **last;
};

/* --- what only reads ------------------------------------------------------ */

/* To begin a view takes longer than to ask: it stays open for whoever comes
 * next, and is ended by the next tick at the latest. */
void nx_http_desk_read(struct nx_http_desk *desk, struct nx_api_call *call)
{
	uv_mutex_lock(&desk->looking);
	nx_reading_store_go_on(desk->viewed, &desk->view,
	                       (uint64_t)nx_clock_milliseconds());
	call->store = desk->view.store;
	call->now = desk->view.now;
	if (desk->view.is_open)
		nx_api_read(call);
	else
		(void)nx_api_away(call);
	call->store = NULL;
	if (call->answer.retry_after > 0)
		nx_reading_store_end(&desk->view);
	uv_mutex_unlock(&desk->looking);
}

void nx_http_desk_count(struct nx_http_desk *desk,
                        const struct nx_http_errand *errand)
{
	const struct nx_api_call *call = errand->call;
	if (call->route == NULL || !call->route->checks)
		return;
	const int64_t result[NX_CHECKEDS] = {
	        [NX_CHECKED_FREE] = (int64_t)call->checked.free,
	        [NX_CHECKED_SUPPRESSED] = (int64_t)call->checked.suppressed,
	        [NX_CHECKED_TROUBLE] = call->answer.status == 503};
	nx_counters_checks(nx_pipeline_counters(desk->pipeline), NX_VIA_HTTP,
	                   result, (int64_t)(uv_hrtime() - errand->begun));
}

/* One that is being read now is there. */
void nx_http_desk_tick(struct nx_http_desk *desk)
{
	if (uv_mutex_trylock(&desk->looking) != 0)
		return;
	nx_reading_store_end(&desk->view);
	nx_reading_store_tick(desk->viewed, &desk->view,
	                      (uint64_t)nx_clock_milliseconds());
	uv_mutex_unlock(&desk->looking);
}

/* --- what the loop does --------------------------------------------------- */

static bool write_call(void *user, const struct nx_commit *to, int64_t now,
                       struct nx_error *err)
{
	struct nx_http_errand *errand = user;
	const struct nx_api_writing writing = {
	        .store = to->store, .policy = to->policy, .now = now};
	return nx_api_write(errand->call, &writing, err);
}

static void was_written(void *user, const struct nx_error *err)
{
	struct nx_http_errand *errand = user;
	if (err != NULL)
		(void)nx_api_away(errand->call);
	errand->done(errand);
}

static void was_recorded(void *user, const enum nx_lmtp_answer *answer)
{
	struct nx_http_errand *errand = user;
	nx_api_submitted(errand->call, answer);
	errand->done(errand);
}

static void start(struct nx_http_desk *desk, struct nx_http_errand *errand)
{
	switch (errand->call->way) {
	case NX_API_WRITES:
		errand->task = (struct nx_task){
		        .run = write_call, .done = was_written, .user = errand};
		nx_pipeline_write(desk->pipeline, &errand->task);
		return;
	case NX_API_SUBMITS:
		nx_pipeline_submit(desk->pipeline, &errand->call->submission,
		                   was_recorded, errand);
		return;
	case NX_API_DAEMON:
		desk->daemon(desk->user, errand->call);
		if (errand->call->way != NX_API_WRITES)
			break;
		start(desk, errand);
		return;
	case NX_API_ANSWERED:
	case NX_API_READS:
		break;
	}
	errand->done(errand);
}

static void on_given(uv_async_t *handle)
{
	struct nx_http_desk *desk = handle->data;
	uv_mutex_lock(&desk->lock);
	struct nx_http_errand *errand = desk->first;
	desk->first = NULL;
	desk->last = &desk->first;
	uv_mutex_unlock(&desk->lock);
	while (errand != NULL) {
		struct nx_http_errand *next = errand->next;
		start(desk, errand);
		errand = next;
	}
}

void nx_http_desk_give(struct nx_http_desk *desk, struct nx_http_errand *errand)
{
	errand->next = NULL;
	uv_mutex_lock(&desk->lock);
	*desk->last = errand;
	desk->last = &errand->next;
	uv_mutex_unlock(&desk->lock);
	uv_async_send(&desk->given);
}

/* --- opening and closing -------------------------------------------------- */

struct nx_http_desk *nx_http_desk_new(TALLOC_CTX *ctx, uv_loop_t *loop,
                                      struct nx_pipeline *pipeline,
                                      const struct nx_config *config)
{
	struct nx_http_desk *desk = talloc_zero(ctx, struct nx_http_desk);
	desk->loop = loop;
	desk->pipeline = pipeline;
	desk->last = &desk->first;
	desk->viewed = talloc_new(NULL); /* another thread uses it */
	desk->view = (struct nx_reading_store){
	        .name = "http",
	        .directory = talloc_strdup(desk, config->store),
	        .hashed = config->hashed,
	        .known = nx_pipeline_known(pipeline),
	        .counters = nx_pipeline_counters(pipeline)};
	uv_mutex_init(&desk->looking);
	uv_mutex_init(&desk->lock);
	uv_async_init(loop, &desk->given, on_given);
	desk->given.data = desk;
	return desk;
}

void nx_http_desk_set_daemon(struct nx_http_desk *desk, nx_http_daemon *answer,
                             void *user)
{
	desk->daemon = answer;
	desk->user = user;
}

void nx_http_desk_close(struct nx_http_desk *desk)
{
	nx_reading_store_end(&desk->view);
	nx_store_close(desk->view.store);
	talloc_free(desk->viewed);
	uv_mutex_destroy(&desk->looking);
	uv_mutex_destroy(&desk->lock);
	uv_close((uv_handle_t *)&desk->given, NULL);
}
