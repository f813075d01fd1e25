/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_LMTP_LISTENER_H
#define NX_SERVE_LMTP_LISTENER_H

#include "serve/listen.h"
#include "serve/pipeline.h"

/*
 * The LMTP listener: listening sockets and a session for each client, which
 * speaks proto/lmtp and passes complete messages to the pipeline. Sessions,
 * bytes held and time are bounded.
 */
struct nx_lmtp_listener;

struct nx_lmtp_listener *nx_lmtp_listener_new(TALLOC_CTX *ctx, uv_loop_t *loop,
                                              struct nx_pipeline *pipeline,
                                              const struct nx_config *config);

/* Sets the host name for new sessions and everything else for all; texts are
 * copied. */
void nx_lmtp_listener_configure(struct nx_lmtp_listener *lmtp_listener,
                                const struct nx_config *config);

/* Takes ownership of the descriptor and the texts. */
NX_MUST_USE bool nx_lmtp_listener_open(struct nx_lmtp_listener *lmtp_listener,
                                       const struct nx_listener *listener,
                                       struct nx_error *err);

/* The listener that was wanted under that name, or NULL. */
const struct nx_listener *nx_lmtp_listener_find(
        const struct nx_lmtp_listener *lmtp_listener, const char *name);

/* Closes the listeners that are no longer wanted: keeps is called with the
 * wanted name. */
void nx_lmtp_listener_close_others(struct nx_lmtp_listener *lmtp_listener,
                                   bool (*keeps)(void *user, const char *name),
                                   void *user);

/* Accepts no more clients: the listeners close. A session that is not in the
 * middle of a message is told to try later, the others once they are answered.
 * With at_once also those in the middle of a message, except those that wait
 * for an answer. */
void nx_lmtp_listener_drain(struct nx_lmtp_listener *lmtp_listener,
                            bool at_once);

size_t nx_lmtp_listener_sessions(const struct nx_lmtp_listener *lmtp_listener);
int64_t nx_lmtp_listener_refused(
        const struct nx_lmtp_listener *lmtp_listener); /* number of sessions */

/* Ends sessions that are too slow; to be called once a second. */
void nx_lmtp_listener_tick(struct nx_lmtp_listener *lmtp_listener);

/* There is no session, and every listener is closed: it may be freed. */
bool nx_lmtp_listener_is_empty(const struct nx_lmtp_listener *lmtp_listener);

#endif
