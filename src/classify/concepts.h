/* SPDX-License-Identifier: ISC */
#ifndef NX_CLASSIFY_CONCEPTS_H
#define NX_CLASSIFY_CONCEPTS_H

#include "match/pattern.h"

/*
 * Words of many languages for one thing (rules/words/), found in one pass over
 * a text. party.h decides which of them a refusal is about.
 */
enum nx_concept {
	NX_CONCEPT_NONE = 0,
	NX_CONCEPT_RECIPIENT,  /* the recipient of the mail */
	NX_CONCEPT_SENDER,     /* the sender of the mail, and its address */
	NX_CONCEPT_CONNECTION, /* the client host, its name, its login */
	NX_CONCEPT_CONTENT,    /* what the mail is made of */
	NX_CONCEPTS
};

struct nx_concept_word {
	const char *text; /* in lower case (nx_text_fold), 3 bytes or more */
	enum nx_concept concept;
	bool aside;  /* the concept is only mentioned: nothing is said of it */
	bool behind; /* the same, when it follows what is said: "contact the
	                sender" */
	bool open;   /* any ending may follow */
};

struct nx_concepts { /* only for concepts.c, and to be copied */
	const struct nx_dictionary *dictionary;
	struct nx_concept_word *word; /* by number in the dictionary */
	size_t words;
};

struct nx_concept_mark { /* a word that was found */
	size_t start, end;
	enum nx_concept concept;
	bool aside;
	bool behind;
};

/* If a word is given twice, the last entry counts. */
const struct nx_concepts *nx_concepts_compile(
        TALLOC_CTX *ctx, const struct nx_concept_word *words, size_t count);

/* All words in text[0..size), by where they start; one inside a longer one is
 * left out. On ctx. A word begins and ends where no letter is adjacent, also
 * within "SenderNotFound", and anywhere in scripts without blanks. */
const struct nx_concept_mark *nx_concepts_find(
        TALLOC_CTX *ctx, const struct nx_concepts *concepts, const char *text,
        size_t size, size_t *count);

const char *nx_concept_name(enum nx_concept concept); /* "sender", …, "" */
enum nx_concept nx_concept_of_name(const char *name);

#endif
