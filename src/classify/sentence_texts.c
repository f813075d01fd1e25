/* SPDX-License-Identifier: ISC */
#include "classify/sentence_texts.h"

#include "classify/facts.h"
#include "classify/load.h"

#include <string.h>

enum {
	ASKED = 48, /* words of a language for a concept that are looked at */
	KEPT = 8,
	TRIES = 64 /* choices of words for one sentence */
};

struct choice { /* words for one concept */
	const char *word[ASKED];
	size_t count;
};

struct nx_sentence_texts {
	const struct nx_concepts *concepts;
	uint64_t has[NX_LANGUAGES];
	struct choice choice[NX_LANGUAGES][NX_CONCEPTS];
};

/* --- what is said --------------------------------------------------------- */

enum found_as { NOT, AMONG_OTHERS, ALONE, OWN, FOUND_AS };

/* ALONE when the marks are those of the sentence and stand for nothing else;
 * OWN when no other language has the words, too. */
static enum found_as grade(const struct nx_spoken *spoken,
                           const struct nx_sentence *sentence,
                           uint64_t language)
{
	enum found_as as = OWN;

	if (spoken->marks != sentence->terms)
		return AMONG_OTHERS;
	for (size_t i = 0; i < sentence->terms; i++) {
		const struct nx_concept_mark *mark = &spoken->mark[i];

		if (mark->concepts != NX_CONCEPT_BIT(sentence->term[i]))
			return AMONG_OTHERS;
		if (nx_concept_mark_languages(mark, mark->concepts) != language)
			as = ALONE;
	}
	return as;
}

static enum found_as find(const struct nx_concepts *concepts, size_t language,
                          const struct nx_sentence *sentence, const char *text)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_sentence copy = *sentence;
	const struct nx_sentences one = {&copy, 1, copy.need, ""};
	const struct nx_yaml node = {.kind = NX_YAML_TEXT, .text = text};
	const uint64_t bit = UINT64_C(1) << language;
	struct nx_error err;
	const struct nx_facts *facts =
	        nx_case_facts(ctx, concepts, &node, NULL, &err);
	const struct nx_spoken *spoken = nx_facts_spoken(facts);
	enum found_as as = NOT;
	struct nx_saying found;

	if (nx_sentences_find_in(&one, spoken,
	                         (struct nx_match){0, facts->size}, bit, 0,
	                         &found))
		as = grade(spoken, sentence, bit);
	talloc_free(ctx);
	return as;
}

/* --- words ---------------------------------------------------------------- */

static void add_word(struct choice *choice, const char *word)
{
	word += *word == ' ';
	if (choice->count < ASKED &&
	    (choice->count == 0 || strcmp(choice->word[0], word) != 0))
		choice->word[choice->count++] = word;
}

/* A word to all of its concepts, in all of its languages. */
static void spread(struct nx_sentence_texts *texts, size_t number)
{
	const struct nx_concept_word *word = &texts->concepts->word[number];
	const char *text =
	        nx_dictionary_word(texts->concepts->dictionary, number);

	for (size_t i = 0; i < word->meanings; i++) {
		const struct nx_concept_meaning *meaning =
		        &texts->concepts->meaning[word->meaning + i];

		add_word(&texts->choice[meaning->language][meaning->concept],
		         text);
	}
}

/* A word that other languages lack proves more of this one. */
static void keep_best(const struct nx_concepts *concepts, size_t language,
                      size_t concept, struct choice *choice)
{
	const struct nx_sentence sentence = {.need = NX_CONCEPT_BIT(concept),
	                                     .terms = 1,
	                                     .term = {(unsigned char)concept}};
	struct choice by[FOUND_AS] = {0};
	size_t kept = 0;

	for (size_t i = 0; i < choice->count && by[OWN].count < KEPT; i++) {
		const char *word = choice->word[i];
		struct choice *same =
		        &by[find(concepts, language, &sentence, word)];

		same->word[same->count++] = word;
	}
	for (size_t as = FOUND_AS; as-- > 0;)
		for (size_t i = 0; i < by[as].count && kept < KEPT; i++)
			choice->word[kept++] = by[as].word[i];
	choice->count = kept;
}

/* The first word of the list, as people know it, comes first. */
const struct nx_sentence_texts *nx_sentence_texts_new(
        TALLOC_CTX *ctx, const struct nx_concepts *concepts)
{
	struct nx_sentence_texts *texts =
	        talloc_zero(ctx, struct nx_sentence_texts);

	texts->concepts = concepts;
	for (size_t i = 0; i < concepts->languages; i++)
		for (size_t k = 0; k < concepts->count; k++)
			if (*concepts->language[i].word[k] != '\0')
				add_word(&texts->choice[i][k],
				         concepts->language[i].word[k]);
	for (size_t i = 0; i < concepts->words; i++)
		spread(texts, i);
	for (size_t i = 0; i < concepts->languages; i++)
		for (size_t k = 0; k < concepts->count; k++) {
			keep_best(concepts, i, k, &texts->choice[i][k]);
			if (texts->choice[i][k].count > 0)
				texts->has[i] |= NX_CONCEPT_BIT(k);
		}
	return texts;
}

uint64_t nx_sentence_texts_concepts(const struct nx_sentence_texts *texts,
                                    size_t language)
{
	return texts->has[language];
}

/* --- sentences ------------------------------------------------------------ */

/* The choice of that number; false: all have been made, or there is none. */
static bool join(TALLOC_CTX *ctx, const struct choice *choices,
                 const struct nx_sentence *sentence, size_t number, char **out)
{
	*out = talloc_strdup(ctx, "");
	for (size_t i = sentence->terms; i-- > 0;) {
		const struct choice *choice = &choices[sentence->term[i]];

		if (choice->count == 0)
			return false;
		*out = talloc_asprintf(ctx, "%s%s%s",
		                       choice->word[number % choice->count],
		                       **out != '\0' ? " " : "", *out);
		number /= choice->count;
	}
	return number == 0;
}

const char *nx_sentence_text(TALLOC_CTX *ctx,
                             const struct nx_sentence_texts *texts,
                             size_t language,
                             const struct nx_sentence *sentence, size_t *number)
{
	TALLOC_CTX *scratch = talloc_new(NULL);
	const char *best = NULL;
	const bool is_first = *number == 0;
	enum found_as as = NOT;
	char *text;

	while (as < ALONE && *number < TRIES &&
	       join(scratch, texts->choice[language], sentence, *number,
	            &text)) {
		as = find(texts->concepts, language, sentence, text);
		if (as >= ALONE ||
		    (as == AMONG_OTHERS && is_first && best == NULL))
			best = text;
		++*number;
	}
	best = talloc_strdup(ctx, best);
	talloc_free(scratch);
	return best;
}
