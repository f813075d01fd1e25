/* SPDX-License-Identifier: ISC */
#ifndef NX_PIPE_LMTP_CLIENT_H
#define NX_PIPE_LMTP_CLIENT_H

#include "pipe/pipe_message.h"

/*
 * Sends a message to the daemon: LMTP (RFC 2033) over a unix socket, step by
 * step, with XFORWARD (queue id) and DSN (original recipient, RFC 3461) where
 * they are offered.
 */
enum nx_hand_over {
	NX_HAND_OVER_TAKEN = 0, /* for every recipient */
	NX_HAND_OVER_REFUSED,   /* by the daemon, for at least one recipient */
	NX_HAND_OVER_AWAY /* no connection, or it was lost: the daemon may or
	                     may not have the message */
};

/* seconds bounds the time for the whole exchange. */
enum nx_hand_over nx_lmtp_client_send(const char *socket,
                                      const struct nx_pipe_message *message,
                                      int seconds, struct nx_pipe_error *err);

#endif
