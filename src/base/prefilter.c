/* SPDX-License-Identifier: ISC */
#include "base/prefilter.h"

#include "base/pattern.h"

#include <string.h>

/* A pattern is a candidate when the words that it needs are there. Those that
 * need one of a few rare words are looked at only when one of these occurs. */

enum { PIECE = 2048 }; /* of a text, looked at at once */

/* A tree of words, flat: the children of a node follow it. */
struct node {
	enum nx_words_kind kind;
	uint16_t word; /* of ONE */
	uint32_t end;  /* index behind the last of its children */
};

struct nx_prefilter {
	size_t patterns;
	size_t words; /* of an answer */
	const struct nx_dictionary *dictionary;
	uint32_t *root; /* of each pattern; one more at the end */
	struct node *node;
	uint64_t *always; /* patterns without rare words */
	uint64_t *beyond; /* those of them that need more than ASCII */
	uint32_t *start;  /* by word: its first call; one more at the end */
	uint32_t *call;   /* patterns to look at */
};

static const struct nx_member parts[] = {
        NX_ONE(struct nx_prefilter, dictionary, nx_dictionary_shape),
        NX_BLOCK(struct nx_prefilter, root),
        NX_BLOCK(struct nx_prefilter, node),
        NX_BLOCK(struct nx_prefilter, always),
        NX_BLOCK(struct nx_prefilter, beyond),
        NX_BLOCK(struct nx_prefilter, start),
        NX_BLOCK(struct nx_prefilter, call),
};
const struct nx_shape nx_prefilter_shape = NX_SHAPE(struct nx_prefilter, parts);

/* What is put together; the trees live until it is done. */
struct builder {
	struct nx_prefilter *filter;
	TALLOC_CTX *scratch;
	const char *const *source;
	const struct nx_words **tree;
	const char **word; /* all of all trees */
	size_t count;
	size_t nodes;
};

static void set_bit(uint64_t *set, size_t at)
{
	set[at / NX_PREFILTER_BITS] |= UINT64_C(1) << at % NX_PREFILTER_BITS;
}

static bool has_bit(const uint64_t *set, size_t at)
{
	return set[at / NX_PREFILTER_BITS] >> at % NX_PREFILTER_BITS & 1;
}

static void collect_words(struct builder *builder, const struct nx_words *words)
{
	for (; words != NULL; words = words->next) {
		builder->nodes++;
		if (words->kind == NX_WORDS_ONE) {
			if ((builder->count & (builder->count - 1)) == 0)
				builder->word = talloc_realloc(
				        builder->scratch, builder->word,
				        const char *, builder->count * 2 + 1);
			builder->word[builder->count++] = words->word;
		}
		collect_words(builder, words->first);
	}
}

static void read_patterns(struct builder *builder)
{
	struct nx_prefilter *filter = builder->filter;

	builder->tree = talloc_array(builder->scratch, const struct nx_words *,
	                             filter->patterns + 1);
	for (size_t i = 0; i < filter->patterns; i++) {
		builder->tree[i] =
		        nx_pattern_words(builder->scratch, builder->source[i]);
		collect_words(builder, builder->tree[i]);
	}
	filter->dictionary =
	        nx_dictionary_compile(filter, builder->word, builder->count);
}

/* Returns the index behind what was written. */
static uint32_t flatten(struct nx_prefilter *filter,
                        const struct nx_words *words, uint32_t at)
{
	for (; words != NULL; words = words->next) {
		struct node *node = &filter->node[at];

		node->kind = words->kind;
		node->word =
		        nx_dictionary_number(filter->dictionary, words->word);
		node->end = flatten(filter, words->first, at + 1);
		at = node->end;
	}
	return at;
}

static void flatten_all(struct builder *builder)
{
	struct nx_prefilter *filter = builder->filter;
	uint32_t at = 0;

	filter->node =
	        talloc_zero_array(filter, struct node, builder->nodes + 1);
	filter->root =
	        talloc_zero_array(filter, uint32_t, filter->patterns + 1);
	for (size_t i = 0; i < filter->patterns; i++) {
		filter->root[i] = at;
		at = flatten(filter, builder->tree[i], at);
	}
	filter->root[filter->patterns] = at;
}

