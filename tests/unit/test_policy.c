/* SPDX-License-Identifier: ISC */
#include "base/date.h"
#include "config/config.h"
#include "policies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define HARD "hard: { ladder: [24h, 48h] }\n"

static void a_cause_without_keys_has_the_defaults(void **state)
{
	(void)state;
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_error err;
	const struct nx_policy *policy;
	assert_true(compile_policy(
	        ctx, HARD "soft: { ladder: [forever] }\n" OTHER_CAUSES, &policy,
	        &err));
	const struct nx_terms *terms =
	        nx_policy_terms(policy, NX_CAUSE_HARD, "unknown-user");
	assert_int_equal(terms->strikes, 1);
	assert_int_equal(terms->on_days, 1);
	assert_int_equal(terms->rungs, 2);
	assert_int_equal(terms->ladder[1], 48 * NX_HOUR);
	assert_false(terms->climb_on_attempt);
	assert_false(terms->climb_on_bounce);
	assert_int_equal(terms->climb_at_most, 0);
	assert_int_equal(terms->forget_after, 0);
	terms = nx_policy_terms(policy, NX_CAUSE_SOFT, "");
	assert_true(terms->ladder[0] == NX_FOREVER);
	talloc_free(ctx);
}

static void every_key_is_read(void **state)
{
	(void)state;
	static const char text[] =
	        HARD "soft:\n  strikes: 5\n  on_days: 3\n  within: 14d\n"
	             "  ladder: [1h, 1h, 7d, forever]\n"
	             "  climb_on: [attempt, bounce]\n"
	             "  climb_at_most: 1 per 24h\n"
	             "  forget_after: 30d\n" OTHER_CAUSES;
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_error err;
	const struct nx_policy *policy;
	assert_true(compile_policy(ctx, text, &policy, &err));
	const struct nx_terms *terms =
	        nx_policy_terms(policy, NX_CAUSE_SOFT, "");
	assert_int_equal(terms->strikes, 5);
	assert_int_equal(terms->on_days, 3);
	assert_int_equal(terms->within, 14 * NX_DAY);
	assert_int_equal(terms->rungs, 4);
	assert_true(terms->climb_on_attempt);
	assert_true(terms->climb_on_bounce);
	assert_int_equal(terms->climb_at_most, NX_DAY);
	assert_int_equal(terms->forget_after, 30 * NX_DAY);
	talloc_free(ctx);
}

static void a_reason_overrides_its_cause_key_by_key(void **state)
{
	(void)state;
	static const char text[] = HARD
	        "soft:\n  strikes: 3\n  on_days: 3\n  within: 14d\n"
	        "  ladder: [24h]\n  climb_on: [bounce]\n  reasons:\n"
	        "    mailbox-full: { strikes: 5, climb_on: [] }\n" OTHER_CAUSES;
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_error err;
	const struct nx_policy *policy;
	assert_true(compile_policy(ctx, text, &policy, &err));
	const struct nx_terms *own =
	        nx_policy_terms(policy, NX_CAUSE_SOFT, "mailbox-full");
	const struct nx_terms *other =
	        nx_policy_terms(policy, NX_CAUSE_SOFT, "unknown-user");
	assert_int_equal(own->strikes, 5);
	assert_int_equal(own->on_days, 3);
	assert_int_equal(own->ladder[0], NX_DAY);
	assert_false(own->climb_on_bounce);
	assert_int_equal(other->strikes, 3);
	assert_true(other->climb_on_bounce);
	assert_int_equal(
	        nx_policy_terms(policy, NX_CAUSE_HARD, "mailbox-full")->strikes,
	        1);
	talloc_free(ctx);
}

static void the_terms_of_no_cause_never_suppress(void **state)
{
	(void)state;
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_error err;
	const struct nx_policy *policy;
	assert_true(compile_policy(ctx,
	                           HARD "soft: { ladder: [1h] }\n" OTHER_CAUSES,
	                           &policy, &err));
	assert_int_equal(nx_policy_terms(policy, NX_CAUSE_NONE, "")->rungs, 0);
	talloc_free(ctx);
}

