/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_LMTP_LISTENER_H
#define NX_SERVE_LMTP_LISTENER_H

#include "serve/listen_set.h"
#include "serve/pipeline.h"

/*
 * A session for each client that speaks LMTP (proto/lmtp), which passes
 * complete messages to the pipeline, or asks for their recipients at the door
 * (serve/door.h). Sessions, bytes held and time are bounded.
 */
struct nx_lmtp_listener;

struct nx_lmtp_listener *nx_lmtp_listener_new(TALLOC_CTX *ctx, uv_loop_t *loop,
                                              struct nx_pipeline *pipeline,
                                              const struct nx_config *config,
                                              bool is_door);

/* Sets the host name for new sessions and everything else for all; texts are
 * copied. */
void nx_lmtp_listener_configure(struct nx_lmtp_listener *lmtp_listener,
                                const struct nx_config *config);

/* For a struct nx_listen_service. */
void nx_lmtp_listener_accept(void *lmtp_listener, uv_stream_t *from,
                             const struct nx_listener *listener);

/* A session that is not in the middle of a message is told to try later, the
 * others once they are answered.
 * With at_once also those in the middle of a message, except those that wait
 * for an answer. */
void nx_lmtp_listener_drain(struct nx_lmtp_listener *lmtp_listener,
                            bool at_once);

size_t nx_lmtp_listener_sessions(const struct nx_lmtp_listener *lmtp_listener);
int64_t nx_lmtp_listener_refused(
        const struct nx_lmtp_listener *lmtp_listener); /* number of sessions */

/* Ends sessions that are too slow; to be called once a second. */
void nx_lmtp_listener_tick(struct nx_lmtp_listener *lmtp_listener);

/* There is no session: it may be freed. */
bool nx_lmtp_listener_is_empty(const struct nx_lmtp_listener *lmtp_listener);

#endif
