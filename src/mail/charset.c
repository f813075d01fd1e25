/* SPDX-License-Identifier: ISC */
#include "mail/charset.h"

#include "base/text.h"

#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Labels as they are compared: lower case, letters and digits only. Where a
 * label is commonly given to a superset, the superset is read. */
static const struct alias {
	const char *label;
	const char *converter;
} aliases[] = {
        {"big5", "BIG5"},
        {"cp932", "CP932"},
        {"cp936", "GB18030"},
        {"cp949", "CP949"},
        {"eucjp", "EUC-JP"},
        {"euckr", "CP949"},
        {"gb18030", "GB18030"},
        {"gb2312", "GB18030"},
        {"gbk", "GB18030"},
        {"iso2022jp", "ISO-2022-JP"},
        {"iso2022kr", "ISO-2022-KR"},
        {"iso88591", "WINDOWS-1252"},
        {"iso885910", "ISO-8859-10"},
        {"iso885911", "ISO-8859-11"},
        {"iso885913", "ISO-8859-13"},
        {"iso885914", "ISO-8859-14"},
        {"iso885915", "ISO-8859-15"},
        {"iso885916", "ISO-8859-16"},
        {"iso88592", "ISO-8859-2"},
        {"iso88593", "ISO-8859-3"},
        {"iso88594", "ISO-8859-4"},
        {"iso88595", "ISO-8859-5"},
        {"iso88596", "ISO-8859-6"},
        {"iso88597", "ISO-8859-7"},
        {"iso88598", "ISO-8859-8"},
        {"iso88598i", "ISO-8859-8"},
        {"iso88599", "ISO-8859-9"},
        {"koi8r", "KOI8-R"},
        {"koi8u", "KOI8-U"},
        {"ksc56011987", "CP949"},
        {"latin1", "WINDOWS-1252"},
        {"shiftjis", "CP932"},
        {"sjis", "CP932"},
        {"tis620", "ISO-8859-11"},
        {"unicode11utf7", "UTF-7"},
        {"utf7", "UTF-7"},
        {"windows1250", "WINDOWS-1250"},
        {"windows1251", "WINDOWS-1251"},
        {"windows1252", "WINDOWS-1252"},
        {"windows1253", "WINDOWS-1253"},
        {"windows1254", "WINDOWS-1254"},
        {"windows1255", "WINDOWS-1255"},
        {"windows1256", "WINDOWS-1256"},
        {"windows1257", "WINDOWS-1257"},
        {"windows1258", "WINDOWS-1258"},
        {"windows31j", "CP932"},
        {"xsjis", "CP932"},
};

enum { ALIASES = sizeof(aliases) / sizeof(*aliases), LABEL = 24 };

/* Set once before the first message, then only used: closing a converter would
 * unload its code, which the sandbox could not load again. */
static iconv_t converters[ALIASES];
static bool started;
static bool lacked;

void nx_charset_start(void)
{
	if (started)
		return;
	for (size_t i = 0; i < ALIASES; i++)
		converters[i] = iconv_open("UTF-8", aliases[i].converter);
	started = true;
}

bool nx_charset_lacked(void)
{
	return lacked;
}

/* "Windows-1252" and "cp1252" are "windows1252"; "" when too long. */
static void plain_label(const char *label, char out[LABEL])
{
	size_t n = 0;
	for (; *label != '\0' && n < LABEL - 1; label++) {
		char c = nx_text_to_lower(*label);
		if (nx_text_is_digit(c) || (c >= 'a' && c <= 'z'))
			out[n++] = c;
	}
	out[*label == '\0' ? n : 0] = '\0';
	if (n == 6 && memcmp(out, "cp125", 5) == 0)
		snprintf(out, LABEL, "windows125%c", out[5]);
}

/* False when the set is not on the list, or the system cannot read it. */
static bool find_converter(const char *name, iconv_t *out)
{
	for (size_t i = 0; i < ALIASES; i++) {
		if (strcmp(aliases[i].label, name) != 0)
			continue;
		lacked |= !started;
		if (!started)
			return false;
		*out = converters[i];
		return (intptr_t)converters[i] != -1;
	}
	return false;
}

