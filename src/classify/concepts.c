/* SPDX-License-Identifier: ISC */
#include "classify/concepts.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[NX_CONCEPTS] = {
        [NX_CONCEPT_NONE] = "",
        [NX_CONCEPT_RECIPIENT] = "recipient",
        [NX_CONCEPT_SENDER] = "sender",
        [NX_CONCEPT_CONNECTION] = "connection",
        [NX_CONCEPT_CONTENT] = "content",
};

const char *nx_concept_name(enum nx_concept concept)
{
	return names[concept];
}

enum nx_concept nx_concept_of_name(const char *name)
{
	size_t at = nx_text_index(name, names, NX_CONCEPTS);

	return at < NX_CONCEPTS ? (enum nx_concept)at : NX_CONCEPT_NONE;
}

const struct nx_concepts *nx_concepts_compile(
        TALLOC_CTX *ctx, const struct nx_concept_word *words, size_t count)
{
	struct nx_concepts *concepts = talloc_zero(ctx, struct nx_concepts);
	const char **text = talloc_array(concepts, const char *, count + 1);

	for (size_t i = 0; i < count; i++)
		text[i] = words[i].text;
	concepts->dictionary = nx_dictionary_compile(concepts, text, count);
	concepts->words = nx_dictionary_count(concepts->dictionary);
	concepts->word = talloc_zero_array(concepts, struct nx_concept_word,
	                                   concepts->words + 1);
	for (size_t i = 0; i < count; i++) {
		struct nx_concept_word *word =
		        &concepts->word[nx_dictionary_number(
		                concepts->dictionary, words[i].text)];

		*word = words[i];
		word->text = talloc_strdup(concepts, words[i].text);
	}
	talloc_free(text);
	return concepts;
}

static bool letter_at(const char *text, size_t size, size_t at)
{
	uint32_t code = 0;

	return at < size && nx_text_decode(text + at, size - at, &code) > 0 &&
	       nx_text_is_letter(code);
}

static bool letter_before(const char *text, size_t size, size_t at)
{
	if (at == 0)
		return false;
	do
		at--;
	while (at > 0 && nx_text_continues(text[at]));
	return letter_at(text, size, at);
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* No word begins or ends between two letters, except in "SenderNotFound".
 * Scripts without blanks do not count as letters here. */
static bool is_border(const char *text, size_t size, size_t at)
{
	return !letter_before(text, size, at) || !letter_at(text, size, at) ||
	       (is_upper(text[at]) && !is_upper(text[at - 1]));
}

struct finding {
	TALLOC_CTX *ctx;
	const char *text;   /* as written */
	const char *folded; /* in lower case */
	size_t size;
	struct nx_concept_mark *mark;
	size_t count;
};

/* After the letters that follow. */
static size_t word_end(const struct finding *finding, size_t at)
{
	uint32_t code;
	size_t size;

	while (at < finding->size &&
	       (size = nx_text_decode(finding->text + at, finding->size - at,
	                              &code)) > 0 &&
	       nx_text_is_letter(code))
		at += size;
	return at;
}

static void find_word(struct finding *finding,
                      const struct nx_concept_word *word)
{
	size_t length = strlen(word->text);
	const char *at = finding->folded;

	while ((at = strstr(at, word->text)) != NULL) {
		size_t start = (size_t)(at - finding->folded);
		struct nx_concept_mark mark = {start, start + length,
		                               word->concept, word->aside,
		                               word->behind};

		at += length;
		if (word->open)
			mark.end = word_end(finding, mark.end);
		if (!is_border(finding->text, finding->size, mark.start) ||
		    (!word->open &&
		     !is_border(finding->text, finding->size, mark.end)))
			continue;
		finding->mark = talloc_realloc(finding->ctx, finding->mark,
		                               struct nx_concept_mark,
		                               finding->count + 1);
		finding->mark[finding->count++] = mark;
	}
}

static bool is_exact(const struct nx_concept_mark *mark)
{
	return mark->aside || mark->behind;
}

/* By start; of two with the same start the longer first, and a complete form
 * before a stem with any ending. */
static int compare_marks(const void *a, const void *b)
{
	const struct nx_concept_mark *left = a;
	const struct nx_concept_mark *right = b;

	if (left->start != right->start)
		return left->start < right->start ? -1 : 1;
	if (left->end != right->end)
		return left->end > right->end ? -1 : 1;
	return is_exact(right) - is_exact(left);
}

static void drop_inner(struct finding *finding)
{
	size_t kept = 0;

	for (size_t i = 0; i < finding->count; i++) {
		if (kept > 0 &&
		    finding->mark[i].start < finding->mark[kept - 1].end)
			continue;
		finding->mark[kept++] = finding->mark[i];
	}
	finding->count = kept;
}

static void find_all(struct finding *finding,
                     const struct nx_concepts *concepts)
{
	size_t words = concepts->words / 64 + 1;
	uint64_t grams[NX_DICTIONARY_GRAMS];
	struct nx_dictionary_hits hits = {
	        .set = talloc_zero_array(finding->ctx, uint64_t, words),
	        .some = talloc_zero_array(finding->ctx, uint64_t,
	                                  words / 64 + 1),
	        .grams = grams, /* not used */
	};

	nx_dictionary_find(concepts->dictionary, finding->folded, finding->size,
	                   &hits);
	for (size_t i = 0; i < words; i++) {
		if ((hits.some[i / 64] >> i % 64 & 1) == 0)
			continue;
		for (size_t bit = 0; bit < 64; bit++)
			if (hits.set[i] >> bit & 1)
				find_word(finding,
				          &concepts->word[i * 64 + bit]);
	}
}

const struct nx_concept_mark *nx_concepts_find(
        TALLOC_CTX *ctx, const struct nx_concepts *concepts, const char *text,
        size_t size, size_t *count)
{
	struct finding finding = {.ctx = ctx, .text = text, .size = size};

	*count = 0;
	if (concepts == NULL || concepts->words == 0)
		return NULL;
	finding.folded = nx_text_fold(ctx, text);
	find_all(&finding, concepts);
	if (finding.count > 1)
		qsort(finding.mark, finding.count, sizeof(*finding.mark),
		      compare_marks);
	drop_inner(&finding);
	*count = finding.count;
	return finding.mark;
}
