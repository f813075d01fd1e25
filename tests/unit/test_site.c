/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sources.h"

#include "classify/classify.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* The administrator's own rules, beside shipped ones. */

static const char reasons[] =
        "reasons:\n"
        "  - {id: unknown-user, class: hard, fault: recipient,\n"
        "     advice: never, says: No such mailbox.}\n"
        "  - {id: spam, class: soft, fault: message, advice: fix content,\n"
        "     says: Taken for spam.}\n";

static const char text[] = "rules:\n"
                           "  - id: text/unknown\n"
                           "    when: {text: 'user unknown'}\n"
                           "    reason: unknown-user\n"
                           "    examples: ['550 User unknown']\n"
                           "  - id: text/spam\n"
                           "    when: {text: 'spam'}\n"
                           "    reason: spam\n"
                           "    examples: ['550 Spam']\n";

static const char provider[] = "provider: {name: p, mta: '\\.p\\.example$'}\n"
                               "rules:\n"
                               "  - id: p/gone\n"
                               "    when: {text: 'gone'}\n"
                               "    reason: unknown-user\n"
                               "    examples: ['550 gone']\n";

static const char status[] = "status:\n"
                             "  - {code: 5.1.1, reason: unknown-user}\n"
                             "  - {code: 5.7.1, reason: spam}\n";

static bool compile(void *ctx, const char *file, const char *site,
                    const struct nx_tables **out, struct nx_error *err)
{
	static const char order[] = "order: [p.yaml, text.yaml]\n";
	const struct nx_source sources[] = {
	        {file, site, strlen(site), true},
	        {"r/order.yaml", order, sizeof(order) - 1, false},
	        {"r/reasons.yaml", reasons, sizeof(reasons) - 1, false},
	        {"r/p.yaml", provider, sizeof(provider) - 1, false},
	        {"r/status.yaml", status, sizeof(status) - 1, false},
	        {"r/text.yaml", text, sizeof(text) - 1, false},
	};

	return compile_sources(ctx, sources, COUNT(sources), out, err);
}

static const struct nx_tables *tables_with(void *ctx, const char *file,
                                           const char *site)
{
	const struct nx_tables *tables;
	struct nx_error err;

	if (!compile(ctx, file, site, &tables, &err))
		fail_msg("%s", err.text);
	return tables;
}

static struct nx_verdict verdict_of(void *ctx, const struct nx_tables *tables,
                                    const char *diagnostic, const char *mta)
{
	struct nx_recipient recipient = {
	        .action = NX_ACTION_FAILED,
	        .address = "",
	        .diagnostic = diagnostic,
	        .remote_mta = mta,
	};
	struct nx_report report = {
	        .kind = NX_KIND_DELIVERY_REPORT,
	        .reporting_mta = "",
	        .recipient = &recipient,
	        .recipients = 1,
	};

	nx_reply_parse(ctx, diagnostic, &recipient.reply);
	recipient.status = recipient.reply.status;
	return nx_classify(ctx, tables, &report, 0, NULL);
}

