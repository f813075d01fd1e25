/* SPDX-License-Identifier: ISC */
#include "mail/escapes.h"

#include "base/text.h"

#include <stdint.h>
#include <string.h>

struct escape { /* at the start of a text; took 0: none */
	size_t took;
	char out[4];
	size_t size;
};

static struct escape as_code(size_t took, uint32_t code)
{
	struct escape escape = {.took = took};

	if (code <= 0x10FFFF)
		escape.size = nx_text_encode(code, escape.out);
	return escape;
}

static struct escape as_byte(size_t took, char byte)
{
	return (struct escape){.took = took, .out = {byte}, .size = 1};
}

/* Digits of that base from from on; *digits says how many. */
static uint32_t read_number(struct nx_stretch text, size_t from, uint32_t base,
                            size_t most, size_t *digits)
{
	uint32_t number = 0;

	for (*digits = 0; *digits < most && from + *digits < text.size;
	     (*digits)++) {
		const int digit = nx_text_hex(text.text[from + *digits]);

		if (digit < 0 || (uint32_t)digit >= base)
			break;
		number = number * base + (uint32_t)digit;
	}
	return number;
}

/* "=40", "%40", and of xtext "+2B", "+3D" and "+40": tags look like the others;
 * a soft break. */
static struct escape read_hex(struct nx_stretch text)
{
	size_t digits, at = 1;
	const uint32_t byte = read_number(text, 1, 16, 2, &digits);

	if (digits == 2 &&
	    (*text.text != '+' || byte == '+' || byte == '=' || byte == '@'))
		return as_byte(3, (char)byte);
	while (at < text.size && nx_text_is_fold(text.text[at]))
		at++;
	if (at < text.size && text.text[at] == '\r')
		at++;
	if (*text.text == '=' && at < text.size && text.text[at] == '\n')
		return (struct escape){.took = at + 1};
	return (struct escape){.took = 0};
}

/* "&#64;", "&#x40;", "&commat;" */
static struct escape read_entity(struct nx_stretch text)
{
	static const char COMMAT[] = "&commat;";
	size_t digits;

	if (text.size >= strlen(COMMAT) && nx_text_starts(text.text, COMMAT))
		return as_byte(strlen(COMMAT), '@');
	if (text.size < 3 || text.text[1] != '#')
		return (struct escape){.took = 0};
	const bool is_hex = nx_text_to_lower(text.text[2]) == 'x';
	const size_t from = is_hex ? 3 : 2;
	const uint32_t code =
	        read_number(text, from, is_hex ? 16 : 10, 7, &digits);
	size_t took = from + digits;
	if (digits == 0)
		return (struct escape){.took = 0};
	took += took < text.size && text.text[took] == ';';
	return as_code(took, code);
}

/* "\u0040", "\x40", "\x{40}"; of any other the backslash goes. */
static struct escape read_backslash(struct nx_stretch text)
{
	size_t digits;
	char kind = '\0';

	if (text.size > 1)
		kind = text.text[1];
	if (kind == 'n' || kind == 'r' || kind == 't')
		return as_byte(2, '\n');
	if (kind != 'u' && kind != 'x')
		return (struct escape){.took = 1};
	const bool is_braced = text.size > 2 && text.text[2] == '{';
	const size_t from = is_braced ? 3 : 2;
	const size_t most = is_braced ? 6 : kind == 'u' ? 4 : 2;
	const uint32_t code = read_number(text, from, 16, most, &digits);
	if (digits == 0)
		return (struct escape){.took = 1};
	return as_code(from + digits + is_braced, code);
}

/* "?= =?utf-8?b?" between two encoded words. */
static struct escape read_joint(struct nx_stretch text)
{
	size_t at = 2;

	if (text.size < 2 || text.text[1] != '=')
		return (struct escape){.took = 0};
	while (at < text.size && nx_text_is_blank(text.text[at]))
		at++;
	if (at + 1 >= text.size || text.text[at] != '=' ||
	    text.text[at + 1] != '?')
		return (struct escape){.took = 0};
	const char *charset = text.text + at + 2;
	const char *mark = memchr(charset, '?', text.size - at - 2);
	if (!mark || (size_t)(mark - text.text) + 2 >= text.size ||
	    mark[2] != '?')
		return (struct escape){.took = 0};
	return (struct escape){.took = (size_t)(mark - text.text) + 3};
}

static struct escape read_escape(struct nx_stretch text)
{
	switch (*text.text) {
	case '=':
	case '%':
	case '+':
		return read_hex(text);
	case '&':
		return read_entity(text);
	case '\\':
		return read_backslash(text);
	case '?':
		return read_joint(text);
	default:
		return (struct escape){.took = 0};
	}
}

struct nx_stretch nx_escapes_decode(TALLOC_CTX *ctx, struct nx_stretch text)
{
	static const char begins[256] = {['='] = 1, ['%'] = 1,  ['+'] = 1,
	                                 ['&'] = 1, ['\\'] = 1, ['?'] = 1};
	const char *at = text.text, *const end = text.text + text.size;
	char *out = talloc_size(ctx, text.size + 1);
	size_t size = 0;

	while (at < end) {
		if (!begins[(unsigned char)*at]) {
			out[size++] = *at++;
			continue;
		}
		const struct escape escape = read_escape(
		        (struct nx_stretch){at, (size_t)(end - at)});
		if (escape.took == 0)
			out[size++] = *at++;
		memcpy(out + size, escape.out, escape.size);
		size += escape.size;
		at += escape.took;
	}
	out[size] = '\0';
	return (struct nx_stretch){out, size};
}
