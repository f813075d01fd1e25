/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_STATUS_SOCKET_H
#define NX_SERVE_STATUS_SOCKET_H

#include "base/json_out.h"
#include "serve/listen.h"

#include <uv.h>

/*
 * The socket that nixie status asks: every client that connects gets one line
 * of JSON and nothing else.
 */
struct nx_status_socket;

struct nx_status_socket_options {
	uv_loop_t *loop;
	void (*tell)(void *user, struct nx_json_out *out);
	void *user;
};

/* Takes ownership of the listener's descriptor. */
NX_MUST_USE bool nx_status_socket_open(
        TALLOC_CTX *ctx, const struct nx_status_socket_options *options,
        const struct nx_listener *listener, struct nx_status_socket **out,
        struct nx_error *err);

/* The memory is freed when the loop runs next. Takes NULL. */
void nx_status_socket_close(struct nx_status_socket *status_socket);

/* Asks the socket of a server; the line without its end, on ctx. */
NX_MUST_USE bool nx_status_socket_query(TALLOC_CTX *ctx, const char *path,
                                        char **line, struct nx_error *err);

#endif
