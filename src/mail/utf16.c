/* SPDX-License-Identifier: ISC */
#include "mail/utf16.h"

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { MARK = 0xfeff, REPLACEMENT = 0xfffd };

struct units {
	const unsigned char *at;
	size_t left; /* in bytes */
	enum nx_utf16 order;
};

static uint32_t unit_at(const unsigned char *at, enum nx_utf16 order)
{
	return order == NX_UTF16_BIG ? (uint32_t)(at[0] << 8 | at[1])
	                             : (uint32_t)(at[1] << 8 | at[0]);
}

static bool is_ascii(uint32_t unit)
{
	return unit > 0 && unit < 0x80;
}

/* A byte order mark alone is not trusted: it survives a conversion of the rest
 * to ASCII. */
static bool starts(const unsigned char *bytes, size_t size, enum nx_utf16 order)
{
	uint32_t first = unit_at(bytes, order);
	if (first == MARK)
		return memchr(bytes, '\0', size) != NULL;
	return is_ascii(first) && is_ascii(unit_at(bytes + 2, order));
}

enum nx_utf16 nx_utf16_order(const char *bytes, size_t size)
{
	const unsigned char *first = (const unsigned char *)bytes;
	if (size < 4)
		return NX_UTF16_NONE;
	if (starts(first, size, NX_UTF16_LITTLE))
		return NX_UTF16_LITTLE;
	return starts(first, size, NX_UTF16_BIG) ? NX_UTF16_BIG : NX_UTF16_NONE;
}

static uint32_t next_unit(struct units *units)
{
	uint32_t unit = unit_at(units->at, units->order);
	units->at += 2;
	units->left -= 2;
	return unit;
}

/* RFC 2781 section 2.2 */
static uint32_t next_code(struct units *units)
{
	uint32_t high = next_unit(units);
	if (high < 0xd800 || high > 0xdfff)
		return high;
	uint32_t low = units->left < 2 ? 0 : unit_at(units->at, units->order);
	if (high > 0xdbff || low < 0xdc00 || low > 0xdfff)
		return REPLACEMENT;
	next_unit(units);
	return 0x10000 + ((high & 0x3ff) << 10 | (low & 0x3ff));
}

/* a unit becomes at most three bytes */
char *nx_utf16_read(TALLOC_CTX *ctx, const char *bytes, size_t *size,
                    enum nx_utf16 order)
{
	struct units units = {(const unsigned char *)bytes, *size, order};
	char *out = talloc_size(ctx, *size / 2 * 3 + 1);
	size_t written = 0;
	if (units.left >= 2 && unit_at(units.at, order) == MARK)
		next_unit(&units);
	while (units.left >= 2)
		written += nx_text_encode(next_code(&units), out + written);
	*size = written;
	return out;
}
