/* SPDX-License-Identifier: ISC */
#include "verdicts.h"

#include "classify/decide.h"
#include "config/config.h"

/* The rules that are shipped. */

static const struct nx_tables *compile_shipped(void *ctx)
{
	const struct nx_rules_from from = {
	        .shipped = RULES_DIR, .site = "", .profile = "", .policy = ""};
	struct nx_rules rules;
	struct nx_error err;

	if (!nx_rules_load(ctx, &from, &rules, &err))
		fail_msg("%s", err.text);
	return nx_engine_tables(rules.engine);
}

static const struct nx_rule *ask(void *ctx, const struct nx_tables *tables,
                                 const char *diagnostic)
{
	struct nx_recipient recipient = failed(ctx, diagnostic);
	const struct nx_report report = {
	        .kind = NX_KIND_DELIVERY_REPORT,
	        .reporting_mta = "",
	        .recipient = &recipient,
	        .recipients = 1,
	};
	struct nx_facts facts =
	        nx_facts_read(ctx, tables->concepts, &report, 0);
	struct nx_match match;
	size_t asked;

	return nx_match_text(ctx, tables, &facts, &match, &asked);
}

static uint32_t draw(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Words out of the patterns themselves, so that many nearly match. */
static const char *make_text(void *ctx, const struct nx_tables *tables,
                             uint32_t *seed)
{
	char *made = talloc_strdup(ctx, draw(seed) % 2 ? "550 " : "");

	for (uint32_t n = 1 + draw(seed) % 4; n > 0; n--) {
		const struct nx_rule *rule =
		        tables->rule[tables->text.first +
		                     draw(seed) % tables->text.count];
		const char *pattern = rule->when.text.source;
		size_t size = strlen(pattern);
		size_t at = size > 0 ? draw(seed) % size : 0;
		size_t length = draw(seed) % 40;

		for (size_t i = at; i < size && i < at + length; i++) {
			if (strchr("\\()?:|^$[]", pattern[i]) == NULL)
				made = talloc_asprintf_append(made, "%c",
				                              pattern[i]);
		}
		made = talloc_strdup_append(made, " ");
	}
	return made;
}

/* A filter that lets every rule through. */
static const struct nx_prefilter *no_filter(void *ctx, size_t count)
{
	const char **nothing = talloc_array(ctx, const char *, count + 1);

	for (size_t i = 0; i < count; i++)
		nothing[i] = "";
	return nx_prefilter_compile(ctx, nothing, count);
}

static void the_prefilter_changes_no_answer_of_the_shipped_rules(void **state)
{
	void *ctx = talloc_new(NULL);
	const struct nx_tables *tables = compile_shipped(ctx);
	struct nx_tables plain = *tables;
	uint32_t seed = 7;
	size_t spoke = 0;

	(void)state;
	plain.prefilter = no_filter(ctx, tables->text.count);
	assert_true(tables->text.count >= 80);
	for (int round = 0; round < 3000; round++) {
		void *scratch = talloc_new(ctx);
		const char *made = make_text(scratch, tables, &seed);
		const struct nx_rule *rule = ask(scratch, tables, made);

		assert_ptr_equal(rule, ask(scratch, &plain, made));
		spoke += rule != NULL;
		talloc_free(scratch);
	}
	assert_true(spoke > 100);
	talloc_free(ctx);
}

static void the_shipped_rules_prove_themselves(void **state)
{
	void *ctx = talloc_new(NULL);
	const struct nx_tables *tables = compile_shipped(ctx);

	(void)state;
	assert_true(nx_tables_reasons(tables) >= 35);
	for (size_t i = 0; i < nx_tables_count(tables); i++) {
		struct nx_rule_info info = nx_tables_info(tables, i);

		assert_true(info.table != NX_BASIS_TEXT || info.examples > 0);
	}
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(
	                the_prefilter_changes_no_answer_of_the_shipped_rules),
	        cmocka_unit_test(the_shipped_rules_prove_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
