/* SPDX-License-Identifier: ISC */
#include "match/compiled.h"

#include <string.h>

/* Finds which patterns can match a text. */

enum { PIECE = 2048 }; /* bytes of a text that are searched at a time */

size_t nx_prefilter_words(const struct nx_prefilter *filter)
{
	return filter->words;
}

/* Folds a non-ASCII character that Unicode folds into ASCII, which caseless
 * patterns match: U+017F to "s" and U+212A to "k". Returns its size, or 0 for
 * any other. */
static size_t fold_foreign(const char *text, size_t size, char *out)
{
	if (size >= 2 && memcmp(text, "\xC5\xBF", 2) == 0) {
		*out = 's';
		return 2;
	}
	if (size >= 3 && memcmp(text, "\xE2\x84\xAA", 3) == 0) {
		*out = 'k';
		return 3;
	}
	return 0;
}

/* Folds eight bytes of ASCII to lower case; false when they are not ASCII. */
static bool fold_eight(const char *text, char *out)
{
	const uint64_t each = UINT64_C(0x0101010101010101);
	uint64_t word;

	memcpy(&word, text, sizeof(word));
	if ((word & each * 0x80) != 0)
		return false;
	/* the high bit is set for bytes from 'A' on, and for bytes above 'Z' */
	uint64_t from_a = word + each * (0x80 - 'A');
	uint64_t behind_z = word + each * (0x7F - 'Z');

	word |= (from_a & ~behind_z & each * 0x80) >> 2;
	memcpy(out, &word, sizeof(word));
	return true;
}

/* Folds one character or a part of it; returns its size. */
static size_t fold_one(const char *text, size_t size, char *out, bool *foreign)
{
	unsigned char c = (unsigned char)*text;
	size_t taken = 0;

	if (c >= 0x80) {
		*foreign = true;
		taken = fold_foreign(text, size, out);
	}
	if (taken > 0)
		return taken;
	*out = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
	return 1;
}

/* Folds to lower case as much of the text as there is room for. Returns the
 * size of what was written; *taken is the bytes of text read. */
static size_t fold(const char *text, size_t size, char *out, size_t room,
                   size_t *taken, bool *foreign)
{
	size_t length = 0;
	size_t i = 0;

	while (i < size && length < room) {
		if (size - i >= 8 && room - length >= 8 &&
		    fold_eight(text + i, out + length)) {
			length += 8;
			i += 8;
			continue;
		}
		i += fold_one(text + i, size - i, out + length, foreign);
		length++;
	}
	*taken = i;
	return length;
}

static size_t sets_of(const struct nx_prefilter *filter)
{
	return nx_dictionary_count(filter->dictionary) / 64 + 1;
}

static size_t sums_of(const struct nx_prefilter *filter)
{
	return sets_of(filter) / 64 + 1;
}

void nx_prefilter_begin(TALLOC_CTX *ctx, const struct nx_prefilter *filter,
                        struct nx_hits *hits)
{
	hits->beyond_ascii = false;
	hits->word =
	        talloc_array(ctx, uint64_t, sets_of(filter) + sums_of(filter));
	hits->some = hits->word + sets_of(filter);
	memset(hits->some, 0, sums_of(filter) * sizeof(*hits->some));
	memset(hits->gram, 0, sizeof(hits->gram));
}

/* Piece by piece; each piece overlaps the one before it by as much as a word
 * can span. */
void nx_prefilter_add(const struct nx_prefilter *filter, const char *text,
                      size_t size, struct nx_hits *hits)
{
	char folded[PIECE];
	size_t kept = 0;
	struct nx_dictionary_hits found = {hits->word, hits->some, hits->gram,
	                                   false};

	while (size > 0) {
		size_t taken;
		size_t length =
		        kept + fold(text, size, folded + kept, PIECE - kept,
		                    &taken, &hits->beyond_ascii);

		found.edges = !hits->beyond_ascii;
		nx_dictionary_find(filter->dictionary, folded, length, &found);
		text += taken;
		size -= taken;
		kept = length < NX_WORDS_SIZE ? length : NX_WORDS_SIZE - 1;
		memmove(folded, folded + length - kept, kept);
	}
}

