/* SPDX-License-Identifier: ISC */
#include "mail/guess.h"

#include "base/text.h"

#include <string.h>

struct byte_counts {
	const unsigned char *at;
	const unsigned char *end;
};

static bool is_within(unsigned char byte, unsigned char low, unsigned char high)
{
	return byte >= low && byte <= high;
}

/* True when there are more UTF-8 characters than invalid bytes: a quotation in
 * another set does not make all the rest unreadable. A character that may be
 * cut off at the end counts neither way. */
static bool is_utf8(const char *bytes, size_t size)
{
	enum { LONGEST = 4 };
	size_t good = 0;
	size_t bad = 0;
	size_t at = 0;
	while (at < size) {
		if ((unsigned char)bytes[at] < 0x80) {
			at++;
			continue;
		}
		uint32_t code;
		size_t used = nx_text_decode(bytes + at, size - at, &code);
		if (used == 0 && size - at < LONGEST)
			break;
		good += used > 1;
		bad += used == 0;
		at += used > 0 ? used : 1;
	}
	return (at == size && bad == 0) || good > bad;
}

static const char *escaped(const char *bytes, size_t size)
{
	const char *end = bytes + size;
	const char *at = memchr(bytes, 0x1b, size);
	for (; at != NULL && end - at > 3;
	     at = memchr(at + 1, 0x1b, (size_t)(end - at) - 1)) {
		if (memcmp(at + 1, "$)C", 3) == 0)
			return "iso2022kr";
		if (memcmp(at + 1, "$B", 2) == 0 ||
		    memcmp(at + 1, "$@", 2) == 0 ||
		    memcmp(at + 1, "(J", 2) == 0)
			return "iso2022jp";
	}
	return NULL;
}

/* Non-ASCII bytes, and how they stand. */
struct high {
	size_t count;
	size_t lone;     /* between two ASCII bytes */
	size_t low_half; /* 0xc0 to 0xdf: small letters in KOI8-R, otherwise
	                    capitals */
	size_t high_half;
};

static struct high count_high(struct byte_counts text)
{
	struct high high = {0};
	unsigned char before = 0;
	for (; text.at < text.end; before = *text.at++) {
		if (*text.at < 0x80)
			continue;
		bool ends = text.at + 1 == text.end || text.at[1] < 0x80;
		high.count++;
		high.lone += before < 0x80 && ends;
		high.low_half += is_within(*text.at, 0xc0, 0xdf);
		high.high_half += *text.at >= 0xe0;
	}
	return high;
}

/* Letters with accents stand among those without. */
static bool is_latin(struct high high)
{
	return high.count < 4 || high.lone * 2 > high.count;
}

/* Nearly all of the bytes are letters, and few of these are capitals. */
static const char *cyrillic(struct high high)
{
	size_t letters = high.low_half + high.high_half;
	if (letters * 20 < high.count * 19)
		return NULL;
	return high.low_half > high.high_half ? "koi8r" : "windows1251";
}

struct pairs {
	size_t count;
	size_t wrong;
	size_t low; /* the second byte is below 0xa1 */
	size_t kana;
	size_t hangul;
	size_t common; /* in the common half of the Chinese characters */
};

/* Pairs of the EUC sets, of Big5 and GBK: the first byte is 0xa1 or more. */
static struct pairs count_pairs(struct byte_counts text)
{
	struct pairs pairs = {0};
	while (text.at < text.end) {
		unsigned char first = *text.at++;
		if (first < 0x80 || text.at == text.end)
			continue;
		unsigned char second = *text.at;
		if (first < 0xa1 || second < 0x40 || second == 0x7f) {
			pairs.wrong++;
			continue;
		}
		text.at++;
		pairs.count++;
		pairs.low += second < 0xa1;
		pairs.kana += first == 0xa4 || first == 0xa5;
		pairs.hangul += is_within(first, 0xb0, 0xc8);
		pairs.common += is_within(first, 0xa4, 0xc6);
	}
	return pairs;
}

/* Kana, which every sentence has some of. */
static bool is_shift_jis(struct byte_counts text)
{
	size_t pairs = 0;
	size_t kana = 0;
	while (text.at < text.end) {
		unsigned char first = *text.at++;
		if (first < 0x80 || is_within(first, 0xa0, 0xdf))
			continue;
		if (text.at == text.end)
			break;
		unsigned char second = *text.at;
		if (second < 0x40 || second == 0x7f || second > 0xfc ||
		    first > 0xfc)
			return false;
		text.at++;
		pairs++;
		kana += (first == 0x82 && is_within(second, 0x9f, 0xf1)) ||
		        (first == 0x83 && is_within(second, 0x40, 0x96));
	}
	return kana >= 2 && kana * 4 >= pairs;
}

static const char *asian(struct byte_counts text)
{
	if (is_shift_jis(text))
		return "shiftjis";
	struct pairs pairs = count_pairs(text);
	if (pairs.count < 2 || pairs.wrong * 20 > pairs.count)
		return NULL;
	if (pairs.low == 0 && pairs.kana * 4 >= pairs.count)
		return "eucjp";
	if (pairs.low == 0)
		return pairs.hangul * 10 >= pairs.count * 9 ? "euckr"
		                                            : "gb18030";
	return pairs.common * 10 >= pairs.count * 9 ? "big5" : "gb18030";
}

const char *nx_guess_charset(const char *bytes, size_t size)
{
	const char *name = escaped(bytes, size);
	if (name != NULL)
		return name;
	if (is_utf8(bytes, size))
		return "utf8";
	struct byte_counts text = {(const unsigned char *)bytes,
	                           (const unsigned char *)bytes + size};
	struct high high = count_high(text);
	if (!is_latin(high))
		name = cyrillic(high);
	if (!is_latin(high) && name == NULL)
		name = asian(text);
	return name != NULL ? name : "windows1252";
}