static bool is_ascii(const char *bytes, size_t size)
{
	unsigned char all = 0;
	for (size_t i = 0; i < size; i++)
		all |= (unsigned char)bytes[i];
	return all < 0x80;
}

/* Bytes that a character starting with this one has, or 0. */
static size_t utf8_size(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

/* Good enough to tell UTF-8 from other sets. A character cut off at the end
 * counts neither way. */
static bool is_utf8(const char *bytes, size_t size)
{
	bool seen = false;
	size_t at = 0;
	while (at < size) {
		size_t n = utf8_size((unsigned char)bytes[at]);
		if (n == 0)
			return false;
		for (size_t i = at + 1; i < at + n && i < size; i++)
			if (((unsigned char)bytes[i] & 0xc0) != 0x80)
				return false;
		at += n;
		seen |= n > 1 && at <= size;
	}
	return seen || at == size;
}

static bool has_japanese_escape(const char *bytes, size_t size)
{
	const char *end = bytes + size;
	const char *at = memchr(bytes, 0x1b, size);
	while (at != NULL && end - at >= 3) {
		if (memcmp(at + 1, "$B", 2) == 0 ||
		    memcmp(at + 1, "$@", 2) == 0 ||
		    memcmp(at + 1, "(J", 2) == 0)
			return true;
		at = memchr(at + 1, 0x1b, (size_t)(end - at) - 1);
	}
	return false;
}

static const char *guess(const char *bytes, size_t size, bool plain)
{
	if (has_japanese_escape(bytes, size))
		return "iso2022jp";
	return plain || is_utf8(bytes, size) ? "utf8" : "windows1252";
}

/* Converts what can be and puts U+FFFD for each byte that cannot. A byte
 * becomes four at most in any of the sets. */
static char *convert(TALLOC_CTX *ctx, iconv_t set, const char *bytes,
                     size_t *size)
{
	size_t room = *size * 4 + 16;
	char *out = talloc_size(ctx, room);
	char *to = out;
	char *from = (char *)bytes;
	size_t left = *size;
	iconv(set, NULL, NULL, NULL, NULL);
	while (left > 0 && room > 4) {
		if (iconv(set, &from, &left, &to, &room) != (size_t)-1)
			break;
		if (left == 0 || room <= 4)
			break;
		to = stpcpy(to, "\xef\xbf\xbd");
		room -= 3;
		from++;
		left--;
	}
	iconv(set, NULL, NULL, &to, &room);
	*size = (size_t)(to - out);
	return out;
}

/* Repairing puts three bytes for a wrong one: cut again. */
static char *repair(TALLOC_CTX *ctx, const char *bytes, size_t size,
                    size_t limit)
{
	char *text = nx_text_repair(ctx, bytes, size, limit);
	if (strlen(text) <= limit)
		return text;
	while (limit > 0 && ((unsigned char)text[limit] & 0xc0) == 0x80)
		limit--;
	text[limit] = '\0';
	return text;
}

/* Sets in which ASCII bytes may mean something else. */
static bool is_stateful(const char *name)
{
	return strncmp(name, "iso2022", 7) == 0 || strstr(name, "utf7") != NULL;
}

char *nx_charset_text(TALLOC_CTX *ctx, const char *label, const char *bytes,
                      size_t size, size_t limit)
{
	char given[LABEL];
	const char *name = given;
	if (size > limit)
		size = limit;
	plain_label(label, given);
	bool plain = is_ascii(bytes, size);
	bool unlabelled = *label == '\0' || strcmp(name, "usascii") == 0 ||
	                  strcmp(name, "ascii") == 0;
	if (unlabelled)
		name = guess(bytes, size, plain);
	iconv_t set = NULL;
	if ((plain && !is_stateful(name)) || !find_converter(name, &set))
		return repair(ctx, bytes, size, limit);
	char *converted = convert(ctx, set, bytes, &size);
	char *text = repair(ctx, converted, size, limit);
	talloc_free(converted);
	return text;
}
