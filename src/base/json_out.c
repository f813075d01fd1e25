/* SPDX-License-Identifier: ISC */
#include "base/json_out.h"

#include "base/text.h"

#include <assert.h>
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

static char *put_unit(char *to, uint32_t unit)
{
	static const char digits[] = "0123456789ABCDEF";
	*to++ = '\\';
	*to++ = 'u';
	for (int shift = 12; shift >= 0; shift -= 4)
		*to++ = digits[unit >> shift & 0xF];
	return to;
}

static char *put_escape(char *to, uint32_t code)
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

/* The character after a plain run; nothing when it does not fit. */
static size_t put_character(struct nx_json_out *out, const char *value,
                            size_t size, size_t limit)
{
	uint32_t code = 0xFFFD;
	size_t used = nx_text_decode(value, size, &code);
	used += used == 0;
	if (used > limit)
		return 0;
	char *to = out->text + out->size;
	out->size += (size_t)(put_escape(to, code) - to);
	return used;
}

static void put_text(struct nx_json_out *out, const char *value, size_t limit)
{
	size_t size = strlen(value);
	limit = size < limit ? size : limit;
	put(out, "\"");
	for (size_t used = 1; used > 0 && limit > 0;) {
		size_t run = plain_run(value, limit);
		make_room(out, run + ESCAPE + 1);
		memcpy(out->text + out->size, value, run);
		out->size += run;
		value += run;
		size -= run;
		limit -= run;
		used = limit == 0 ? 0 : put_character(out, value, size, limit);
		value += used;
		size -= used;
		limit -= used;
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

struct nx_json_out *nx_json_out_new(TALLOC_CTX *ctx)
{
	struct nx_json_out *out = talloc_zero(ctx, struct nx_json_out);
	out->room = FIRST_ROOM;
	out->text = talloc_array(ctx, char, FIRST_ROOM);
	open_container(out, "{", '}');
	return out;
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

void nx_json_out_whole(struct nx_json_out *out, const char *name,
                       const char *value)
{
	nx_json_out_text(out, name, value, SIZE_MAX);
}

void nx_json_out_number(struct nx_json_out *out, const char *name,
                        int64_t value)
{
	char digits[24];
	char *at = digits + sizeof(digits) - 1;
	uint64_t left = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	*at = '\0';
	do
		*--at = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (value < 0)
		*--at = '-';
	begin(out, name);
	put(out, at);
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
