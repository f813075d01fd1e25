/* SPDX-License-Identifier: ISC */
#include "serve/http_connection.h"

#include "sys/clock.h"

#include <sys/socket.h>

enum {
	POOL = 8 * 1024, /* octets, which most requests need at most */
	TICK_MS = 1000   /* at most, between ticks */
};

struct nx_http_connections *nx_http_connections_new(
        TALLOC_CTX *ctx, struct nx_http_settings *settings)
{
	struct nx_http_connections *all =
	        talloc_zero(ctx, struct nx_http_connections);
	all->settings = settings;
	all->now = nx_clock_milliseconds();
	uv_mutex_init(&all->lock);
	return all;
}

void nx_http_connections_close(struct nx_http_connections *all)
{
	uv_mutex_destroy(&all->lock);
}

/* --- settings ------------------------------------------------------------- */

/* With the lock. */
static void free_unused(struct nx_http_connections *all)
{
	struct nx_http_settings **at = &all->settings->older;
	while (*at != NULL) {
		struct nx_http_settings *old = *at;
		if (old->users > 0) {
			at = &old->older;
			continue;
		}
		*at = old->older;
		talloc_free(old);
	}
}

void nx_http_connections_use(struct nx_http_connections *all,
                             struct nx_http_settings *settings)
{
	uv_mutex_lock(&all->lock);
	settings->older = all->settings;
	all->settings = settings;
	free_unused(all);
	uv_mutex_unlock(&all->lock);
}

/* --- one connection ------------------------------------------------------- */

/* Milliseconds that it may stay in a phase, however it trickles; 0: any. */
static int64_t patience(const struct nx_limits *limits,
                        enum nx_http_phase phase)
{
	switch (phase) {
	case NX_HTTP_ARRIVED:
	case NX_HTTP_WAITING:
		return 1000 * limits->idle;
	case NX_HTTP_BODY:
	case NX_HTTP_ANSWERING:
		return 1000 * limits->data;
	case NX_HTTP_BUSY:
		break;
	}
	return 0;
}

/* With the lock. */
static void enter(struct nx_http_connection *connection,
                  enum nx_http_phase phase)
{
	const struct nx_http_connections *all = connection->all;
	const int64_t span = patience(&all->settings->limits, phase);
	connection->phase = phase;
	connection->until = span > 0 ? all->now + TICK_MS + span : 0;
}

void nx_http_connection_enter(struct nx_http_connection *connection,
                              enum nx_http_phase phase)
{
	uv_mutex_lock(&connection->all->lock);
	enter(connection, phase);
	uv_mutex_unlock(&connection->all->lock);
}

struct nx_http_connection *nx_http_connection_add(
        struct nx_http_connections *all, int descriptor,
        const struct nx_listener *listening)
{
	struct nx_http_connection *connection = NULL;
	uv_mutex_lock(&all->lock);
	if ((int64_t)all->count < all->settings->limits.sessions) {
		connection = talloc_zero(NULL, struct nx_http_connection);
		connection->all = all;
		connection->descriptor = descriptor;
		connection->name = talloc_strdup(connection, listening->wanted);
		connection->is_unix = listening->is_unix;
		connection->is_passed = *listening->passed_as != '\0';
		connection->pool = talloc_pool(connection, POOL);
		connection->next = all->first;
		connection->back = &all->first;
		if (all->first != NULL)
			all->first->back = &connection->next;
		all->first = connection;
		all->count++;
		enter(connection, NX_HTTP_ARRIVED);
	}
	uv_mutex_unlock(&all->lock);
	return connection;
}

struct nx_http_connection *nx_http_connection_find(
        struct nx_http_connections *all, int descriptor)
{
	uv_mutex_lock(&all->lock);
	struct nx_http_connection *found = all->first;
	while (found != NULL && (found->phase != NX_HTTP_ARRIVED ||
	                         found->descriptor != descriptor))
		found = found->next;
	if (found != NULL)
		found->phase = NX_HTTP_WAITING;
	uv_mutex_unlock(&all->lock);
	return found;
}

void nx_http_connection_remove(struct nx_http_connection *connection)
{
	struct nx_http_connections *all = connection->all;
	uv_mutex_lock(&all->lock);
	*connection->back = connection->next;
	if (connection->next != NULL)
		connection->next->back = connection->back;
	all->count--;
	uv_mutex_unlock(&all->lock);
	talloc_free(connection);
}

/* --- a request ------------------------------------------------------------ */

void nx_http_connection_begin(struct nx_http_connection *connection)
{
	struct nx_http_connections *all = connection->all;
	uv_mutex_lock(&all->lock);
	connection->settings = all->settings;
	connection->settings->users++;
	all->requests++;
	enter(connection, NX_HTTP_BODY);
	uv_mutex_unlock(&all->lock);
	connection->call =
	        nx_api_call_new(connection->pool, &connection->settings->api);
	connection->errand.call = connection->call;
}

void nx_http_connection_end(struct nx_http_connection *connection)
{
	struct nx_http_connections *all = connection->all;
	all->held -= (int64_t)connection->granted;
	talloc_free_children(connection->pool);
	connection->call = NULL;
	connection->body = NULL;
	connection->size = connection->room = connection->whole = 0;
	connection->large = (struct nx_large_message){.size = 0};
	connection->granted = connection->thrown = 0;
	connection->is_refused = connection->is_done = false;
	connection->wrote = false;
	uv_mutex_lock(&all->lock);
	connection->settings->users--;
	connection->settings = NULL;
	enter(connection, NX_HTTP_WAITING);
	if (all->draining)
		shutdown(connection->descriptor, SHUT_RD);
	uv_mutex_unlock(&all->lock);
}

/* --- all of them ---------------------------------------------------------- */

void nx_http_connections_tick(struct nx_http_connections *all)
{
	uv_mutex_lock(&all->lock);
	const int64_t now = all->now = nx_clock_milliseconds();
	for (const struct nx_http_connection *at = all->first; at != NULL;
	     at = at->next)
		if (at->until > 0 && at->until < now)
			shutdown(at->descriptor, SHUT_RDWR);
	free_unused(all);
	uv_mutex_unlock(&all->lock);
}

static int ending(enum nx_http_phase phase, bool at_once)
{
	switch (phase) {
	case NX_HTTP_BUSY:
		return -1;
	case NX_HTTP_ARRIVED:
	case NX_HTTP_WAITING:
		return SHUT_RD;
	case NX_HTTP_BODY:
	case NX_HTTP_ANSWERING:
		break;
	}
	return at_once ? SHUT_RDWR : -1;
}

/* What was received before is still read, and answered. */
void nx_http_connections_drain(struct nx_http_connections *all, bool at_once)
{
	uv_mutex_lock(&all->lock);
	all->draining = true;
	for (const struct nx_http_connection *at = all->first; at != NULL;
	     at = at->next) {
		const int how = ending(at->phase, at_once);
		if (how >= 0)
			shutdown(at->descriptor, how);
	}
	uv_mutex_unlock(&all->lock);
}
