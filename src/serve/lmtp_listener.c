/* SPDX-License-Identifier: ISC */
#include "serve/lmtp_listener.h"

#include "serve/session.h"

#include <string.h>
#include <unistd.h>

enum { BACKLOG = 128, HOST_SIZE = 256 };

struct listen_socket { /* a listening socket */
	struct nx_lmtp_listener *lmtp_listener;
	struct listen_socket *next;
	struct nx_listener listener;
	union nx_peer peer;
};

struct nx_lmtp_listener {
	struct nx_lmtp_shared *shared;
	struct listen_socket *listen_socket;
	int64_t refused;
	size_t open; /* sockets that are not closed yet */
};

/* --- sockets -------------------------------------------------------------- */

static void listen_socket_closed(uv_handle_t *handle)
{
	struct listen_socket *listen_socket = handle->data;
	struct nx_lmtp_listener *lmtp_listener = listen_socket->lmtp_listener;
	lmtp_listener->open--;
	talloc_free(listen_socket);
}

static void close_listen_socket(struct listen_socket *listen_socket)
{
	nx_listen_remove(&listen_socket->listener);
	uv_close(&listen_socket->peer.handle, listen_socket_closed);
}

/* A client beyond the limit is told so; it needs no room, since it is not read
 * from. */
static void on_client(uv_stream_t *stream, int status)
{
	const struct listen_socket *listen_socket = stream->data;
	struct nx_lmtp_listener *lmtp_listener = listen_socket->lmtp_listener;
	struct nx_lmtp_shared *shared = lmtp_listener->shared;
	if (status < 0)
		return;
	struct nx_session *session = nx_session_accept(
	        shared, stream, listen_socket->listener.is_unix);
	if (session != NULL &&
	    (int64_t)shared->sessions > shared->limits.sessions)
		lmtp_listener->refused++;
}

static int open_listen_socket(struct listen_socket *listen_socket,
                              uv_loop_t *loop)
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

bool nx_lmtp_listener_open(struct nx_lmtp_listener *lmtp_listener,
                           const struct nx_listener *listener,
                           struct nx_error *err)
{
	struct listen_socket *listen_socket =
	        talloc_zero(lmtp_listener, struct listen_socket);
	listen_socket->lmtp_listener = lmtp_listener;
	listen_socket->listener = *listener;
	listen_socket->listener.wanted =
	        talloc_strdup(listen_socket, listener->wanted);
	listen_socket->listener.name =
	        talloc_strdup(listen_socket, listener->name);
	listen_socket->listener.path =
	        talloc_strdup(listen_socket, listener->path);
	const int status =
	        open_listen_socket(listen_socket, lmtp_listener->shared->loop);
	lmtp_listener->open++;
	if (status != 0) {
		close_listen_socket(listen_socket);
		return nx_error_set(err, NX_ERROR_TEMPORARY, "%s: %s",
		                    listener->name, uv_strerror(status));
	}
	listen_socket->next = lmtp_listener->listen_socket;
	lmtp_listener->listen_socket = listen_socket;
	return true;
}

const struct nx_listener *nx_lmtp_listener_find(
        const struct nx_lmtp_listener *lmtp_listener, const char *name)
{
	for (const struct listen_socket *listen_socket =
	             lmtp_listener->listen_socket;
	     listen_socket != NULL; listen_socket = listen_socket->next)
		if (strcmp(listen_socket->listener.wanted, name) == 0)
			return &listen_socket->listener;
	return NULL;
}

void nx_lmtp_listener_close_others(struct nx_lmtp_listener *lmtp_listener,
                                   bool (*keeps)(void *user, const char *name),
                                   void *user)
{
	struct listen_socket **at = &lmtp_listener->listen_socket;
	while (*at != NULL) {
		struct listen_socket *listen_socket = *at;
		if (keeps(user, listen_socket->listener.wanted)) {
			at = &listen_socket->next;
			continue;
		}
		*at = listen_socket->next;
		close_listen_socket(listen_socket);
	}
}

static bool keeps_none(void *user, const char *name)
{
	(void)user;
	(void)name;
	return false;
}

/* --- the LMTP listener ---------------------------------------------------- */

static void take_domains(struct nx_lmtp_shared *shared,
                         const struct nx_config *config)
{
	const struct nx_site_names *domains = &config->site.domains;
	talloc_free(shared->domain);
	shared->domain = talloc_array(shared, const char *, domains->count);
	shared->domains = domains->count;
	for (size_t i = 0; i < domains->count; i++)
		shared->domain[i] =
		        talloc_strdup(shared->domain, domains->name[i]);
}

void nx_lmtp_listener_configure(struct nx_lmtp_listener *lmtp_listener,
                                const struct nx_config *config)
{
	char host[HOST_SIZE] = "localhost";
	struct nx_lmtp_shared *shared = lmtp_listener->shared;
	gethostname(host, sizeof(host) - 1);
	talloc_free(shared->host);
	shared->host =
	        talloc_strdup(shared, *config->host ? config->host : host);
	shared->limits = config->limits;
	take_domains(shared, config);
}

struct nx_lmtp_listener *nx_lmtp_listener_new(TALLOC_CTX *ctx, uv_loop_t *loop,
                                              struct nx_pipeline *pipeline,
                                              const struct nx_config *config)
{
	struct nx_lmtp_listener *lmtp_listener =
	        talloc_zero(ctx, struct nx_lmtp_listener);
	lmtp_listener->shared =
	        talloc_zero(lmtp_listener, struct nx_lmtp_shared);
	lmtp_listener->shared->loop = loop;
	lmtp_listener->shared->pipeline = pipeline;
	nx_lmtp_listener_configure(lmtp_listener, config);
	return lmtp_listener;
}

void nx_lmtp_listener_drain(struct nx_lmtp_listener *lmtp_listener,
                            bool at_once)
{
	struct nx_session *next;
	lmtp_listener->shared->draining = true;
	nx_lmtp_listener_close_others(lmtp_listener, keeps_none, NULL);
	for (struct nx_session *session = lmtp_listener->shared->first;
	     session != NULL; session = next) {
		next = session->next;
		nx_session_drain(session, at_once);
	}
}

size_t nx_lmtp_listener_sessions(const struct nx_lmtp_listener *lmtp_listener)
{
	return lmtp_listener->shared->sessions;
}

int64_t nx_lmtp_listener_refused(const struct nx_lmtp_listener *lmtp_listener)
{
	return lmtp_listener->refused;
}

void nx_lmtp_listener_tick(struct nx_lmtp_listener *lmtp_listener)
{
	const int64_t now = (int64_t)uv_now(lmtp_listener->shared->loop);
	struct nx_session *next;
	for (struct nx_session *session = lmtp_listener->shared->first;
	     session != NULL; session = next) {
		next = session->next;
		nx_session_tick(session, now);
	}
}

bool nx_lmtp_listener_is_empty(const struct nx_lmtp_listener *lmtp_listener)
{
	return lmtp_listener->open == 0 && lmtp_listener->shared->sessions == 0;
}
