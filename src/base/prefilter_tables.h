/* SPDX-License-Identifier: ISC */
#ifndef NX_BASE_PREFILTER_TABLES_H
#define NX_BASE_PREFILTER_TABLES_H

#include "base/pattern.h"
#include "base/prefilter.h"

#include <stdint.h>

/*
 * A prefilter as compiled; only for its compiler and itself. Of each
 * alternative of a pattern one word is in the dictionary, the one that is
 * likely to be rarest. When it occurs it calls: what else the alternative needs
 * is looked at.
 */
struct node { /* of a tree of words, flat: the children of a node follow it */
	enum nx_words_kind kind;
	uint32_t end;   /* index behind the last of its children */
	uint32_t first; /* of a word: its grams, as bits of nx_hits */
	uint32_t grams;
};

enum { NO_GRAM = UINT16_MAX };

struct call {
	uint32_t pattern;
	uint32_t first; /* of the nodes that must hold too */
	uint16_t needs;
	uint16_t gram; /* of one of these: most calls end here; or NO_GRAM */
};

struct nx_prefilter {
	size_t patterns;
	size_t words; /* of an answer */
	const struct nx_dictionary *dictionary;
	uint64_t *always; /* patterns that nothing is known of */
	uint32_t *start;  /* by word: its first call; two more at the end */
	struct call *call;
	uint32_t *need; /* indexes of nodes */
	struct node *node;
	uint16_t *gram;
};

#endif
