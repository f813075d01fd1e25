/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tables.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Reasons may come last, and the tables in any order. */
static const struct nx_tables *compile_good(void *ctx)
{
	const struct nx_source sources[] = {
	        source("x/text.yaml", text),
	        source("x/status.yaml",
	               "status:\n"
	               "  - {code: 5.2, reason: full, weak: true}\n"
	               "  - {code: 4.2.2, reason: full, name: Full, note: x,\n"
	               "     source: RFC 3463}\n"),
	        source("x/replies.yaml", "replies:\n"
	                                 "  - {code: 550, reason: spam,\n"
	                                 "     class: hard}\n"),
	        source("x/actions.yaml",
	               "actions:\n"
	               "  - {action: failed, reason: spam}\n"
	               "  - {action: failed, digit: 5, reason: spam}\n"
	               "  - {action: delayed, reason: unknown-user}\n"),
	        source("x/kinds.yaml", "kinds:\n"
	                               "  - {kind: other, reason: spam}\n"),
	        source("x/feedback.yaml",
	               "feedback:\n  - {type: '*', reason: spam}\n"),
	        source("x/z.yaml",
	               "provider: {name: z, domain: '\\.z\\.example$'}\n"
	               "rules:\n"
	               "  - id: z/gone\n"
	               "    when: {text: gone}\n"
	               "    reason: unknown-user\n"
	               "    examples: [gone, really gone]\n"),
	        source("x/order.yaml", "order: [z.yaml, text.yaml]\n"),
	        source("x/reasons.yaml", reasons),
	};
	const struct nx_tables *tables;
	struct nx_error err = {0};

	if (!compile_sources(ctx, sources, COUNT(sources), &tables, &err))
		fail_msg("%s", err.text);
	return tables;
}

static void a_list_of_patterns_is_their_alternatives(void **state)
{
	const struct nx_source sources[] = {
	        source("reasons.yaml", reasons),
	        source("text.yaml",
	               "rules:\n"
	               "  - id: text/a\n"
	               "    when:\n"
	               "      text:\n"
	               "        - ham\n"
	               "        - spam$\n"
	               "      not: [not, no]\n"
	               "      status: ['5\\.7\\.1', '5\\.7\\.2']\n"
	               "    reason: spam\n"
	               "    examples: [550 5.7.1 ham, 550 5.7.2 x spam]\n"
	               "    counterexamples: [550 5.7.1 no ham, 5.7.1 spam x,\n"
	               "                      550 5.7.10 ham, 550 5.7.3 ham]\n"),
	};
	const struct nx_tables *tables;
	struct nx_error err = {0};
	void *ctx = talloc_new(NULL);

	(void)state;
	if (!compile_sources(ctx, sources, 2, &tables, &err))
		fail_msg("%s", err.text);
	assert_string_equal(nx_tables_info(tables, 0).pattern, "ham|spam$");
	talloc_free(ctx);
}

static void rules_are_listed_in_order_of_asking(void **state)
{
	static const char *const ids[] = {
	        "action/delayed", "kind/other",     "feedback/*", "z/gone",
	        "text/unknown",   "status/4.2.2",   "status/5.2", "reply/550",
	        "action/failed",  "action/failed-5"};
	void *ctx = talloc_new(NULL);
	const struct nx_tables *tables = compile_good(ctx);

	(void)state;
	assert_int_equal(nx_tables_count(tables), COUNT(ids));
	for (size_t i = 0; i < COUNT(ids); i++)
		assert_string_equal(nx_tables_info(tables, i).id, ids[i]);
	talloc_free(ctx);
}

static void a_rule_tells_where_it_stands_and_what_it_means(void **state)
{
	void *ctx = talloc_new(NULL);
	const struct nx_tables *tables = compile_good(ctx);
	struct nx_rule_info info = nx_tables_info(tables, 3);

	(void)state;
	assert_string_equal(info.file, "x/z.yaml");
	assert_int_equal(info.line, 3);
	assert_int_equal(info.table, NX_BASIS_PROVIDER);
	assert_string_equal(info.reason, "unknown-user");
	assert_int_equal(info.class, NX_CLASS_HARD);
	assert_string_equal(info.pattern, "gone");
	assert_int_equal(info.examples, 2);
	info = nx_tables_info(tables, 7);
	assert_int_equal(info.table, NX_BASIS_REPLY);
	assert_string_equal(info.pattern, "550");
	assert_int_equal(info.class, NX_CLASS_HARD);
	info = nx_tables_info(tables, 0);
	assert_int_equal(info.class, NX_CLASS_NONE);
	talloc_free(ctx);
}

/* Of one provider, but only what is bound to it is asked first. */
static void rules_that_hold_anywhere_are_asked_with_the_others(void **state)
{
	static const struct {
		const char *id;
		enum nx_basis table;
	} wanted[] = {
	        {"z/bound", NX_BASIS_PROVIDER},
	        {"y/token", NX_BASIS_TEXT},
	        {"text/unknown", NX_BASIS_TEXT},
	        {"z/token", NX_BASIS_TEXT},
	};
	const struct nx_source sources[] = {
	        source("reasons.yaml", reasons),
	        source("order.yaml", "order: [y.yaml, text.yaml, z.yaml]\n"),
	        source("text.yaml", text),
	        source("y.yaml", "provider: {name: y, mta: y}\n"
	                         "anywhere:\n"
	                         "  - {id: y/token, when: {text: '\\[y1\\]'},\n"
	                         "     reason: spam, examples: ['[Y1]']}\n"),
	        source("z.yaml",
	               "provider: {name: z, mta: z}\n"
	               "rules:\n"
	               "  - {id: z/bound, when: {text: gone},\n"
	               "     reason: unknown-user, examples: [gone],\n"
	               "     counterexamples: [{text: gone, mta: y}]}\n"
	               "anywhere:\n"
	               "  - {id: z/token, when: {text: '\\[z1\\]'},\n"
	               "     reason: spam, examples: ['[Z1]',\n"
	               "     {text: '[Z1]', mta: y}]}\n"),
	};
	const struct nx_tables *tables;
	struct nx_error err = {0};
	void *ctx = talloc_new(NULL);

	(void)state;
	if (!compile_sources(ctx, sources, COUNT(sources), &tables, &err))
		fail_msg("%s", err.text);
	assert_int_equal(nx_tables_count(tables), COUNT(wanted));
	for (size_t i = 0; i < COUNT(wanted); i++) {
		struct nx_rule_info info = nx_tables_info(tables, i);

		assert_string_equal(info.id, wanted[i].id);
		assert_int_equal(info.table, wanted[i].table);
	}
	assert_string_equal(nx_tables_info(tables, 3).provider, "z");
	talloc_free(ctx);
}

