/* SPDX-License-Identifier: ISC */
#include "base/error.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The text was cut by bytes: drop a character that is incomplete. */
static void drop_half_character(char *text)
{
	size_t size = strlen(text);
	size_t lead = size;
	while (lead > 0 && size - lead < 3 && nx_text_continues(text[lead - 1]))
		lead--;
	if (lead > 0 && (text[lead - 1] & 0xC0) == 0xC0)
		text[lead - 1] = '\0';
}

/* One line, whatever was quoted in it: a name must not forge a log line. */
static void make_one_line(char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c < 0x20 || c == 0x7F)
			*text = '?';
	}
}

bool nx_error_set(struct nx_error *err, enum nx_error_kind kind,
                  const char *format, ...)
{
	char text[sizeof(err->text)]; /* err->text may be one of the values */
	va_list values;
	va_start(values, format);
	int wanted = vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	if (wanted >= (int)sizeof(text))
		drop_half_character(text);
	make_one_line(text);
	memcpy(err->text, text, sizeof(text));
	err->kind = kind;
	return false;
}
