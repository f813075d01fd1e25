/* SPDX-License-Identifier: ISC */
#ifndef NX_CONCEPTS_SENTENCE_H
#define NX_CONCEPTS_SENTENCE_H

#include "concepts/concepts.h"

/*
 * Sentences as rules write them: '{user} {missing}', '{user} {not} {known}'.
 * Such a sentence is said where a word for each of its concepts stands in one
 * clause, each at most NX_SENTENCE_GAP bytes behind the one before, and:
 *
 * - in the order as written anything may stand between them; in another order
 *   at most NX_SENTENCE_BACK bytes without comma, colon, semicolon, dash or
 *   bracket, and hardly anything before a party ("unknown recipient", but not
 *   "no gateway for a@b");
 * - a concept with a reach has another of the sentence at most so many bytes
 *   behind it;
 * - no party but the recipient is named between them, unless it is part of the
 *   sentence;
 * - no other thing stands nearer to what is said than the sentence's own;
 * - one language has all of the words.
 */
enum { NX_SENTENCE_TERMS = 4, NX_SENTENCE_GAP = 200, NX_SENTENCE_BACK = 24 };

struct nx_sentence {
	uint64_t need; /* all of its concepts */
	size_t terms;
	unsigned char term[NX_SENTENCE_TERMS]; /* numbers of concepts */
};

struct nx_sentences {
	struct nx_sentence *item;
	size_t count;
	uint64_t need;      /* the concepts of all of them */
	const char *source; /* as written, with " | " between them */
};

/* One sentence or a list of them. NULL gives an empty list; on ctx. */
NX_MUST_USE bool nx_sentences_load(TALLOC_CTX *ctx,
                                   const struct nx_concepts *concepts,
                                   const struct nx_yaml *node,
                                   struct nx_sentences *out,
                                   struct nx_error *err);

/* A text with its marks (by start) and clauses. */
struct nx_spoken {
	const struct nx_concepts *concepts;
	const char *text;
	const struct nx_concept_mark *mark;
	size_t marks;
	uint64_t some; /* the concepts of all marks */
	const struct nx_match *clause;
	size_t clauses;
};

/* text[0..size) with its marks of these concepts, without clauses; on ctx. */
struct nx_spoken nx_spoken_of(TALLOC_CTX *ctx,
                              const struct nx_concepts *concepts, uint64_t of,
                              const char *text, size_t size);

/* The concepts of these marks. */
uint64_t nx_concept_marks_all(const struct nx_concept_mark *mark, size_t count);

struct nx_saying {            /* where a sentence is said */
	struct nx_match all;  /* from its first mark to its last */
	struct nx_match last; /* what it says: the mark of its last concept */
	uint64_t languages;   /* that have all of its words */
};

/* The number of the first mark that starts at that byte or later. */
size_t nx_spoken_first_mark(const struct nx_spoken *spoken, size_t start);

/* The first place from that byte on where one of the sentences is said in one
 * of these languages. */
bool nx_sentences_find(const struct nx_sentences *sentences,
                       const struct nx_spoken *spoken, uint64_t languages,
                       size_t from, struct nx_saying *out);

/* The same for one clause. */
bool nx_sentences_find_in(const struct nx_sentences *sentences,
                          const struct nx_spoken *spoken,
                          struct nx_match clause, uint64_t languages,
                          size_t from, struct nx_saying *out);

#endif