static void providers_of_a_group_know_each_other(void **state)
{
	static const char groups[] =
	        "groups:\n"
	        "  - {id: shared, providers: [z, text, y], says: One filter.}\n";
	static const char rules[] = "provider: {name: z, mta: z}\n"
	                            "rules:\n"
	                            "  - id: z/gone\n"
	                            "    when: {text: gone}\n"
	                            "    reason: unknown-user\n"
	                            "    examples: [gone]\n";
	const struct nx_source sources[] = {
	        source("reasons.yaml", reasons),
	        source("text.yaml", text),
	        source("z.yaml", rules),
	        source("order.yaml", "order: [text.yaml, z.yaml]\n"),
	        source("providers.yaml", groups),
	};
	const struct nx_tables *tables;
	struct nx_rule_info info;
	struct nx_error err = {0};
	const char *says;
	void *ctx = talloc_new(NULL);

	(void)state;
	if (!compile_sources(ctx, sources, COUNT(sources), &tables, &err))
		fail_msg("%s", err.text);
	assert_true(nx_tables_find(tables, "z/gone", &info));
	assert_string_equal(info.provider, "z");
	assert_true(nx_tables_find(tables, "text/unknown", &info));
	assert_string_equal(info.provider, "text");
	assert_false(nx_tables_find(tables, "text/none", &info));
	assert_string_equal(nx_tables_related(ctx, tables, "z", &says),
	                    "text, y");
	assert_string_equal(says, "One filter.");
	assert_string_equal(nx_tables_related(ctx, tables, "a", &says), "");
	assert_string_equal(says, "");
	assert_false(nx_tables_check_names(tables, &err));
	assert_string_equal(err.text, "providers.yaml:2:39: no rule is about a "
	                              "provider \"y\"");
	talloc_free(ctx);
}

static void a_reason_is_found_by_its_id(void **state)
{
	void *ctx = talloc_new(NULL);
	const struct nx_tables *tables = compile_good(ctx);
	const struct nx_reason *reason = nx_tables_reason(tables, "full");

	(void)state;
	assert_int_equal(nx_tables_reasons(tables), 3);
	assert_null(nx_tables_reason(tables, "empty"));
	assert_int_equal(reason->class, NX_CLASS_SOFT);
	assert_int_equal(reason->transient, NX_CLASS_NONE);
	assert_int_equal(reason->fault, NX_FAULT_RECIPIENT);
	assert_string_equal(reason->advice, "retry later");
	assert_string_equal(reason->says, "Full.");
	talloc_free(ctx);
}

static void a_hard_reason_is_soft_while_it_is_transient(void **state)
{
	void *ctx = talloc_new(NULL);
	const struct nx_tables *tables = compile_good(ctx);

	(void)state;
	assert_int_equal(nx_tables_reason(tables, "unknown-user")->transient,
	                 NX_CLASS_SOFT);
	assert_int_equal(nx_tables_reason(tables, "spam")->transient,
	                 NX_CLASS_SOFT);
	talloc_free(ctx);
}

static void names_are_read_and_written(void **state)
{
	enum nx_class class;
	enum nx_fault fault;

	(void)state;
	for (int i = NX_CLASS_NONE; i <= NX_CLASS_UNSUBSCRIBE; i++) {
		const char *name = nx_class_name((enum nx_class)i);

		assert_true(nx_class_of_name(name, &class));
		assert_int_equal(class, i);
	}
	for (int i = NX_FAULT_UNKNOWN; i <= NX_FAULT_NETWORK; i++) {
		const char *name = nx_fault_name((enum nx_fault)i);

		assert_true(nx_fault_of_name(name, &fault));
		assert_int_equal(fault, i);
	}
	assert_false(nx_class_of_name("", &class));
	assert_false(nx_class_of_name("Hard", &class));
	assert_false(nx_fault_of_name("nobody", &fault));
	assert_string_equal(nx_verdict_basis_name(NX_BASIS_NONE), "");
	assert_string_equal(nx_verdict_basis_name(NX_BASIS_KIND), "kind");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_list_of_patterns_is_their_alternatives),
	        cmocka_unit_test(rules_are_listed_in_order_of_asking),
	        cmocka_unit_test(
	                a_rule_tells_where_it_stands_and_what_it_means),
	        cmocka_unit_test(
	                rules_that_hold_anywhere_are_asked_with_the_others),
	        cmocka_unit_test(providers_of_a_group_know_each_other),
	        cmocka_unit_test(a_reason_is_found_by_its_id),
	        cmocka_unit_test(a_hard_reason_is_soft_while_it_is_transient),
	        cmocka_unit_test(names_are_read_and_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
