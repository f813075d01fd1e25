/* SPDX-License-Identifier: ISC */
#include "concepts/concepts.h"

#include "base/room.h"
#include "base/text.h"
#include "concepts/plain.h"

#include <stdlib.h>
#include <string.h>

const char *nx_party_name(enum nx_party party)
{
	static const char *const names[] = {
	        [NX_PARTY_NONE] = "",
	        [NX_PARTY_RECIPIENT] = "recipient",
	        [NX_PARTY_SENDER] = "sender",
	        [NX_PARTY_CONNECTION] = "connection",
	        [NX_PARTY_CONTENT] = "content",
	        [NX_PARTY_THEIRS] = "receiving side",
	        [NX_PARTY_OTHER] = "other",
	};

	return names[party];
}

size_t nx_concept_number(const struct nx_concepts *concepts, const char *id,
                         size_t size)
{
	for (size_t i = 0; i < concepts->count; i++)
		if (strncmp(concepts->concept[i].id, id, size) == 0 &&
		    concepts->concept[i].id[size] == '\0')
			return i;
	return NX_CONCEPT_NONE;
}

const struct nx_concept *nx_concept_of_mark(const struct nx_concepts *concepts,
                                            const struct nx_concept_mark *mark)
{
	uint64_t parties = mark->concepts & concepts->parties;

	return parties != 0 ? &concepts->concept[__builtin_ctzll(parties)]
	                    : NULL;
}

uint64_t nx_concepts_languages(const struct nx_concepts *concepts, uint64_t of)
{
	uint64_t languages = 0;

	for (size_t i = 0; i < concepts->languages; i++) {
		const struct nx_language *language = &concepts->language[i];
		uint64_t without = of;

		for (size_t k = 0; k < language->concepts; k++)
			if (*language->word[k] != '\0')
				without &= ~NX_CONCEPT_BIT(k);
		if (without == 0)
			languages |= UINT64_C(1) << i;
	}
	return languages;
}

uint64_t nx_concept_mark_languages(const struct nx_concept_mark *mark,
                                   uint64_t of)
{
	uint64_t languages = 0;

	if (mark->meaning == NULL)
		return (mark->concepts & of) != 0 ? UINT64_MAX : 0;
	for (size_t i = 0; i < mark->meanings; i++)
		if ((NX_CONCEPT_BIT(mark->meaning[i].concept) & of) != 0)
			languages |= UINT64_C(1) << mark->meaning[i].language;
	return languages;
}

/* --- marks ---------------------------------------------------------------- */

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

struct found_mark {
	struct nx_concept_mark mark;
	bool open;
};

struct nx_found_words {
	TALLOC_CTX *ctx;
	const struct nx_concepts *concepts;
	const char *text; /* as written */
	size_t size;
	struct nx_plain plain;
	struct found_mark *found;
	size_t count;
};

/* After the letters that follow. */
static size_t word_end(const struct nx_found_words *finding, size_t at)
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

static void add_mark(struct nx_found_words *finding,
                     const struct nx_concept_word *word, size_t start,
                     size_t end)
{
	struct nx_concept_mark mark = {
	        start, end, 0, &finding->concepts->meaning[word->meaning],
	        word->meanings};

	for (size_t i = 0; i < mark.meanings; i++)
		mark.concepts |= NX_CONCEPT_BIT(mark.meaning[i].concept);

	if (word->open)
		mark.end = word_end(finding, mark.end);
	if (!is_border(finding->text, finding->size, mark.start) ||
	    (!word->open && !is_border(finding->text, finding->size, mark.end)))
		return;
	finding->found = NX_ROOM(finding->ctx, finding->found,
	                         struct found_mark, finding->count);
	finding->found[finding->count++] =
	        (struct found_mark){mark, word->open};
}

static void find_word(struct nx_found_words *finding, size_t number)
{
	const struct nx_concepts *concepts = finding->concepts;
	const struct nx_plain *plain = &finding->plain;
	const char *word = nx_dictionary_word(concepts->dictionary, number);
	size_t length = strlen(word);
	size_t front = *word == ' ';
	const char *end = plain->text + plain->size;
	const char *at = plain->text;

	while ((at = memmem(at, (size_t)(end - at), word, length)) != NULL) {
		size_t start = (size_t)(at - plain->text);

		add_mark(finding, &concepts->word[number],
		         plain->at[start + front], plain->at[start + length]);
		at += length;
	}
}

