/* SPDX-License-Identifier: ISC */
#include "concepts/clause.h"

#include "base/room.h"
#include "base/text.h"

#include <string.h>

/* "...": Sendmail puts it between an address and what is said of it. */
static bool is_ellipsis(const char *text, size_t at)
{
	return text[at] == '.' &&
	       ((at > 0 && text[at - 1] == '.') || text[at + 1] == '.');
}

/* "e. g.", "z. B.": one letter and a full stop. */
static bool is_abbreviation(const char *text, size_t at)
{
	return text[at] == '.' && at > 0 && nx_text_is_word(text[at - 1]) &&
	       !nx_text_is_digit(text[at - 1]) &&
	       (at == 1 || text[at - 2] == ' ');
}

/* A line end with a blank line behind it. */
static bool ends_paragraph(const char *text, size_t at)
{
	return text[at] == '\n' &&
	       text[at + 1 + strspn(text + at + 1, " \t\r")] == '\n';
}

static bool ends_word(char c)
{
	return c == '\0' || nx_text_is_blank(c);
}

/* The bytes of the mark at that place that ends a clause, or 0. */
static size_t clause_mark(const char *text, size_t at)
{
	static const char *const marks[] = {"。", "！", "？", "；", "؟", "؛"};

	switch (text[at]) {
	case '.':
	case '!':
	case '?':
	case ';':
	case '|':
		return ends_word(text[at + 1]) && !is_ellipsis(text, at) &&
		       !is_abbreviation(text, at);
	case '\n':
		return ends_paragraph(text, at);
	}
	if ((unsigned char)text[at] < 0xC0)
		return 0;
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (strncmp(text + at, marks[i], strlen(marks[i])) == 0)
			return strlen(marks[i]);
	return 0;
}

static void add(TALLOC_CTX *ctx, struct nx_match **clause, size_t *count,
                struct nx_match one)
{
	*clause = NX_ROOM(ctx, *clause, struct nx_match, *count);
	(*clause)[(*count)++] = one;
}

const struct nx_match *nx_clauses_find(TALLOC_CTX *ctx, const char *text,
                                       size_t size, size_t *count)
{
	struct nx_match *clause = NULL;
	size_t start = 0;

	*count = 0;
	for (size_t at = 0; at < size; at++) {
		size_t bytes = clause_mark(text, at);

		if (bytes == 0)
			continue;
		add(ctx, &clause, count, (struct nx_match){start, at + bytes});
		start = at + bytes;
		at = start - 1;
	}
	if (start < size)
		add(ctx, &clause, count, (struct nx_match){start, size});
	return clause;
}
