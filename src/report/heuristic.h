/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_HEURISTIC_H
#define NX_REPORT_HEURISTIC_H

#include "report/lines.h"
#include "report/report.h"

/*
 * Between the files of the reader of unknown reports: where in a text addresses
 * stand, and what words are evidence.
 */
enum nx_heuristic_position {
	NX_HEURISTIC_HEADER, /* "To: a@b" in a list of the mail's headers */
	NX_HEURISTIC_PROSE,  /* amid other words */
	NX_HEURISTIC_NAMED   /* at the start of a line, behind a label or a code
	                      */
};

struct nx_heuristic_candidate { /* an address in the text */
	const char *address;
	size_t line;
	enum nx_heuristic_position position;
	const char *words; /* where words about it begin in its line */
};

struct nx_heuristic_candidates {
	struct nx_line *line;
	bool *named; /* by line: a recipient is named there */
	size_t lines;
	struct nx_heuristic_candidate *candidate;
	size_t count;
	bool cut; /* there are more lines or addresses */
};

/* Every address that may be a recipient: none of ours, none of those who look
 * after mail, none that the words around it give to somebody else. text is all
 * there is, NUL at its end. */
void nx_heuristic_find_candidates(TALLOC_CTX *ctx,
                                  const struct nx_report *report,
                                  const char *text,
                                  struct nx_heuristic_candidates *out);

/* The address may be a recipient: it is none of ours, of nobody who looks after
 * mail, and the words before it do not give it to somebody else. */
bool nx_heuristic_is_usable(TALLOC_CTX *ctx, const struct nx_report *report,
                            const char *address, const char *before);

/* The line speaks of the mail and not of a recipient: a header of it, or a
 * command that names its sender. */
bool nx_heuristic_is_header(const char *line);

/* The mail system speaks, of a failure or a delay. What programs write to root
 * is of the mail system only when its subject says so. */
bool nx_heuristic_is_report(TALLOC_CTX *ctx, const struct nx_report *report,
                            const char *text);

/* The same in words of any language: it quotes a refusal for good. */
bool nx_heuristic_is_refusal(TALLOC_CTX *ctx, const struct nx_report *report,
                             const char *text);

/* Words that mail systems use of a recipient who cannot be reached, in the
 * languages that they are seen in. */
bool nx_heuristic_is_failure(TALLOC_CTX *ctx, const char *text);

/* The system has not given up: it warns of a delay. */
bool nx_heuristic_is_delay(TALLOC_CTX *ctx, const char *subject,
                           const char *text);

#endif
