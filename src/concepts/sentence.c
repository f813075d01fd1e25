/* SPDX-License-Identifier: ISC */
#include "concepts/sentence.h"

#include <string.h>

/* --- reading -------------------------------------------------------------- */

/* "{a}" at the start of text: its concept and what follows. */
static const char *read_term(const struct nx_concepts *concepts,
                             const struct nx_yaml *node, const char *text,
                             struct nx_sentence *sentence, struct nx_error *err)
{
	size_t size = strcspn(text + 1, "}");
	size_t number = nx_concept_number(concepts, text + 1, size);

	if (text[1 + size] != '}' || sentence->terms == NX_SENTENCE_TERMS) {
		nx_yaml_error(err, node,
		              "\"%s\" is no sentence: up to %d concepts, as "
		              "in '{user} {missing}'",
		              node->text, NX_SENTENCE_TERMS);
		return NULL;
	}
	if (number == NX_CONCEPT_NONE) {
		nx_yaml_error(err, node,
		              "\"%.*s\" is no concept of concepts.yaml",
		              (int)size, text + 1);
		return NULL;
	}
	sentence->term[sentence->terms++] = (unsigned char)number;
	sentence->need |= NX_CONCEPT_BIT(number);
	return text + size + 2;
}

static bool read_sentence(const struct nx_concepts *concepts,
                          const struct nx_yaml *node,
                          struct nx_sentence *sentence, struct nx_error *err)
{
	const char *at = node->text;

	*sentence = (struct nx_sentence){0};
	while (*at == '{') {
		at = read_term(concepts, node, at, sentence, err);
		if (at == NULL)
			return false;
		at += strspn(at, " ");
	}
	if (*at == '\0' && sentence->terms > 0)
		return true;
	return nx_yaml_error(err, node,
	                     "\"%s\" is no sentence: concepts in braces, as in "
	                     "'{user} {missing}'",
	                     node->text);
}

bool nx_sentences_load(TALLOC_CTX *ctx, const struct nx_concepts *concepts,
                       const struct nx_yaml *node, struct nx_sentences *out,
                       struct nx_error *err)
{
	const bool is_list = node != NULL && node->kind == NX_YAML_LIST;
	char *source = talloc_strdup(ctx, "");

	*out = (struct nx_sentences){.source = source};
	if (node == NULL)
		return true;
	if (is_list && node->count == 0)
		return nx_yaml_error(err, node, "%s: an empty list", node->key);

	size_t count = is_list ? node->count : 1;

	out->item = talloc_zero_array(ctx, struct nx_sentence, count);
	for (const struct nx_yaml *one = is_list ? node->first : node;
	     out->count < count; one = one->next) {
		if (!read_sentence(concepts, one, &out->item[out->count], err))
			return false;
		out->need |= out->item[out->count].need;
		source = talloc_asprintf_append_buffer(
		        source, "%s%s", out->count > 0 ? " | " : "", one->text);
		out->count++;
	}
	out->source = source;
	*concepts->asked |= out->need;
	return true;
}

/* --- what is spoken ------------------------------------------------------- */

uint64_t nx_concept_marks_all(const struct nx_concept_mark *mark, size_t count)
{
	uint64_t all = 0;

	for (size_t i = 0; i < count; i++)
		all |= mark[i].concepts;
	return all;
}

struct nx_spoken nx_spoken_of(TALLOC_CTX *ctx,
                              const struct nx_concepts *concepts, uint64_t of,
                              const char *text, size_t size)
{
	struct nx_spoken spoken = {.concepts = concepts, .text = text};

	spoken.mark =
	        nx_concepts_mark(ctx, concepts, of, text, size, &spoken.marks);
	spoken.some = nx_concept_marks_all(spoken.mark, spoken.marks);
	return spoken;
}

/* --- finding -------------------------------------------------------------- */

struct search {
	const struct nx_spoken *spoken;
	const struct nx_sentence *sentence;
	struct nx_match clause;
	uint64_t languages;
	size_t chosen[NX_SENTENCE_TERMS]; /* the mark of each term */
};

static bool stands_for(const struct nx_concept_mark *mark, size_t number)
{
	return (mark->concepts >> number & 1) != 0;
}

static bool is_in(const struct nx_concept_mark *mark, struct nx_match range)
{
	return mark->start >= range.start && mark->end <= range.end;
}

