/* SPDX-License-Identifier: ISC */
#ifndef NX_PROTO_LMTP_SESSION_H
#define NX_PROTO_LMTP_SESSION_H

#include "base/error.h"
#include "proto/lmtp.h"
#include "proto/lmtp_data.h"

/*
 * What the files of the LMTP session share: lmtp.c splits bytes into lines and
 * content, lmtp_command.c carries out commands.
 */
enum nx_lmtp_state {
	NX_LMTP_FRESH = 0, /* no LHLO yet */
	NX_LMTP_READY,     /* no transaction */
	NX_LMTP_MAIL,      /* MAIL taken, perhaps RCPT too */
	NX_LMTP_DATA,      /* between 354 and the dot */
	NX_LMTP_WAITING,   /* waits for answers */
	NX_LMTP_OVER
};

struct nx_lmtp {
	struct nx_lmtp_options options;
	enum nx_lmtp_state state;
	int errors;
	char line[NX_LMTP_COMMAND];
	size_t line_size;
	bool line_bad; /* too long */
	bool quit;
	char *output;
	size_t output_size, output_room;
	char *queue_id;          /* for the next transaction, or NULL */
	TALLOC_CTX *transaction; /* owns all that follows */
	struct nx_lmtp_message message;
	struct nx_lmtp_recipient *recipient;
	size_t recipient_room;
	size_t held;
	struct nx_lmtp_data data;
};

/* Queues a line of a reply. */
void nx_lmtp_put(struct nx_lmtp *session, const char *format, ...)
        NX_PRINTF(2, 3);
/* The reply to invalid input of the client: too much of it ends the session. */
const char *nx_lmtp_refused(struct nx_lmtp *session, const char *reply);

void nx_lmtp_forget(struct nx_lmtp *session); /* drops the transaction */

/* Whether so much more may be held; counts it. */
bool nx_lmtp_hold(struct nx_lmtp *session, size_t more);

/* Carries out the command in a line; returns the last line of the reply. */
const char *nx_lmtp_session_command(struct nx_lmtp *session, const char *line);

#endif
