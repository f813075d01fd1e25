/* SPDX-License-Identifier: ISC */
#include "classify/unknown_words.h"

#include "classify/facts.h"
#include "classify/rule.h"

#include <string.h>

enum { LEAST_SIZE = 4 }; /* bytes of words that may say something */

struct unknown_search {
	const struct nx_spoken *spoken;
	char *text; /* with KNOWN in place of concepts and names */
	struct nx_match clause;
	/* the best sentences so far */
	size_t terms;
	uint64_t lacking;
	struct nx_match words;
};

/* --- words beside a mark -------------------------------------------------- */

#define KNOWN   '\n'
#define BETWEEN " .,;:()[]<>\"'!?-"
#define BREAKS  "\n.,;:()[]<>\"!?0123456789"

/* "x17" is no word. */
static void blank_numbers(char *text)
{
	for (size_t size; *text != '\0'; text += size) {
		size = strcspn(text, " ");
		if (strcspn(text, "0123456789") < size)
			memset(text, KNOWN, size);
		size += strspn(text + size, " ");
	}
}

static char *blank_known(TALLOC_CTX *ctx, const struct nx_facts *facts)
{
	const struct nx_spoken *spoken = nx_facts_spoken(facts);
	const struct nx_names_told *names = nx_facts_names(facts);
	char *text = talloc_strdup(ctx, facts->text);

	for (size_t i = 0; i < spoken->marks; i++)
		memset(text + spoken->mark[i].start, KNOWN,
		       spoken->mark[i].end - spoken->mark[i].start);
	for (size_t i = 0; i < names->mentions; i++)
		memset(text + names->mention[i].start, KNOWN,
		       names->mention[i].end - names->mention[i].start);
	blank_numbers(text);
	return text;
}

static struct nx_match words_behind(const struct unknown_search *search,
                                    size_t at)
{
	const char *text = search->text;
	struct nx_match words = {at + strspn(text + at, BETWEEN), 0};

	if (words.start >= search->clause.end)
		return (struct nx_match){0, 0};
	words.end = words.start + strcspn(text + words.start, BREAKS);
	while (words.end > words.start &&
	       strchr(BETWEEN, text[words.end - 1]) != NULL)
		words.end--;
	return words;
}

static struct nx_match words_before(const struct unknown_search *search,
                                    size_t at)
{
	const char *text = search->text;
	struct nx_match words;

	while (at > search->clause.start && strchr(BETWEEN, text[at - 1]))
		at--;
	words = (struct nx_match){at, at};
	while (words.start > search->clause.start &&
	       strchr(BREAKS, text[words.start - 1]) == NULL)
		words.start--;
	words.start += strspn(text + words.start, BETWEEN);
	return words;
}

static bool is_in_clause(const struct unknown_search *search,
                         const struct nx_concept_mark *mark)
{
	return mark->start >= search->clause.start &&
	       mark->start < search->clause.end;
}

/* Most languages name a thing before they say something of it. */
static struct nx_match words_beside(const struct unknown_search *search,
                                    uint64_t need, bool is_thing)
{
	const struct nx_spoken *spoken = search->spoken;
	struct nx_match before = {0, 0}, behind = {0, 0};
	bool is_first = true;

	for (size_t i = 0; i < spoken->marks; i++) {
		const struct nx_concept_mark *mark = &spoken->mark[i];

		if ((mark->concepts & need) == 0 || !is_in_clause(search, mark))
			continue;
		if (is_first)
			before = words_before(search, mark->start);
		is_first = false;
		behind = words_behind(search, mark->end);
	}
	if (before.end < before.start + LEAST_SIZE)
		return behind;
	return is_thing || behind.end < behind.start + LEAST_SIZE ? before
	                                                          : behind;
}

/* --- sentences ------------------------------------------------------------ */

/* Of more concepts a longer sentence is nearer to what is meant. Neither a
 * negation, of which a language has few, nor a party is missing: whom something
 * is said of is no guess. */
static void try_sentence(struct unknown_search *search,
                         const struct nx_sentence *sentence, uint64_t said)
{
	const struct nx_concepts *concepts = search->spoken->concepts;
	const uint64_t lacking = sentence->need & ~said;

	if (sentence->terms < search->terms || sentence->terms < 2 ||
	    lacking == 0 || (lacking & (lacking - 1)) != 0 ||
	    (lacking & concepts->parties) != 0 ||
	    concepts->concept[__builtin_ctzll(lacking)].reach > 0)
		return;

	const struct nx_match words = words_beside(
	        search, sentence->need, (lacking & concepts->things) != 0);

	if (words.end < words.start + LEAST_SIZE)
		return;
	if (sentence->terms > search->terms) {
		search->terms = sentence->terms;
		search->lacking = 0;
		search->words = words;
	}
	if (words.start == search->words.start)
		search->lacking |= lacking;
}

static void try_rules(struct unknown_search *search,
                      const struct nx_tables *tables, const char *reason)
{
	const bool any = strcmp(reason, "undefined") == 0;
	uint64_t said = 0;

	for (size_t i = 0; i < search->spoken->marks; i++)
		if (is_in_clause(search, &search->spoken->mark[i]))
			said |= search->spoken->mark[i].concepts;
	for (size_t i = 0; i < tables->text.count; i++) {
		const struct nx_rule *rule =
		        tables->rule[tables->text.first + i];

		for (size_t k = 0; k < rule->when.says.count; k++)
			if (any || strcmp(rule->reason->id, reason) == 0)
				try_sentence(search, &rule->when.says.item[k],
				             said);
	}
}

static void take(TALLOC_CTX *ctx, const struct unknown_search *search,
                 struct nx_unknown_words *out)
{
	const struct nx_concept *concept = search->spoken->concepts->concept;
	const char **id = talloc_array(ctx, const char *, NX_CONCEPTS);

	*out = (struct nx_unknown_words){.concepts = id};
	for (uint64_t rest = search->lacking; rest != 0; rest &= rest - 1) {
		const int lowest = __builtin_ctzll(rest);

		id[out->count++] = concept[lowest].id;
	}
	out->words =
	        talloc_strndup(ctx, search->spoken->text + search->words.start,
	                       search->words.end - search->words.start);
}

bool nx_unknown_words_find(TALLOC_CTX *ctx, const struct nx_tables *tables,
                           const char *diagnostic, const char *address,
                           const char *reason, struct nx_unknown_words *out)
{
	TALLOC_CTX *scratch = talloc_new(ctx);
	struct nx_recipient recipient = {
	        .address = address, .remote_mta = "", .diagnostic = diagnostic};
	const struct nx_report report = {.kind = NX_KIND_DELIVERY_REPORT,
	                                 .reporting_mta = "",
	                                 .recipient = &recipient,
	                                 .recipients = 1};

	nx_reply_parse(scratch, diagnostic, &recipient.reply);

	const struct nx_facts facts =
	        nx_facts_read(scratch, tables->concepts, &report, 0);

	facts.names->asked = tables->asked;

	struct unknown_search search = {.spoken = nx_facts_spoken(&facts),
	                                .text = blank_known(scratch, &facts)};

	for (size_t i = 0; i < search.spoken->clauses; i++) {
		search.clause = search.spoken->clause[i];
		try_rules(&search, tables, reason);
	}
	if (search.lacking != 0)
		take(ctx, &search, out);
	talloc_free(scratch);
	return search.lacking != 0;
}