static bool has_gram(const struct nx_hits *hits, uint16_t gram)
{
	return (hits->gram[gram / 64] >> gram % 64 & 1) != 0;
}

static bool has_grams(const struct nx_prefilter *filter,
                      const struct nx_words_node *node,
                      const struct nx_hits *hits)
{
	const uint16_t *gram = filter->gram + node->first;

	for (size_t i = 0; i < node->grams; i++) {
		if (!has_gram(hits, gram[i]))
			return false;
	}
	return true;
}

static bool holds(const struct nx_prefilter *filter, uint32_t at,
                  const struct nx_hits *hits)
{
	const struct nx_words_node *node = &filter->node[at];
	bool all = node->kind == NX_WORDS_ALL;

	if (node->kind == NX_WORDS_ONE)
		return has_grams(filter, node, hits);
	if (node->kind == NX_WORDS_BEYOND_ASCII)
		return hits->beyond_ascii;
	for (uint32_t i = at + 1; i < node->end; i = filter->node[i].end) {
		if (holds(filter, i, hits) != all)
			return !all;
	}
	return all;
}

static bool has_needs(const struct nx_prefilter *filter,
                      const struct nx_prefilter_call *call,
                      const struct nx_hits *hits)
{
	if (call->gram != NX_NO_GRAM && !has_gram(hits, call->gram))
		return false;
	for (size_t i = 0; i < call->needs; i++) {
		if (!holds(filter, filter->need[call->first + i], hits))
			return false;
	}
	return true;
}

/* Checks the patterns of a word that was found. */
static void call_all(const struct nx_prefilter *filter, size_t word,
                     const struct nx_hits *hits, uint64_t *candidates)
{
	for (uint32_t i = filter->start[word]; i < filter->start[word + 1];
	     i++) {
		const struct nx_prefilter_call *call = &filter->call[i];
		uint64_t bit = UINT64_C(1) << call->pattern % NX_PREFILTER_BITS;
		uint64_t *set = &candidates[call->pattern / NX_PREFILTER_BITS];

		if ((*set & bit) == 0 && has_needs(filter, call, hits))
			*set |= bit;
	}
}

static void call_set(const struct nx_prefilter *filter, size_t set,
                     const struct nx_hits *hits, uint64_t *candidates)
{
	for (uint64_t bits = hits->word[set]; bits != 0; bits &= bits - 1)
		call_all(filter, set * 64 + (size_t)__builtin_ctzll(bits), hits,
		         candidates);
}

uint64_t *nx_prefilter_end(TALLOC_CTX *ctx, const struct nx_prefilter *filter,
                           const struct nx_hits *hits)
{
	size_t sums = sums_of(filter);
	uint64_t *candidates = talloc_memdup(ctx, filter->always,
	                                     filter->words * sizeof(uint64_t));

	if (hits->beyond_ascii)
		call_all(filter, nx_dictionary_count(filter->dictionary), hits,
		         candidates);
	for (size_t i = 0; i < sums; i++) {
		for (uint64_t bits = hits->some[i]; bits != 0; bits &= bits - 1)
			call_set(filter, i * 64 + (size_t)__builtin_ctzll(bits),
			         hits, candidates);
	}
	return candidates;
}

uint64_t *nx_prefilter_find(TALLOC_CTX *ctx, const struct nx_prefilter *filter,
                            const char *text, size_t size)
{
	struct nx_hits hits;
	uint64_t *candidates;

	nx_prefilter_begin(ctx, filter, &hits);
	nx_prefilter_add(filter, text, size, &hits);
	candidates = nx_prefilter_end(ctx, filter, &hits);
	talloc_free(hits.word);
	return candidates;
}
