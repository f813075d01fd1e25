/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_LMTP_H
#define NX_SERVE_LMTP_H

#include "serve/intake.h"
#include "serve/listen.h"

/*
 * The door for LMTP: sockets that listen, and a session for each client, which
 * speaks proto/lmtp and hands whole messages to the intake. Sessions, bytes
 * held and time are bounded.
 */
struct nx_door;

struct nx_door *nx_door_new(TALLOC_CTX *ctx, uv_loop_t *loop,
                            struct nx_intake *intake,
                            const struct nx_config *config);

/* The name for sessions to come, the rest for all; texts are copied. */
void nx_door_configure(struct nx_door *door, const struct nx_config *config);

/* Takes the descriptor and the texts over. */
NX_MUST_USE bool nx_door_listen(struct nx_door *door,
                                const struct nx_listener *listener,
                                struct nx_error *err);

/* The listener that was wanted under that name, or NULL. */
const struct nx_listener *nx_door_find(const struct nx_door *door,
                                       const char *name);

/* Closes the listeners that are kept by nobody: keeps is asked with the wanted
 * name. */
void nx_door_close_others(struct nx_door *door,
                          bool (*keeps)(void *user, const char *name),
                          void *user);

/* No client any more: listeners close; who is not in the middle of a message is
 * told to come again, the others when they are answered. at_once: whoever is
 * in the middle of a message too, but for those that wait for an answer. */
void nx_door_drain(struct nx_door *door, bool at_once);

size_t nx_door_sessions(const struct nx_door *door);
int64_t nx_door_refused(const struct nx_door *door); /* for their number */

/* Sessions too slow are ended; to be called once a second. */
void nx_door_tick(struct nx_door *door);

/* No session, and every listener is closed: it may be freed. */
bool nx_door_is_empty(const struct nx_door *door);

#endif
