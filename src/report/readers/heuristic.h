/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_READERS_HEURISTIC_H
#define NX_REPORT_READERS_HEURISTIC_H

#include "report/lines.h"
#include "report/report.h"

/*
 * Shared by the files of the reader of unknown reports: where addresses stand
 * in a text, and which words are evidence.
 */
enum nx_heuristic_position {
	NX_HEURISTIC_HEADER, /* "To: a@b" in a list of the mail's headers */
	NX_HEURISTIC_PROSE,  /* between other words */
	NX_HEURISTIC_NAMED /* at the start of a line, after a label or a code */
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

/* Every address that may be a recipient: none of ours, none of postmasters and
 * the like, none that the words around it give to somebody else. text is the
 * whole text, with NUL at its end. */
void nx_heuristic_find_candidates(TALLOC_CTX *ctx,
                                  const struct nx_report *report,
                                  const char *text,
                                  struct nx_heuristic_candidates *out);

/* The address may be a recipient: it is none of ours or of postmasters and the
 * like, and the words before it do not give it to somebody else. */
bool nx_heuristic_is_usable(TALLOC_CTX *ctx, const struct nx_report *report,
                            const char *address, const char *before);

/* The line is about the mail and not about a recipient: a header of it, or a
 * command that names its sender. */
bool nx_heuristic_is_header(const char *line);

/* The mail system reports a failure or a delay. Mail that programs send to root
 * counts as such only when its subject says so. */
bool nx_heuristic_is_report(TALLOC_CTX *ctx, const struct nx_report *report,
                            const char *text);

/* The same for words of any language: the text quotes a permanent refusal. */
bool nx_heuristic_is_refusal(TALLOC_CTX *ctx, const struct nx_report *report,
                             const char *text);

/* The words that mail systems use when a recipient cannot be reached, in the
 * languages that have been seen. */
bool nx_heuristic_is_failure(TALLOC_CTX *ctx, const char *text);

/* The system has not given up: it warns of a delay. */
bool nx_heuristic_is_delay(TALLOC_CTX *ctx, const char *subject,
                           const char *text);

#endif
