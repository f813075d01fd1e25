/* SPDX-License-Identifier: ISC */
#include "report/readers/machine.h"

#include "base/text.h"

#include <string.h>

/* The line machine's text: cut, split and searched by lines. */
enum { FORMAT_LINE = 2048 };

/* A line as patterns see it, bounded for their sake. */
size_t nx_machine_line_size(struct nx_line line)
{
	size_t size = (size_t)(line.end - line.start);

	return size < FORMAT_LINE ? size : FORMAT_LINE;
}

bool nx_machine_is_cut(struct nx_line line)
{
	return line.end > line.start + nx_machine_line_size(line);
}

bool nx_machine_takes(const struct nx_patterns *patterns, struct nx_line line)
{
	struct nx_match match;

	for (size_t i = 0; i < patterns->count; i++)
		if (nx_pattern_find(patterns->item[i], line.start,
		                    nx_machine_line_size(line), &match))
			return true;
	return false;
}

/* The first line that a pattern matches, or NULL. */
const char *nx_machine_find_line(const struct nx_patterns *patterns,
                                 const char *text)
{
	while (*text) {
		struct nx_line line = nx_line_at(text);

		if (nx_machine_takes(patterns, line))
			return text;
		text = nx_line_after(line);
	}
	return NULL;
}

char *nx_machine_cut(TALLOC_CTX *ctx, const struct nx_patterns *patterns,
                     char *text)
{
	const char *at =
	        patterns->count ? nx_machine_find_line(patterns, text) : NULL;

	return at ? talloc_strndup(ctx, text, (size_t)(at - text)) : text;
}

/* The text with a line end in place of each match of the pattern. */
static char *split_by(TALLOC_CTX *ctx, const struct nx_pattern *pattern,
                      const char *text)
{
	char *lines = talloc_strdup(ctx, "");
	size_t size = strlen(text);
	size_t copied = 0;
	size_t from = 0;
	struct nx_groups found;

	while (from <= size &&
	       nx_pattern_groups(pattern, text, size, from, &found)) {
		lines = talloc_strndup_append_buffer(
		        lines, text + copied, found.whole.start - copied);
		lines = talloc_strdup_append_buffer(lines, "\n");
		copied = found.whole.end;
		from = copied + (found.whole.start == copied);
		while (from < size && nx_text_continues(text[from]))
			from++; /* move to a character boundary */
	}
	return talloc_strdup_append_buffer(lines, text + copied);
}

char *nx_machine_split(struct nx_machine *machine, char *text)
{
	const struct nx_patterns *patterns = &machine->format->split;

	for (size_t i = 0; i < patterns->count; i++)
		text = split_by(machine->ctx, patterns->item[i], text);
	return text;
}
