/* SPDX-License-Identifier: ISC */
#include "base/text.h"

#include <stdio.h>
#include <string.h>

/*
 * Makes text safe to display. Escaped are: controls; characters that change the
 * writing direction; those without a shape of their own; private use; and the
 * planes in which nothing is assigned. Gaps inside the assigned planes are
 * shown: knowing them takes tables that become outdated.
 */

struct code_range {
	uint32_t first, last;
};

enum { COLUMNS = 256, ESCAPE_SIZE = 12, MOST_CUT = COLUMNS * ESCAPE_SIZE };

static const char ELLIPSIS[] = "\xE2\x80\xA6";

static const struct code_range hidden[] = {
        {0x80, 0x9F},       {0xAD, 0xAD},        {0x34F, 0x34F},
        {0x61C, 0x61C},     {0x115F, 0x1160},    {0x17B4, 0x17B5},
        {0x180B, 0x180F},   {0x200B, 0x200F},    {0x2028, 0x202E},
        {0x2060, 0x206F},   {0x3164, 0x3164},    {0xD800, 0xF8FF},
        {0xFDD0, 0xFDEF},   {0xFE00, 0xFE0F},    {0xFEFF, 0xFEFF},
        {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},    {0xFFFE, 0xFFFF},
        {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},  {0x1FFFE, 0x1FFFF},
        {0x2FFFE, 0x2FFFF}, {0x323B0, 0x10FFFF},
};

/* Characters that are two columns wide; good enough for a limit, not for
 * aligning a table. */
static const struct code_range wide[] = {
        {0x1100, 0x115F}, {0x2E80, 0xA4CF},   {0xAC00, 0xD7A3},
        {0xF900, 0xFAFF}, {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},
        {0xFFE0, 0xFFE6}, {0x1F300, 0x1FAFF}, {0x20000, 0x3FFFD},
};

static bool is_in(uint32_t code, const struct code_range *ranges, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (code <= ranges[i].last)
			return code >= ranges[i].first;
	return false;
}

static bool is_hidden(uint32_t code)
{
	return code >= 0x80 &&
	       is_in(code, hidden, sizeof(hidden) / sizeof(*hidden));
}

static bool is_wide(uint32_t code)
{
	return code >= 0x1100 &&
	       is_in(code, wide, sizeof(wide) / sizeof(*wide));
}

/* One character in its visible form. */
struct shape {
	size_t taken;   /* bytes of the input */
	size_t size;    /* bytes of the form */
	size_t columns; /* width of the form on a terminal */
	char bytes[ESCAPE_SIZE];
};

static void shape_byte(struct shape *shape, unsigned char byte)
{
	int size = snprintf(shape->bytes, ESCAPE_SIZE, "\\x%02X", byte);
	shape->size = shape->columns = (size_t)size;
}

static void shape_code(struct shape *shape, uint32_t code)
{
	int size = snprintf(shape->bytes, ESCAPE_SIZE, "\\u{%X}", code);
	shape->size = shape->columns = (size_t)size;
}

static void shape_next(const char *text, size_t size, struct shape *shape)
{
	uint32_t code = 0;
	shape->taken = nx_text_decode(text, size, &code);
	if (shape->taken == 0) {
		shape->taken = 1;
		shape_byte(shape, (unsigned char)*text);
	} else if (code < 0x20 || code == 0x7F) {
		shape_byte(shape, (unsigned char)code);
	} else if (is_hidden(code)) {
		shape_code(shape, code);
	} else if (code == '\\') {
		shape->size = shape->columns = 2;
		memcpy(shape->bytes, "\\\\", 2);
	} else {
		shape->size = shape->taken;
		shape->columns = is_wide(code) ? 2 : 1;
		memcpy(shape->bytes, text, shape->taken);
	}
}

char *nx_text_escape(TALLOC_CTX *ctx, const char *text, bool cut)
{
	size_t size = strlen(text);
	/* No byte grows to more than four, no column to more than twelve. */
	size_t room = 4 * size;
	if (cut && room > MOST_CUT)
		room = MOST_CUT;
	char *out = talloc_array(ctx, char, room + sizeof(ELLIPSIS));
	size_t used = 0, columns = 0;
	size_t fits = 0; /* the size that leaves room for an ellipsis */
	struct shape shape;
	for (size_t at = 0; at < size; at += shape.taken) {
		shape_next(text + at, size - at, &shape);
		if (cut && columns + shape.columns > COLUMNS) {
			memcpy(out + fits, ELLIPSIS, sizeof(ELLIPSIS));
			return out;
		}
		memcpy(out + used, shape.bytes, shape.size);
		used += shape.size;
		columns += shape.columns;
		if (columns < COLUMNS)
			fits = used;
	}
	out[used] = '\0';
	return out;
}
