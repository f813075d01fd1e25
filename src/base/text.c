/* SPDX-License-Identifier: ISC */
#include "base/text.h"

#include <glib.h>
#include <string.h>

/* The same byte eight times, for testing eight bytes at once. */
#define EIGHT(byte) (UINT64_C(0x0101010101010101) * (byte))

static const char REPLACEMENT[] = "\xEF\xBF\xBD"; /* U+FFFD */

size_t nx_text_index(const char *name, const char *const *list, size_t count)
{
	size_t i = 0;
	while (i < count && !(list[i] && strcmp(list[i], name) == 0))
		i++;
	return i;
}

int nx_text_hex(char c)
{
	char low = nx_text_to_lower(c);
	if (nx_text_is_digit(c))
		return c - '0';
	return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

bool nx_text_is_ascii(const char *bytes, size_t size)
{
	unsigned char all = 0;
	for (size_t i = 0; i < size; i++)
		all |= (unsigned char)bytes[i];
	return all < 0x80;
}

int nx_text_hex_byte(const char *text, size_t size)
{
	if (size < 2 || nx_text_hex(text[0]) < 0 || nx_text_hex(text[1]) < 0)
		return -1;
	return nx_text_hex(text[0]) * 16 + nx_text_hex(text[1]);
}

bool nx_text_hex_number(const char *text, int64_t *out)
{
	uint64_t number = 0;
	for (int i = 0; i < NX_TEXT_HEX_NUMBER; i++) {
		const int digit = nx_text_hex(text[i]);
		if (digit < 0 || nx_text_to_lower(text[i]) != text[i])
			return false;
		number = number << 4 | (uint64_t)digit;
	}
	*out = (int64_t)number;
	return true;
}

bool nx_text_is_letter(uint32_t code)
{
	if (code < 0x80)
		return (code | 0x20) >= 'a' && (code | 0x20) <= 'z';
	return (code >= 0xAA && code < 0x590 && code != 0xAB && code != 0xB7 &&
	        code != 0xBB && code != 0xBF && code != 0xD7 && code != 0xF7) ||
	       (code >= 0x1E00 && code < 0x2000);
}

size_t nx_text_decode(const char *bytes, size_t size, uint32_t *code)
{
	if (size == 0)
		return 0;
	if ((unsigned char)*bytes < 0x80) {
		*code = (unsigned char)*bytes;
		return 1;
	}
	/* one of two values when there is no character: they are the highest */
	uint32_t value = g_utf8_get_char_validated(bytes, (gssize)size);
	if (value > 0x10FFFF)
		return 0;
	*code = value;
	return (size_t)(g_utf8_next_char(bytes) - bytes);
}

size_t nx_text_encode(uint32_t code, char out[4])
{
	return (size_t)g_unichar_to_utf8(code, out);
}

uint32_t nx_text_lower_letter(uint32_t code)
{
	uint32_t low = g_unichar_tolower(code);
	return g_unichar_to_utf8(low, NULL) == g_unichar_to_utf8(code, NULL)
	               ? low
	               : code;
}

/* Letters that Unicode does not take apart, and marks with several shapes. */
static const struct {
	uint32_t code;
	const char *plain;
} other_letters[] = {
        {0xA0, " "},   {0xDF, "ss"}, {0xE6, "ae"},  {0xF0, "d"},
        {0xF8, "o"},   {0xFE, "th"}, {0x111, "d"},  {0x127, "h"},
        {0x131, "i"},  {0x142, "l"}, {0x153, "oe"}, {0x2018, "'"},
        {0x2019, "'"}, {0x2BC, "'"}, {0x3000, " "}, {0x202F, " "},
};

static size_t plain_other(uint32_t code, uint32_t out[2])
{
	size_t count = sizeof other_letters / sizeof *other_letters;
	for (size_t i = 0; i < count; i++) {
		const char *plain = other_letters[i].plain;
		if (other_letters[i].code != code)
			continue;
		out[0] = (unsigned char)plain[0];
		out[1] = (unsigned char)plain[1];
		return plain[1] ? 2 : 1;
	}
	return 0;
}

/* Vowel signs and other marks above and below the letters of Latin, Greek,
 * Cyrillic, Hebrew and Arabic. */
static bool is_accent(uint32_t code)
{
	return (code >= 0x300 && code <= 0x36F) ||
	       (code >= 0x591 && code <= 0x5C7 && code != 0x5BE) ||
	       code == 0x640 || (code >= 0x64B && code <= 0x65F);
}

/* In other scripts the parts of a letter are not accents; and most letters of
 * these have no parts. */
static bool may_have_accent(uint32_t code)
{
	return (code >= 0xC0 && code <= 0x24F) ||
	       (code >= 0x386 && code <= 0x3CE) || code == 0x439 ||
	       (code >= 0x450 && code <= 0x4FF) ||
	       (code >= 0x622 && code <= 0x626) ||
	       (code >= 0x1E00 && code <= 0x1FFF);
}

size_t nx_text_plain_letter(uint32_t code, uint32_t out[2])
{
	out[0] = code;
	if (code >= 0xFF01 && code <= 0xFF5E) /* wide ASCII */
		code -= 0xFEE0;
	if (code < 0x80) {
		out[0] = (unsigned char)nx_text_to_lower((char)code);
		return 1;
	}
	if (is_accent(code))
		return 0;
	if (code > 0x1FFF && code != 0x2018 && code != 0x2019 &&
	    code != 0x202F && code != 0x3000)
		return 1;
	code = g_unichar_tolower(code);
	if (code == 0x3C2) /* final sigma */
		code = 0x3C3;
	size_t count = plain_other(code, out);
	if (count == 0) {
		gunichar part[G_UNICHAR_MAX_DECOMPOSITION_LENGTH] = {code};
		if (may_have_accent(code))
			g_unichar_fully_decompose(code, FALSE, part,
			                          sizeof part / sizeof *part);
		out[0] = part[0];
		count = 1;
	}
	return count;
}

/* True when all eight bytes are ASCII and neither NUL nor CR. */
static bool eight_are_plain(const char *bytes)
{
	uint64_t word;
	memcpy(&word, bytes, sizeof(word));
	uint64_t without_cr = word ^ EIGHT('\r');
	uint64_t borrowed = (word - EIGHT(1)) | (without_cr - EIGHT(1));
	return ((word | borrowed) & EIGHT(0x80)) == 0;
}

/* The length of the ASCII at the start that is kept as it is. */
static size_t plain_run(const char *bytes, size_t size)
{
	size_t run = 0;
	while (size - run >= 8 && eight_are_plain(bytes + run))
		run += 8;
	while (run < size && (unsigned char)bytes[run] < 0x80 &&
	       bytes[run] != '\0' && bytes[run] != '\r')
		run++;
	return run;
}

/* The length of the start that needs no repair. */
static size_t good_run(const char *bytes, size_t size)
{
	size_t run = plain_run(bytes, size);
	while (run < size && (unsigned char)bytes[run] >= 0x80) {
		uint32_t code;
		size_t step = nx_text_decode(bytes + run, size - run, &code);
		if (step == 0)
			break;
		run += step;
		run += plain_run(bytes + run, size - run);
	}
	return run;
}

/* The longest part of at most limit bytes that ends with a whole character;
 * bytes that are not a character may be split anywhere. */
static size_t cut_size(const char *bytes, size_t size, size_t limit)
{
	if (size <= limit)
		return size;
	for (size_t back = 1; back <= 3 && back <= limit; back++) {
		const char *lead = bytes + limit - back;
		uint32_t code;
		size_t left = size - limit + back;
		if (nx_text_decode(lead, left, &code) > back)
			return limit - back;
	}
	return limit;
}

/* Writes the replacement for the one bad byte (or CRLF) at from; returns how
 * many bytes of the input that was. */
static size_t mend(const char *from, size_t size, char **to)
{
	if (*from == '\r') {
		*(*to)++ = '\n';
		return size > 1 && from[1] == '\n' ? 2 : 1;
	}
	memcpy(*to, REPLACEMENT, 3);
	*to += 3;
	return 1;
}

char *nx_text_repair(TALLOC_CTX *ctx, const char *bytes, size_t size,
                     size_t limit)
{
	size = cut_size(bytes, size, limit);
	size_t good = good_run(bytes, size);
	char *text = talloc_array(ctx, char, good + 3 * (size - good) + 1);
	char *to = text;
	for (size_t from = 0; from < size;) {
		memcpy(to, bytes + from, good);
		to += good;
		from += good;
		if (from == size)
			break;
		from += mend(bytes + from, size - from, &to);
		good = good_run(bytes + from, size - from);
	}
	*to++ = '\0';
	return talloc_realloc(ctx, text, char, (size_t)(to - text));
}

char *nx_text_trim(TALLOC_CTX *ctx, const char *text)
{
	while (nx_text_is_blank(*text))
		text++;
	size_t size = strlen(text);
	while (size > 0 && nx_text_is_blank(text[size - 1]))
		size--;
	return talloc_strndup(ctx, text, size);
}

/* Copies text with blanks squeezed, at most room bytes. */
static size_t squeeze_into(char *to, size_t room, const char *text)
{
	size_t used = 0;
	while (*text && used < room) {
		if (!nx_text_is_blank(*text)) {
			to[used++] = *text++;
			continue;
		}
		while (nx_text_is_blank(*text))
			text++;
		if (used > 0 && *text)
			to[used++] = ' ';
	}
	return used;
}

char *nx_text_squeeze(TALLOC_CTX *ctx, const char *text, size_t limit)
{
	/* four more bytes show whether the last character is complete */
	size_t room = strlen(text);
	if (room > limit && room - limit > 4)
		room = limit + 4;
	char *out = talloc_array(ctx, char, room + 1);
	size_t used = cut_size(out, squeeze_into(out, room, text), limit);
	while (used > 0 && out[used - 1] == ' ')
		used--;
	out[used] = '\0';
	return out;
}

char *nx_text_lower(TALLOC_CTX *ctx, const char *text)
{
	size_t size = strlen(text);
	char *out = talloc_array(ctx, char, size + 1);
	for (size_t i = 0; i < size; i++)
		out[i] = nx_text_to_lower(text[i]);
	out[size] = '\0';
	return out;
}

int nx_text_compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int nx_text_compare_caseless(const void *a, const void *b)
{
	return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

bool nx_text_starts_beyond(const char *text, const char *prefix)
{
	for (; *prefix; text++, prefix++)
		if (nx_text_to_lower(*text) != nx_text_to_lower(*prefix))
			return false;
	return true;
}

bool nx_text_equal_beyond(const char *a, const char *b)
{
	while (*a && nx_text_to_lower(*a) == nx_text_to_lower(*b)) {
		a++;
		b++;
	}
	return nx_text_to_lower(*a) == nx_text_to_lower(*b);
}

bool nx_text_ends(const char *text, const char *suffix)
{
	size_t size = strlen(text);
	size_t tail = strlen(suffix);
	return size >= tail && nx_text_equal(text + size - tail, suffix);
}

const char *nx_text_find(const char *text, const char *word)
{
	char low = nx_text_to_lower(*word);
	char high = (char)(low >= 'a' && low <= 'z' ? low & ~0x20 : low);
	const char either[] = {low, high, '\0'};

	if (!*word)
		return text;
	for (text = strpbrk(text, either); text;
	     text = strpbrk(text + 1, either))
		if (nx_text_starts(text, word))
			return text;
	return NULL;
}

char *nx_text_fold(TALLOC_CTX *ctx, const char *text)
{
	size_t left = strlen(text);
	char *out = talloc_strndup(ctx, text, left);
	for (char *at = out; left > 0;) {
		uint32_t code;
		size_t size = nx_text_decode(at, left, &code);
		if (size > 1)
			nx_text_encode(nx_text_lower_letter(code), at);
		else
			*at = nx_text_to_lower(*at);
		size += size == 0;
		at += size;
		left -= size;
	}
	return out;
}

/* One stretch without padding: what GLib still holds at its end is had by
 * padding it. A single digit is less than a byte. */
static size_t decode_stretch(const char *text, size_t size, char *out)
{
	int held = 0;
	guint bits = 0;
	guchar *to = (guchar *)out;
	size_t n = g_base64_decode_step(text, size, to, &held, &bits);
	if (held > 1)
		n += g_base64_decode_step("==", (gsize)(4 - held), to + n,
		                          &held, &bits);
	return n;
}

size_t nx_text_base64(const char *text, size_t size, char *out)
{
	const char *end = text + size;
	size_t n = 0;
	while (text < end) {
		const char *stop = memchr(text, '=', (size_t)(end - text));
		stop = stop ? stop : end;
		n += decode_stretch(text, (size_t)(stop - text), out + n);
		text = stop + (stop < end);
	}
	return n;
}

char *nx_text_base64_of(TALLOC_CTX *ctx, const char *bytes, size_t size)
{
	gchar *text = g_base64_encode((const guchar *)bytes, size);
	char *out = talloc_strdup(ctx, text);

	g_free(text);
	return out;
}
