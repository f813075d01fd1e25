/* SPDX-License-Identifier: ISC */
#include "report/lines.h"

#include "base/text.h"

const char *nx_line_start(const char *text, const char *at)
{
	const char *before = memrchr(text, '\n', (size_t)(at - text));

	return before ? before + 1 : text;
}

const char *nx_line_find(struct nx_line line, const char *word)
{
	size_t size = strlen(word);
	char first = nx_text_to_lower(*word);
	for (const char *at = line.start; line.end - at >= (ptrdiff_t)size;
	     at++) {
		if (nx_text_to_lower(*at) == first && nx_text_starts(at, word))
			return at;
	}
	return NULL;
}

struct nx_line nx_line_cut(struct nx_line stretch, size_t limit)
{
	if (stretch.end - stretch.start <= (ptrdiff_t)limit)
		return stretch;
	stretch.end = stretch.start + limit;
	while (stretch.end > stretch.start && nx_text_continues(*stretch.end))
		stretch.end--;
	return stretch;
}

bool nx_line_is_address_char(char c)
{
	static const bool is_mark[256] = {
	        ['\0'] = true, [' '] = true, ['\t'] = true, ['\r'] = true,
	        ['\n'] = true, ['<'] = true, ['>'] = true,  ['('] = true,
	        [')'] = true,  ['['] = true, [']'] = true,  [':'] = true,
	        [';'] = true,  [','] = true, ['"'] = true,  ['\''] = true,
	        ['`'] = true,  ['='] = true,
	};
	return !is_mark[(unsigned char)c];
}

const char *nx_line_mention(struct nx_line line, const char *address)
{
	const char *begin = line.start;
	size_t size = strlen(address);
	const char *at;
	while ((at = nx_line_find(line, address)) != NULL) {
		bool begins = at == begin || !nx_line_is_address_char(at[-1]);
		const char *behind = at + size;
		behind += *behind == '.';
		if (begins && !nx_line_is_address_char(*behind))
			return at;
		line.start = at + 1;
	}
	return NULL;
}

bool nx_line_is_lone_address(struct nx_line line)
{
	line.start += strspn(line.start, " \t<([{\"'`*|>-");
	if (line.start >= line.end)
		return false;
	size_t size = strcspn(line.start, " \t\n");
	struct nx_line rest = {line.start + size, line.end};
	rest = nx_line_trim(rest);
	return memchr(line.start, '@', size) != NULL && rest.start == rest.end;
}
