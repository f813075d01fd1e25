/* SPDX-License-Identifier: ISC */
#include "serve/lmtp.h"

#include "serve/session.h"

#include <string.h>
#include <unistd.h>

enum { BACKLOG = 128, HOST_SIZE = 256 };

struct gate { /* a socket that listens */
	struct nx_door *door;
	struct gate *next;
	struct nx_listener listener;
	union nx_peer peer;
};

struct nx_door {
	struct nx_hall *hall;
	struct gate *gate;
	int64_t refused;
	size_t open; /* gates that are not closed yet */
};

/* --- gates ---------------------------------------------------------------- */

static void gate_closed(uv_handle_t *handle)
{
	struct gate *gate = handle->data;
	struct nx_door *door = gate->door;
	door->open--;
	talloc_free(gate);
}

static void close_gate(struct gate *gate)
{
	nx_listen_remove(&gate->listener);
	uv_close(&gate->peer.handle, gate_closed);
}

/* A client more than there may be is told so; it costs no room, as it is not
 * read from. */
static void on_client(uv_stream_t *stream, int status)
{
	const struct gate *gate = stream->data;
	struct nx_door *door = gate->door;
	struct nx_hall *hall = door->hall;
	if (status < 0)
		return;
	struct nx_session *session =
	        nx_session_accept(hall, stream, gate->listener.is_unix);
	if (session != NULL && (int64_t)hall->sessions > hall->limits.sessions)
		door->refused++;
}

static int open_gate(struct gate *gate, uv_loop_t *loop)
{
	const int descriptor = gate->listener.descriptor;
	int status;
	if (gate->listener.is_unix) {
		uv_pipe_init(loop, &gate->peer.pipe, 0);
		status = uv_pipe_open(&gate->peer.pipe, descriptor);
	} else {
		uv_tcp_init(loop, &gate->peer.tcp);
		status = uv_tcp_open(&gate->peer.tcp, descriptor);
	}
	gate->peer.handle.data = gate;
	if (status != 0)
		close(descriptor);
	return status != 0 ? status
	                   : uv_listen(&gate->peer.stream, BACKLOG, on_client);
}

bool nx_door_listen(struct nx_door *door, const struct nx_listener *listener,
                    struct nx_error *err)
{
	struct gate *gate = talloc_zero(door, struct gate);
	gate->door = door;
	gate->listener = *listener;
	gate->listener.wanted = talloc_strdup(gate, listener->wanted);
	gate->listener.name = talloc_strdup(gate, listener->name);
	gate->listener.path = talloc_strdup(gate, listener->path);
	const int status = open_gate(gate, door->hall->loop);
	door->open++;
	if (status != 0) {
		close_gate(gate);
		return nx_error_set(err, NX_ERROR_TEMPORARY, "%s: %s",
		                    listener->name, uv_strerror(status));
	}
	gate->next = door->gate;
	door->gate = gate;
	return true;
}

const struct nx_listener *nx_door_find(const struct nx_door *door,
                                       const char *name)
{
	for (const struct gate *gate = door->gate; gate != NULL;
	     gate = gate->next)
		if (strcmp(gate->listener.wanted, name) == 0)
			return &gate->listener;
	return NULL;
}

void nx_door_close_others(struct nx_door *door,
                          bool (*keeps)(void *user, const char *name),
                          void *user)
{
	struct gate **at = &door->gate;
	while (*at != NULL) {
		struct gate *gate = *at;
		if (keeps(user, gate->listener.wanted)) {
			at = &gate->next;
			continue;
		}
		*at = gate->next;
		close_gate(gate);
	}
}

static bool keeps_none(void *user, const char *name)
{
	(void)user;
	(void)name;
	return false;
}

/* --- the door ------------------------------------------------------------- */

static void take_domains(struct nx_hall *hall, const struct nx_config *config)
{
	const struct nx_names *domains = &config->site.domains;
	talloc_free(hall->domain);
	hall->domain = talloc_array(hall, const char *, domains->count);
	hall->domains = domains->count;
	for (size_t i = 0; i < domains->count; i++)
		hall->domain[i] = talloc_strdup(hall->domain, domains->name[i]);
}

void nx_door_configure(struct nx_door *door, const struct nx_config *config)
{
	char host[HOST_SIZE] = "localhost";
	struct nx_hall *hall = door->hall;
	gethostname(host, sizeof(host) - 1);
	talloc_free(hall->host);
	hall->host = talloc_strdup(hall, *config->host ? config->host : host);
	hall->limits = config->limits;
	take_domains(hall, config);
}

struct nx_door *nx_door_new(TALLOC_CTX *ctx, uv_loop_t *loop,
                            struct nx_intake *intake,
                            const struct nx_config *config)
{
	struct nx_door *door = talloc_zero(ctx, struct nx_door);
	door->hall = talloc_zero(door, struct nx_hall);
	door->hall->loop = loop;
	door->hall->intake = intake;
	nx_door_configure(door, config);
	return door;
}

void nx_door_drain(struct nx_door *door, bool at_once)
{
	struct nx_session *next;
	door->hall->draining = true;
	nx_door_close_others(door, keeps_none, NULL);
	for (struct nx_session *session = door->hall->first; session != NULL;
	     session = next) {
		next = session->next;
		nx_session_drain(session, at_once);
	}
}

size_t nx_door_sessions(const struct nx_door *door)
{
	return door->hall->sessions;
}

int64_t nx_door_refused(const struct nx_door *door)
{
	return door->refused;
}

void nx_door_tick(struct nx_door *door)
{
	const int64_t now = (int64_t)uv_now(door->hall->loop);
	struct nx_session *next;
	for (struct nx_session *session = door->hall->first; session != NULL;
	     session = next) {
		next = session->next;
		nx_session_tick(session, now);
	}
}

bool nx_door_is_empty(const struct nx_door *door)
{
	return door->open == 0 && door->hall->sessions == 0;
}
