/* SPDX-License-Identifier: ISC */
#ifndef NX_BASE_PREFILTER_TABLES_H
#define NX_BASE_PREFILTER_TABLES_H

#include "base/pattern.h"
#include "base/prefilter.h"

#include <stdint.h>

/*
 * A compiled prefilter; only for prefilter.c and its compiler. For each
 * alternative of a pattern, the word that is likely to be rarest is in the
 * dictionary. When that word occurs, its calls check what else the alternative
 * requires.
 */
struct node { /* of a tree of words, flat: the children of a node follow it */
	enum nx_words_kind kind;
	uint32_t end;   /* index after the last of its children */
	uint32_t first; /* of a word: index of its first one in gram */
	uint32_t grams;
};

enum { NO_GRAM = UINT16_MAX };

struct call {
	uint32_t pattern;
	uint32_t first; /* index of the first of the nodes that must hold too */
	uint16_t needs;
	uint16_t gram; /* a gram of one of these, which ends most calls; or
	                  NO_GRAM */
};

struct nx_prefilter {
	size_t patterns;
	size_t words; /* in an answer */
	const struct nx_dictionary *dictionary;
	uint64_t *always; /* patterns of which nothing is known */
	uint32_t *start;  /* per word: its first call; two more at the end */
	struct call *call;
	uint32_t *need; /* indexes of nodes */
	struct node *node;
	uint16_t *gram;
};

#endif
