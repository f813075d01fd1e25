/* SPDX-License-Identifier: ISC */
#ifndef NX_CONCEPTS_CONCEPTS_H
#define NX_CONCEPTS_CONCEPTS_H

#include "base/yaml.h"
#include "match/pattern.h"

/*
 * What refusals and letters speak of, as words of many languages:
 * rules/concepts.yaml lists the concepts, rules/words/LANGUAGE.yaml the words
 * for each. Marks say where in a text which concept stands; rules ask for marks
 * (concepts/sentence.h).
 */
enum nx_party {
	NX_PARTY_NONE = 0, /* no party, or an unknown one */
	NX_PARTY_RECIPIENT,
	NX_PARTY_SENDER,
	NX_PARTY_CONNECTION, /* our host, its name, its login */
	NX_PARTY_CONTENT,    /* the mail itself */
	NX_PARTY_THEIRS,     /* a host of the recipient's domain */
	NX_PARTY_OTHER       /* somebody else: a forwarding address, a list */
};

const char *nx_party_name(enum nx_party party); /* "sender", …, "" */

enum { NX_CONCEPTS = 64, NX_CONCEPT_NONE = NX_CONCEPTS, NX_LANGUAGES = 64 };

/* A set of concepts has the bit of each, by its number. */
#define NX_CONCEPT_BIT(number) (UINT64_C(1) << (number))

struct nx_concept {
	const char *id;
	enum nx_party party; /* that the words name, if any: and … */
	bool aside;   /* the party is only mentioned: nothing is said of it */
	bool behind;  /* the same, when it follows what is said: "contact the
	                 sender" */
	bool thing;   /* something may be said of it */
	size_t reach; /* bytes to the next mark of a sentence; 0: any */
	uint64_t opposite; /* no word of a language may be in both */
	const char *file;  /* where it is declared */
	int line;
	int column;
};

struct nx_concept_meaning { /* of a word in a language, by their numbers */
	unsigned char concept;
	unsigned char language;
};

struct nx_concept_word {
	uint32_t meaning; /* its first one */
	uint16_t meanings;
	bool open; /* any ending may follow */
};

struct nx_language { /* for proofs: a word for each concept that it has */
	const char *id;
	const char *
	        *word; /* by number of the concept; "" where there is none */
	size_t concepts;
};

struct nx_concepts { /* immutable */
	struct nx_concept *concept;
	size_t count;
	uint64_t parties;
	uint64_t things;
	uint64_t *asked; /* those of all sentences that were read with these
	                    concepts; NULL in an image */
	const struct nx_dictionary *dictionary;
	struct nx_concept_word *word; /* by number in the dictionary, whose
	                                 texts are plain (concepts/plain.h) */
	size_t words;
	struct nx_concept_meaning *meaning; /* of all words */
	const char *
	        *token; /* sorted: what a misspelt word may be meant to be */
	size_t tokens;
	struct nx_language *language;
	size_t languages;
};

/* Whether a source belongs here: concepts.yaml, or a file in words/. */
bool nx_concepts_is_source(const char *name);

/* Strict; the first error ends it, with file, line and column. */
NX_MUST_USE bool nx_concepts_compile(TALLOC_CTX *ctx,
                                     const struct nx_source *sources,
                                     size_t count,
                                     const struct nx_concepts **out,
                                     struct nx_error *err);

/* The number of a concept, or NX_CONCEPT_NONE. */
size_t nx_concept_number(const struct nx_concepts *concepts, const char *id,
                         size_t size);

/* The languages that have a word for each of these concepts. */
uint64_t nx_concepts_languages(const struct nx_concepts *concepts, uint64_t of);

struct nx_concept_mark { /* words that were found, in bytes of the text */
	size_t start, end;
	uint64_t concepts;
	const struct nx_concept_meaning *meaning; /* NULL: in all languages */
	size_t meanings;
};

/* The languages in which the words stand for one of these concepts. */
uint64_t nx_concept_mark_languages(const struct nx_concept_mark *mark,
                                   uint64_t of);

/* The words in text[0..size) for any of these concepts, by where they start; of
 * two that overlap the longer is taken. On ctx. A word begins and ends where no
 * letter is adjacent, also within "SenderNotFound", and anywhere in scripts
 * without blanks. Blanks and line ends are the same; accents and small typing
 * errors do not matter. */
const struct nx_concept_mark *nx_concepts_mark(
        TALLOC_CTX *ctx, const struct nx_concepts *concepts, uint64_t of,
        const char *text, size_t size, size_t *count);

/* The same in two steps, for who asks more than once: the text is read by the
 * first. It must live as long as what is found. */
struct nx_found_words;
const struct nx_found_words *nx_concepts_find(
        TALLOC_CTX *ctx, const struct nx_concepts *concepts, const char *text,
        size_t size);
const struct nx_concept_mark *nx_concepts_marks_of(
        TALLOC_CTX *ctx, const struct nx_found_words *found, uint64_t of,
        size_t *count);

/* The concept of a mark that names a party, else NULL. */
const struct nx_concept *nx_concept_of_mark(const struct nx_concepts *concepts,
                                            const struct nx_concept_mark *mark);

#endif