static void what_is_wrong_is_refused_where_it_stands(void **state)
{
	(void)state;
	static const struct {
		const char *text, *place, *words;
	} cases[] = {
	        {"hard: { ladder: [24h] }\n",
	         "policy.yaml:1:1: ", "missing key \"soft\""},
	        {HARD "sfot: { ladder: [1h] }\n" OTHER_CAUSES,
	         "policy.yaml:2:1: ", "unknown key \"sfot\""},
	        {HARD "soft: { ladder: [1h], scope: all }\n" OTHER_CAUSES,
	         "policy.yaml:2:23: ", "unknown key \"scope\""},
	        {HARD "soft: { strikes: 1 }\n" OTHER_CAUSES,
	         "policy.yaml:2:7: ", "missing key \"ladder\""},
	        {HARD "soft: { ladder: [] }\n" OTHER_CAUSES,
	         "policy.yaml:2:17: ", "list of spans"},
	        {HARD "soft: { ladder: 24h }\n" OTHER_CAUSES,
	         "policy.yaml:2:17: ", "list of spans"},
	        {HARD "soft: { ladder: [24h, soon] }\n" OTHER_CAUSES,
	         "policy.yaml:2:23: ", "must be a span"},
	        {HARD "soft: { ladder: [48h, 24h] }\n" OTHER_CAUSES,
	         "policy.yaml:2:23: ", "the ladder falls"},
	        {HARD "soft: { ladder: [forever, 24h] }\n" OTHER_CAUSES,
	         "policy.yaml:2:27: ", "the ladder falls"},
	        {HARD "soft: { ladder: [0] }\n" OTHER_CAUSES,
	         "policy.yaml:2:18: ", "longer than 0"},
	        {HARD "soft: { ladder: [1h,1h,1h,1h,1h,1h,1h,1h,1h,1h,1h,1h,"
	              "1h,1h,1h,1h,1h] }\n" OTHER_CAUSES,
	         "policy.yaml:2:66: ", "more than 16 rungs"},
	        {HARD "soft: { ladder: [1h], strikes: 0 }\n" OTHER_CAUSES,
	         "policy.yaml:2:32: ", "from 1 to 16"},
	        {HARD "soft: { ladder: [1h], strikes: 17 }\n" OTHER_CAUSES,
	         "policy.yaml:2:32: ", "from 1 to 16"},
	        {HARD "soft: { ladder: [1h], strikes: 3 }\n" OTHER_CAUSES,
	         "policy.yaml:2:7: ", "needs \"within\""},
	        {HARD "soft: { ladder: [1h], on_days: 2 }\n" OTHER_CAUSES,
	         "policy.yaml:2:7: ", "on_days is more than strikes"},
	        {HARD "soft: { ladder: [1h], strikes: 16, on_days: 8, "
	              "within: 7d }\n" OTHER_CAUSES,
	         "policy.yaml:2:7: ", "that are remembered"},
	        {HARD "soft: { ladder: [1h], climb_on: bounce }\n" OTHER_CAUSES,
	         "policy.yaml:2:33: ", "must be a list"},
	        {HARD "soft: { ladder: [1h], climb_on: [send] }\n" OTHER_CAUSES,
	         "policy.yaml:2:34: ", "attempt or bounce"},
	        {HARD "soft: { ladder: [1h], climb_on: [bounce, "
	              "bounce] }\n" OTHER_CAUSES,
	         "policy.yaml:2:42: ", "twice"},
	        {HARD "soft: { ladder: [1h], climb_at_most: 2 per "
	              "24h }\n" OTHER_CAUSES,
	         "policy.yaml:2:38: ", "1 per"},
	        {HARD "soft: { ladder: [1h], climb_at_most: 1 per "
	              "day }\n" OTHER_CAUSES,
	         "policy.yaml:2:38: ", "1 per"},
	        {HARD
	         "soft: { ladder: [1h], forget_after: never }\n" OTHER_CAUSES,
	         "policy.yaml:2:37: ", "must be a span"},
	        {HARD
	         "soft: { ladder: [1h], reasons: { moon: {} } }\n" OTHER_CAUSES,
	         "policy.yaml:2:40: ", "undeclared reason"},
	        {HARD "soft: { ladder: [1h], reasons: { mailbox-full: "
	              "{ reasons: {} } } }\n" OTHER_CAUSES,
	         "policy.yaml:2:50: ", "unknown key \"reasons\""},
	        {HARD "soft: { ladder: [1h] }\n"
	              "complaint: { ladder: [forever] }\n"
	              "unsubscribe: { ladder: [forever] }\n"
	              "manual: { ladder: [forever], strikes: 2 }\n",
	         "policy.yaml:5:30: ", "unknown key \"strikes\""},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		struct nx_error err = {0};
		const struct nx_policy *policy = NULL;
		bool done = compile_policy(ctx, cases[i].text, &policy, &err);
		if (done ||
		    strncmp(err.text, cases[i].place, strlen(cases[i].place)) !=
		            0 ||
		    !strstr(err.text, cases[i].words))
			fail_msg("case %zu: \"%s\"", i, done ? "" : err.text);
		assert_int_equal(err.kind, NX_ERROR_CONFIG);
		talloc_free(ctx);
	}
}

