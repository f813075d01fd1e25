/* SPDX-License-Identifier: ISC */
#ifndef NX_CLASSIFY_SENTENCE_TEXTS_H
#define NX_CLASSIFY_SENTENCE_TEXTS_H

#include "concepts/sentence.h"

/*
 * Texts in which a sentence is said, for proofs: a word for each of its
 * concepts, in the order as written. The words are chosen so that they stand
 * for nothing else, alone and beside each other. Only for classify/.
 */
struct nx_sentence_texts; /* the words that are good for it, of each language */

const struct nx_sentence_texts *nx_sentence_texts_new(
        TALLOC_CTX *ctx, const struct nx_concepts *concepts);

/* Which concepts a language has words for. */
uint64_t nx_sentence_texts_concepts(const struct nx_sentence_texts *texts,
                                    size_t language);

/* On ctx; *number is 0 for the first text, and is set to that of the next one.
 * NULL: the language lacks words, or no (further) choice of them says it. */
const char *nx_sentence_text(TALLOC_CTX *ctx,
                             const struct nx_sentence_texts *texts,
                             size_t language,
                             const struct nx_sentence *sentence,
                             size_t *number);

#endif
