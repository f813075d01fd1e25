/* SPDX-License-Identifier: ISC */
#ifndef NX_BASE_PREFILTER_H
#define NX_BASE_PREFILTER_H

#include "base/dictionary.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <talloc.h>

/*
 * Tells which of many patterns can match a text at all: one pass over the text
 * finds the words that the patterns require. It may name a pattern that does
 * not match, but never leaves out one that does.
 */
struct nx_prefilter;
extern const struct nx_image_layout nx_prefilter_layout;

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
