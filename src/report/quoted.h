/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_QUOTED_H
#define NX_REPORT_QUOTED_H

/*
 * Mail that is quoted line by line ("> text", "| text") below the words of a
 * notice is the returned mail, or what somebody wrote in it, and not an account
 * of a failure. Its lines become blanks of the same length. Exceptions, which
 * are kept: a notice that is quoted from its first line on, lists of addresses,
 * tables, and the transcripts of sessions and refusals that some mail systems
 * quote.
 */
void nx_quoted_clear(char *notice);

#endif
