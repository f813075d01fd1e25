/* SPDX-License-Identifier: ISC */
#ifndef NX_MATCH_COMPILED_H
#define NX_MATCH_COMPILED_H

#include "match/words.h"

/*
 * Patterns, dictionaries and prefilters as they are in memory; only for the
 * files of match/ and for snapshot/, which copies them.
 */

/* --- patterns ------------------------------------------------------------- */

/* A pattern never changes for its users. Its code is compiled before the first
 * match, by the loader or, for a pattern in an image, by the thread that
 * matches first. Other memory that a match needs is made for that match, so
 * that threads may share a pattern. */
struct nx_pattern {
	_Atomic(struct pcre2_real_code_8 *) code; /* NULL: not compiled yet */
	const char *source;
	bool multiline;
	bool starts;       /* a match is at the start of the text, and … */
	uint64_t first[4]; /* … the text must begin with one of these bytes */
};

/* --- dictionaries --------------------------------------------------------- */

/* A word is found by one of its grams and then compared as a whole. */
struct nx_needle {
	uint32_t gram;
	uint32_t word; /* where it begins in the texts of all words */
	uint32_t number;
	uint16_t length;
	uint16_t offset;   /* of the gram in the word */
	bool starts, ends; /* at an edge */
};

struct nx_needle_table { /* words of four bytes and more, by their grams */
	unsigned shift;  /* from a hash to an index into start */
	uint32_t *start; /* per hash: its first needle; one more at the end */
	size_t starts;
	struct nx_needle *needle;
	size_t count;
	uint64_t *seen; /* a bit per gram; most of a text has none */
	unsigned seen_shift;
};

struct nx_dictionary {
	char *text;     /* of all words, sorted, a NUL behind each */
	uint32_t *word; /* where each begins; the index is its number */
	size_t count;
	struct nx_needle_table table;
	struct nx_needle *brief; /* words of three bytes, which are few */
	size_t briefs;
};

/* --- prefilters ----------------------------------------------------------- */

/* For each alternative of a pattern, the word that is likely to be rarest is in
 * the dictionary. When that word occurs, its calls check what else the
 * alternative requires. */
struct nx_words_node { /* of a tree of words, flat: its children follow it */
	enum nx_words_kind kind;
	uint32_t end;   /* index after the last of its children */
	uint32_t first; /* of a word: index of its first one in gram */
	uint32_t grams;
};

enum { NX_NO_GRAM = UINT16_MAX };

struct nx_prefilter_call {
	uint32_t pattern;
	uint32_t first; /* index of the first of the nodes that must hold too */
	uint16_t needs;
	uint16_t gram; /* a gram of one of these, which ends most calls; or
	                  NX_NO_GRAM */
};

struct nx_prefilter {
	size_t patterns;
	size_t words; /* in an answer */
	const struct nx_dictionary *dictionary;
	uint64_t *always; /* patterns of which nothing is known */
	uint32_t *start;  /* per word: its first call; two more at the end */
	struct nx_prefilter_call *call;
	uint32_t *need; /* indexes of nodes */
	struct nx_words_node *node;
	uint16_t *gram;
};

#endif