/* By start; of two with the same start the longer first, and a complete form
 * before a stem with any ending. */
static int compare_marks(const void *a, const void *b)
{
	const struct found_mark *left = a;
	const struct found_mark *right = b;

	if (left->mark.start != right->mark.start)
		return left->mark.start < right->mark.start ? -1 : 1;
	if (left->mark.end != right->mark.end)
		return left->mark.end > right->mark.end ? -1 : 1;
	return left->open - right->open;
}

/* Of two that overlap the longer stays; the same words may stand there once as
 * a complete form and once as a stem. */
const struct nx_concept_mark *nx_concepts_marks_of(
        TALLOC_CTX *ctx, const struct nx_found_words *finding, uint64_t of,
        size_t *count)
{
	struct nx_concept_mark *mark =
	        talloc_array(ctx, struct nx_concept_mark, finding->count + 1);
	size_t kept = 0;

	for (size_t i = 0; i < finding->count; i++) {
		const struct nx_concept_mark *one = &finding->found[i].mark;
		struct nx_concept_mark *last = &mark[kept - (kept > 0)];

		if ((one->concepts & of) == 0)
			continue;
		const bool is_same =
		        kept > 0 && one->start == last->start &&
		        one->end == last->end &&
		        (one->concepts & finding->concepts->parties) == 0;

		if (kept == 0 || one->start >= last->end || is_same)
			mark[kept++] = *one;
		else if (one->end - one->start > last->end - last->start)
			*last = *one;
	}
	*count = kept;
	return mark;
}

static void find_set(struct nx_found_words *finding, size_t set, uint64_t bits)
{
	for (; bits != 0; bits &= bits - 1)
		find_word(finding, set * 64 + (size_t)__builtin_ctzll(bits));
}

static void find_all(struct nx_found_words *finding)
{
	const struct nx_concepts *concepts = finding->concepts;
	const size_t sets = concepts->words / 64 + 1;
	const size_t sums = sets / 64 + 1;
	uint64_t grams[NX_DICTIONARY_GRAMS] = {0};
	struct nx_dictionary_hits hits = {
	        .set = talloc_array(finding->ctx, uint64_t, sets),
	        .some = talloc_zero_array(finding->ctx, uint64_t, sums),
	        .grams = grams,
	};

	nx_dictionary_find(concepts->dictionary, finding->plain.text,
	                   finding->plain.size, &hits);
	for (size_t i = 0; i < sums; i++)
		for (uint64_t some = hits.some[i]; some != 0;
		     some &= some - 1) {
			const size_t set =
			        i * 64 + (size_t)__builtin_ctzll(some);

			find_set(finding, set, hits.set[set]);
		}
}

/* Words that no language knows are looked at again as what may be meant. */
static void find_misspelt(struct nx_found_words *finding)
{
	const struct nx_concepts *concepts = finding->concepts;
	bool *known = talloc_zero_array(finding->ctx, bool, finding->size + 1);
	struct nx_plain better;

	for (size_t i = 0; i < finding->count; i++)
		for (size_t at = finding->found[i].mark.start;
		     at < finding->found[i].mark.end; at++)
			known[at] = true;
	if (concepts->tokens == 0 ||
	    !nx_plain_spell(finding->ctx, &finding->plain, concepts->token,
	                    concepts->tokens, known, &better))
		return;
	finding->plain = better;
	finding->count = 0;
	find_all(finding);
}

const struct nx_found_words *nx_concepts_find(
        TALLOC_CTX *ctx, const struct nx_concepts *concepts, const char *text,
        size_t size)
{
	struct nx_found_words *found = talloc(ctx, struct nx_found_words);

	*found = (struct nx_found_words){
	        .ctx = found, .concepts = concepts, .text = text, .size = size};
	if (concepts == NULL || concepts->words == 0)
		return found;
	found->plain = nx_plain_of(found, text, size);
	find_all(found);
	find_misspelt(found);
	if (found->count > 1)
		qsort(found->found, found->count, sizeof(*found->found),
		      compare_marks);
	return found;
}

const struct nx_concept_mark *nx_concepts_mark(
        TALLOC_CTX *ctx, const struct nx_concepts *concepts, uint64_t of,
        const char *text, size_t size, size_t *count)
{
	return nx_concepts_marks_of(
	        ctx, nx_concepts_find(ctx, concepts, text, size), of, count);
}
