/* SPDX-License-Identifier: ISC */
#ifndef NX_BASE_TEXT_H
#define NX_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <talloc.h>

/*
 * Text as nixie holds it: UTF-8, NUL-terminated, "" when absent. Bytes from
 * outside are repaired once, where they come in; nothing after that checks
 * again. ASCII rules only (case, blanks): never the locale. UTF-8 is read and
 * written by GLib, which is fenced in text.c.
 */

/* Bytes to text: every invalid byte, and every NUL, becomes U+FFFD. CRLF and
 * lone CR become LF. At most limit bytes of the input are taken, never half a
 * character. */
char *nx_text_repair(TALLOC_CTX *ctx, const char *bytes, size_t size,
                     size_t limit);

/* The character at the start of bytes: its size and *code, or 0 when there is
 * none (cut short, overlong, a surrogate, above U+10FFFF). */
size_t nx_text_decode(const char *bytes, size_t size, uint32_t *code);

/* Writes a code point, at most U+10FFFF, and returns how many bytes it took. */
size_t nx_text_encode(uint32_t code, char out[4]);

/* Neither ASCII nor the first byte of a character. */
static inline bool nx_text_continues(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

/* A copy without blanks (space, tab, CR, LF) at both ends. */
char *nx_text_trim(TALLOC_CTX *ctx, const char *text);

/* A copy with every run of blanks as one space, and none at the ends; cut at
 * limit bytes on a character boundary. Patterns are matched against this
 * form. */
char *nx_text_squeeze(TALLOC_CTX *ctx, const char *text, size_t limit);

/* A copy with ASCII letters in lower case. */
char *nx_text_lower(TALLOC_CTX *ctx, const char *text);

/* A copy with all letters in lower case, each at the same offset: see
 * nx_text_lower_letter. */
char *nx_text_fold(TALLOC_CTX *ctx, const char *text);

/* The lower case of a letter; the letter itself when the two differ in their
 * size in bytes. */
uint32_t nx_text_lower_letter(uint32_t code);

/* A letter as words are compared: in lower case, without its accents, in its
 * usual width. Writes one or two, or none for a mark that stands alone, and
 * returns how many; together they are no longer than twice the letter. */
size_t nx_text_plain_letter(uint32_t code, uint32_t out[2]);

static inline char nx_text_to_lower(char c) /* ASCII */
{
	return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

/* Compared without regard to ASCII case. Most texts differ in the first letter,
 * which is compared inline; only the rest is a call. */
bool nx_text_equal_beyond(const char *a, const char *b);
bool nx_text_starts_beyond(const char *text, const char *prefix);

static inline bool nx_text_equal(const char *a, const char *b)
{
	return nx_text_to_lower(*a) == nx_text_to_lower(*b) &&
	       nx_text_equal_beyond(a, b);
}

static inline bool nx_text_starts(const char *text, const char *prefix)
{
	return *prefix == '\0' ||
	       (nx_text_to_lower(*text) == nx_text_to_lower(*prefix) &&
	        nx_text_starts_beyond(text, prefix));
}

bool nx_text_ends(const char *text, const char *suffix); /* ASCII caseless */
const char *nx_text_find(const char *text, const char *word); /* caseless */

/* For qsort and bsearch over texts (const char *): by bytes, and ASCII
 * caseless. */
int nx_text_compare(const void *a, const void *b);
int nx_text_compare_caseless(const void *a, const void *b);

static inline bool nx_text_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static inline bool nx_text_is_fold(char c) /* may begin a folded line */
{
	return c == ' ' || c == '\t';
}

static inline bool nx_text_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool nx_text_is_alpha(char c) /* A to Z, a to z */
{
	c = nx_text_to_lower(c);
	return c >= 'a' && c <= 'z';
}

static inline bool nx_text_is_alnum(char c) /* these and digits */
{
	return nx_text_is_alpha(c) || nx_text_is_digit(c);
}

static inline bool nx_text_is_word(char c) /* \w of PCRE2 in ASCII */
{
	return nx_text_is_alnum(c) || c == '_';
}

bool nx_text_is_ascii(const char *bytes, size_t size);

/* The index of a name in a list, whose entries may be NULL; count when it is
 * not there. */
size_t nx_text_index(const char *name, const char *const *list, size_t count);

/* A letter of a script that puts blanks between words: Latin, Greek, Cyrillic
 * and their like. */
bool nx_text_is_letter(uint32_t code);
int nx_text_hex(char c); /* the value of a hexadecimal digit, else -1 */
int nx_text_hex_byte(const char *text, size_t size); /* of two digits */
/* A number of 64 bits, in exactly so many digits of lower case; false when they
 * are none. */
enum { NX_TEXT_HEX_NUMBER = 16 };
bool nx_text_hex_number(const char *text, int64_t *out);

/* Decodes base64 to out, which has room for size bytes; returns how many were
 * written. What is not base64 is skipped. After padding, be it too short or
 * missing, another stretch may begin. */
size_t nx_text_base64(const char *text, size_t size, char *out);

/* Bytes as base64, in one line. */
char *nx_text_base64_of(TALLOC_CTX *ctx, const char *bytes, size_t size);

/* Text for display: control characters, C1, bidirectional, invisible and
 * private code points become \xHH or \u{...}, and a backslash becomes two
 * (reversible); when cut is true, at most 256 columns, the last an ellipsis.
 * All text from a message passes through here before it reaches a terminal, a
 * log or an error. */
char *nx_text_escape(TALLOC_CTX *ctx, const char *text, bool cut);

#endif
