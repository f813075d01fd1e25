/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_REPLY_H
#define NX_MAIL_REPLY_H

#include "mail/status.h"

#include <talloc.h>

/*
 * An SMTP reply (RFC 5321 section 4.2) as it is quoted in a diagnostic.
 */
/* The command that was refused. */
enum nx_phase {
	NX_PHASE_NONE = 0,
	NX_PHASE_CONNECT,
	NX_PHASE_HELO,
	NX_PHASE_MAIL,
	NX_PHASE_RCPT,
	NX_PHASE_DATA, /* DATA, or the end of the message */
	NX_PHASE_AUTH
};

struct nx_reply {
	int code;                /* 200 to 599; 0 when there is none */
	struct nx_status status; /* the enhanced code in the reply */
	enum nx_phase phase;     /* as the reporter gives it */
	const char *text;  /* the diagnostic as one line, without the codes of
	                      further lines ("550-5.1.1 ") and without what its
	                      reporter put around a reply ("host … said:", "(in
	                      reply to …)"); "" when absent */
	const char *front; /* what the reporter put before it, or "" */
};

/* Reads the reply that a diagnostic rests on: the last refusal of several
 * replies; in "A -> B" the one after the arrow. Total. A number that is part of
 * an address, an IP address, a date or a longer number is not a code. The texts
 * of *out hang on ctx. */
void nx_reply_parse(TALLOC_CTX *ctx, const char *diagnostic,
                    struct nx_reply *out);

/* The command that the first size bytes of a diagnostic say was refused; the
 * last one named counts. */
enum nx_phase nx_phase_find(const char *text, size_t size);

/* "connect", "helo", "mail", "rcpt", "data", "auth", "". */
const char *nx_phase_name(enum nx_phase phase);

#endif
