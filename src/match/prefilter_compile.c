/* SPDX-License-Identifier: ISC */
#include "match/compiled.h"

#include <string.h>

/* Compiles patterns into the tables of a prefilter. */

enum { MOST_CALLS = 4096 /* per pattern; with more: always a candidate */ };

struct word_caller { /* a word that triggers a call, and the call */
	const char *word;
	struct nx_prefilter_call call;
};

struct builder {
	struct nx_prefilter *filter;
	TALLOC_CTX *scratch;
	const char **word; /* per node, "" when it is not a word */
	size_t nodes;
	size_t grams;
	size_t needs;
	struct word_caller *caller;
	size_t callers;
	uint32_t pattern; /* the current one */
	/* nodes that the current alternative requires besides its calling
	 * word */
	uint32_t *path;
	size_t depth;
};

/* Room for one more, doubled when it is used up. */
static void *more_room(TALLOC_CTX *ctx, void *items, size_t count, size_t size)
{
	if ((count & (count - 1)) != 0)
		return items;
	return talloc_realloc_size(ctx, items, (2 * count + 1) * size);
}

/* --- trees ---------------------------------------------------------------- */

static void add_gram(struct builder *b, const char *at)
{
	struct nx_prefilter *filter = b->filter;

	filter->gram = more_room(filter, filter->gram, b->grams,
	                         sizeof(*filter->gram));
	filter->gram[b->grams++] = (uint16_t)nx_dictionary_gram(at);
}

static const char *with_edges(TALLOC_CTX *ctx, const struct nx_words *words)
{
	return talloc_asprintf(
	        ctx, "%s%s%s", words->starts ? NX_DICTIONARY_EDGE : "",
	        words->word, words->ends ? NX_DICTIONARY_EDGE : "");
}

static void add_node(struct builder *b, const struct nx_words *words)
{
	struct nx_prefilter *filter = b->filter;
	size_t length = strlen(words->word);
	struct nx_words_node node = {.kind = words->kind,
	                             .first = (uint32_t)b->grams};

	for (size_t i = 0; i + NX_DICTIONARY_GRAM <= length; i++)
		add_gram(b, words->word + i);
	node.grams = (uint32_t)b->grams - node.first;
	filter->node = more_room(filter, filter->node, b->nodes,
	                         sizeof(*filter->node));
	b->word = more_room(b->scratch, b->word, b->nodes, sizeof(*b->word));
	filter->node[b->nodes] = node;
	b->word[b->nodes++] = with_edges(b->scratch, words);
}

static void flatten(struct builder *b, const struct nx_words *words)
{
	for (; words != NULL; words = words->next) {
		size_t at = b->nodes;

		add_node(b, words);
		flatten(b, words->first);
		b->filter->node[at].end = (uint32_t)b->nodes;
	}
}

/* --- calls ---------------------------------------------------------------- */

/* The length of the shortest word that would call for the node: long words are
 * rare, and the calls for non-ASCII characters apply to every text that has
 * any. */
static size_t strength(const struct builder *b, uint32_t at)
{
	const struct nx_words_node *node = &b->filter->node[at];
	bool all = node->kind == NX_WORDS_ALL;
	size_t best = 0;

	if (node->kind == NX_WORDS_ONE)
		return strlen(b->word[at]);
	if (node->kind == NX_WORDS_BEYOND_ASCII)
		return 1;
	for (uint32_t i = at + 1; i < node->end; i = b->filter->node[i].end) {
		size_t one = strength(b, i);
		bool first = i == at + 1;

		if (first || (all ? one > best : one < best))
			best = one;
	}
	return best;
}

static uint32_t strongest(const struct builder *b, uint32_t at)
{
	uint32_t end = b->filter->node[at].end;
	uint32_t best = at + 1;

	for (uint32_t i = at + 1; i < end; i = b->filter->node[i].end) {
		if (strength(b, i) > strength(b, best))
			best = i;
	}
	return best;
}

/* The longest word that is required besides the calling one, or NULL. */
static const struct nx_words_node *longest_need(const struct builder *b)
{
	const struct nx_words_node *best = NULL;

	for (size_t i = 0; i < b->depth; i++) {
		const struct nx_words_node *node = &b->filter->node[b->path[i]];

		if (node->kind == NX_WORDS_ONE && node->grams > 0 &&
		    (best == NULL || node->grams > best->grams))
			best = node;
	}
	return best;
}

static uint16_t needed_gram(const struct builder *b)
{
	const struct nx_words_node *node = longest_need(b);

	return node != NULL ? b->filter->gram[node->first + node->grams / 2]
	                    : NX_NO_GRAM;
}

