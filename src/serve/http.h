/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_HTTP_H
#define NX_SERVE_HTTP_H

#include "serve/http_desk.h"
#include "serve/http_settings.h"
#include "serve/listen_set.h"

/*
 * The clients that speak HTTP. libmicrohttpd, which is fenced here, has a
 * thread of its own for them, so that a long answer delays nobody else; it is
 * started when the first client comes. Connections, bodies, and the time that a
 * request may take are bounded.
 */
struct nx_http_listener;

/* Loads libmicrohttpd, once: it brings TLS along, and whoever is linked to it
 * takes 2 ms longer to start and 2 MiB of memory. To be done before there is a
 * client. */
NX_MUST_USE bool nx_http_load(struct nx_error *err);

struct nx_http_listener *nx_http_listener_new(
        TALLOC_CTX *ctx, uv_loop_t *loop, struct nx_http_desk *desk,
        struct nx_http_settings *settings);

/* These from now on; owns them. */
void nx_http_listener_use(struct nx_http_listener *listener,
                          struct nx_http_settings *settings);

/* For a struct nx_listen_service. */
void nx_http_listener_accept(void *http_listener, uv_stream_t *from,
                             const struct nx_listener *listener);

/* Ends connections without a request, and the others when they are answered;
 * with at_once also those whose request is not there yet. */
void nx_http_listener_drain(struct nx_http_listener *listener, bool at_once);

/* Ends connections that take too long; to be called once a second. */
void nx_http_listener_tick(struct nx_http_listener *listener);

struct nx_http_tally {
	int64_t clients; /* now */
	int64_t refused; /* of them, since there were too many */
	int64_t requests;
};
struct nx_http_tally nx_http_listener_tally(struct nx_http_listener *listener);

/* There is no client. */
bool nx_http_listener_is_empty(struct nx_http_listener *listener);

/* There must be no client. Takes NULL. */
void nx_http_listener_close(struct nx_http_listener *listener);

#endif
