/* SPDX-License-Identifier: ISC */
#ifndef NX_MATCH_WORDS_H
#define NX_MATCH_WORDS_H

#include "match/pattern.h"

/*
 * What every text that a pattern matches must contain, as a tree: a prefilter
 * looks for it in the subject in lower case (nx_text_lower). Words consist of
 * lower-case ASCII and characters without case, and have three to NX_WORDS_SIZE
 * bytes. Only for the files of match/.
 */
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
