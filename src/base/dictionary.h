/* SPDX-License-Identifier: ISC */
#ifndef NX_BASE_DICTIONARY_H
#define NX_BASE_DICTIONARY_H

#include "base/image.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <talloc.h>

/*
 * Finds any of many words in one pass over a text. It does not fold case: words
 * and text must be given in the same case.
 */
struct nx_dictionary;
extern const struct nx_image_layout nx_dictionary_layout;

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

#endif