static void the_shipped_policy_is_the_ladder(void **state)
{
	(void)state;
	static const int64_t hours[] = {24, 48, 96, 168, 336};
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_error err = {0};
	const struct nx_rules_from from = {
	        .shipped = RULES_DIR, .site = "", .profile = ""};
	struct nx_rules rules;
	if (!nx_rules_load(ctx, &from, &rules, &err))
		fail_msg("%s", err.text);
	const struct nx_terms *hard =
	        nx_policy_terms(rules.policy, NX_CAUSE_HARD, "unknown-user");
	assert_int_equal(hard->rungs, 5);
	for (int i = 0; i < 5; i++)
		assert_int_equal(hard->ladder[i], hours[i] * NX_HOUR);
	for (int i = NX_CAUSE_COMPLAINT; i <= NX_CAUSE_MANUAL; i++)
		assert_true(nx_policy_terms(rules.policy, (enum nx_cause)i, "")
		                    ->ladder[0] == NX_FOREVER);
	talloc_free(ctx);
}

static void causes_have_names(void **state)
{
	(void)state;
	enum nx_cause cause;
	for (int i = NX_CAUSE_SOFT; i <= NX_CAUSE_MANUAL; i++) {
		assert_true(nx_cause_of_name(nx_cause_name((enum nx_cause)i),
		                             &cause));
		assert_int_equal(cause, i);
	}
	assert_false(nx_cause_of_name("", &cause));
	assert_false(nx_cause_of_name("HARD", &cause));
}

static void only_what_a_recipient_stands_for_can_suppress(void **state)
{
	(void)state;
	static const struct {
		enum nx_class class;
		enum nx_fault fault;
		bool counts;
		enum nx_trigger trigger;
		enum nx_cause cause;
	} cases[] = {
	        {NX_CLASS_NONE, NX_FAULT_RECIPIENT, false, 0, 0},
	        {NX_CLASS_HARD, NX_FAULT_RECIPIENT, true, NX_TRIGGER_BOUNCE,
	         NX_CAUSE_HARD},
	        {NX_CLASS_SOFT, NX_FAULT_RECIPIENT, true, NX_TRIGGER_BOUNCE,
	         NX_CAUSE_SOFT},
	        {NX_CLASS_HARD, NX_FAULT_SENDER, false, 0, 0},
	        {NX_CLASS_HARD, NX_FAULT_MESSAGE, false, 0, 0},
	        {NX_CLASS_HARD, NX_FAULT_NETWORK, false, 0, 0},
	        {NX_CLASS_HARD, NX_FAULT_UNKNOWN, false, 0, 0},
	        {NX_CLASS_SOFT, NX_FAULT_UNKNOWN, false, 0, 0},
	        {NX_CLASS_COMPLAINT, NX_FAULT_UNKNOWN, true,
	         NX_TRIGGER_COMPLAINT, NX_CAUSE_COMPLAINT},
	        {NX_CLASS_UNSUBSCRIBE, NX_FAULT_UNKNOWN, true,
	         NX_TRIGGER_UNSUBSCRIBE, NX_CAUSE_UNSUBSCRIBE},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nx_verdict verdict = {.class = cases[i].class,
		                             .fault = cases[i].fault};
		enum nx_trigger trigger;
		enum nx_cause cause;
		bool counts = nx_policy_trigger(&verdict, &trigger, &cause);
		assert_int_equal(counts, cases[i].counts);
		if (!counts)
			continue;
		assert_int_equal(trigger, cases[i].trigger);
		assert_int_equal(cause, cases[i].cause);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_cause_without_keys_has_the_defaults),
	        cmocka_unit_test(every_key_is_read),
	        cmocka_unit_test(a_reason_overrides_its_cause_key_by_key),
	        cmocka_unit_test(the_terms_of_no_cause_never_suppress),
	        cmocka_unit_test(what_is_wrong_is_refused_where_it_stands),
	        cmocka_unit_test(the_shipped_policy_is_the_ladder),
	        cmocka_unit_test(causes_have_names),
	        cmocka_unit_test(only_what_a_recipient_stands_for_can_suppress),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
