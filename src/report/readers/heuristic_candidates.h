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

enum nx_heuristic_kind { /* of a line */
	                 NX_HEURISTIC_UNKNOWN = 0,
	                 NX_HEURISTIC_OF_MAIL,
	                 NX_HEURISTIC_OTHER
};

struct nx_heuristic_candidate { /* an address in the text */
	const char *address;
	const char *at; /* where it stands in the notice */
	size_t line;
	enum nx_heuristic_position position;
	const char *words; /* where words about it begin in its line */
};

struct nx_heuristic_candidates {
	TALLOC_CTX *ctx;
	const struct nx_report *report;
	const char *text; /* its notice */
	struct nx_line *line;
	bool *named;  /* by line: a recipient is named there */
	size_t *told; /* by line: after the line in which an outcome is told
	                 that begins here; 0 if none does */
	enum nx_heuristic_kind *kind; /* by line, as far as asked for */
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

/* Drops those of which no sentence says that mail to them was returned: theirs,
 * or one that leads to them with a colon. */
void nx_heuristic_candidates_keep_returned(
        struct nx_heuristic_candidates *candidates);

/* The number of the first one on that line or after it. */
size_t nx_heuristic_candidates_from(
        const struct nx_heuristic_candidates *candidates, size_t line);

/* All of them have that address. */
bool nx_heuristic_candidates_are(
        const struct nx_heuristic_candidates *candidates, const char *address);

/* One of them has that address. */
bool nx_heuristic_candidates_name(
        const struct nx_heuristic_candidates *candidates, const char *address);

/* That line is about the mail and not about a recipient: a header of it, or a
 * command that names its sender. */
bool nx_heuristic_candidates_is_header(
        const struct nx_heuristic_candidates *candidates, size_t line);

#endif
