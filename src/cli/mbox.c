/* SPDX-License-Identifier: ISC */
#include "cli/mbox.h"

#include "base/text.h"

#include <string.h>

static const char begin[] = "From ";
enum { BEGIN = sizeof(begin) - 1, LINE = 256 };

bool nx_mbox_is(const char *bytes, size_t size)
{
	return size >= BEGIN && memcmp(bytes, begin, BEGIN) == 0;
}

/* Four digits in a row, or two, a colon and a digit: rare in prose. */
static bool has_date(const char *line, size_t size)
{
	size_t digits = 0;
	for (size_t i = 0; i < size && i < LINE && line[i] != '\n'; i++) {
		if (digits == 2 && line[i] == ':' && i + 1 < size &&
		    nx_text_is_digit(line[i + 1]))
			return true;
		digits = nx_text_is_digit(line[i]) ? digits + 1 : 0;
		if (digits == 4)
			return true;
	}
	return false;
}

static bool is_behind_blank_line(const char *bytes, size_t at)
{
	if (at < 2 || bytes[at - 1] != '\n')
		return false;
	if (bytes[at - 2] == '\n')
		return true;
	return at >= 3 && bytes[at - 2] == '\r' && bytes[at - 3] == '\n';
}

size_t nx_mbox_end(const char *bytes, size_t size, size_t start)
{
	size_t at = start + 1;
	while (at < size) {
		const char *found = memmem(bytes + at, size - at, begin, BEGIN);
		if (!found)
			return size;
		at = (size_t)(found - bytes);
		if (is_behind_blank_line(bytes, at) &&
		    has_date(found, size - at))
			return at;
		at += BEGIN;
	}
	return size;
}