static int begin(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int end(void **state)
{
	return talloc_free(*state);
}

static void check_order(const struct nx_tables *tables, const char *const *ids,
                        size_t count)
{
	assert_int_equal(nx_tables_count(tables), count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(nx_tables_info(tables, i).id, ids[i]);
}

static void a_site_rule_is_asked_before_shipped_ones_of_its_table(void **state)
{
	static const char *const ids[] = {"p/gone",       "site/all",
	                                  "text/unknown", "text/spam",
	                                  "status/5.1.1", "status/5.7.1"};
	const struct nx_tables *tables =
	        tables_with(*state, "s/a.yaml",
	                    "rules:\n"
	                    "  - id: site/all\n"
	                    "    when: {text: 'unknown'}\n"
	                    "    reason: spam\n"
	                    "    examples: [550 unknown]\n");

	check_order(tables, ids, COUNT(ids));
	assert_string_equal(
	        verdict_of(*state, tables, "550 User unknown", "").rule,
	        "site/all");
}

static void a_site_rule_of_the_same_id_stands_at_its_place(void **state)
{
	static const char *const ids[] = {"p/gone", "text/unknown", "text/spam",
	                                  "status/5.1.1", "status/5.7.1"};
	const struct nx_tables *tables =
	        tables_with(*state, "s/a.yaml",
	                    "rules:\n"
	                    "  - id: text/spam\n"
	                    "    when: {text: 'unknown|junk'}\n"
	                    "    reason: spam\n"
	                    "    class: none\n"
	                    "    examples: [550 junk]\n");

	check_order(tables, ids, COUNT(ids));
	assert_true(nx_tables_info(tables, 2).site);
	assert_string_equal(
	        verdict_of(*state, tables, "550 User unknown", "").rule,
	        "text/unknown");
	assert_int_equal(verdict_of(*state, tables, "550 Junk", "").class,
	                 NX_CLASS_NONE);
	assert_string_equal(verdict_of(*state, tables, "550 Spam", "").rule,
	                    "");
}

static void the_provider_of_the_replaced_rule_stays(void **state)
{
	const struct nx_tables *tables =
	        tables_with(*state, "s/a.yaml",
	                    "rules:\n"
	                    "  - id: p/gone\n"
	                    "    when: {text: 'gone|left'}\n"
	                    "    reason: spam\n"
	                    "    examples: [550 left]\n");

	assert_string_equal(nx_tables_info(tables, 0).provider, "p");
	assert_string_equal(
	        verdict_of(*state, tables, "550 left", "mx.p.example").rule,
	        "p/gone");
	assert_string_equal(
	        verdict_of(*state, tables, "550 left", "mx.q.example").rule,
	        "");
}

static void a_row_of_a_code_is_replaced_by_its_code(void **state)
{
	static const char *const ids[] = {"p/gone",       "text/unknown",
	                                  "text/spam",    "status/5.1.1",
	                                  "status/5.2.2", "status/5.7.1"};
	const struct nx_tables *tables =
	        tables_with(*state, "s/status.yaml",
	                    "status:\n"
	                    "  - {code: 5.7.1, reason: unknown-user}\n"
	                    "  - {code: 5.2.2, reason: spam}\n");

	check_order(tables, ids, COUNT(ids));
	assert_string_equal(
	        verdict_of(*state, tables, "550 5.7.1 x", "").reason,
	        "unknown-user");
}

static void a_reason_is_replaced_or_added(void **state)
{
	const struct nx_tables *tables = tables_with(
	        *state, "s/reasons.yaml",
	        "reasons:\n"
	        "  - {id: spam, class: hard, fault: sender, advice: none,\n"
	        "     says: Mine.}\n"
	        "  - {id: own, class: soft, fault: sender, advice: none,\n"
	        "     says: Own.}\n");
	struct nx_verdict verdict =
	        verdict_of(*state, tables, "550 5.7.1 Spam", "");

	assert_int_equal(nx_tables_reasons(tables), 3);
	assert_int_equal(verdict.class, NX_CLASS_HARD);
	assert_int_equal(verdict.fault, NX_FAULT_SENDER);
	assert_string_equal(nx_tables_reason(tables, "own")->says, "Own.");
}

/* The order of shipped files is nothing that a site can have. */
static void a_site_file_may_have_any_name_of_rules_on_words(void **state)
{
	static const char *const ids[] = {"p/gone",       "s/a",
	                                  "text/unknown", "text/spam",
	                                  "status/5.1.1", "status/5.7.1"};
	const struct nx_tables *tables =
	        tables_with(*state, "s/order.yaml",
	                    "rules:\n"
	                    "  - {id: s/a, when: {text: order},\n"
	                    "     reason: spam, examples: [order]}\n");

	check_order(tables, ids, COUNT(ids));
}

static void a_disabled_rule_is_not_there(void **state)
{
	static const char *const ids[] = {"p/gone", "text/unknown",
	                                  "status/5.7.1"};
	struct nx_error err;
	const struct nx_tables *tables = tables_with(
	        *state, "s/a.yaml", "disable: [text/spam, status/5.1.1]\n");

	check_order(tables, ids, COUNT(ids));
	assert_true(nx_tables_check_names(tables, &err));
}

/* A later version may have dropped the rule: mail must still be read. */
static void to_disable_what_is_not_there_is_found_by_the_check(void **state)
{
	struct nx_error err;
	const struct nx_tables *tables = tables_with(
	        *state, "s/a.yaml", "disable:\n  - text/spam\n  - text/gnoe\n");

	assert_false(nx_tables_check_names(tables, &err));
	assert_string_equal(err.text, "s/a.yaml:3:5: disable: there is no "
	                              "shipped rule \"text/gnoe\"; take the "
	                              "line away");
}

/* What shipped rules and files were called goes on to mean them. */
static void an_old_name_counts_and_is_told(void **state)
{
	static const char shipped[] =
	        "rules:\n"
	        "  - {id: blocklist/asked-wrongly, when: {text: gone},\n"
	        "     reason: spam, examples: [gone]}\n";
	static const char replaced[] =
	        "rules:\n"
	        "  - {id: text/blocklist/asked-wrongly, when: {text: spam},\n"
	        "     reason: spam, examples: [spam]}\n";
	static const char disabled[] =
	        "disable: [text/blocklist/asked-wrongly]\n";
	const struct nx_source sources[] = {
	        {"r/reasons.yaml", reasons, sizeof(reasons) - 1, false},
	        {"r/uncommon.yaml", shipped, sizeof(shipped) - 1, false},
	        {"s/a.yaml", replaced, sizeof(replaced) - 1, true},
	        {"s/providers/google-hosts.yaml", disabled,
	         sizeof(disabled) - 1, true},
	};
	static const char *const replacement[] = {"blocklist/asked-wrongly"};
	static const char *const warnings[] = {
	        "s/a.yaml:2:10: \"text/blocklist/asked-wrongly\" is an old "
	        "name; write blocklist/asked-wrongly",
	        "s/providers/google-hosts.yaml:1:1: "
	        "\"providers/google-hosts.yaml\" is an old name; write "
	        "providers/google.yaml",
	        "s/providers/google-hosts.yaml:1:11: "
	        "\"text/blocklist/asked-wrongly\" is an old name; write "
	        "blocklist/asked-wrongly",
	};
	const struct nx_tables *tables;
	struct nx_error err;

	if (!compile_sources(*state, sources, COUNT(sources), &tables, &err))
		fail_msg("%s", err.text);
	check_order(tables, replacement, COUNT(replacement));
	assert_true(nx_tables_info(tables, 0).site);
	assert_true(nx_tables_check_names(tables, &err));
	for (size_t i = 0; i < COUNT(warnings); i++)
		assert_string_equal(nx_tables_warning(tables, i), warnings[i]);
	assert_null(nx_tables_warning(tables, COUNT(warnings)));
}

static void a_broken_site_file_is_refused_where_it_is_broken(void **state)
{
	static const struct {
		const char *file, *text, *error;
	} cases[] = {
	        {"s/a.yaml", "disable: text/spam\n",
	         "s/a.yaml:1:10: disable: must be a list of ids"},
	        {"s/a.yaml", "disable: [[a]]\n",
	         "s/a.yaml:1:11: disable: must be the id of a rule"},
	        {"s/a.yaml", "disabled: [a]\n", "s/a.yaml:1:1: unknown key"},
	        {"s/status.yaml", "disable: [a]\n",
	         "s/status.yaml:1:1: unknown key"},
	        {"s/status.yaml",
	         "status:\n  - {code: 5.1.1, reason: spam}\n"
	         "  - {code: 5.1.1, reason: spam}\n",
	         "s/status.yaml:3:5: \"status/5.1.1\" is there already, at "
	         "s/status.yaml:2"},
	        {"s/reasons.yaml",
	         "reasons:\n"
	         "  - {id: a, class: soft, fault: sender, advice: none, says: A}\n"
	         "  - {id: a, class: soft, fault: sender, advice: none, says: B}\n",
	         "s/reasons.yaml:3:10: reason \"a\" is declared already"},
	        {"s/a.yaml",
	         "rules:\n"
	         "  - {id: s/a, when: {text: user unknown here},\n"
	         "     reason: spam, examples: [gone from here]}\n",
	         "s/a.yaml:3:31: no rule decides this example of \"s/a\""},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct nx_tables *tables;
		struct nx_error err;

		if (compile(*state, cases[i].file, cases[i].text, &tables,
		            &err))
			fail_msg("taken: %s", cases[i].text);
		if (strncmp(err.text, cases[i].error, strlen(cases[i].error)) !=
		    0)
			fail_msg("%s\nwanted: %s", err.text, cases[i].error);
	}
}

static void a_shipped_file_may_not_disable(void **state)
{
	static const char file[] = "disable: [text/a]\nrules: []\n";
	const struct nx_source source = {"r/a.yaml", file, sizeof(file) - 1,
	                                 false};
	const struct nx_tables *tables;
	struct nx_error err;

	assert_false(compile_sources(*state, &source, 1, &tables, &err));
	assert_string_equal(err.text, "r/a.yaml:1:10: disable: only site rules "
	                              "may; take the rule away instead");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_site_rule_is_asked_before_shipped_ones_of_its_table),
	        TEST(a_site_rule_of_the_same_id_stands_at_its_place),
	        TEST(the_provider_of_the_replaced_rule_stays),
	        TEST(a_row_of_a_code_is_replaced_by_its_code),
	        TEST(a_reason_is_replaced_or_added),
	        TEST(a_disabled_rule_is_not_there),
	        TEST(to_disable_what_is_not_there_is_found_by_the_check),
	        TEST(an_old_name_counts_and_is_told),
	        TEST(a_site_file_may_have_any_name_of_rules_on_words),
	        TEST(a_broken_site_file_is_refused_where_it_is_broken),
	        TEST(a_shipped_file_may_not_disable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
