/* SPDX-License-Identifier: ISC */
#include "mail/charset.h"

#include "base/text.h"
#include "mail/guess.h"
#include "mail/utf16.h"

#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Labels in the form in which they are compared: lower case, letters and digits
 * only. Where a label is commonly used for a superset, the superset is read. */
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

/* Set once before the first message, then only read: closing a converter would
 * unload its code, which could not be loaded again in the sandbox. */
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
		if (nx_text_is_alnum(c))
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

/* Converts what it can and puts U+FFFD for each byte that it cannot. A byte
 * becomes at most four in any of the sets. */
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

/* Repairing puts three bytes for a bad one: cut again. */
static char *repair(TALLOC_CTX *ctx, const char *bytes, size_t size,
                    size_t limit)
{
	char *text = nx_text_repair(ctx, bytes, size, limit);
	if (strlen(text) <= limit)
		return text;
	while (limit > 0 && nx_text_continues(text[limit]))
		limit--;
	text[limit] = '\0';
	return text;
}

/* Sets in which ASCII bytes may mean something else. */
static bool is_stateful(const char *name)
{
	return strncmp(name, "iso2022", 7) == 0 || strstr(name, "utf7") != NULL;
}

/* The sets that programs put on text without looking at it. */
static bool is_default(const char *name)
{
	static const char *const names[] = {"utf8", "iso88591", "latin1",
	                                    "windows1252"};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* The set to read the bytes as: the label's where that is possible. */
static const char *choose(const char *given, const char *bytes, size_t size)
{
	bool is_known = is_default(given);
	for (size_t i = 0; i < ALIASES && !is_known; i++)
		is_known = strcmp(aliases[i].label, given) == 0;
	return is_known && !is_default(given) ? given
	                                      : nx_guess_charset(bytes, size);
}

/* The order that the bytes show. A label alone is not trusted, since such parts
 * may have been turned into ASCII on their way, with all NULs removed. */
static char *read_utf16(TALLOC_CTX *ctx, const char *label, const char *bytes,
                        size_t *size)
{
	enum nx_utf16 order = nx_utf16_order(bytes, *size);
	if (order == NX_UTF16_NONE && strncmp(label, "utf16", 5) == 0 &&
	    memchr(bytes, '\0', *size) != NULL)
		order = strcmp(label, "utf16le") == 0 ? NX_UTF16_LITTLE
		                                      : NX_UTF16_BIG;
	return order == NX_UTF16_NONE ? NULL
	                              : nx_utf16_read(ctx, bytes, size, order);
}

char *nx_charset_text(TALLOC_CTX *ctx, const char *label, const char *bytes,
                      size_t size, size_t limit)
{
	char given[LABEL];
	if (size > limit)
		size = limit;
	plain_label(label, given);
	iconv_t set = NULL;
	char *converted = read_utf16(ctx, given, bytes, &size);
	if (converted == NULL) {
		bool is_plain = nx_text_is_ascii(bytes, size) &&
		                memchr(bytes, 0x1b, size) == NULL;
		const char *name =
		        is_plain ? given : choose(given, bytes, size);
		if ((is_plain && !is_stateful(name)) ||
		    !find_converter(name, &set))
			return repair(ctx, bytes, size, limit);
		converted = convert(ctx, set, bytes, &size);
	}
	char *text = repair(ctx, converted, size, limit);
	talloc_free(converted);
	return text;
}

const char *nx_charset_of_html(TALLOC_CTX *ctx, const char *bytes, size_t size)
{
	enum { NEAR = 1024 };
	static const char word[] = "charset=";
	const char *start =
	        talloc_strndup(ctx, bytes, size < NEAR ? size : NEAR);
	const char *meta = nx_text_find(start, "<meta");
	const char *label = meta != NULL ? nx_text_find(meta, word) : NULL;
	if (label == NULL)
		return "";
	label += strlen(word);
	label += *label == '"' || *label == '\'';
	return talloc_strndup(ctx, label, strcspn(label, "\"' />;"));
}
