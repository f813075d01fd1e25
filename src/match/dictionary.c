/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "match/compiled.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	GRAM = 4,                       /* bytes that are looked up at once */
	SHORT_GRAM = NX_DICTIONARY_GRAM /* of words that have only this many */
};

static uint32_t load_short(const char *at)
{
	return (uint32_t)(unsigned char)at[0] |
	       (uint32_t)(unsigned char)at[1] << 8 |
	       (uint32_t)(unsigned char)at[2] << 16;
}

static uint32_t load_gram(const char *at)
{
	return load_short(at) | (uint32_t)(unsigned char)at[3] << 24;
}

static uint32_t mix(uint32_t gram)
{
	return gram * UINT32_C(0x9E3779B1);
}

static uint32_t hash(const struct nx_needle_table *table, uint32_t gram)
{
	return mix(gram) >> table->shift;
}

static uint32_t seen_bit(const struct nx_needle_table *table, uint32_t gram)
{
	return mix(gram) >> table->seen_shift;
}

static uint32_t short_bit(uint32_t gram)
{
	return mix(gram) >> (32 - NX_DICTIONARY_GRAM_BITS);
}

size_t nx_dictionary_gram(const char *at)
{
	return short_bit(load_short(at));
}

static bool is_sorted(const char *const *words, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (strcmp(words[i - 1], words[i]) > 0)
			return false;
	return true;
}

/* One block holds all of the texts. */
static void copy_words(struct nx_dictionary *dictionary,
                       const char *const *word, size_t count)
{
	size_t size = 0;

	for (size_t i = 0; i < count; i++)
		size += strlen(word[i]) + 1;
	dictionary->text = talloc_array(dictionary, char, size + 1);
	dictionary->word = talloc_zero_array(dictionary, uint32_t, count + 1);
	dictionary->count = count;
	size = 0;
	for (size_t i = 0; i < count; i++) {
		const size_t length = strlen(word[i]) + 1;

		dictionary->word[i] = (uint32_t)size;
		memcpy(dictionary->text + size, word[i], length);
		size += length;
	}
	dictionary->text[size] = '\0';
}

static void sort_words(struct nx_dictionary *dictionary,
                       const char *const *words, size_t count)
{
	const char **word = talloc_array(dictionary, const char *, count + 1);
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		word[i] = words[i];
	if (!is_sorted(words, count))
		qsort(word, count, sizeof(*word), nx_text_compare);
	for (size_t i = 0; i < count; i++) {
		if (kept == 0 || strcmp(word[kept - 1], word[i]) != 0)
			word[kept++] = word[i];
	}
	copy_words(dictionary, word, kept);
	talloc_free(word);
}

static unsigned bits_for(size_t most, unsigned least, unsigned highest)
{
	unsigned bits = least;

	while (bits < highest && (size_t)1 << bits < most)
		bits++;
	return bits;
}

/* As many hashes as needles, for short chains; and many more bits in
 * seen, so that few are set. */
static void size_table(struct nx_needle_table *table, TALLOC_CTX *ctx,
                       size_t most)
{
	unsigned bits = bits_for(most, 4, 20);

	table->shift = 32 - bits;
	table->starts = ((size_t)1 << bits) + 1;
	table->start = talloc_zero_array(ctx, uint32_t, table->starts);
	table->needle = talloc_zero_array(ctx, struct nx_needle, most + 1);
	bits = bits_for(most * 32, 8, 20);
	table->seen_shift = 32 - bits;
	table->seen =
	        talloc_zero_array(ctx, uint64_t, ((size_t)1 << bits) / 64);
}

static struct nx_needle make_needle(const struct nx_dictionary *dictionary,
                                    size_t number)
{
	const char *word = nx_dictionary_word(dictionary, number);
	size_t length = strlen(word);
	bool starts = *word == *NX_DICTIONARY_EDGE;
	bool ends = length > 0 && word[length - 1] == *NX_DICTIONARY_EDGE;

	length -= starts + ends;
	return (struct nx_needle){
	        .word = dictionary->word[number] + starts,
	        .length = (uint16_t)(length < UINT16_MAX ? length : UINT16_MAX),
	        .number = (uint32_t)number,
	        .starts = starts,
	        .ends = ends,
	};
}

