/* SPDX-License-Identifier: ISC */
#include "base/csv.h"
#include "base/text.h"

#include <string.h>

/* What a spreadsheet may skip before it looks for a formula. */
static bool is_passed_over(uint32_t code)
{
	return code == ' ' || code == '"' || code == '\'' || code == 0xA0 ||
	       code == 0x3000 || (code >= 0x200B && code <= 0x200F) ||
	       code == 0x2060 || code == 0xFEFF;
}

static bool begins_formula(uint32_t code)
{
	switch (code) {
	case '=':
	case '+':
	case '-':
	case '@':
	case '|':
	case '\t':
	case '\r':
	case '\n':
	case 0xFF1D: /* full-width forms of the same */
	case 0xFF0B:
	case 0xFF0D:
	case 0xFF20:
	case 0xFF5C:
		return true;
	}
	return false;
}

static bool is_formula(const char *field)
{
	size_t size = strlen(field);
	uint32_t code = 0;
	size_t step;
	while ((step = nx_text_decode(field, size, &code)) > 0 &&
	       is_passed_over(code)) {
		field += step;
		size -= step;
	}
	return step > 0 && begins_formula(code);
}

/* Writes the field in quotes, its own quotes doubled; returns the end. */
static char *quote(char *to, const char *field, bool defuse)
{
	*to++ = '"';
	if (defuse)
		*to++ = '\'';
	for (; *field; field++) {
		if (*field == '"')
			*to++ = '"';
		*to++ = *field;
	}
	*to++ = '"';
	return to;
}

char *nx_csv_row(TALLOC_CTX *ctx, const char *const *fields, size_t count)
{
	TALLOC_CTX *scratch = talloc_new(ctx);
	const char **shown = talloc_array(scratch, const char *, count);
	size_t room = sizeof("\r\n");
	for (size_t i = 0; i < count; i++) {
		shown[i] = nx_text_escape(scratch, fields[i], false);
		/* every byte may be a quote; quotes, apostrophe, comma */
		room += 2 * strlen(shown[i]) + 4;
	}
	char *row = talloc_array(ctx, char, room);
	char *to = row;
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			*to++ = ',';
		to = quote(to, shown[i], is_formula(fields[i]));
	}
	memcpy(to, "\r\n", sizeof("\r\n"));
	talloc_free(scratch);
	return row;
}
