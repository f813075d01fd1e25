/* SPDX-License-Identifier: ISC */
#include "report/lines.h"

#include "base/text.h"

#include <strings.h>

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
	     at++)
		if (nx_text_to_lower(*at) == first && nx_text_starts(at, word))
			return at;
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

const char *nx_line_squeeze(TALLOC_CTX *ctx, struct nx_line stretch)
{
	char *raw = nx_line_text(ctx, nx_line_cut(stretch, NX_LINE_SAID_RAW));
	const char *text = nx_text_squeeze(ctx, raw, NX_LINE_SAID);

	talloc_free(raw);
	return text;
}

int nx_line_compare(struct nx_line a, struct nx_line b)
{
	size_t a_size = nx_line_size(a);
	size_t b_size = nx_line_size(b);
	int order = strncasecmp(a.start, b.start,
	                        a_size < b_size ? a_size : b_size);

	return order ? order : (a_size > b_size) - (a_size < b_size);
}

bool nx_line_is_refusal(const char *text)
{
	return (*text == '4' || *text == '5') && nx_text_is_digit(text[1]) &&
	       nx_text_is_digit(text[2]) && !nx_text_is_digit(text[3]);
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
	while ((at = nx_line_find(line, address))) {
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
	return memchr(line.start, '@', size) &&
	       nx_line_is_blank((struct nx_line){line.start + size, line.end});
}
