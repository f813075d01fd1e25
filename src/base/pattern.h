/* SPDX-License-Identifier: ISC */
#ifndef NX_BASE_PATTERN_H
#define NX_BASE_PATTERN_H

#include "base/error.h"
#include "base/image.h"

#include <talloc.h>

/*
 * Patterns; PCRE2 is fenced here. Always UTF-8, caseless for ASCII and
 * Unicode, interpreted (no JIT: hostile input, and a sandbox without writable
 * and executable memory). The caller bounds and squeezes the subject; match,
 * depth and heap limits are set here (100,000, 10,000, 20 MB). A limit that is
 * hit means "no match". Subjects are UTF-8 and offsets stand on characters:
 * neither is checked again. A pattern never changes; threads may share it.
 */
struct nx_pattern;

struct nx_match {
	size_t start; /* bytes, of the whole match */
	size_t end;
};

enum { NX_PATTERN_GROUPS = 16 }; /* named groups kept of one match */

struct nx_groups {
	struct nx_match whole;
	size_t count;
	struct {
		const char *name; /* lives as long as the pattern */
		size_t start, end;
	} item[NX_PATTERN_GROUPS];
};

/* The error names the position in the pattern, from 1. With multiline, ^ and
 * $ also stand at line ends (LF). */
NX_MUST_USE bool nx_pattern_compile(TALLOC_CTX *ctx, const char *source,
                                    bool multiline,
                                    const struct nx_pattern **out,
                                    struct nx_error *err);

/* True and *out when the pattern is found in text[0..size). */
bool nx_pattern_find(const struct nx_pattern *pattern, const char *text,
                     size_t size, struct nx_match *out);

/* The same from an offset on, with the named groups that took part. */
bool nx_pattern_groups(const struct nx_pattern *pattern, const char *text,
                       size_t size, size_t from, struct nx_groups *out);

const char *nx_pattern_source(const struct nx_pattern *pattern);

/* A pattern that stands in an image (base/image.h) is made ready by its first
 * match: made ready now; or what was made is freed, before the image goes. */
void nx_pattern_prepare(const struct nx_pattern *pattern);
void nx_pattern_forget(const struct nx_pattern *pattern);
extern const struct nx_image_layout nx_pattern_layout;

/* What every text that a pattern matches contains, as a tree: what a prefilter
 * looks for in the subject in lower case (nx_text_lower). Words are ASCII in
 * lower case and characters that have no case, and of three to NX_WORDS_SIZE
 * bytes. */
enum { NX_WORDS_SIZE = 48 };

enum nx_words_kind {
	NX_WORDS_ONE,         /* the word */
	NX_WORDS_ALL,         /* each of the children, in any order */
	NX_WORDS_ANY,         /* at least one of the children */
	NX_WORDS_BEYOND_ASCII /* a character that is no ASCII */
};

struct nx_words {
	enum nx_words_kind kind;
	const char *word;  /* of ONE, else "" */
	bool starts, ends; /* at an edge: \b stands before or behind it */
	const struct nx_words *first; /* child of ALL and ANY */
	const struct nx_words *next;  /* sibling */
};

/* NULL when nothing can be said. One exception, by intent: caseless k and s
 * also match the Kelvin sign and the long s, U+212A and U+017F, which no word
 * stands for. */
const struct nx_words *nx_pattern_words(TALLOC_CTX *ctx, const char *source);

#endif
