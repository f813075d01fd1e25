/* SPDX-License-Identifier: ISC */
#ifndef NX_EVENT_RAW_LINE_H
#define NX_EVENT_RAW_LINE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The lines of a message as it came, for its digests: no more is parsed here
 * than where the header ends and how its fields begin.
 */
struct nx_raw_line {
	const char *at;
	const char *end; /* behind its line end */
};

/* The next line, and rest behind it; at the end of input an empty one. */
struct nx_raw_line nx_raw_line_next(struct nx_raw_line *rest);

/* The same without its LF or CRLF. */
struct nx_raw_line nx_raw_line_text(struct nx_raw_line line);

size_t nx_raw_line_size(struct nx_raw_line line);

/* It begins with that, which is in lower case. */
bool nx_raw_line_begins(struct nx_raw_line line, const char *name);

/* It begins with one of those; the last is NULL. */
bool nx_raw_line_begins_any(struct nx_raw_line line, const char *const *name);

/* It is blank, or the input is over. */
bool nx_raw_line_ends_header(struct nx_raw_line line);

bool nx_raw_line_is_folded(struct nx_raw_line line);

/* Passes over what may stand before the first header: the line that separates
 * mails in an mbox, and blank lines. */
void nx_raw_line_skip_framing(struct nx_raw_line *rest);

#endif
