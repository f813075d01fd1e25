/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_READERS_TRANSCRIPT_H
#define NX_REPORT_READERS_TRANSCRIPT_H

#include "report/readers/places.h"

/*
 * The transcript of a session, as Sendmail and its relatives put it into the
 * part for people:
 *
 *     ... while talking to mail.example.com.:
 *     >>> RCPT To:<anna@example.com>
 *     <<< 550 5.1.1 no such user
 *     550 5.1.1 <anna@example.com>... User unknown
 *
 * "<<<" is what the other host said, and decides. The line below it is
 * Sendmail's translation: "User unknown" for any 550, 551 or 553. It names the
 * recipient that the reply is for, even where commands were pipelined and the
 * last one shown is not the refused one.
 */
struct nx_transcript; /* read once; used for each recipient */

struct nx_transcript *nx_transcript_read(TALLOC_CTX *ctx,
                                         const struct nx_places *places,
                                         const char *text);

struct nx_said {
	const char
	        *text; /* one line, at most 2 KiB; "" when there was nothing */
	const char *mta; /* the host that said it, or "" */
};

/* The reply that refused this address. */
struct nx_said nx_transcript_own(TALLOC_CTX *ctx,
                                 const struct nx_transcript *transcript,
                                 const char *address);

/* A delivery agent's words about the address, with the line of codes that
 * follows. */
struct nx_said nx_transcript_agent(TALLOC_CTX *ctx,
                                   const struct nx_transcript *transcript,
                                   const char *address);

/* The last reply that may apply to all recipients; of host mta when that is not
 * "". */
struct nx_said nx_transcript_shared(TALLOC_CTX *ctx,
                                    const struct nx_transcript *transcript,
                                    const char *mta);

/* The text shows that another host was asked about the address. */
bool nx_transcript_was_asked(const struct nx_transcript *transcript,
                             const char *address);

/* The text was written by Sendmail or one of its relatives. */
bool nx_transcript_is_in(const char *text);

/* The line is Sendmail's translation of a refusal: "550 5.1.1
 * <anna@example.com> ... User unknown". */
bool nx_transcript_is_translation(struct nx_line line);

#endif
