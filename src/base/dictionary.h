/* SPDX-License-Identifier: ISC */
#ifndef NX_BASE_DICTIONARY_H
#define NX_BASE_DICTIONARY_H

#include "base/image.h"

#include <stddef.h>
#include <stdint.h>
#include <talloc.h>

/*
 * Many words that are looked for in one pass over a text. Knows nothing of
 * case: words and text are given in the same.
 */
struct nx_dictionary;
extern const struct nx_shape nx_dictionary_shape;

enum {
	NX_DICTIONARY_WORDS = 16384,     /* more are left out */
	NX_DICTIONARY_NONE = UINT16_MAX, /* not in it */
	NX_DICTIONARY_SET = NX_DICTIONARY_WORDS / 64
};

/* Words of at least three bytes; those given twice are one. */
const struct nx_dictionary *nx_dictionary_compile(TALLOC_CTX *ctx,
                                                  const char *const *words,
                                                  size_t count);

/* The number of a word, from 0; NX_DICTIONARY_NONE when it is not in it. */
uint16_t nx_dictionary_number(const struct nx_dictionary *dictionary,
                              const char *word);
size_t nx_dictionary_count(const struct nx_dictionary *dictionary);

/* Sets the bit of every word that occurs in text[0..size); the others stay as
 * they are. */
void nx_dictionary_find(const struct nx_dictionary *dictionary,
                        const char *text, size_t size,
                        uint64_t set[NX_DICTIONARY_SET]);

#endif
