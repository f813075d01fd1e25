/* SPDX-License-Identifier: ISC */
#include "serve/ask_client.h"

#include "serve/log.h"

#include <string.h>

enum {
	WAITING = 2048, /* octets to be sent, before more is answered */
	PATIENCE_MS = 30 * 1000,
	BEYOND_MS = 5 * 1000,
	LINGER_MS = 2 * 1000
};

static int64_t now_of(const struct nx_ask_client *client)
{
	return (int64_t)uv_now(client->shared->loop);
}

/* --- the end -------------------------------------------------------------- */

static void make_ready(struct nx_ask_client *client)
{
	struct nx_ask_shared *shared = client->shared;
	if (client->is_ready || client->closing)
		return;
	client->is_ready = true;
	client->next_ready = shared->ready;
	shared->ready = client;
}

static void client_closed(uv_handle_t *handle)
{
	struct nx_ask_client *client = handle->data;
	client->shared->tally.clients--;
	*client->back = client->next;
	if (client->next != NULL)
		client->next->back = client->back;
	client->closed = true;
	if (!client->held.waits)
		talloc_free(client);
}

static void close_client(struct nx_ask_client *client)
{
	if (client->closing)
		return;
	client->closing = true;
	uv_close(&client->peer.handle, client_closed);
}

/* Closing a socket with unread bytes may discard our last answer. */
static void linger(struct nx_ask_client *client)
{
	client->lingering = true;
	client->rest_size = 0;
	client->since = now_of(client);
	if (client->ended ||
	    uv_shutdown(&client->shutdown, &client->peer.stream, NULL) != 0)
		close_client(client);
}

/* --- input ---------------------------------------------------------------- */

static bool is_over(const struct nx_ask_client *client)
{
	return nx_ask_is_over(client->ask);
}

/* What comes behind a question waits for its answer. */
static void feed(struct nx_ask_client *client, const char *bytes, size_t size)
{
	const size_t used = nx_ask_feed(client->ask, bytes, size);
	client->rest_size = is_over(client) ? 0 : size - used;
	if (client->rest_size == 0)
		return;
	if (client->rest == NULL)
		client->rest = talloc_size(client, NX_ASK_REQUEST);
	memmove(client->rest, bytes + used, client->rest_size);
}

static void feed_rest(struct nx_ask_client *client)
{
	if (client->rest != NULL)
		feed(client, client->rest, client->rest_size);
}

static bool has_question(const struct nx_ask_client *client)
{
	return nx_ask_question(client->ask) != NULL;
}

/* Room for as much as can be kept; none while something waits. */
static void on_room(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
	struct nx_ask_client *client = handle->data;
	const bool waits = !client->lingering &&
	                   (client->rest_size > 0 || has_question(client));
	(void)size;
	*buffer = uv_buf_init(client->shared->input,
	                      waits ? 0 : sizeof(client->shared->input));
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
	struct nx_ask_client *client = stream->data;
	if (size == 0 || size == UV_ENOBUFS || client->closing)
		return;
	if (size < 0 && (client->lingering || size != UV_EOF)) {
		close_client(client);
		return;
	}
	client->ended = size < 0;
	if (client->lingering)
		return;
	client->since = now_of(client);
	if (size > 0)
		feed(client, buffer->base, (size_t)size);
	if (client->ended || has_question(client) || is_over(client))
		make_ready(client);
}

static void listen_to(struct nx_ask_client *client, bool listens)
{
	if (client->ended || client->is_reading == listens)
		return;
	client->is_reading = listens;
	if (listens)
		uv_read_start(&client->peer.stream, on_room, on_read);
	else
		uv_read_stop(&client->peer.stream);
}

/* --- output --------------------------------------------------------------- */

static void written(uv_write_t *write, int status)
{
	struct nx_ask_client *client = write->data;
	TALLOC_FREE(client->unsent);
	client->since = now_of(client);
	if (status < 0)
		close_client(client);
	make_ready(client);
}

static void send_later(struct nx_ask_client *client)
{
	size_t size;
	const char *output = nx_ask_output(client->ask, &size);
	if (size == 0)
		return;
	client->unsent = talloc_memdup(client, output, size);
	nx_ask_sent(client->ask, size);
	uv_buf_t buffer = uv_buf_init(client->unsent, (unsigned)size);
	client->write.data = client;
	if (uv_write(&client->write, &client->peer.stream, &buffer, 1,
	             written) != 0)
		close_client(client);
}

/* Writes what the socket accepts; the rest follows when it can. */
static void flush(struct nx_ask_client *client)
{
	size_t size;
	const char *output = nx_ask_output(client->ask, &size);
	if (size == 0)
		return;
	client->since = now_of(client);
	uv_buf_t buffer = uv_buf_init((char *)output, (unsigned)size);
	const int n = uv_try_write(&client->peer.stream, &buffer, 1);
	if (n < 0 && n != UV_EAGAIN) {
		close_client(client);
		return;
	}
	nx_ask_sent(client->ask, n > 0 ? (size_t)n : 0);
	send_later(client);
}

/* --- answers -------------------------------------------------------------- */

static void tell_map(struct nx_ask_client *client,
                     const struct nx_ask_question *question)
{
	struct nx_ask_place *place = client->place;
	if (!place->told)
		nx_log_event("ask", "listen", place->name, "unknown_map",
		             question->map, NX_LOG_END);
	place->told = true;
}

