/* SPDX-License-Identifier: ISC */
#include "mail/transfer.h"

#include "base/text.h"

#include <stdbool.h>
#include <string.h>

enum {
	LOOK = 512,   /* bytes that are examined */
	SHORTEST = 40 /* shortest base64 that is recognised without a label */
};

/* Bytes of a soft break after "=", or 0: blanks may have been added. */
static size_t break_size(const char *text, size_t size)
{
	size_t i = 0;
	while (i < size && nx_text_is_fold(text[i]))
		i++;
	if (i < size && text[i] == '\r')
		i++;
	if (i < size && text[i] == '\n')
		return i + 1;
	return i == size ? i : 0;
}

static size_t decode_quoted(const char *text, size_t size, char *out)
{
	const char *end = text + size;
	size_t n = 0;
	const char *at;
	while ((at = memchr(text, '=', (size_t)(end - text))) != NULL) {
		const char *behind = at + 1;
		size_t left = (size_t)(end - behind);
		int value = nx_text_hex_byte(behind, left);
		size_t soft = value < 0 ? break_size(behind, left) : 0;
		memcpy(out + n, text, (size_t)(at - text));
		n += (size_t)(at - text);
		if (value >= 0)
			out[n++] = (char)value;
		else if (soft == 0 && left > 0)
			out[n++] = '=';
		text = behind + (value >= 0 ? 2 : soft);
	}
	memcpy(out + n, text, (size_t)(end - text));
	return n + (size_t)(end - text);
}

static size_t line_size(const char *text, size_t size)
{
	const char *lf = memchr(text, '\n', size);
	return lf != NULL ? (size_t)(lf - text) : size;
}

/* Characters that base64 does not use. */
static size_t count_foreign(const char *text, size_t size)
{
	size_t count = 0;
	for (size_t i = 0; i < size; i++)
		count +=
		        text[i] == '\0' || (!nx_text_is_alnum(text[i]) &&
		                            strchr("+/=\r\n", text[i]) == NULL);
	return count;
}

/* Nearly all of it is ASCII, which random bytes are not. */
static bool is_text(const char *bytes, size_t size)
{
	size_t others = 0;
	for (size_t i = 0; i < size; i++) {
		unsigned char byte = (unsigned char)bytes[i];
		if (byte < ' ' && !nx_text_is_blank(bytes[i]))
			return false;
		others += byte > '~';
	}
	return others * 10 <= size;
}

static bool is_base64(const char *text, size_t size)
{
	char decoded[LOOK];
	if (size > LOOK)
		size = LOOK;
	size_t first = line_size(text, size);
	first -= first > 0 && text[first - 1] == '\r';
	if (first < SHORTEST || first % 4 != 0 ||
	    count_foreign(text, first) > 0 ||
	    count_foreign(text + first, size - first) > 0)
		return false;
	const size_t decoded_size = nx_text_base64(text, size, decoded);
	return is_text(decoded, decoded_size);
}

static bool is_quoted(const char *text, size_t size)
{
	bool is_sure = false;
	const char *end = text + size;
	const char *at = memchr(text, '=', size);
	while (at != NULL) {
		size_t left = (size_t)(end - at) - 1;
		int value = nx_text_hex_byte(at + 1, left);
		if (value < 0 && break_size(at + 1, left) == 0)
			return false;
		is_sure |= value < 0 || value == '=';
		at = memchr(at + 1, '=', left);
	}
	return is_sure;
}

/* In damaged base64 most of the first line is still base64. */
static bool is_damaged_base64(const char *text, size_t size)
{
	size_t first = line_size(text, size);
	return count_foreign(text, first) * 10 <= first;
}

static enum nx_transfer transfer_of(enum nx_transfer label, const char *bytes,
                                    size_t size)
{
	while (size > 0 && nx_text_is_blank(*bytes)) {
		bytes++;
		size--;
	}
	if (label == NX_TRANSFER_QUOTED ||
	    (label == NX_TRANSFER_BASE64 && is_damaged_base64(bytes, size)))
		return label;
	if (size == 0)
		return NX_TRANSFER_NONE;
	if (is_base64(bytes, size))
		return NX_TRANSFER_BASE64;
	return is_quoted(bytes, size) ? NX_TRANSFER_QUOTED : NX_TRANSFER_NONE;
}

const char *nx_transfer_read(TALLOC_CTX *ctx, enum nx_transfer label,
                             const char *bytes, size_t *size, size_t limit,
                             bool *cut)
{
	enum { TIMES = 2, LARGEST = 3 /* bytes for one byte */ };
	*cut = false;
	for (int i = 0; i < TIMES; i++) {
		enum nx_transfer transfer = transfer_of(label, bytes, *size);
		if (transfer == NX_TRANSFER_NONE)
			break;
		*cut |= *size > limit * LARGEST;
		if (*size > limit * LARGEST)
			*size = limit * LARGEST;
		char *out = talloc_size(ctx, *size + 1);
		*size = transfer == NX_TRANSFER_BASE64
		                ? nx_text_base64(bytes, *size, out)
		                : decode_quoted(bytes, *size, out);
		bytes = out;
		label = NX_TRANSFER_NONE;
	}
	return bytes;
}
