/* SPDX-License-Identifier: ISC */
#include "event/raw_line.h"

#include "base/text.h"

#include <string.h>

size_t nx_raw_line_size(struct nx_raw_line line)
{
	return (size_t)(line.end - line.at);
}

struct nx_raw_line nx_raw_line_next(struct nx_raw_line *rest)
{
	const size_t left = nx_raw_line_size(*rest);
	const char *lf = left > 0 ? memchr(rest->at, '\n', left) : NULL;
	struct nx_raw_line line = {rest->at, lf == NULL ? rest->end : lf + 1};
	rest->at = line.end;
	return line;
}

struct nx_raw_line nx_raw_line_text(struct nx_raw_line line)
{
	if (line.end == line.at || line.end[-1] != '\n')
		return line;
	line.end--;
	line.end -= line.end > line.at && line.end[-1] == '\r';
	return line;
}

bool nx_raw_line_begins(struct nx_raw_line line, const char *name)
{
	for (; *name != '\0'; name++, line.at++)
		if (line.at == line.end || nx_text_to_lower(*line.at) != *name)
			return false;
	return true;
}

bool nx_raw_line_begins_any(struct nx_raw_line line, const char *const *name)
{
	for (; *name != NULL; name++)
		if (nx_raw_line_begins(line, *name))
			return true;
	return false;
}

bool nx_raw_line_ends_header(struct nx_raw_line line)
{
	return nx_raw_line_size(nx_raw_line_text(line)) == 0;
}

bool nx_raw_line_is_folded(struct nx_raw_line line)
{
	return nx_raw_line_size(line) > 0 &&
	       (*line.at == ' ' || *line.at == '\t');
}

void nx_raw_line_skip_framing(struct nx_raw_line *rest)
{
	static const char *const names[] = {"from ", ">from ", NULL};
	struct nx_raw_line after = *rest;
	struct nx_raw_line line = nx_raw_line_next(&after);
	while (nx_raw_line_size(line) > 0 &&
	       (nx_raw_line_begins_any(line, names) ||
	        nx_raw_line_ends_header(line))) {
		*rest = after;
		line = nx_raw_line_next(&after);
	}
}
