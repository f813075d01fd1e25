/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_TRANSCRIPT_H
#define NX_REPORT_TRANSCRIPT_H

#include <talloc.h>

/*
 * The transcript of a session, as Sendmail and its relatives put it into the
 * part for people:
 *
 *     ... while talking to mail.example.com.:
 *     >>> RCPT To:<anna@example.com>
 *     <<< 550 5.1.1 no such user
 *     550 5.1.1 <anna@example.com>... User unknown
 */
struct nx_transcript {
	const char *own;     /* the reply that refused this recipient */
	const char *own_mta; /* who gave it; all "" when absent */
	const char *agent;   /* a delivery agent's words about him, with the
	                        line of codes that follows them */
	const char *shared; /* the last reply that may be meant for everybody */
	const char *shared_mta;
};

void nx_transcript_read(TALLOC_CTX *ctx, const char *text, const char *address,
                        struct nx_transcript *out);

#endif