static size_t count_brief(const struct nx_dictionary *dictionary)
{
	size_t count = 0;

	for (size_t i = 0; i < dictionary->count; i++)
		count += make_needle(dictionary, i).length < GRAM;
	return count;
}

static void deal_words(struct nx_dictionary *dictionary)
{
	struct nx_needle_table *table = &dictionary->table;

	size_table(table, dictionary, dictionary->count);
	dictionary->brief = talloc_zero_array(dictionary, struct nx_needle,
	                                      count_brief(dictionary) + 1);
	for (size_t i = 0; i < dictionary->count; i++) {
		struct nx_needle needle = make_needle(dictionary, i);

		if (needle.length >= GRAM)
			table->needle[table->count++] = needle;
		else
			dictionary->brief[dictionary->briefs++] = needle;
	}
}

/* Chooses, for each word, the gram that is rarest among all words. */
static void choose_grams(struct nx_dictionary *dictionary)
{
	struct nx_needle_table *table = &dictionary->table;
	const char *text = dictionary->text;
	uint32_t *seen = table->start;

	for (size_t i = 0; i < table->count; i++) {
		const struct nx_needle *needle = &table->needle[i];

		for (size_t at = 0; at + GRAM <= needle->length; at++)
			seen[hash(table,
			          load_gram(text + needle->word + at))]++;
	}
	for (size_t i = 0; i < table->count; i++) {
		struct nx_needle *needle = &table->needle[i];
		uint32_t least = UINT32_MAX;

		for (size_t at = 0; at + GRAM <= needle->length; at++) {
			uint32_t gram = load_gram(text + needle->word + at);

			if (seen[hash(table, gram)] >= least)
				continue;
			least = seen[hash(table, gram)];
			needle->gram = gram;
			needle->offset = (uint16_t)at;
		}
	}
	memset(seen, 0, table->starts * sizeof(*seen));
}

/* Sorts by hash, so that start[h] to start[h + 1] are the needles of h. */
static void sort_needles(struct nx_needle_table *table, TALLOC_CTX *ctx)
{
	size_t size = table->starts * sizeof(*table->start);
	uint32_t *start = table->start;

	for (size_t i = 0; i < table->count; i++)
		start[hash(table, table->needle[i].gram) + 1]++;
	for (size_t h = 1; h < table->starts; h++)
		start[h] += start[h - 1];

	struct nx_needle *sorted =
	        talloc_zero_array(ctx, struct nx_needle, table->count + 1);
	uint32_t *next = talloc_memdup(sorted, start, size);

	for (size_t i = 0; i < table->count; i++)
		sorted[next[hash(table, table->needle[i].gram)]++] =
		        table->needle[i];
	talloc_free(next);
	talloc_free(table->needle);
	table->needle = sorted;
}

static void mark(uint64_t *bits, size_t bit)
{
	bits[bit / 64] |= UINT64_C(1) << bit % 64;
}

static bool is_marked(const uint64_t *bits, size_t bit)
{
	return (bits[bit / 64] >> bit % 64 & 1) != 0;
}

static void mark_grams(struct nx_needle_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		mark(table->seen, seen_bit(table, table->needle[i].gram));
}

const struct nx_dictionary *nx_dictionary_compile(TALLOC_CTX *ctx,
                                                  const char *const *words,
                                                  size_t count)
{
	struct nx_dictionary *dictionary =
	        talloc_zero(ctx, struct nx_dictionary);

	sort_words(dictionary, words, count);
	deal_words(dictionary);
	choose_grams(dictionary);
	sort_needles(&dictionary->table, dictionary);
	mark_grams(&dictionary->table);
	return dictionary;
}

