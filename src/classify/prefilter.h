/* SPDX-License-Identifier: ISC */
#ifndef NX_CLASSIFY_PREFILTER_H
#define NX_CLASSIFY_PREFILTER_H

#include "classify/dictionary.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <talloc.h>

/*
 * Which of many patterns can match a text at all: one pass over the text finds
 * the words that the patterns cannot do without. It may name a pattern that
 * does not match, and never leaves out one that does.
 */
struct nx_prefilter;

enum {
	NX_PREFILTER_TEXT = 2048, /* a longer text makes all candidates */
	NX_PREFILTER_BITS = 64    /* of one word of the answer */
};

struct nx_hits { /* what was found in one text */
	bool everything;
	bool beyond_ascii;
	uint64_t word[NX_DICTIONARY_SET];
};

/* sources[i] is the pattern i, "" for one that asks no text (always a
 * candidate). */
const struct nx_prefilter *nx_prefilter_compile(TALLOC_CTX *ctx,
                                                const char *const *sources,
                                                size_t count);

/* Words of 64 bits that the candidates take; at least 1. */
size_t nx_prefilter_words(const struct nx_prefilter *filter);

/* Bit i of candidates is set when a closer look at pattern i is due. */
void nx_prefilter_find(const struct nx_prefilter *filter, const char *text,
                       size_t size, struct nx_hits *hits, uint64_t *candidates);

/* The closer look, for a candidate: all that the pattern needs is there. */
bool nx_prefilter_confirms(const struct nx_prefilter *filter,
                           const struct nx_hits *hits, size_t pattern);

#endif
