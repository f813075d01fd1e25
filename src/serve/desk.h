/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_DESK_H
#define NX_SERVE_DESK_H

#include "base/json_out.h"
#include "serve/listen.h"

#include <uv.h>

/*
 * The socket that nixie status asks: whoever connects gets one line of JSON,
 * and that is all.
 */
struct nx_desk;

struct nx_desk_options {
	uv_loop_t *loop;
	void (*tell)(void *user, struct nx_json_out *out);
	void *user;
};

/* Takes the listener's descriptor. */
NX_MUST_USE bool nx_desk_open(TALLOC_CTX *ctx,
                              const struct nx_desk_options *options,
                              const struct nx_listener *listener,
                              struct nx_desk **out, struct nx_error *err);

/* The memory goes when the loop runs next. Takes NULL. */
void nx_desk_close(struct nx_desk *desk);

/* Asks the socket of a server; the line without its end, on ctx. */
NX_MUST_USE bool nx_desk_ask(TALLOC_CTX *ctx, const char *path, char **line,
                             struct nx_error *err);

#endif