struct rare { /* words one of which a pattern needs */
	uint16_t *word;
	size_t count; /* 0: none, or one that the dictionary has no room for */
};

static struct rare rare_words(struct builder *builder, size_t pattern)
{
	struct rare rare = {0};
	size_t count;
	const char *const *word = nx_pattern_literals(
	        builder->scratch, builder->source[pattern], &count);

	rare.word = talloc_array(builder->scratch, uint16_t, count + 1);
	for (; rare.count < count; rare.count++) {
		uint16_t number = nx_dictionary_number(
		        builder->filter->dictionary, word[rare.count]);

		if (number == NX_DICTIONARY_NONE)
			return (struct rare){0};
		rare.word[rare.count] = number;
	}
	return rare;
}

/* Which patterns each word calls: start[n] to start[n + 1]. */
static void list_calls(struct builder *builder, const struct rare *rare)
{
	struct nx_prefilter *filter = builder->filter;
	size_t words = nx_dictionary_count(filter->dictionary);
	uint32_t *start = talloc_zero_array(filter, uint32_t, words + 2);

	for (size_t i = 0; i < filter->patterns; i++) {
		for (size_t k = 0; k < rare[i].count; k++)
			start[rare[i].word[k] + 2]++;
	}
	for (size_t i = 0; i < words; i++)
		start[i + 2] += start[i + 1];
	filter->call =
	        talloc_zero_array(filter, uint32_t, start[words + 1] + 1);
	for (size_t i = 0; i < filter->patterns; i++) {
		for (size_t k = 0; k < rare[i].count; k++)
			filter->call[start[rare[i].word[k] + 1]++] =
			        (uint32_t)i;
	}
	filter->start = start;
}

/* No text of ASCII alone has what is needed. */
static bool is_beyond(const struct nx_words *words)
{
	const struct nx_words *child = words->first;

	switch (words->kind) {
	case NX_WORDS_BEYOND_ASCII:
		return true;
	case NX_WORDS_ALL:
		while (child != NULL && !is_beyond(child))
			child = child->next;
		return child != NULL;
	case NX_WORDS_ANY:
		while (child != NULL && is_beyond(child))
			child = child->next;
		return child == NULL;
	case NX_WORDS_ONE:
		break;
	}
	return false;
}

static void call_patterns(struct builder *builder)
{
	struct nx_prefilter *filter = builder->filter;
	struct rare *rare = talloc_array(builder->scratch, struct rare,
	                                 filter->patterns + 1);

	filter->always = talloc_zero_array(filter, uint64_t, filter->words);
	filter->beyond = talloc_zero_array(filter, uint64_t, filter->words);
	for (size_t i = 0; i < filter->patterns; i++) {
		const struct nx_words *tree = builder->tree[i];

		rare[i] = rare_words(builder, i);
		if (rare[i].count == 0)
			set_bit(tree != NULL && is_beyond(tree)
			                ? filter->beyond
			                : filter->always,
			        i);
	}
	list_calls(builder, rare);
}

const struct nx_prefilter *nx_prefilter_compile(TALLOC_CTX *ctx,
                                                const char *const *sources,
                                                size_t count)
{
	struct nx_prefilter *filter = talloc_zero(ctx, struct nx_prefilter);
	struct builder builder = {
	        .filter = filter,
	        .scratch = talloc_new(NULL),
	        .source = sources,
	};

	filter->patterns = count;
	filter->words = count / NX_PREFILTER_BITS + 1;
	read_patterns(&builder);
	flatten_all(&builder);
	call_patterns(&builder);
	talloc_free(builder.scratch);
	return filter;
}

size_t nx_prefilter_words(const struct nx_prefilter *filter)
{
	return filter->words;
}

/* A character beyond ASCII that Unicode folds into it, U+017F to "s" and U+212A
 * to "k", which caseless patterns match: its size, or 0 for any other. */
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

/* In lower case, as much of the text as there is room for. Returns the size of
 * what was written; *taken bytes of the text. */
