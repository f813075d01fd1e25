/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_ASK_LISTENER_H
#define NX_SERVE_ASK_LISTENER_H

#include "serve/listen_set.h"
#include "serve/pipeline.h"

/*
 * The clients that ask about addresses: mail servers, which keep their
 * connections. What of their questions is ready when the loop wakes up is
 * answered together, from one state of the store. Connections, their memory and
 * what waits to be sent are bounded; one that is idle is kept.
 */
struct nx_ask_listener;

struct nx_ask_listener *nx_ask_listener_new(TALLOC_CTX *ctx, uv_loop_t *loop,
                                            struct nx_pipeline *pipeline,
                                            const struct nx_config *config);

/* What is answered on each socket, for the clients that are there, too. The
 * configuration is used until the next call. */
void nx_ask_listener_configure(struct nx_ask_listener *listener,
                               const struct nx_config *config);

/* For a struct nx_listen_service. */
void nx_ask_listener_accept(void *ask_listener, uv_stream_t *from,
                            const struct nx_listener *listener);

/* Ends the connections, except those that are being answered; with at_once
 * these, too. */
void nx_ask_listener_drain(struct nx_ask_listener *listener, bool at_once);

/* Ends clients that are in the middle of something for too long; to be called
 * once a second. */
void nx_ask_listener_tick(struct nx_ask_listener *listener);

struct nx_ask_tally {
	int64_t clients;   /* now */
	int64_t refused;   /* of them, since there were too many */
	int64_t questions; /* answered */
	int64_t blocked;   /* of these, about mail that must not be sent */
};
const struct nx_ask_tally *nx_ask_listener_tally(
        const struct nx_ask_listener *listener);

/* There is no client. */
bool nx_ask_listener_is_empty(const struct nx_ask_listener *listener);

/* Its memory may be freed when the loop has run once more. Takes NULL. */
void nx_ask_listener_close(struct nx_ask_listener *listener);

#endif
