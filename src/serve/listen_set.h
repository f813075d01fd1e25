/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_LISTEN_SET_H
#define NX_SERVE_LISTEN_SET_H

#include "serve/listen.h"

#include <uv.h>

/*
 * The sockets on which one service listens: those that the configuration wants,
 * which it may change at any time, and those that a service manager passed to
 * us, which stay. Knows no protocol: a client is given to whoever speaks it.
 */
struct nx_listen_set;

union nx_peer { /* a socket that listens, or a client's */
	uv_handle_t handle;
	uv_stream_t stream;
	uv_pipe_t pipe;
	uv_tcp_t tcp;
};

struct nx_listen_service {
	const char *name; /* in the log; names of passed sockets begin with
	                     it */
	/* a client has come: accept takes it from the stream */
	void (*accept)(void *user, uv_stream_t *from,
	               const struct nx_listener *listener);
	void *user;
};

struct nx_listen_set *nx_listen_set_new(
        TALLOC_CTX *ctx, uv_loop_t *loop,
        const struct nx_listen_service *service);

/* Listens on a socket that was passed to us under that name. */
NX_MUST_USE bool nx_listen_set_adopt(struct nx_listen_set *set, int descriptor,
                                     const char *name, struct nx_error *err);
bool nx_listen_set_has_adopted(const struct nx_listen_set *set);

/* Opens what of these is not open yet, or was removed, and gives the others
 * their owner, group and mode. On failure some may be open already: keep then
 * restores what was wanted before. */
NX_MUST_USE bool nx_listen_set_open(struct nx_listen_set *set,
                                    const struct nx_listen *wanted,
                                    size_t count, struct nx_error *err);

/* Closes what we opened and is not one of these; the others are as wanted
 * here, as far as that can be had. */
void nx_listen_set_keep(struct nx_listen_set *set,
                        const struct nx_listen *wanted, size_t count);

/* Accepts no more clients. */
void nx_listen_set_close(struct nx_listen_set *set);

/* Every socket is closed: it may be freed. */
bool nx_listen_set_is_empty(const struct nx_listen_set *set);

/* Takes the client that has come; returns what libuv says. */
int nx_listen_accept(uv_loop_t *loop, uv_stream_t *from, bool is_unix,
                     union nx_peer *out);

#endif