static size_t fold(const char *text, size_t size, char *out, size_t room,
                   size_t *taken, bool *foreign)
{
	size_t length = 0;
	size_t i = 0;

	while (i < size && length < room) {
		unsigned char c = (unsigned char)text[i];
		size_t skip = 0;

		if (c >= 0x80) {
			*foreign = true;
			skip = fold_foreign(text + i, size - i, out + length);
		}
		if (skip == 0) {
			bool upper = (unsigned char)(c - 'A') < 26;

			out[length] = (char)(upper ? c | 0x20 : c);
			skip = 1;
		}
		length++;
		i += skip;
	}
	*taken = i;
	return length;
}

static bool leaf_holds(const struct node *node, const struct nx_hits *hits)
{
	if (node->kind == NX_WORDS_BEYOND_ASCII)
		return hits->beyond_ascii;
	return node->word == NX_DICTIONARY_NONE ||
	       has_bit(hits->word, node->word);
}

static bool holds(const struct node *nodes, uint32_t at,
                  const struct nx_hits *hits)
{
	const struct node *node = &nodes[at];
	bool all = node->kind == NX_WORDS_ALL;

	if (!all && node->kind != NX_WORDS_ANY)
		return leaf_holds(node, hits);
	for (uint32_t i = at + 1; i < node->end; i = nodes[i].end) {
		bool leaf = nodes[i].end == i + 1;

		if ((leaf ? leaf_holds(&nodes[i], hits)
		          : holds(nodes, i, hits)) != all)
			return !all;
	}
	return all;
}

/* The lowest bit that is set, which is taken away. */
static size_t take_bit(uint64_t *bits)
{
	size_t at = (size_t)__builtin_ctzll(*bits);

	*bits &= *bits - 1;
	return at;
}

static size_t sets_of(const struct nx_prefilter *filter)
{
	return (nx_dictionary_count(filter->dictionary) + 63) / 64;
}

static void call(const struct nx_prefilter *filter, const struct nx_hits *hits,
                 size_t sets, uint64_t *candidates)
{
	for (size_t i = 0; i < sets; i++) {
		uint64_t bits = hits->word[i];

		while (bits != 0) {
			size_t word = i * 64 + take_bit(&bits);

			for (uint32_t at = filter->start[word];
			     at < filter->start[word + 1]; at++)
				set_bit(candidates, filter->call[at]);
		}
	}
}

void nx_prefilter_begin(const struct nx_prefilter *filter, struct nx_hits *hits)
{
	size_t sets = sets_of(filter);

	hits->beyond_ascii = false;
	memset(hits->word, 0, sets * sizeof(*hits->word));
}

/* Piece by piece; each begins with as much of the last as a word can have
 * there. */
void nx_prefilter_add(const struct nx_prefilter *filter, const char *text,
                      size_t size, struct nx_hits *hits)
{
	char folded[PIECE];
	size_t kept = 0;

	while (size > 0) {
		size_t taken;
		size_t length =
		        kept + fold(text, size, folded + kept, PIECE - kept,
		                    &taken, &hits->beyond_ascii);

		nx_dictionary_find(filter->dictionary, folded, length,
		                   hits->word);
		text += taken;
		size -= taken;
		kept = length < NX_WORDS_SIZE ? length : NX_WORDS_SIZE - 1;
		memmove(folded, folded + length - kept, kept);
	}
}

void nx_prefilter_end(const struct nx_prefilter *filter,
                      const struct nx_hits *hits, uint64_t *candidates)
{
	for (size_t i = 0; i < filter->words; i++) {
		candidates[i] = filter->always[i];
		if (hits->beyond_ascii)
			candidates[i] |= filter->beyond[i];
	}
	call(filter, hits, sets_of(filter), candidates);
}

void nx_prefilter_find(const struct nx_prefilter *filter, const char *text,
                       size_t size, struct nx_hits *hits, uint64_t *candidates)
{
	nx_prefilter_begin(filter, hits);
	nx_prefilter_add(filter, text, size, hits);
	nx_prefilter_end(filter, hits, candidates);
}

bool nx_prefilter_confirms(const struct nx_prefilter *filter,
                           const struct nx_hits *hits, size_t pattern)
{
	uint32_t root = filter->root[pattern];

	return root == filter->root[pattern + 1] ||
	       holds(filter->node, root, hits);
}
