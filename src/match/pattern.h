/* SPDX-License-Identifier: ISC */
#ifndef NX_MATCH_PATTERN_H
#define NX_MATCH_PATTERN_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <talloc.h>

/*
 * What is found in texts: patterns (nx_pattern_…), which of many patterns can
 * match at all (nx_prefilter_…), and which of many words occur
 * (nx_dictionary_…). All of it is compiled once and never changes; threads may
 * share it.
 */

/* --- patterns ------------------------------------------------------------- */

/*
 * PCRE2 is fenced here. Always UTF-8, caseless for ASCII and Unicode,
 * interpreted (no JIT: the input is hostile, and the sandbox has no memory that
 * is both writable and executable). The caller bounds and squeezes the subject;
 * match, depth and heap limits are set here (100,000, 10,000, 20 MB). A limit
 * that is reached means "no match". Subjects must be UTF-8 and offsets must be
 * at character boundaries: neither is checked again.
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

/* A pattern that stands in an image (snapshot/image.h) is compiled when it is
 * first matched. _prepare compiles it now; _forget frees what was compiled and
 * must be called before the image is freed. */
void nx_pattern_prepare(const struct nx_pattern *pattern);
void nx_pattern_forget(const struct nx_pattern *pattern);

/* --- which of many words occur -------------------------------------------- */

/* One pass over the text finds any of them. It does not fold case: words and
 * text must be given in the same case. */
struct nx_dictionary;

enum {
	NX_DICTIONARY_GRAM = 3, /* bytes */
	NX_DICTIONARY_GRAM_BITS = 15,
	NX_DICTIONARY_GRAMS = (1 << NX_DICTIONARY_GRAM_BITS) / 64
};

/* A word that begins or ends with it is found only where no letter, digit or
 * "_" stands on that side, when edges are asked for. */
#define NX_DICTIONARY_EDGE "\b"

/* Words of at least three bytes; those given twice are one. */
const struct nx_dictionary *nx_dictionary_compile(TALLOC_CTX *ctx,
                                                  const char *const *words,
                                                  size_t count);

/* The number, from 0, of a word that is in the dictionary. */
uint32_t nx_dictionary_number(const struct nx_dictionary *dictionary,
                              const char *word);
size_t nx_dictionary_count(const struct nx_dictionary *dictionary);
const char *nx_dictionary_word(const struct nx_dictionary *dictionary,
                               size_t number);

/* Sets bits, and leaves the other bits as they are. In set: the bit of every
 * word that occurs in text[0..size). In some: the bit of every 64 bits of set
 * that contain a set bit (the other 64 bits have no meaning). In grams (of
 * NX_DICTIONARY_GRAMS bits): the bit of every three bytes of the text, so that
 * the caller can rule out other words: a word is absent when one of its grams
 * is. */
struct nx_dictionary_hits {
	uint64_t *set;
	uint64_t *some;
	uint64_t *grams;
	bool edges; /* the text is ASCII, where edges are as in PCRE2 */
};
void nx_dictionary_find(const struct nx_dictionary *dictionary,
                        const char *text, size_t size,
                        const struct nx_dictionary_hits *hits);

/* The bit of the three bytes at at. */
size_t nx_dictionary_gram(const char *at);

/* --- which of many patterns can match ------------------------------------- */

/* One pass over the text finds the words that the patterns require. It may name
 * a pattern that does not match, but never leaves out one that does. */
struct nx_prefilter;

enum { NX_PREFILTER_BITS = 64 }; /* in one word of the answer */

/* sources[i] is pattern i, or "" for one that does not look at the text (always
 * a candidate). */
const struct nx_prefilter *nx_prefilter_compile(TALLOC_CTX *ctx,
                                                const char *const *sources,
                                                size_t count);

/* Bit i of the answer is set when pattern i may match; nx_prefilter_words
 * words of 64 bits, at least 1, on ctx. */
uint64_t *nx_prefilter_find(TALLOC_CTX *ctx, const struct nx_prefilter *filter,
                            const char *text, size_t size);
size_t nx_prefilter_words(const struct nx_prefilter *filter);

/* The same step by step, for patterns that are matched against any of several
 * texts. */
struct nx_hits { /* what was found in the texts */
	bool beyond_ascii;
	uint64_t *word; /* words of the dictionary; valid where some says so */
	uint64_t *some; /* a bit per 64 bits of word: one of them is set */
	uint64_t gram[NX_DICTIONARY_GRAMS];
};

void nx_prefilter_begin(TALLOC_CTX *ctx, const struct nx_prefilter *filter,
                        struct nx_hits *hits);
void nx_prefilter_add(const struct nx_prefilter *filter, const char *text,
                      size_t size, struct nx_hits *hits);
uint64_t *nx_prefilter_end(TALLOC_CTX *ctx, const struct nx_prefilter *filter,
                           const struct nx_hits *hits);

#endif
