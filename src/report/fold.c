/* SPDX-License-Identifier: ISC */
#include "report/fold.h"

#include "base/text.h"

#include <string.h>

static bool is_within(uint32_t code, uint32_t low, uint32_t high)
{
	return code >= low && code <= high;
}

/* Characters that keyboards and programs use for an ASCII one. */
static uint32_t narrow(uint32_t code)
{
	switch (code) {
	case 0xA0:   /* no-break space */
	case 0x202F: /* narrow no-break space */
	case 0x3000: /* ideographic space */
		return ' ';
	case 0x2018:
	case 0x2019:
		return '\'';
	case 0x3010: /* lenticular brackets */
		return '[';
	case 0x3011:
		return ']';
	}
	/* the wide forms of ASCII */
	return is_within(code, 0xFF01, 0xFF5E) ? code - 0xFEE0 : code;
}

/* Simple case folding where a letter's two forms have the same size. */
static uint32_t lower(uint32_t code)
{
	if (is_within(code, 'A', 'Z'))
		return code + 0x20;
	if (code < 0xC0)
		return code;
	if (is_within(code, 0xC0, 0xDE) && code != 0xD7)
		return code + 0x20;
	/* pairs: the capital is even, or odd */
	if (is_within(code, 0x100, 0x137) || is_within(code, 0x14A, 0x177))
		return code == 0x130 || code == 0x131 ? code : code | 1;
	if (is_within(code, 0x139, 0x148) || is_within(code, 0x179, 0x17E))
		return (code & 1) != 0 ? code + 1 : code;
	if (is_within(code, 0x391, 0x3A9))
		return code + 0x20;
	if (is_within(code, 0x400, 0x40F))
		return code + 0x50;
	if (is_within(code, 0x410, 0x42F))
		return code + 0x20;
	return is_within(code, 0x460, 0x52F) ? code | 1 : code;
}

static size_t put(char *out, uint32_t code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	out[0] = (char)(0xC0 | code >> 6);
	out[1] = (char)(0x80 | (code & 0x3F));
	return 2;
}

/* The character at in, or the bytes of one that has no other form. */
static size_t fold_one(const char *in, size_t left, char *out, size_t *size)
{
	uint32_t code;
	size_t used = nx_text_decode(in, left, &code);
	if (used == 0) { /* cut off by the limit */
		*size = 0;
		return left;
	}
	uint32_t folded = lower(narrow(code));
	if (folded < 0x800) {
		*size = put(out, folded);
	} else {
		memcpy(out, in, used);
		*size = used;
	}
	return used;
}

char *nx_fold(TALLOC_CTX *ctx, const char *text, size_t limit)
{
	size_t left = strnlen(text, limit);
	char *out = talloc_size(ctx, left + 1);
	size_t at = 0;
	while (left > 0) {
		size_t size = 1;
		size_t used = 1;
		if ((unsigned char)*text < 0x80)
			out[at] = nx_text_to_lower(*text);
		else
			used = fold_one(text, left, out + at, &size);
		text += used;
		left -= used;
		bool is_blank = size == 1 && nx_text_is_blank(out[at]);
		if (is_blank && (at == 0 || out[at - 1] == ' '))
			continue;
		if (is_blank)
			out[at] = ' ';
		at += size;
	}
	at -= at > 0 && out[at - 1] == ' ';
	out[at] = '\0';
	return out;
}
