/* SPDX-License-Identifier: ISC */
#ifndef NX_CONCEPTS_CONCEPTS_LOAD_H
#define NX_CONCEPTS_CONCEPTS_LOAD_H

#include "concepts/concepts.h"

/*
 * What the readers of concepts.yaml and words/LANGUAGE.yaml have in common:
 * concepts go to where they stay, words to a list of entries, from which
 * nx_concepts_compile makes what is asked. Only for concepts_load*.c.
 */
struct nx_concept_entry { /* a word of one language, where it is listed */
	const char *text; /* plain */
	uint64_t front;   /* its first bytes, for sorting */
	size_t concept;
	size_t language;
	const struct nx_yaml *node;
	size_t offset; /* in the text of the node */
	bool open;
};

struct nx_concepts_loader {
	struct nx_concepts *concepts;
	TALLOC_CTX *scratch;
	struct nx_concept_entry *entry;
	size_t entries;
	uint64_t misspelt; /* languages whose misspelt words are found */
	struct nx_error *err;
};

/* Both are strict; they add to what is there. */
NX_MUST_USE bool nx_concepts_load_list(struct nx_concepts_loader *loader,
                                       const struct nx_yaml *root);
NX_MUST_USE bool nx_concepts_load_words(struct nx_concepts_loader *loader,
                                        const struct nx_yaml *root);

/* The error of a word, at its place; false. */
bool nx_concepts_refuse(struct nx_concepts_loader *loader,
                        const struct nx_concept_entry *entry, const char *why);

#endif
