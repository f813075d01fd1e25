/* SPDX-License-Identifier: ISC */
#include "classify/classify.h"

#include "base/text.h"
#include "classify/decide.h"
#include "classify/extract.h"

#include <string.h>

enum { ADVICE_SIZE = 200 }; /* including the groups filled in */

struct filling { /* what an advice is filled from */
	const struct nx_facts *facts;
	struct nx_groups groups; /* in what the rule matched */
};

static bool find_group(const struct filling *filling, const char *name,
                       size_t length, struct nx_match *out)
{
	const struct nx_groups *groups = &filling->groups;

	for (size_t i = 0; i < groups->count; i++) {
		if (strncmp(groups->item[i].name, name, length) != 0 ||
		    groups->item[i].name[length] != '\0')
			continue;
		*out = (struct nx_match){groups->item[i].start,
		                         groups->item[i].end};
		return true;
	}
	return false;
}

/* The rule's own group, else what may be in any diagnostic. */
static bool find_word(const struct filling *filling, const char *name,
                      size_t length, struct nx_match *out)
{
	const char *text = filling->facts->text;

	if (find_group(filling, name, length, out))
		return true;
	if (length == 3 && strncmp(name, "url", length) == 0)
		return nx_extract_url(text, out);
	if (length == 2 && strncmp(name, "ip", length) == 0)
		return nx_extract_ip(text, out);
	return false;
}

/* "delist ${url}" with the url from the diagnostic; what the diagnostic does
 * not have is left out. */
static const char *fill_advice(TALLOC_CTX *ctx, const struct nx_rule *rule,
                               const struct nx_facts *facts,
                               struct nx_match match)
{
	struct filling filling = {.facts = facts};
	const char *at = rule->advice;
	const char *open;
	char *advice = talloc_strdup(ctx, "");

	if (rule->when.text.pattern != NULL)
		nx_pattern_groups(*rule->when.text.pattern, facts->text,
		                  facts->size, match.start, &filling.groups);
	while ((open = strstr(at, "${")) != NULL) {
		size_t length = strcspn(open + 2, "}");
		struct nx_match word = {0};

		advice = talloc_strndup_append_buffer(advice, at,
		                                      (size_t)(open - at));
		if (find_word(&filling, open + 2, length, &word))
			advice = talloc_strndup_append_buffer(
			        advice, facts->text + word.start,
			        word.end - word.start);
		at = open + 2 + length + 1;
	}
	advice = talloc_strdup_append_buffer(advice, at);
	return nx_text_squeeze(ctx, advice, ADVICE_SIZE);
}

struct nx_verdict nx_verdict_of(TALLOC_CTX *ctx, const struct nx_facts *facts,
                                struct nx_answer answer)
{
	const struct nx_rule *rule = answer.rule;

	if (rule == NULL)
		return (struct nx_verdict){
		        .reason = "",
		        .advice = "none",
		        .rule = "",
		        .matched = "",
		};
	return (struct nx_verdict){
	        .class = nx_rule_class(rule, facts->temporary),
	        .confirm_days = facts->temporary ? 0 : rule->confirm_days,
	        .reason = rule->reason->id,
	        .fault = rule->fault,
	        .advice = rule->advice_has_groups
	                          ? fill_advice(ctx, rule, facts, answer.match)
	                          : rule->advice,
	        .rule = rule->id,
	        .basis = nx_table_basis(rule->table),
	        .matched = answer.matched,
	};
}

struct nx_verdict nx_classify(TALLOC_CTX *ctx, const struct nx_tables *tables,
                              const struct nx_report *report, size_t index,
                              struct nx_trace *trace)
{
	struct nx_facts facts =
	        nx_facts_read(ctx, tables->concepts, report, index);
	struct nx_answer answer = nx_decide(ctx, tables, &facts, trace);

	if (trace != NULL)
		trace->facts = talloc_memdup(ctx, &facts, sizeof(facts));
	return nx_verdict_of(ctx, &facts, answer);
}
