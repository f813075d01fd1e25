/* SPDX-License-Identifier: ISC */
#include "base/json_out.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
	FIRST_ROOM = 4096,
	ESCAPE = 12 /* bytes that one character can become: two \u1234 */
};

static void make_room(struct nx_json_out *out, size_t size)
{
	if (out->size + size < out->room)
		return;
	out->room = 2 * (out->size + size);
	TALLOC_CTX *ctx = talloc_parent(out->text);
	out->text = talloc_realloc(ctx, out->text, char, out->room);
}

static void put(struct nx_json_out *out, const char *text)
{
	size_t size = strlen(text);
	make_room(out, size + 1);
	memcpy(out->text + out->size, text, size + 1);
	out->size += size;
}

/* --- characters ----------------------------------------------------------- */

/* The character at text and its bytes; 0xFFFD and 1 for what is not UTF-8. */
static unsigned long decode(const char *text, size_t *size)
{
	static const unsigned long least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *at = (const unsigned char *)text;
	size_t length = *at < 0x80   ? 1
	                : *at < 0xC0 ? 0
	                : *at < 0xE0 ? 2
	                : *at < 0xF0 ? 3
	                : *at < 0xF8 ? 4
	                             : 0;
	unsigned long code = length > 1 ? *at & (0x7Fu >> length) : *at;
	for (size_t i = 1; i < length; i++) {
		if ((at[i] & 0xC0) != 0x80) {
			length = 0;
			break;
		}
		code = code << 6 | (at[i] & 0x3F);
	}
	bool bad = length == 0 || code < least[length] || code > 0x10FFFF ||
	           (code >= 0xD800 && code <= 0xDFFF);
	*size = bad ? 1 : length;
	return bad ? 0xFFFD : code;
}

static char *put_unit(char *to, unsigned long unit)
{
	static const char digits[] = "0123456789ABCDEF";
	*to++ = '\\';
	*to++ = 'u';
	for (int shift = 12; shift >= 0; shift -= 4)
		*to++ = digits[unit >> shift & 0xF];
	return to;
}

static char *put_escape(char *to, unsigned long code)
{
	static const char plain[] = "\"\\\b\f\n\r\t";
	static const char letters[] = "\"\\bfnrt";
	const char *at = code < 0x80 ? strchr(plain, (int)code) : NULL;
	if (at != NULL) {
		*to++ = '\\';
		*to++ = letters[at - plain];
		return to;
	}
	if (code < 0x10000)
		return put_unit(to, code);
	code -= 0x10000;
	to = put_unit(to, 0xD800 + (code >> 10));
	return put_unit(to, 0xDC00 + (code & 0x3FF));
}

static bool is_plain(char c)
{
	return c >= ' ' && c < '\x7F' && c != '"' && c != '\\';
}

/* The number of bytes at the start that need no escape. Eight at once: a byte
 * that needs one leaves its high bit set. */
static size_t plain_run(const char *text, size_t size)
{
	const uint64_t each = UINT64_C(0x0101010101010101);
	size_t run = 0;

	for (; size - run >= sizeof(uint64_t); run += sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, text + run, sizeof(word));
		uint64_t quote = word ^ each * '"';
		uint64_t backslash = word ^ each * '\\';
		uint64_t bad = word | (word - each * ' ') | (quote - each) |
		               (backslash - each) | (word + each);

		if ((bad & each * 0x80) != 0)
			break;
	}
	while (run < size && is_plain(text[run]))
		run++;
	return run;
}

static void put_text(struct nx_json_out *out, const char *value, size_t limit)
{
	put(out, "\"");
	const char *end = value + strnlen(value, limit + 1);
	const char *last = value + limit;
	while (value < end) {
		const char *stop = end < last ? end : last;
		size_t run = plain_run(value, (size_t)(stop - value));
		make_room(out, run + ESCAPE + 1);
		memcpy(out->text + out->size, value, run);
		out->size += run;
		value += run;
		size_t size = 0;
		if (value == end || value == last)
			break;
		unsigned long code = decode(value, &size);
		if (value + size > last)
			break;
		char *to = out->text + out->size;
		out->size += (size_t)(put_escape(to, code) - to);
		value += size;
	}
	put(out, "\"");
}

/* --- structure ------------------------------------------------------------ */

/* Names come from our own code: they need no escapes. */
static void begin(struct nx_json_out *out, const char *name)
{
	char before = out->text[out->size - 1];
	if (before != '{' && before != '[')
		put(out, ",");
	if (name == NULL)
		return;
	put(out, "\"");
	put(out, name);
	put(out, "\":");
}

static void open_container(struct nx_json_out *out, const char *opener,
                           char closer)
{
	assert(out->depth < NX_JSON_OUT_DEPTH);
	put(out, opener);
	out->closer[out->depth++] = closer;
}

void nx_json_out_init(TALLOC_CTX *ctx, struct nx_json_out *out)
{
	*out = (struct nx_json_out){.room = FIRST_ROOM};
	out->text = talloc_array(ctx, char, FIRST_ROOM);
	open_container(out, "{", '}');
}

void nx_json_out_object(struct nx_json_out *out, const char *name)
{
	begin(out, name);
	open_container(out, "{", '}');
}

void nx_json_out_array(struct nx_json_out *out, const char *name)
{
	begin(out, name);
	open_container(out, "[", ']');
}

void nx_json_out_end(struct nx_json_out *out)
{
	assert(out->depth > 0);
	const char closer[] = {out->closer[--out->depth], '\0'};
	put(out, closer);
}

void nx_json_out_text(struct nx_json_out *out, const char *name,
                      const char *value, size_t limit)
{
	begin(out, name);
	put_text(out, value, limit);
}

void nx_json_out_number(struct nx_json_out *out, const char *name,
                        int64_t value)
{
	char digits[24];
	snprintf(digits, sizeof digits, "%lld", (long long)value);
	begin(out, name);
	put(out, digits);
}

void nx_json_out_bool(struct nx_json_out *out, const char *name, bool value)
{
	begin(out, name);
	put(out, value ? "true" : "false");
}

void nx_json_out_null(struct nx_json_out *out, const char *name)
{
	begin(out, name);
	put(out, "null");
}
