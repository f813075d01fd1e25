/* SPDX-License-Identifier: ISC */
#include "classify/prove_rules.h"

#include "classify/load.h"
#include "classify/proving.h"

#include <stdarg.h>
#include <string.h>

void nx_proving_fault(struct nx_proving *proving, const struct nx_yaml *at,
                      const char *format, ...)
{
	struct nx_proof *proof = &proving->proof;
	struct nx_error err;
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = talloc_vasprintf(proving->scratch, format, arguments);
	va_end(arguments);
	(void)nx_yaml_error(&err, at, "%s", text);
	proof->fault = talloc_realloc(proving->ctx, proof->fault, const char *,
	                              proof->faults + 1);
	proof->fault[proof->faults++] = talloc_strdup(proving->ctx, err.text);
}

struct nx_judged nx_proving_judge(const struct nx_proving *proving,
                                  const struct nx_yaml *example,
                                  const struct nx_rule *rule,
                                  const struct nx_rule *without)
{
	struct nx_error err;
	struct nx_facts *facts =
	        nx_case_facts(proving->scratch, proving->tables->concepts,
	                      example, rule->provider, &err);

	facts->without = without;

	const struct nx_answer answer =
	        nx_decide(proving->scratch, proving->tables, facts, NULL);

	return (struct nx_judged){
	        answer.rule, nx_verdict_of(proving->scratch, facts, answer)};
}

const struct nx_yaml *nx_proving_node(const struct nx_rule *rule,
                                      const char *key, size_t index)
{
	const struct nx_yaml *node =
	        nx_yaml_get(nx_yaml_get(rule->source, "when"), key);

	if (node->kind == NX_YAML_LIST)
		for (node = node->first; index > 0; index--)
			node = node->next;
	return node;
}

/* --- concepts ------------------------------------------------------------- */

static uint64_t concepts_with_words(const struct nx_proving *proving)
{
	uint64_t all = 0;

	for (size_t i = 0; i < proving->tables->concepts->languages; i++)
		all |= nx_sentence_texts_concepts(proving->texts, i);
	return all;
}

static void prove_words(struct nx_proving *proving, const struct nx_rule *rule,
                        const char *key, const struct nx_sentences *sentences)
{
	const uint64_t known = concepts_with_words(proving);

	for (size_t i = 0; i < sentences->count; i++) {
		const uint64_t missing = sentences->item[i].need & ~known;

		if (missing != 0)
			nx_proving_fault(
			        proving, nx_proving_node(rule, key, i),
			        "no language has words for \"%s\"",
			        proving->tables->concepts
			                ->concept[__builtin_ctzll(missing)]
			                .id);
	}
}

/* The names of parties are looked for in every refusal. */
static void prove_concepts(struct nx_proving *proving)
{
	const struct nx_concepts *concepts = proving->tables->concepts;
	const uint64_t used =
	        *concepts->asked | concepts->parties | concepts->things;

	for (size_t i = 0; i < concepts->count; i++) {
		const struct nx_concept *concept = &concepts->concept[i];
		const struct nx_yaml at = {.file = concept->file,
		                           .line = concept->line,
		                           .column = concept->column};

		if ((used >> i & 1) == 0)
			nx_proving_fault(proving, &at,
			                 "no sentence asks for \"%s\"",
			                 concept->id);
	}
}

/* --- patterns ------------------------------------------------------------- */

static void prove_narrow(struct nx_proving *proving, const struct nx_rule *rule)
{
	static const char *const nothing[] = {"", " ", "a"};
	const struct nx_pattern **pattern = rule->when.text.pattern;
	struct nx_match match;

	for (size_t i = 0; pattern != NULL && i < 3; i++)
		if (nx_pattern_find(*pattern, nothing[i], strlen(nothing[i]),
		                    &match)) {
			nx_proving_fault(proving,
			                 nx_proving_node(rule, "text", 0),
			                 "the text of \"%s\" is found in "
			                 "\"%s\"; it must say more",
			                 rule->id, nothing[i]);
			return;
		}
}

/* --- rules of providers --------------------------------------------------- */

static bool is_same(const struct nx_verdict *a, const struct nx_verdict *b)
{
	return a->class == b->class && a->confirm_days == b->confirm_days &&
	       a->fault == b->fault && strcmp(a->reason, b->reason) == 0 &&
	       strcmp(a->advice, b->advice) == 0;
}

static void prove_needed(struct nx_proving *proving, const struct nx_rule *rule)
{
	const struct nx_yaml *example =
	        nx_yaml_get(rule->source, "examples")->first;
	const struct nx_rule *by = NULL;

	for (; example != NULL; example = example->next) {
		const struct nx_judged with =
		        nx_proving_judge(proving, example, rule, NULL);
		const struct nx_judged without =
		        nx_proving_judge(proving, example, rule, rule);

		if (!is_same(&with.verdict, &without.verdict))
			return;
		by = without.by;
	}
	nx_proving_fault(proving, rule->source,
	                 "rule \"%s\" is redundant: \"%s\" says the same of "
	                 "its examples",
	                 rule->id, by != NULL ? by->id : "nothing");
}

/* -------------------------------------------------------------------------- */

static bool is_of_provider(const struct nx_rule *rule)
{
	return !rule->site && strstr(rule->file, "providers/") != NULL;
}

static void prove_rule(struct nx_proving *proving, const struct nx_rule *rule)
{
	proving->scratch = talloc_new(NULL);
	prove_words(proving, rule, "says", &rule->when.says);
	prove_words(proving, rule, "unless", &rule->when.unless);
	prove_narrow(proving, rule);
	if (is_of_provider(rule))
		prove_needed(proving, rule);
	nx_prove_sentences(proving, rule);
	talloc_free(proving->scratch);
}

struct nx_proof nx_prove_rules(TALLOC_CTX *ctx, const struct nx_tables *tables)
{
	struct nx_proving proving = {
	        .ctx = ctx,
	        .tables = tables,
	        .texts = nx_sentence_texts_new(ctx, tables->concepts),
	};
	const struct nx_slice text = tables->text;

	proving.scratch = talloc_new(NULL);
	prove_concepts(&proving);
	talloc_free(proving.scratch);
	for (size_t i = text.first; i < text.first + text.count; i++)
		prove_rule(&proving, tables->rule[i]);
	return proving.proof;
}
