/* SPDX-License-Identifier: ISC */
#include "classify/decide.h"

#include "base/text.h"
#include "classify/party.h"

#include <string.h>

/* The lookup in each table. */

const struct nx_rule *nx_match_key(const struct nx_tables *tables,
                                   enum nx_table table, long key)
{
	size_t low = tables->table[table].first;
	size_t high = low + tables->table[table].count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct nx_rule *rule = tables->rule[middle];

		if (rule->key == key)
			return rule;
		if (rule->key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* A code with a row of its own is not judged by the row of its subject. */
const struct nx_rule *nx_match_status(const struct nx_tables *tables,
                                      enum nx_table table,
                                      struct nx_status status)
{
	if (nx_status_is_none(status))
		return NULL;

	const struct nx_rule *rule = nx_match_key(
	        tables, table,
	        nx_key_of_status(status.class, status.subject, status.detail));

	if (rule != NULL)
		return rule;
	return nx_match_key(
	        tables, table,
	        nx_key_of_status(status.class, status.subject, NX_ANY_DETAIL));
}

/* What is said of somebody else never judges the recipient. */
static bool is_of_recipient(enum nx_party party)
{
	switch (party) {
	case NX_PARTY_SENDER:
	case NX_PARTY_CONNECTION:
	case NX_PARTY_CONTENT:
		return false;
	case NX_PARTY_NONE:
	case NX_PARTY_RECIPIENT:
	case NX_PARTY_THEIRS:
	case NX_PARTY_OTHER:
		break;
	}
	return true;
}

const struct nx_rule *nx_match_party(const struct nx_tables *tables,
                                     const struct nx_facts *facts)
{
	return nx_match_key(tables, NX_TABLE_PARTY,
	                    (long)nx_facts_names(facts)->about);
}

bool nx_match_may_judge(const struct nx_rule *rule,
                        const struct nx_facts *facts)
{
	return rule->fault != NX_FAULT_RECIPIENT ||
	       is_of_recipient(nx_facts_names(facts)->about);
}

const struct nx_rule *nx_match_feedback(const struct nx_tables *tables,
                                        const char *type)
{
	struct nx_slice slice = tables->table[NX_TABLE_FEEDBACK];
	const struct nx_rule *any = NULL;

	for (size_t i = slice.first; i < slice.first + slice.count; i++) {
		const struct nx_rule *rule = tables->rule[i];

		if (strcmp(rule->code, type) == 0)
			return rule;
		if (strcmp(rule->code, "*") == 0)
			any = rule;
	}
	return any;
}

static int class_digit(const struct nx_facts *facts)
{
	if (facts->temporary)
		return 4;
	if (facts->told.status.class == 5 || facts->field.status.class == 5 ||
	    facts->reply / 100 == 5)
		return 5;
	return 0;
}

const struct nx_rule *nx_match_failure(const struct nx_tables *tables,
                                       const struct nx_facts *facts)
{
	const struct nx_rule *rule = nx_match_key(
	        tables, NX_TABLE_FAILURE,
	        nx_key_of_action(NX_ACTION_FAILED, class_digit(facts)));

	if (rule != NULL)
		return rule;
	return nx_match_key(tables, NX_TABLE_FAILURE,
	                    nx_key_of_action(NX_ACTION_FAILED, 0));
}

/* The text rules. */

static bool holds(const struct nx_test *test, const char *text)
{
	struct nx_match match;

	return test->pattern == NULL ||
	       nx_pattern_find(*test->pattern, text, strlen(text), &match);
}

static bool found(const struct nx_test *test, const char *text)
{
	return test->pattern != NULL && *text != '\0' && holds(test, text);
}

/* "not" applies to the clause of the words that match, so that a condition does
 * not fail because of what is said of something else. */
static bool is_excepted(const struct nx_rule *rule,
                        const struct nx_facts *facts, struct nx_match match)
{
	const struct nx_test *not_text = &rule->when.not_text;

	if (not_text->pattern == NULL)
		return false;

	struct nx_match clause = {0, facts->size};
	struct nx_match found;

	if (rule->when.text.pattern != NULL)
		clause = nx_party_clause(facts, match);
	return nx_pattern_find(*not_text->pattern, facts->text + clause.start,
	                       clause.end - clause.start, &found);
}

enum { TRIES = 20 }; /* places in one text at which a rule is tried */

/* The first place where the words stand and mean what the rule says. */
static bool words_hold(const struct nx_rule *rule, const struct nx_facts *facts,
                       struct nx_match *match)
{
	const struct nx_test *text = &rule->when.text;
	struct nx_groups groups;
	size_t from = 0;

	*match = (struct nx_match){0};
	if ((rule->vague || text->pattern == NULL) &&
	    !nx_match_may_judge(rule, facts))
		return false;
	if (text->pattern == NULL)
		return !is_excepted(rule, facts, *match);
	for (int i = 0; i < TRIES && from <= facts->size; i++) {
		if (!nx_pattern_groups(*text->pattern, facts->text, facts->size,
		                       from, &groups))
			return false;
		*match = groups.whole;
		if (!is_excepted(rule, facts, *match) &&
		    (rule->fault != NX_FAULT_RECIPIENT ||
		     (is_of_recipient(nx_party_of(facts, *match)) &&
		      !nx_party_is_quoted(facts, *match))))
			return true;
		from = match->end > match->start ? match->end : match->end + 1;
	}
	return false;
}

/* Cheap conditions first; the text after these, except for conditions that
 * seldom fail. */
static bool rule_holds(const struct nx_rule *rule, const struct nx_facts *facts,
                       struct nx_match *match)
{
	const struct nx_when *when = &rule->when;

	if (when->phase != NX_PHASE_NONE && when->phase != facts->phase)
		return false;
	if (!holds(&when->reply, facts->reply_text))
		return false;
	if (when->status.pattern != NULL &&
	    !found(&when->status, facts->told.text) &&
	    !found(&when->status, facts->field.text))
		return false;
	return words_hold(rule, facts, match) &&
	       !found(&when->nowhere, facts->text) &&
	       holds(&when->mta, facts->mta) &&
	       holds(&when->domain, facts->domain);
}

/* Rules of one provider are adjacent: the last answer is kept. */
struct guard {
	const struct nx_provider *provider;
	bool applies;
};

static bool guard_applies(struct guard *guard, const struct nx_rule *rule,
                          const struct nx_facts *facts)
{
	const struct nx_provider *provider = rule->provider;

	if (provider == NULL || provider == facts->provider)
		return true;
	if (provider != guard->provider) {
		guard->provider = provider;
		guard->applies = found(&provider->mta, facts->mta) ||
		                 found(&provider->domain, facts->domain);
	}
	return guard->applies;
}

/* Returns the lowest bit that is set, and clears it. */
static size_t next_bit(uint64_t *bits)
{
	size_t at = (size_t)__builtin_ctzll(*bits);

	*bits &= *bits - 1;
	return at;
}

const struct nx_rule *nx_match_text(TALLOC_CTX *ctx,
                                    const struct nx_tables *tables,
                                    const struct nx_facts *facts,
                                    struct nx_match *match, size_t *asked)
{
	const struct nx_prefilter *filter = tables->prefilter;
	size_t words = nx_prefilter_words(filter);
	uint64_t *bits =
	        nx_prefilter_find(ctx, filter, facts->text, facts->size);
	struct guard guard = {0};

	*asked = 0;
	for (size_t i = 0; i < words; i++) {
		while (bits[i] != 0) {
			size_t at = i * NX_PREFILTER_BITS + next_bit(&bits[i]);
			const struct nx_rule *rule =
			        tables->rule[tables->text.first + at];

			if (!guard_applies(&guard, rule, facts))
				continue;
			++*asked;
			if (rule_holds(rule, facts, match))
				return rule;
		}
	}
	return NULL;
}

const struct nx_rule *nx_match_text_behind(const struct nx_tables *tables,
                                           const struct nx_facts *facts,
                                           const struct nx_rule *winner,
                                           struct nx_match *match)
{
	struct guard guard = {0};
	size_t end = tables->text.first + tables->text.count;
	size_t at = tables->text.first;

	while (at < end && tables->rule[at] != winner)
		at++;
	for (at++; at < end; at++) {
		const struct nx_rule *rule = tables->rule[at];

		if (guard_applies(&guard, rule, facts) &&
		    rule_holds(rule, facts, match))
			return rule;
	}
	return NULL;
}
