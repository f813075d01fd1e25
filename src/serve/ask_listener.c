/* SPDX-License-Identifier: ISC */
#include "serve/ask_client.h"

#include <string.h>

struct nx_ask_listener {
	struct nx_ask_shared *shared;
	const struct nx_config *config;
	struct nx_ask_place *place;
	uv_prepare_t prepare;
	uv_check_t check;
};

/* --- places --------------------------------------------------------------- */

static const struct nx_asked *asked_at(const struct nx_config *config,
                                       const char *name)
{
	for (size_t i = 0; i < config->asks; i++)
		if (strcmp(config->ask[i].name, name) == 0)
			return &config->asked[i];
	return NULL;
}

static void set_asked(struct nx_ask_place *place, const struct nx_asked *asked)
{
	place->asked = *asked;
	place->asked.map = talloc_strdup(place, asked->map);
	place->asked.transport = talloc_strdup(place, asked->transport);
	place->told = false;
}

/* What a socket is for that was passed to us says its name, unless it is
 * configured. */
static bool find_asked(const struct nx_config *config, const char *name,
                       const char *passed_as, struct nx_asked *out)
{
	const struct nx_asked *asked = asked_at(config, name);
	if (asked == NULL)
		return nx_asked_of_passed(passed_as, out);
	*out = *asked;
	return true;
}

static struct nx_ask_place *place_of(struct nx_ask_listener *ask,
                                     const struct nx_listener *listener)
{
	struct nx_ask_place *place = ask->place;
	struct nx_asked asked;
	while (place != NULL && strcmp(place->name, listener->wanted) != 0)
		place = place->next;
	if (place != NULL || !find_asked(ask->config, listener->wanted,
	                                 listener->passed_as, &asked))
		return place;
	place = talloc_zero(ask->shared, struct nx_ask_place);
	place->name = talloc_strdup(place, listener->wanted);
	place->passed_as = talloc_strdup(place, listener->passed_as);
	set_asked(place, &asked);
	place->next = ask->place;
	ask->place = place;
	return place;
}

static bool is_spoken_alike(const struct nx_asked *one,
                            const struct nx_asked *other)
{
	return one->protocol == other->protocol &&
	       strcmp(one->map, other->map) == 0;
}

/* Clients keep their connections for days; where nobody listens any more, or
 * for another protocol, they end. */
static void end_clients(struct nx_ask_listener *ask,
                        const struct nx_ask_place *place)
{
	struct nx_ask_client *next;
	for (struct nx_ask_client *client = ask->shared->first; client != NULL;
	     client = next) {
		next = client->next;
		if (client->place == place)
			nx_ask_client_drain(client, true);
	}
}

/* The clients still refer to a place that is dropped. */
void nx_ask_listener_configure(struct nx_ask_listener *ask,
                               const struct nx_config *config)
{
	struct nx_ask_place **at = &ask->place;
	ask->config = config;
	nx_answers_configure(ask->shared->answers, config);
	while (*at != NULL) {
		struct nx_ask_place *place = *at;
		struct nx_asked asked;
		if (find_asked(config, place->name, place->passed_as, &asked) &&
		    is_spoken_alike(&asked, &place->asked)) {
			set_asked(place, &asked);
			at = &place->next;
			continue;
		}
		end_clients(ask, place);
		*at = place->next;
		talloc_unlink(ask->shared, place);
	}
}

/* --- clients -------------------------------------------------------------- */

void nx_ask_listener_accept(void *user, uv_stream_t *from,
                            const struct nx_listener *listener)
{
	struct nx_ask_listener *ask = user;
	struct nx_ask_place *place = place_of(ask, listener);
	if (place != NULL)
		nx_ask_client_accept(ask->shared, place, from,
		                     listener->is_unix);
}

/* The clock is asked twice a wake-up, however many questions it brings. */
static void count_checks(struct nx_ask_shared *shared)
{
	const int64_t took = (int64_t)(uv_hrtime() - shared->woken);
	for (int via = 0; via < NX_VIAS; via++) {
		int64_t *checked = shared->checked[via];
		int64_t sum = 0;
		for (int i = 0; i < NX_CHECKEDS; i++)
			sum += checked[i];
		if (sum == 0)
			continue;
		nx_counters_checks(shared->counters, (enum nx_via)via, checked,
		                   took);
		memset(checked, 0, sizeof(shared->checked[via]));
	}
}

static void serve_ready(struct nx_ask_shared *shared)
{
	struct nx_ask_client *ready = shared->ready;
	if (ready == NULL)
		return;
	shared->ready = NULL;
	shared->woken = uv_hrtime();
	nx_answers_begin(shared->answers, uv_now(shared->loop));
	while (ready != NULL) {
		struct nx_ask_client *client = ready;
		ready = client->next_ready;
		nx_ask_client_serve(client);
	}
	nx_answers_end(shared->answers);
	count_checks(shared);
}

static void after_waiting(uv_check_t *handle)
{
	serve_ready(handle->data);
}

/* What became ready since: the loop must not wait with it. */
static void before_waiting(uv_prepare_t *handle)
{
	serve_ready(handle->data);
}

void nx_ask_listener_drain(struct nx_ask_listener *ask, bool at_once)
{
	struct nx_ask_client *next;
	ask->shared->draining = true;
	for (struct nx_ask_client *client = ask->shared->first; client != NULL;
	     client = next) {
		next = client->next;
		nx_ask_client_drain(client, at_once);
	}
}

void nx_ask_listener_tick(struct nx_ask_listener *ask)
{
	const int64_t now = (int64_t)uv_now(ask->shared->loop);
	struct nx_ask_client *next;
	nx_answers_tick(ask->shared->answers, (uint64_t)now);
	for (struct nx_ask_client *client = ask->shared->first; client != NULL;
	     client = next) {
		next = client->next;
		nx_ask_client_tick(client, now);
	}
}

const struct nx_ask_tally *nx_ask_listener_tally(
        const struct nx_ask_listener *ask)
{
	return &ask->shared->tally;
}

bool nx_ask_listener_is_empty(const struct nx_ask_listener *ask)
{
	return ask->shared->tally.clients == 0;
}

/* --- opening and closing -------------------------------------------------- */

struct nx_ask_listener *nx_ask_listener_new(TALLOC_CTX *ctx, uv_loop_t *loop,
                                            struct nx_pipeline *pipeline,
                                            const struct nx_config *config)
{
	struct nx_ask_listener *ask = talloc_zero(ctx, struct nx_ask_listener);
	ask->config = config;
	ask->shared = talloc_zero(ask, struct nx_ask_shared);
	ask->shared->loop = loop;
	ask->shared->counters = nx_pipeline_counters(pipeline);
	ask->shared->answers = nx_answers_new(ask->shared, pipeline, config);
	uv_prepare_init(loop, &ask->prepare);
	uv_check_init(loop, &ask->check);
	ask->prepare.data = ask->check.data = ask->shared;
	uv_prepare_start(&ask->prepare, before_waiting);
	uv_check_start(&ask->check, after_waiting);
	return ask;
}

void nx_ask_listener_close(struct nx_ask_listener *ask)
{
	if (ask == NULL)
		return;
	nx_answers_stop(ask->shared->answers);
	uv_close((uv_handle_t *)&ask->prepare, NULL);
	uv_close((uv_handle_t *)&ask->check, NULL);
}