uint32_t nx_dictionary_number(const struct nx_dictionary *dictionary,
                              const char *word)
{
	size_t low = 0, high = dictionary->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const int order =
		        strcmp(nx_dictionary_word(dictionary, middle), word);

		if (order == 0)
			return (uint32_t)middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return UINT32_MAX;
}

const char *nx_dictionary_word(const struct nx_dictionary *dictionary,
                               size_t number)
{
	return dictionary->text + dictionary->word[number];
}

size_t nx_dictionary_count(const struct nx_dictionary *dictionary)
{
	return dictionary->count;
}

/* At the ends of the given text nothing is known of what is adjacent. */
static bool has_edges(const struct nx_needle *needle, const char *text,
                      size_t size, size_t from)
{
	size_t to = from + needle->length;

	return !(needle->starts && from > 0 &&
	         nx_text_is_word(text[from - 1])) &&
	       !(needle->ends && to < size && nx_text_is_word(text[to]));
}

static bool is_there(const struct nx_needle *needle, const char *word,
                     const char *text, size_t size, size_t at, bool edges)
{
	size_t from = at - needle->offset;

	return at >= needle->offset && size - from >= needle->length &&
	       memcmp(text + from, word, needle->length) == 0 &&
	       (!edges || has_edges(needle, text, size, from));
}

static void add_hit(const struct nx_dictionary_hits *hits, uint32_t number)
{
	uint32_t word = number / 64;
	uint64_t *some = &hits->some[word / 64];
	uint64_t before = *some >> word % 64 & 1 ? hits->set[word] : 0;

	hits->set[word] = before | UINT64_C(1) << number % 64;
	*some |= UINT64_C(1) << word % 64;
}

static void look_up(const struct nx_needle_table *table, const char *words,
                    uint32_t gram, const char *text, size_t size, size_t at,
                    const struct nx_dictionary_hits *hits)
{
	uint32_t h = hash(table, gram);

	for (uint32_t i = table->start[h]; i < table->start[h + 1]; i++) {
		const struct nx_needle *needle = &table->needle[i];

		if (needle->gram == gram &&
		    is_there(needle, words + needle->word, text, size, at,
		             hits->edges))
			add_hit(hits, needle->number);
	}
}

static bool occurs(const struct nx_needle *needle, const char *word,
                   const char *text, size_t size, bool edges)
{
	const char *at = text;

	while ((at = memmem(at, (size_t)(text + size - at), word,
	                    SHORT_GRAM)) != NULL) {
		if (is_there(needle, word, text, size, (size_t)(at - text),
		             edges))
			return true;
		at++;
	}
	return false;
}

/* A word of three bytes is searched only if its bytes were seen. */
static void find_all_brief(const struct nx_dictionary *dictionary,
                           const char *text, size_t size,
                           const struct nx_dictionary_hits *hits)
{
	for (size_t i = 0; i < dictionary->briefs; i++) {
		const struct nx_needle *needle = &dictionary->brief[i];

		const char *word = dictionary->text + needle->word;

		if (is_marked(hits->grams, nx_dictionary_gram(word)) &&
		    occurs(needle, word, text, size, hits->edges))
			add_hit(hits, needle->number);
	}
}

/* Runs once per byte; for most bytes it only sets a bit. */
void nx_dictionary_find(const struct nx_dictionary *dictionary,
                        const char *text, size_t size,
                        const struct nx_dictionary_hits *hits)
{
	const struct nx_needle_table table = dictionary->table;
	uint64_t *grams = hits->grams;

	if (size < SHORT_GRAM)
		return;
	for (size_t i = 0; i + GRAM <= size; i++) {
		const uint32_t gram = load_gram(text + i);

		mark(grams, short_bit(gram & 0xFFFFFF));
		if (is_marked(table.seen, seen_bit(&table, gram)))
			look_up(&table, dictionary->text, gram, text, size, i,
			        hits);
	}
	mark(grams, nx_dictionary_gram(text + size - SHORT_GRAM));
	find_all_brief(dictionary, text, size, hits);
}
