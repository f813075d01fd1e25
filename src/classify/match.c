/* SPDX-License-Identifier: ISC */
#include "classify/decide.h"

#include "base/text.h"
#include "classify/party.h"
#include "report/ours.h"

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

bool nx_match_is_firm(const struct nx_tables *tables,
                      const struct nx_facts *facts)
{
	const struct nx_rule *rule =
	        nx_match_status(tables, NX_TABLE_STATUS, facts->told.status);

	return rule != NULL && rule->firm;
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

static bool has_words(const struct nx_rule *rule)
{
	return rule->when.text.pattern != NULL || rule->when.says.count > 0;
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

	if (has_words(rule))
		clause = nx_party_clause(facts, match);
	return nx_pattern_find(*not_text->pattern, facts->text + clause.start,
	                       clause.end - clause.start, &found);
}

enum { TRIES = 20 }; /* places in one text at which a rule is tried */

/* The next place from that byte on where the words stand. */
static bool next_words(const struct nx_rule *rule, const struct nx_facts *facts,
                       size_t from, struct nx_saying *words)
{
	const struct nx_when *when = &rule->when;
	struct nx_groups groups;

	if (when->says.count > 0)
		return nx_sentences_find(&when->says, nx_facts_spoken(facts),
		                         when->languages, from, words);
	if (!nx_pattern_groups(*when->text.pattern, facts->text, facts->size,
	                       from, &groups))
		return false;
	*words = (struct nx_saying){groups.whole, groups.whole, UINT64_MAX};
	return true;
}

enum { POLICY = 7 }; /* the subject of a status: RFC 3463, 3.8 */

/* What is excepted stands in the clause of what is said; or anywhere, where the
 * code speaks of policy and not of an address. */
static bool is_unless(const struct nx_rule *rule, const struct nx_facts *facts,
                      const struct nx_saying *words)
{
	const struct nx_sentences *unless = &rule->when.unless;
	const struct nx_match whole = {0, facts->size};
	const struct nx_match where =
	        facts->told.status.subject == POLICY
	                ? whole
	                : nx_party_clause(facts, words->all);
	struct nx_saying found;

	return unless->count > 0 &&
	       nx_sentences_find_in(unless, nx_facts_spoken(facts), where,
	                            words->languages, 0, &found);
}

/* Of whom the words are said. Words of any language prove less than a phrase
 * that somebody chose: where their clause names nobody, they are said of the
 * sender when the whole refusal is about him. */
static enum nx_party party_of(const struct nx_rule *rule,
                              const struct nx_facts *facts,
                              struct nx_match match)
{
	const enum nx_party party = nx_party_of(facts, match);
	const enum nx_party about = nx_facts_names(facts)->about;

	return party == NX_PARTY_NONE && about == NX_PARTY_SENDER &&
	                       rule->when.says.count > 0
	               ? about
	               : party;
}

static bool is_meant(const struct nx_rule *rule, const struct nx_facts *facts,
                     const struct nx_saying *words)
{
	return !is_excepted(rule, facts, words->all) &&
	       !is_unless(rule, facts, words) &&
	       (rule->fault != NX_FAULT_RECIPIENT ||
	        (is_of_recipient(party_of(rule, facts, words->last)) &&
	         !nx_party_is_quoted(facts, words->last)));
}

/* The first place where the words stand and mean what the rule says. */
static bool words_hold(const struct nx_rule *rule, const struct nx_facts *facts,
                       struct nx_match *match)
{
	size_t from = 0;

	*match = (struct nx_match){0};
	if ((rule->vague || !has_words(rule)) &&
	    !nx_match_may_judge(rule, facts))
		return false;
	if (!has_words(rule))
		return !is_excepted(rule, facts, *match);
	for (int i = 0; i < TRIES && from <= facts->size; i++) {
		struct nx_saying words;

		if (!next_words(rule, facts, from, &words))
			return false;
		*match = words.all;
		if (is_meant(rule, facts, &words))
			return true;
		from = match->end > match->start ? match->end : match->end + 1;
	}
	return false;
}

static bool is_by_ours(const struct nx_facts *facts)
{
	const struct nx_names_told *names = facts->names;

	return facts->by_ours ||
	       nx_report_is_own_refusal(names->ctx, names->report,
	                                names->recipient);
}

/* Cheap conditions first; the text after these, except for conditions that
 * seldom fail. */
static bool rule_holds(const struct nx_rule *rule, const struct nx_facts *facts,
                       struct nx_match *match)
{
	const struct nx_when *when = &rule->when;

	if (when->phase != NX_PHASE_NONE && when->phase != facts->phase)
		return false;
	if (facts->names->is_firm && rule->fault == NX_FAULT_RECIPIENT)
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
	       holds(&when->domain, facts->domain) &&
	       (!when->by_ours || is_by_ours(facts));
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

			if (rule == facts->without ||
			    !guard_applies(&guard, rule, facts))
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