/* One that waited for its attempt. */
static void count_held(const struct nx_ask_client *client, bool failed)
{
	const int64_t result[NX_CHECKEDS] = {
	        [NX_CHECKED_SUPPRESSED] = !failed,
	        [NX_CHECKED_TROUBLE] = failed,
	};
	nx_counters_checks(client->shared->counters,
	                   nx_answers_via(&client->place->asked,
	                                  nx_ask_question(client->ask)),
	                   result, (int64_t)(uv_hrtime() - client->held.asked));
}

static void attempted(void *user, const struct nx_attempt_answer *said)
{
	struct nx_ask_client *client = user;
	const char *text = client->held.text;
	enum nx_ask_answer given = client->held.given;
	client->held.waits = false;
	if (client->closed) {
		talloc_free(client);
		return;
	}
	count_held(client, said->failed);
	if (said->failed)
		given = nx_answers_trouble(&client->place->asked,
		                           nx_ask_question(client->ask), &text);
	nx_ask_answer(client->ask, given, text);
	TALLOC_FREE(client->held.text);
	feed_rest(client);
	make_ready(client);
}

static void hold(struct nx_ask_client *client, enum nx_ask_answer given,
                 const char *text)
{
	client->held.waits = true;
	client->held.given = given;
	client->held.asked = client->shared->woken;
	client->held.text = talloc_strdup(client, text);
}

static void answer(struct nx_ask_client *client,
                   const struct nx_ask_question *question)
{
	struct nx_ask_shared *shared = client->shared;
	const struct nx_asked *asked = &client->place->asked;
	const char *text;
	enum nx_checked checked = NX_CHECKED_TROUBLE;
	struct nx_answers_waiter waiter = {.done = attempted, .user = client};
	const enum nx_ask_answer given =
	        client->is_beyond
	                ? nx_answers_trouble(asked, question, &text)
	                : nx_answers_give(shared->answers, asked, question,
	                                  &waiter, &text, &checked);
	if (given == NX_ASK_REFUSED)
		tell_map(client, question);
	shared->tally.questions++;
	shared->tally.blocked += checked == NX_CHECKED_SUPPRESSED;
	if (waiter.waits) {
		hold(client, given, text);
		return;
	}
	if (checked != NX_CHECKEDS)
		shared->checked[nx_answers_via(asked, question)][checked]++;
	nx_ask_answer(client->ask, given, text);
}

/* What can be sent at once; returns whether there is more. */
static bool answer_some(struct nx_ask_client *client)
{
	const struct nx_ask_question *question;
	size_t size = 0;
	while (!client->held.waits && size < WAITING &&
	       (question = nx_ask_question(client->ask)) != NULL) {
		answer(client, question);
		if (client->held.waits)
			break;
		feed_rest(client);
		nx_ask_output(client->ask, &size);
	}
	return has_question(client) && !client->held.waits;
}

void nx_ask_client_serve(struct nx_ask_client *client)
{
	bool more = true;
	client->is_ready = false;
	while (more && client->unsent == NULL && !client->closing) {
		more = answer_some(client);
		flush(client);
	}
	if (client->closing || client->lingering)
		return;
	listen_to(client, client->unsent == NULL && !client->held.waits);
	if (client->unsent != NULL || client->held.waits)
		return;
	if (client->ended || client->shared->draining)
		close_client(client);
	else if (is_over(client) ||
	         (client->is_beyond && nx_ask_is_idle(client->ask)))
		linger(client);
}

/* --- the connection ------------------------------------------------------- */

static void begin(struct nx_ask_client *client)
{
	struct nx_ask_shared *shared = client->shared;
	client->since = now_of(client);
	client->next = shared->first;
	client->back = &shared->first;
	if (shared->first != NULL)
		shared->first->back = &client->next;
	shared->first = client;
	shared->tally.clients++;
	client->is_beyond = shared->tally.clients > NX_ASK_CLIENTS;
	shared->tally.refused += client->is_beyond;
}

void nx_ask_client_accept(struct nx_ask_shared *shared,
                          struct nx_ask_place *place, uv_stream_t *from,
                          bool is_unix)
{
	const struct nx_asked *asked = &place->asked;
	struct nx_ask_client *client =
	        talloc_zero(shared, struct nx_ask_client);
	client->shared = shared;
	client->place = talloc_reference(client, place);
	client->ask = nx_ask_new(client, asked->protocol, asked->map);
	const int status =
	        nx_listen_accept(shared->loop, from, is_unix, &client->peer);
	client->peer.handle.data = client;
	begin(client);
	if (status != 0 || shared->draining ||
	    shared->tally.clients > NX_ASK_CLIENTS + NX_ASK_AWAY)
		close_client(client);
	else
		listen_to(client, true);
	if (!is_unix && status == 0)
		uv_tcp_nodelay(&client->peer.tcp, 1);
}

void nx_ask_client_tick(struct nx_ask_client *client, int64_t now)
{
	int64_t patience = INT64_MAX;
	if (client->lingering)
		patience = LINGER_MS;
	else if (client->is_beyond)
		patience = BEYOND_MS;
	else if (client->unsent != NULL || !nx_ask_is_idle(client->ask))
		patience = PATIENCE_MS;
	if (now - client->since > patience)
		close_client(client);
}

void nx_ask_client_drain(struct nx_ask_client *client, bool at_once)
{
	if (at_once || (client->unsent == NULL && !client->is_ready &&
	                !client->held.waits))
		close_client(client);
}
