/* SPDX-License-Identifier: ISC */
#ifndef NX_BASE_DICTIONARY_H
#define NX_BASE_DICTIONARY_H

#include "base/image.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <talloc.h>

/*
 * Many words that are looked for in one pass over a text. Knows nothing of
 * case: words and text are given in the same.
 */
struct nx_dictionary;
extern const struct nx_image_layout nx_dictionary_layout;

enum {
	NX_DICTIONARY_GRAM = 3, /* bytes */
	NX_DICTIONARY_GRAM_BITS = 15,
	NX_DICTIONARY_GRAMS = (1 << NX_DICTIONARY_GRAM_BITS) / 64
};

/* A word that begins or ends with it is found only where no letter, digit or
 * "_" stands on that side, once edges are asked for. */
#define NX_DICTIONARY_EDGE "\b"

/* Words of at least three bytes; those given twice are one. */
const struct nx_dictionary *nx_dictionary_compile(TALLOC_CTX *ctx,
                                                  const char *const *words,
                                                  size_t count);

/* The number of a word that is in it, from 0. */
uint32_t nx_dictionary_number(const struct nx_dictionary *dictionary,
                              const char *word);
size_t nx_dictionary_count(const struct nx_dictionary *dictionary);

/* Sets the bit of every word that occurs in text[0..size), in some that of
 * every 64 bits of set of which one is set (those of which none is have no
 * meaning), and in grams (NX_DICTIONARY_GRAMS of them) that of every three
 * bytes: other words can be asked for, which are not there when one of their
 * grams is not. The other bits stay as they are. */
struct nx_dictionary_hits {
	uint64_t *set;
	uint64_t *some;
	uint64_t *grams;
	bool edges; /* the text is ASCII, where they are where PCRE2 has them */
};
void nx_dictionary_find(const struct nx_dictionary *dictionary,
                        const char *text, size_t size,
                        const struct nx_dictionary_hits *hits);

/* The bit of three bytes. */
size_t nx_dictionary_gram(const char *at);

#endif
