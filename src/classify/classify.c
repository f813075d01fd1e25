/* SPDX-License-Identifier: ISC */
#include "classify/classify.h"

#include "base/text.h"
#include "classify/walk.h"

#include <string.h>

enum { ADVICE_SIZE = 200 }; /* with the groups put in */

/* The group of that name in what matched, or nothing. */
static char *append_group(char *advice, const struct nx_groups *groups,
                          const char *text, const char *name, size_t length)
{
	for (size_t i = 0; i < groups->count; i++) {
		if (strncmp(groups->item[i].name, name, length) == 0 &&
		    groups->item[i].name[length] == '\0')
			return talloc_strndup_append_buffer(
			        advice, text + groups->item[i].start,
			        groups->item[i].end - groups->item[i].start);
	}
	return advice;
}

/* "delist ${url}" with the url that the pattern found. */
static const char *fill_advice(TALLOC_CTX *ctx, const struct nx_rule *rule,
                               const struct nx_facts *facts,
                               struct nx_match match)
{
	struct nx_groups groups = {0};
	const char *at = rule->advice;
	const char *open;
	char *advice = talloc_strdup(ctx, "");

	nx_pattern_groups(*rule->when.text.pattern, facts->text, facts->size,
	                  match.start, &groups);
	while ((open = strstr(at, "${")) != NULL) {
		size_t length = strcspn(open + 2, "}");

		advice = talloc_strndup_append_buffer(advice, at,
		                                      (size_t)(open - at));
		advice = append_group(advice, &groups, facts->text, open + 2,
		                      length);
		at = open + 2 + length + 1;
	}
	advice = talloc_strdup_append_buffer(advice, at);
	return nx_text_squeeze(ctx, advice, ADVICE_SIZE);
}

struct nx_verdict nx_classify(TALLOC_CTX *ctx, const struct nx_tables *tables,
                              const struct nx_report *report, size_t index,
                              struct nx_trace *trace)
{
	struct nx_facts facts = nx_facts_read(ctx, report, index);
	struct nx_answer answer = nx_walk(ctx, tables, &facts, trace);
	const struct nx_rule *rule = answer.rule;

	if (rule == NULL)
		return (struct nx_verdict){
		        .reason = "",
		        .advice = "none",
		        .rule = "",
		        .matched = "",
		};
	return (struct nx_verdict){
	        .klass = nx_rule_class(rule, facts.temporary),
	        .confirm_days = facts.temporary ? 0 : rule->confirm_days,
	        .reason = rule->reason->id,
	        .fault = rule->fault,
	        .advice = rule->advice_has_groups
	                          ? fill_advice(ctx, rule, &facts, answer.match)
	                          : rule->advice,
	        .rule = rule->id,
	        .basis = nx_table_basis(rule->table),
	        .matched = answer.matched,
	};
}
