/* SPDX-License-Identifier: ISC */
#ifndef NX_BASE_PATTERN_H
#define NX_BASE_PATTERN_H

#include "base/error.h"
#include "base/image.h"

#include <talloc.h>

/*
 * Patterns; PCRE2 is fenced here. Always UTF-8, caseless for ASCII and Unicode,
 * interpreted (no JIT: the input is hostile, and the sandbox has no memory that
 * is both writable and executable). The caller bounds and squeezes the subject;
 * match, depth and heap limits are set here (100,000, 10,000, 20 MB). A limit
 * that is reached means "no match". Subjects must be UTF-8 and offsets must be
 * at character boundaries: neither is checked again. A pattern never changes;
 * threads may share it.
 */
struct nx_pattern;

struct nx_match {
	size_t start; /* in bytes, of the whole match */
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

/* A pattern that stands in an image (base/image.h) is compiled when it is first
 * matched. _prepare compiles it now; _forget frees what was compiled and must
 * be called before the image is freed. */
void nx_pattern_prepare(const struct nx_pattern *pattern);
void nx_pattern_forget(const struct nx_pattern *pattern);
extern const struct nx_image_layout nx_pattern_layout;

/* What every text that a pattern matches must contain, as a tree: a prefilter
 * looks for it in the subject in lower case (nx_text_lower). Words consist of
 * lower-case ASCII and characters without case, and have three to NX_WORDS_SIZE
 * bytes. */
enum { NX_WORDS_SIZE = 48 };

enum nx_words_kind {
	NX_WORDS_ONE,         /* a word */
	NX_WORDS_ALL,         /* each of the children, in any order */
	NX_WORDS_ANY,         /* at least one of the children */
	NX_WORDS_BEYOND_ASCII /* a character that is not ASCII */
};

struct nx_words {
	enum nx_words_kind kind;
	const char *word;             /* for ONE, else "" */
	bool starts, ends;            /* \b stands before or after the word */
	const struct nx_words *first; /* first child of ALL and ANY */
	const struct nx_words *next;  /* sibling */
};

/* NULL when nothing is known. One intended exception: caseless k and s also
 * match the Kelvin sign and the long s, U+212A and U+017F, which no word stands
 * for. */
const struct nx_words *nx_pattern_words(TALLOC_CTX *ctx, const char *source);

#endif
