/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_READERS_OWN_TEXT_H
#define NX_REPORT_READERS_OWN_TEXT_H

#include "report/conditions/phrases.h"

/*
 * What the author of a mail wrote, above what is quoted and above the
 * signature. A quotation begins where a line is marked with ">" or "|", with
 * the line that says who wrote when ("On …, Ada <ada@example.com> wrote:"),
 * with three lines in a row that read as headers, in any language, and where
 * one of the phrases stands.
 */
struct nx_own_text {
	const char *text;  /* folded; " | " where a line or a paragraph ends
	                      before the margin */
	const char *first; /* its first line */
	size_t lines;      /* that are not blank */
	bool is_short, is_whole; /* a line or two; a few sentences: a longer
	                            text is about something else, and cut */
};

void nx_own_text(TALLOC_CTX *ctx, const struct nx_phrases *quotes,
                 const char *text, struct nx_own_text *out);

#endif
