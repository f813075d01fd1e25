/* SPDX-License-Identifier: ISC */
#ifndef NX_BASE_TEXT_H
#define NX_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <talloc.h>

/*
 * Text as nixie holds it: UTF-8, NUL-terminated, "" when absent. Bytes from
 * outside are repaired once, at the door; nothing after that checks again.
 * ASCII rules only (case, blanks): never the locale.
 */

/* Bytes to text: every invalid byte, and every NUL, becomes U+FFFD. CRLF and
 * lone CR become LF. At most limit bytes of the input are taken, never half a
 * character. */
char *nx_text_repair(TALLOC_CTX *ctx, const char *bytes, size_t size,
                     size_t limit);

/* The character at the start of bytes: its size and *code, or 0 when there is
 * none (cut short, overlong, a surrogate, above U+10FFFF). */
size_t nx_text_decode(const char *bytes, size_t size, uint32_t *code);

/* Writes a code point, at most U+10FFFF, and tells how many bytes it took. */
size_t nx_text_encode(uint32_t code, char out[4]);

/* True for UTF-8. Only where text leaves for a library that would refuse all
 * of a document for one bad byte. */
bool nx_text_is_valid(const char *text);

/* A copy without blanks (space, tab, CR, LF) at both ends. */
char *nx_text_trim(TALLOC_CTX *ctx, const char *text);

/* A copy with every run of blanks as one space, and none at the ends; cut at
 * limit bytes on a character boundary. This is what patterns are run on. */
char *nx_text_squeeze(TALLOC_CTX *ctx, const char *text, size_t limit);

/* A copy with ASCII letters in lower case. */
char *nx_text_lower(TALLOC_CTX *ctx, const char *text);

/* A copy in lower case: Latin, Greek and Cyrillic letters, each of which stays
 * where it is. One whose lower case has another size in bytes is left alone. */
char *nx_text_fold(TALLOC_CTX *ctx, const char *text);

static inline char nx_text_to_lower(char c) /* ASCII */
{
	return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

/* ASCII caseless. Most of what is compared differs in the first letter, which
 * is looked at where the question is asked; the rest is a call. */
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

bool nx_text_is_blank(char c);
bool nx_text_is_digit(char c);
bool nx_text_is_alpha(char c); /* A to Z, a to z */
bool nx_text_is_word(char c);  /* \w of PCRE2: a letter, a digit, "_" */
/* A letter of a script that puts blanks between words: Latin, Greek, Cyrillic
 * and their like. */
bool nx_text_is_letter(uint32_t code);
int nx_text_hex(char c); /* of a hexadecimal digit the value, else -1 */

/* Text for eyes: control characters, C1, bidirectional, invisible and private
 * code points become \xHH or \u{...}, a backslash two (reversible); at most
 * 256 columns, the last an ellipsis, when cut is true. Whatever came from a
 * message passes through here before it reaches a terminal, a log or an error.
 */
char *nx_text_escape(TALLOC_CTX *ctx, const char *text, bool cut);

#endif