static void add_caller(struct builder *b, uint32_t at)
{
	struct nx_prefilter *filter = b->filter;
	struct word_caller *caller;

	b->caller = more_room(b->scratch, b->caller, b->callers,
	                      sizeof(*b->caller));
	caller = &b->caller[b->callers++];
	caller->word = b->word[at];
	caller->call = (struct nx_prefilter_call){.pattern = b->pattern,
	                                          .first = (uint32_t)b->needs,
	                                          .needs = (uint16_t)b->depth,
	                                          .gram = needed_gram(b)};
	for (size_t i = 0; i < b->depth; i++) {
		filter->need = more_room(filter, filter->need, b->needs,
		                         sizeof(*filter->need));
		filter->need[b->needs++] = b->path[i];
	}
}

static void push(struct builder *b, uint32_t at)
{
	b->path = more_room(b->scratch, b->path, b->depth, sizeof(*b->path));
	b->path[b->depth++] = at;
}

/* Every alternative is called by one of its words. Of several that are required
 * together, the strongest calls and the others are checked. */
static void add_callers(struct builder *b, uint32_t at)
{
	struct nx_words_node node = b->filter->node[at];
	size_t depth = b->depth;
	uint32_t caller = at;

	if (node.kind == NX_WORDS_ONE || node.kind == NX_WORDS_BEYOND_ASCII)
		add_caller(b, at);
	if (node.kind == NX_WORDS_ALL)
		caller = strongest(b, at);
	for (uint32_t i = at + 1; i < node.end; i = b->filter->node[i].end) {
		if (node.kind == NX_WORDS_ANY)
			add_callers(b, i);
		else if (i != caller)
			push(b, i);
	}
	if (caller != at)
		add_callers(b, caller);
	b->depth = depth;
}

/* --- patterns ------------------------------------------------------------- */

static void set_bit(uint64_t *set, size_t at)
{
	set[at / NX_PREFILTER_BITS] |= UINT64_C(1) << at % NX_PREFILTER_BITS;
}

static void add_pattern(struct builder *b, const char *source)
{
	struct nx_prefilter *filter = b->filter;
	uint32_t root = (uint32_t)b->nodes;
	size_t callers = b->callers;
	const struct nx_words *words = nx_pattern_words(b->scratch, source);

	flatten(b, words);
	if (words != NULL)
		add_callers(b, root);
	if (b->callers - callers > MOST_CALLS)
		b->callers = callers;
	if (b->callers == callers)
		set_bit(filter->always, b->pattern);
}

static void compile_dictionary(struct builder *b)
{
	const char **word =
	        talloc_array(b->scratch, const char *, b->callers + 1);

	size_t count = 0;

	for (size_t i = 0; i < b->callers; i++) {
		if (*b->caller[i].word != '\0')
			word[count++] = b->caller[i].word;
	}
	b->filter->dictionary = nx_dictionary_compile(b->filter, word, count);
}

/* Sorts the calls by word: start[n] to start[n + 1]. After the last word come
 * the calls for any non-ASCII character. */
static void sort_calls(struct builder *b)
{
	struct nx_prefilter *filter = b->filter;
	size_t words = nx_dictionary_count(filter->dictionary);
	uint32_t *start = talloc_zero_array(filter, uint32_t, words + 3);
	uint32_t *number = talloc_array(b->scratch, uint32_t, b->callers + 1);

	for (size_t i = 0; i < b->callers; i++) {
		const char *word = b->caller[i].word;

		number[i] = (uint32_t)words;
		if (*word != '\0')
			number[i] =
			        nx_dictionary_number(filter->dictionary, word);
		start[number[i] + 2]++;
	}
	for (size_t i = 0; i <= words; i++)
		start[i + 2] += start[i + 1];
	filter->call = talloc_zero_array(filter, struct nx_prefilter_call,
	                                 b->callers + 1);
	for (size_t i = 0; i < b->callers; i++)
		filter->call[start[number[i] + 1]++] = b->caller[i].call;
	filter->start = start;
}

/* Shrinks the arrays that were doubled to their real size. */
static void trim(struct builder *b)
{
	struct nx_prefilter *filter = b->filter;

	filter->node = talloc_realloc(filter, filter->node,
	                              struct nx_words_node, b->nodes + 1);
	memset(&filter->node[b->nodes], 0, sizeof(*filter->node));
	filter->gram =
	        talloc_realloc(filter, filter->gram, uint16_t, b->grams + 1);
	filter->gram[b->grams] = 0;
	filter->need =
	        talloc_realloc(filter, filter->need, uint32_t, b->needs + 1);
	filter->need[b->needs] = 0;
}

const struct nx_prefilter *nx_prefilter_compile(TALLOC_CTX *ctx,
                                                const char *const *sources,
                                                size_t count)
{
	struct nx_prefilter *filter = talloc_zero(ctx, struct nx_prefilter);
	struct builder b = {.filter = filter, .scratch = talloc_new(NULL)};

	filter->patterns = count;
	filter->words = count / NX_PREFILTER_BITS + 1;
	filter->always = talloc_zero_array(filter, uint64_t, filter->words);
	for (; b.pattern < count; b.pattern++)
		add_pattern(&b, sources[b.pattern]);
	compile_dictionary(&b);
	sort_calls(&b);
	trim(&b);
	talloc_free(b.scratch);
	return filter;
}
