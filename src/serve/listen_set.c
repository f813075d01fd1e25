/* SPDX-License-Identifier: ISC */
#include "serve/listen_set.h"

#include "serve/log.h"

#include <string.h>
#include <unistd.h>

enum { BACKLOG = 128 };

struct listen_socket { /* a listening socket */
	struct nx_listen_set *set;
	struct listen_socket *next;
	struct nx_listener listener;
	bool adopted; /* passed to us: it stays whatever is configured */
	union nx_peer peer;
};

struct nx_listen_set {
	uv_loop_t *loop;
	struct nx_listen_service service;
	struct listen_socket *first;
	size_t open; /* sockets that are not closed yet */
};

struct nx_listen_set *nx_listen_set_new(TALLOC_CTX *ctx, uv_loop_t *loop,
                                        const struct nx_listen_service *service)
{
	struct nx_listen_set *set = talloc_zero(ctx, struct nx_listen_set);
	set->loop = loop;
	set->service = *service;
	return set;
}

/* --- one socket ----------------------------------------------------------- */

static void listen_socket_closed(uv_handle_t *handle)
{
	struct listen_socket *listen_socket = handle->data;
	listen_socket->set->open--;
	talloc_free(listen_socket);
}

static void close_listen_socket(struct listen_socket *listen_socket)
{
	nx_listen_remove(&listen_socket->listener);
	uv_close(&listen_socket->peer.handle, listen_socket_closed);
}

static void on_client(uv_stream_t *stream, int status)
{
	const struct listen_socket *listen_socket = stream->data;
	const struct nx_listen_service *service = &listen_socket->set->service;
	if (status >= 0)
		service->accept(service->user, stream,
		                &listen_socket->listener);
}

static int start(struct listen_socket *listen_socket, uv_loop_t *loop)
{
	const int descriptor = listen_socket->listener.descriptor;
	int status;
	if (listen_socket->listener.is_unix) {
		uv_pipe_init(loop, &listen_socket->peer.pipe, 0);
		status = uv_pipe_open(&listen_socket->peer.pipe, descriptor);
	} else {
		uv_tcp_init(loop, &listen_socket->peer.tcp);
		status = uv_tcp_open(&listen_socket->peer.tcp, descriptor);
	}
	listen_socket->peer.handle.data = listen_socket;
	if (status != 0)
		close(descriptor);
	return status != 0 ? status
	                   : uv_listen(&listen_socket->peer.stream, BACKLOG,
	                               on_client);
}

/* Takes ownership of the descriptor; texts are copied. */
static bool add(struct nx_listen_set *set, const struct nx_listener *listener,
                bool adopted, struct nx_error *err)
{
	struct listen_socket *listen_socket =
	        talloc_zero(set, struct listen_socket);
	struct nx_listener *own = &listen_socket->listener;
	listen_socket->set = set;
	listen_socket->adopted = adopted;
	*own = *listener;
	own->wanted = talloc_strdup(listen_socket, listener->wanted);
	own->name = talloc_strdup(listen_socket, listener->name);
	own->path = talloc_strdup(listen_socket, listener->path);
	own->passed_as = talloc_strdup(listen_socket, listener->passed_as);
	const int status = start(listen_socket, set->loop);
	set->open++;
	if (status != 0) {
		close_listen_socket(listen_socket);
		return nx_error_set(err, NX_ERROR_TEMPORARY, "%s: %s",
		                    listener->name, uv_strerror(status));
	}
	listen_socket->next = set->first;
	set->first = listen_socket;
	nx_log_event("listen", set->service.name, own->name, NX_LOG_END);
	return true;
}

static struct listen_socket **find(struct nx_listen_set *set, const char *name)
{
	struct listen_socket **at = &set->first;
	while (*at != NULL && strcmp((*at)->listener.wanted, name) != 0)
		at = &(*at)->next;
	return at;
}

static void drop(struct listen_socket **at)
{
	struct listen_socket *listen_socket = *at;
	*at = listen_socket->next;
	close_listen_socket(listen_socket);
}

/* --- those of a service manager ------------------------------------------- */

bool nx_listen_set_adopt(struct nx_listen_set *set, int descriptor,
                         const char *name, struct nx_error *err)
{
	struct nx_listener listener;
	TALLOC_CTX *ctx = talloc_new(NULL);
	const bool done =
	        nx_listen_adopt(ctx, descriptor, name, &listener, err) &&
	        add(set, &listener, true, err);
	talloc_free(ctx);
	return done;
}

bool nx_listen_set_has_adopted(const struct nx_listen_set *set)
{
	const struct listen_socket *listen_socket = set->first;
	while (listen_socket != NULL && !listen_socket->adopted)
		listen_socket = listen_socket->next;
	return listen_socket != NULL;
}

/* --- those of the configuration ------------------------------------------- */

static bool open_one(struct nx_listen_set *set, const struct nx_listen *wanted,
                     struct nx_error *err)
{
	struct nx_listener listener;
	struct listen_socket **there = find(set, wanted->name);
	if (*there != NULL && !nx_listen_is_gone(&(*there)->listener))
		return nx_listen_dress(&(*there)->listener, wanted, err);
	if (*there != NULL)
		drop(there);
	TALLOC_CTX *ctx = talloc_new(NULL);
	const bool done = nx_listen_open(ctx, wanted, &listener, err) &&
	                  add(set, &listener, false, err);
	talloc_free(ctx);
	return done;
}

bool nx_listen_set_open(struct nx_listen_set *set,
                        const struct nx_listen *wanted, size_t count,
                        struct nx_error *err)
{
	for (size_t i = 0; i < count; i++)
		if (!open_one(set, &wanted[i], err))
			return false;
	return true;
}

static const struct nx_listen *wanted_as(const struct nx_listen *wanted,
                                         size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(wanted[i].name, name) == 0)
			return &wanted[i];
	return NULL;
}

void nx_listen_set_keep(struct nx_listen_set *set,
                        const struct nx_listen *wanted, size_t count)
{
	struct listen_socket **at = &set->first;
	while (*at != NULL) {
		struct nx_error ignored;
		const struct nx_listener *listener = &(*at)->listener;
		const struct nx_listen *as =
		        wanted_as(wanted, count, listener->wanted);
		if (as == NULL && !(*at)->adopted) {
			drop(at);
			continue;
		}
		if (as != NULL)
			(void)!nx_listen_dress(listener, as, &ignored);
		at = &(*at)->next;
	}
}

void nx_listen_set_close(struct nx_listen_set *set)
{
	while (set->first != NULL)
		drop(&set->first);
}

bool nx_listen_set_is_empty(const struct nx_listen_set *set)
{
	return set->open == 0;
}

/* --- clients -------------------------------------------------------------- */

int nx_listen_accept(uv_loop_t *loop, uv_stream_t *from, bool is_unix,
                     union nx_peer *out)
{
	if (is_unix)
		uv_pipe_init(loop, &out->pipe, 0);
	else
		uv_tcp_init(loop, &out->tcp);
	return uv_accept(from, &out->stream);
}
