/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_LMTP_LISTENER_H
#define NX_SERVE_LMTP_LISTENER_H

#include "serve/listen.h"
#include "serve/pipeline.h"

/*
 * The LMTP listener for LMTP: sockets that listen, and a session for each
 * client, which speaks proto/lmtp and hands whole messages to the pipeline.
 * Sessions, bytes held and time are bounded.
 */
struct nx_lmtp_listener;

struct nx_lmtp_listener *nx_lmtp_listener_new(TALLOC_CTX *ctx, uv_loop_t *loop,
                                              struct nx_pipeline *pipeline,
                                              const struct nx_config *config);

/* The name for sessions to come, the rest for all; texts are copied. */
void nx_lmtp_listener_configure(struct nx_lmtp_listener *lmtp_listener,
                                const struct nx_config *config);

/* Takes the descriptor and the texts over. */
NX_MUST_USE bool nx_lmtp_listener_open(struct nx_lmtp_listener *lmtp_listener,
                                       const struct nx_listener *listener,
                                       struct nx_error *err);

/* The listener that was wanted under that name, or NULL. */
const struct nx_listener *nx_lmtp_listener_find(
        const struct nx_lmtp_listener *lmtp_listener, const char *name);

/* Closes the listeners that are kept by nobody: keeps is asked with the wanted
 * name. */
void nx_lmtp_listener_close_others(struct nx_lmtp_listener *lmtp_listener,
                                   bool (*keeps)(void *user, const char *name),
                                   void *user);

/* No client any more: listeners close; who is not in the middle of a message is
 * told to come again, the others when they are answered. at_once: whoever is
 * in the middle of a message too, but for those that wait for an answer. */
void nx_lmtp_listener_drain(struct nx_lmtp_listener *lmtp_listener,
                            bool at_once);

size_t nx_lmtp_listener_sessions(const struct nx_lmtp_listener *lmtp_listener);
int64_t nx_lmtp_listener_refused(
        const struct nx_lmtp_listener *lmtp_listener); /* for their number */

/* Sessions too slow are ended; to be called once a second. */
void nx_lmtp_listener_tick(struct nx_lmtp_listener *lmtp_listener);

/* No session, and every listener is closed: it may be freed. */
bool nx_lmtp_listener_is_empty(const struct nx_lmtp_listener *lmtp_listener);

#endif
