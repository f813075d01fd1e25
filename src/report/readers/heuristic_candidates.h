/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_READERS_HEURISTIC_CANDIDATES_H
#define NX_REPORT_READERS_HEURISTIC_CANDIDATES_H

#include "report/lines.h"
#include "report/report.h"

/* Where addresses stand in the text of an unknown report. */
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
	TALLOC_CTX *ctx;
	const struct nx_report *report;
	const char *text; /* its notice */
	struct nx_line *line;
	bool *named; /* by line: a recipient is named there */
	size_t lines;
	struct nx_heuristic_candidate *candidate;
	size_t count;
	bool cut; /* there are more lines or addresses */
};

/* Every address that may be a recipient: none of ours, none of postmasters and
 * the like, none that the words around it give to somebody else. */
void nx_heuristic_candidates_find(TALLOC_CTX *ctx,
                                  const struct nx_report *report,
                                  struct nx_heuristic_candidates *out);

/* The line is about the mail and not about a recipient: a header of it, or a
 * command that names its sender. */
bool nx_heuristic_is_header(const char *line);

#endif
