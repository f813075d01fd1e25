/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_LINES_H
#define NX_REPORT_LINES_H

#include "base/text.h"

#include <string.h>

/* Walking through a text by lines, in place. */
struct nx_line {
	const char *start;
	const char *end; /* at the line end, or at the end of the text */
};

static inline struct nx_line nx_line_at(const char *start)
{
	const char *end = strchr(start, '\n');
	return (struct nx_line){start, end ? end : start + strlen(start)};
}

/* All of a text. */
static inline struct nx_line nx_line_whole(const char *text)
{
	return (struct nx_line){text, text + strlen(text)};
}

/* The start of the line that contains at, a place in text. */
const char *nx_line_start(const char *text, const char *at);

/* The line that contains at. */
static inline struct nx_line nx_line_around(const char *text, const char *at)
{
	return nx_line_at(nx_line_start(text, at));
}

static inline const char *nx_line_after(struct nx_line line)
{
	return *line.end == '\0' ? line.end : line.end + 1;
}

static inline struct nx_line nx_line_next(struct nx_line line)
{
	return nx_line_at(nx_line_after(line));
}

static inline size_t nx_line_size(struct nx_line line)
{
	return (size_t)(line.end - line.start);
}

/* A copy of a line, or of a stretch of lines. */
static inline char *nx_line_text(TALLOC_CTX *ctx, struct nx_line line)
{
	return talloc_strndup(ctx, line.start, nx_line_size(line));
}

/* The line without its leading blanks. */
static inline struct nx_line nx_line_trim(struct nx_line line)
{
	while (line.start < line.end && nx_text_is_blank(*line.start))
		line.start++;
	return line;
}

static inline bool nx_line_is_blank(struct nx_line line)
{
	return nx_line_trim(line).start == line.end;
}

/* The number of blanks before the first word. */
static inline size_t nx_line_indent(struct nx_line line)
{
	return nx_line_size(line) - nx_line_size(nx_line_trim(line));
}

static inline bool nx_line_starts(struct nx_line line, const char *word)
{
	return strncmp(line.start, word, strlen(word)) == 0;
}

/* As much of a stretch as fits in limit bytes, in whole characters. */
struct nx_line nx_line_cut(struct nx_line stretch, size_t limit);

/* What is read of all that is said of one recipient: as a stretch, and with its
 * blanks squeezed. */
enum { NX_LINE_SAID = 2048, NX_LINE_SAID_RAW = 2 * NX_LINE_SAID };

/* A stretch as one line, no longer than that. */
const char *nx_line_squeeze(TALLOC_CTX *ctx, struct nx_line stretch);

/* For sorting, without regard to ASCII case. */
int nx_line_compare(struct nx_line a, struct nx_line b);

/* The text begins with a reply that refuses: "550", "4xx" and nothing more of a
 * number. */
bool nx_line_is_refusal(const char *text);

/* A character that can stand within an address without quotes. */
bool nx_line_is_address_char(char c);

/* The line contains an address, what may surround one, and nothing else. */
bool nx_line_is_lone_address(struct nx_line line);

/* Where the word stands in a line or a stretch of lines, or NULL. */
const char *nx_line_find(struct nx_line line, const char *word);

/* The same for an address that stands there as a whole. */
const char *nx_line_mention(struct nx_line line, const char *address);

#endif