size_t nx_spoken_first_mark(const struct nx_spoken *spoken, size_t start)
{
	size_t low = 0, high = spoken->marks;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (spoken->mark[middle].start < start)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Too far from each other for one sentence. */
static bool is_remote(const struct search *search, size_t a, size_t b)
{
	const struct nx_concept_mark *mark = search->spoken->mark;
	const size_t most = NX_SENTENCE_GAP * search->sentence->terms;

	return mark[b].start > mark[a].end + most ||
	       mark[a].start > mark[b].end + most;
}

/* The bytes between two marks; none when they overlap. */
static size_t distance(const struct nx_concept_mark *a,
                       const struct nx_concept_mark *b)
{
	if (a->end <= b->start)
		return b->start - a->end;
	return a->start >= b->end ? a->start - b->end : 0;
}

/* The next mark of the term before or behind that one. */
static bool neighbour(const struct search *search, size_t term, size_t of,
                      bool behind, size_t *out)
{
	const struct nx_spoken *spoken = search->spoken;
	const size_t number = search->sentence->term[term];

	for (size_t i = of; behind ? i < spoken->marks : i + 1 > 0;
	     behind ? i++ : i--) {
		const struct nx_concept_mark *mark = &spoken->mark[i];

		if (!is_in(mark, search->clause) || is_remote(search, of, i))
			return false;
		*out = i;
		if (stands_for(mark, number) && (i != of || !behind))
			return true;
	}
	return false;
}

static bool has_break(const char *text, size_t from, size_t to)
{
	for (size_t at = from; at < to; at++)
		if (strchr(",;:([", text[at]) != NULL ||
		    (text[at] == '-' && text[at + 1] == ' ' &&
		     text[at - 1] == ' '))
			return true;
	return false;
}

enum { BEFORE_PARTY = 4 };

/* In another order than written. */
static bool is_joined_back(const struct nx_spoken *spoken,
                           const struct nx_concept_mark *mark,
                           const struct nx_concept_mark *behind)
{
	const size_t most = (behind->concepts & spoken->concepts->parties) != 0
	                            ? BEFORE_PARTY
	                            : NX_SENTENCE_BACK;

	return distance(mark, behind) <= most &&
	       !has_break(spoken->text, mark->end, behind->start);
}

/* The term whose mark is the next one behind that term's. */
static size_t next_term(const struct search *search, size_t term)
{
	size_t next = NX_SENTENCE_TERMS;

	for (size_t i = 0; i < search->sentence->terms; i++)
		if (search->chosen[i] > search->chosen[term] &&
		    (next == NX_SENTENCE_TERMS ||
		     search->chosen[i] < search->chosen[next]))
			next = i;
	return next;
}

/* What a term demands of the mark behind it. */
static bool is_joined(const struct search *search, size_t term)
{
	const struct nx_spoken *spoken = search->spoken;
	const struct nx_sentence *sentence = search->sentence;
	const size_t reach =
	        spoken->concepts->concept[sentence->term[term]].reach;
	const struct nx_concept_mark *mark =
	        &spoken->mark[search->chosen[term]];
	const size_t next = next_term(search, term);

	if (next == NX_SENTENCE_TERMS)
		return reach == 0 || sentence->terms == 1;

	const struct nx_concept_mark *behind =
	        &spoken->mark[search->chosen[next]];

	if (distance(mark, behind) > (reach > 0 ? reach : NX_SENTENCE_GAP))
		return false;
	return next > term || reach > 0 || is_joined_back(spoken, mark, behind);
}

static struct nx_match span(const struct search *search)
{
	struct nx_match all = {SIZE_MAX, 0};

	for (size_t i = 0; i < search->sentence->terms; i++) {
		const struct nx_concept_mark *mark =
		        &search->spoken->mark[search->chosen[i]];

		all.start = mark->start < all.start ? mark->start : all.start;
		all.end = mark->end > all.end ? mark->end : all.end;
	}
	return all;
}

static uint64_t shared_languages(const struct search *search)
{
	uint64_t all = search->languages;

	for (size_t i = 0; i < search->sentence->terms; i++)
		all &= nx_concept_mark_languages(
		        &search->spoken->mark[search->chosen[i]],
		        NX_CONCEPT_BIT(search->sentence->term[i]));
	return all;
}

static bool names_another(const struct search *search, struct nx_match all)
{
	const struct nx_spoken *spoken = search->spoken;

	for (size_t i = nx_spoken_first_mark(spoken, all.start);
	     i < spoken->marks && spoken->mark[i].start < all.end; i++) {
		const struct nx_concept_mark *mark = &spoken->mark[i];
		const struct nx_concept *party =
		        nx_concept_of_mark(spoken->concepts, mark);

		if (party != NULL && party->party != NX_PARTY_RECIPIENT &&
		    !party->aside && is_in(mark, all) &&
		    (mark->concepts & search->sentence->need) == 0)
			return true;
	}
	return false;
}

/* How far the sentence's own thing is from that mark. */
static size_t own_distance(const struct search *search,
                           const struct nx_concept_mark *of)
{
	const struct nx_spoken *spoken = search->spoken;
	const uint64_t things =
	        spoken->concepts->things | spoken->concepts->parties;
	size_t nearest = SIZE_MAX;

	for (size_t i = 0; i < search->sentence->terms; i++) {
		const struct nx_concept_mark *mark =
		        &spoken->mark[search->chosen[i]];
		const size_t far = distance(mark, of);

		if ((NX_CONCEPT_BIT(search->sentence->term[i]) & things) != 0 &&
		    far < nearest)
			nearest = far;
	}
	return nearest;
}

static uint64_t things_of(const struct search *search)
{
	return search->sentence->need & search->spoken->concepts->things;
}

/* "unknown command of a user" */
static bool is_of_another(const struct search *search,
                          const struct nx_concept_mark *of, uint64_t languages)
{
	const struct nx_spoken *spoken = search->spoken;
	const uint64_t others =
	        spoken->concepts->things & ~search->sentence->need;
	const size_t own = own_distance(search, of);

	for (size_t i = 0; own < SIZE_MAX && i < spoken->marks; i++) {
		const struct nx_concept_mark *mark = &spoken->mark[i];

		if ((mark->concepts & others) != 0 &&
		    (mark->concepts & things_of(search)) == 0 &&
		    (nx_concept_mark_languages(mark, others) & languages) !=
		            0 &&
		    is_in(mark, search->clause) && distance(mark, of) < own)
			return true;
	}
	return false;
}

static bool is_said(const struct search *search, struct nx_saying *out)
{
	const struct nx_concept_mark *last =
	        &search->spoken
	                 ->mark[search->chosen[search->sentence->terms - 1]];

	for (size_t i = 0; i < search->sentence->terms; i++)
		if (!is_joined(search, i))
			return false;
	*out = (struct nx_saying){span(search),
	                          {last->start, last->end},
	                          shared_languages(search)};
	return out->languages != 0 && !names_another(search, out->all) &&
	       !is_of_another(search, last, out->languages);
}

/* Each further term is taken from the marks nearest to the one before it. */
static bool choose(struct search *search, size_t term, struct nx_saying *out)
{
	if (term == search->sentence->terms)
		return is_said(search, out);

	const size_t before = search->chosen[term - 1];

	if (neighbour(search, term, before, true, &search->chosen[term]) &&
	    choose(search, term + 1, out))
		return true;
	return neighbour(search, term, before, false, &search->chosen[term]) &&
	       choose(search, term + 1, out);
}

static bool find_one(const struct nx_sentence *sentence,
                     const struct nx_spoken *spoken, struct nx_match clause,
                     uint64_t languages, size_t from, struct nx_saying *out)
{
	struct search search = {.spoken = spoken,
	                        .sentence = sentence,
	                        .clause = clause,
	                        .languages = languages};

	if ((sentence->need & ~spoken->some) != 0)
		return false;
	for (size_t i = 0; i < spoken->marks; i++) {
		const struct nx_concept_mark *mark = &spoken->mark[i];

		search.chosen[0] = i;
		if (is_in(mark, clause) &&
		    stands_for(mark, sentence->term[0]) &&
		    choose(&search, 1, out) && out->all.start >= from)
			return true;
	}
	return false;
}

/* With the marks of that clause alone. */
static struct nx_spoken narrow(const struct nx_spoken *spoken,
                               struct nx_match clause)
{
	const size_t first = nx_spoken_first_mark(spoken, clause.start);
	const size_t end = nx_spoken_first_mark(spoken, clause.end);
	struct nx_spoken some = *spoken;

	some.mark += first;
	some.marks = end > first ? end - first : 0;
	some.some = nx_concept_marks_all(some.mark, some.marks);
	return some;
}

bool nx_sentences_find_in(const struct nx_sentences *sentences,
                          const struct nx_spoken *spoken,
                          struct nx_match clause, uint64_t languages,
                          size_t from, struct nx_saying *out)
{
	const struct nx_spoken some = narrow(spoken, clause);
	struct nx_saying best = {{SIZE_MAX, 0}, {0, 0}, 0}, one;

	for (size_t i = 0; i < sentences->count; i++)
		if (find_one(&sentences->item[i], &some, clause, languages,
		             from, &one) &&
		    one.all.start < best.all.start)
			best = one;
	*out = best;
	return best.all.end > 0;
}

bool nx_sentences_find(const struct nx_sentences *sentences,
                       const struct nx_spoken *spoken, uint64_t languages,
                       size_t from, struct nx_saying *out)
{
	for (size_t i = 0; i < spoken->clauses; i++)
		if (spoken->clause[i].end > from &&
		    nx_sentences_find_in(sentences, spoken, spoken->clause[i],
		                         languages, from, out))
			return true;
	return false;
}
