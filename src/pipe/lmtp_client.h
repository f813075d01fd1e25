/* SPDX-License-Identifier: ISC */
#ifndef NX_PIPE_LMTP_CLIENT_H
#define NX_PIPE_LMTP_CLIENT_H

#include "pipe/pipe_message.h"

/*
 * Hands a message to the daemon: LMTP (RFC 2033) over a unix socket, step by
 * step, with XFORWARD (queue id) and DSN (original recipient, RFC 3461) where
 * they are offered.
 */
enum nx_hand_over {
	NX_HAND_OVER_TAKEN = 0, /* for every recipient */
	NX_HAND_OVER_REFUSED,   /* it said so; for some recipient at least */
	NX_HAND_OVER_AWAY       /* nobody there, or it fell silent: it may have
	                           the message or not */
};

/* All of it takes no longer than so many seconds. */
enum nx_hand_over nx_lmtp_client_send(const char *socket,
                                      const struct nx_pipe_message *message,
                                      int seconds, struct nx_pipe_error *err);

#endif
