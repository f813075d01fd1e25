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
	assert_true(terms->attempt_longest == NX_FOREVER);
	assert_true(terms->attempts_hold == NX_FOREVER);
	assert_int_equal(terms->confirm, 0);
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
	             "  forget_after: 1y\n"
	             "  attempt_longest: 7d\n"
	             "  attempts_hold: 60d\n"
	             "  stream: bulk\n" OTHER_CAUSES;
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
	assert_int_equal(terms->forget_after, 365 * NX_DAY);
	assert_int_equal(terms->attempt_longest, 7 * NX_DAY);
	assert_int_equal(terms->attempts_hold, 60 * NX_DAY);
	assert_int_equal(terms->stream, NX_REACH_BULK);
	talloc_free(ctx);
}

static void a_suppression_holds_for_the_mail_of_its_cause(void **state)
{
	(void)state;
	static const enum nx_reach by_itself[] = {
	        [NX_CAUSE_SOFT] = NX_REACH_ALL,
	        [NX_CAUSE_HARD] = NX_REACH_ALL,
	        [NX_CAUSE_COMPLAINT] = NX_REACH_DOMAIN,
	        [NX_CAUSE_UNSUBSCRIBE] = NX_REACH_STREAM,
	        [NX_CAUSE_MANUAL] = NX_REACH_ALL};
	static const char *const names[] = {"all", "bulk", "domain", "stream"};
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_error err;
	const struct nx_policy *policy;
	assert_true(compile_policy(ctx,
	                           HARD "soft: { ladder: [1h] }\n" OTHER_CAUSES,
	                           &policy, &err));
	for (int i = NX_CAUSE_SOFT; i <= NX_CAUSE_MANUAL; i++)
		assert_int_equal(
		        nx_policy_terms(policy, (enum nx_cause)i, "")->stream,
		        by_itself[i]);
	for (int i = 0; i < 4; i++) {
		const char *text = talloc_asprintf(
		        ctx,
		        HARD "soft: { ladder: [1h] }\n"
		             "complaint: { ladder: [forever], stream: %s }\n"
		             "unsubscribe: { ladder: [forever] }\n"
		             "manual: { ladder: [forever] }\n",
		        names[i]);
		assert_true(compile_policy(ctx, text, &policy, &err));
		enum nx_reach reach =
		        nx_policy_terms(policy, NX_CAUSE_COMPLAINT, "")->stream;
		assert_int_equal(reach, i);
		assert_string_equal(nx_reach_name(reach), names[i]);
	}
	talloc_free(ctx);
}

static void the_reasons_with_terms_of_their_own_are_named(void **state)
{
	(void)state;
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_error err;
	const struct nx_policy *policy;
	assert_true(compile_policy(
	        ctx,
	        "hard:\n  ladder: [1h]\n  reasons:\n"
	        "    unknown-user: { confirm: 3 days, stream: bulk }\n"
	        "    mailbox-full: {}\n"
	        "soft: { ladder: [1h], within: 1h }\n" OTHER_CAUSES,
	        &policy, &err));
	assert_string_equal(nx_policy_reason(policy, NX_CAUSE_HARD, 0),
	                    "unknown-user");
	assert_string_equal(nx_policy_reason(policy, NX_CAUSE_HARD, 1),
	                    "mailbox-full");
	assert_null(nx_policy_reason(policy, NX_CAUSE_HARD, 2));
	assert_null(nx_policy_reason(policy, NX_CAUSE_SOFT, 0));
	const struct nx_terms *own =
	        nx_policy_terms(policy, NX_CAUSE_HARD, "unknown-user");
	assert_int_equal(own->confirm, 3);
	assert_int_equal(own->stream, NX_REACH_BULK);
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
	        {HARD "soft: { ladder: [1h], strikes: -1 }\n" OTHER_CAUSES,
	         "policy.yaml:2:32: ", "from 0 to 16"},
	        {HARD "soft: { ladder: [1h], strikes: 17 }\n" OTHER_CAUSES,
	         "policy.yaml:2:32: ", "from 0 to 16"},
	        {HARD "soft: { ladder: [1h], on_days: 0 }\n" OTHER_CAUSES,
	         "policy.yaml:2:32: ", "from 1 to 16"},
	        {HARD "soft: { strikes: 0 }\n" OTHER_CAUSES,
	         "policy.yaml:2:7: ", "missing key \"ladder\""},
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
	        {HARD "soft: { ladder: [1h], attempt_longest: "
	              "long }\n" OTHER_CAUSES,
	         "policy.yaml:2:40: ", "must be a span"},
	        {HARD
	         "soft: { ladder: [1h], attempts_hold: [] }\n" OTHER_CAUSES,
	         "policy.yaml:2:38: ", "must be a span"},
	        {HARD "soft: { ladder: [1h], stream: some }\n" OTHER_CAUSES,
	         "policy.yaml:2:31: ", "all, bulk, domain or stream"},
	        {HARD "soft: { ladder: [1h], confirm: 2 days }\n" OTHER_CAUSES,
	         "policy.yaml:2:23: ", "unknown key \"confirm\""},
	        {"hard: { ladder: [1h], confirm: 2 }\n"
	         "soft: { ladder: [1h], within: 1h }\n" OTHER_CAUSES,
	         "policy.yaml:1:32: ", "\"2 days\" to \"7 days\""},
	        {"hard: { ladder: [1h], confirm: 8 days }\n"
	         "soft: { ladder: [1h], within: 1h }\n" OTHER_CAUSES,
	         "policy.yaml:1:32: ", "\"2 days\" to \"7 days\""},
	        {"hard: { ladder: [1h], confirm: 2 days }\n"
	         "soft: { ladder: [1h] }\n" OTHER_CAUSES,
	         "policy.yaml:1:7: ", "needs the \"within\" of soft"},
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

/* A policy of rules/, or of rules/policies/ when it is named. */
static const struct nx_policy *load(TALLOC_CTX *ctx, const char *name)
{
	struct nx_error err = {0};
	const struct nx_rules_from from = {.shipped = RULES_DIR,
	                                   .site = "",
	                                   .profile = "",
	                                   .policy = name};
	const struct nx_policy *policy = NULL;
	if (!nx_rules_policy(ctx, &from, NULL, &policy, &err))
		fail_msg("%s", err.text);
	return policy;
}

static void the_shipped_policy_is_the_ladder(void **state)
{
	(void)state;
	static const int64_t hours[] = {24, 48, 96, 168, 336, 720, 2160, 4320};
	TALLOC_CTX *ctx = talloc_new(NULL);
	const struct nx_policy *policy = load(ctx, "");
	const struct nx_terms *hard =
	        nx_policy_terms(policy, NX_CAUSE_HARD, "unknown-user");
	assert_int_equal(hard->rungs, 8);
	for (int i = 0; i < 8; i++)
		assert_int_equal(hard->ladder[i], hours[i] * NX_HOUR);
	assert_true(hard->climb_on_attempt && hard->climb_on_bounce);
	assert_int_equal(hard->climb_at_most, NX_DAY);
	assert_int_equal(hard->forget_after, 365 * NX_DAY);
	assert_int_equal(hard->attempt_longest, 14 * NX_DAY);
	assert_int_equal(hard->attempts_hold, 60 * NX_DAY);
	for (int i = NX_CAUSE_COMPLAINT; i <= NX_CAUSE_MANUAL; i++)
		assert_true(nx_policy_terms(policy, (enum nx_cause)i, "")
		                    ->ladder[0] == NX_FOREVER);
	talloc_free(ctx);
}

/* Mondays on which a dead mailbox is mailed; each bounce comes a minute after
 * its mail. One who asks says so with an attempt. */
static int mail_on_mondays(const struct nx_policy *policy, bool asks,
                           int *mondays)
{
	static const struct nx_verdict dead = {.class = NX_CLASS_HARD,
	                                       .fault = NX_FAULT_RECIPIENT,
	                                       .reason = "unknown-user"};
	struct nx_standing standing = {0};
	int mails = 0;
	for (int week = 0; week < 52; week++) {
		/* 2026-01-05, a Monday */
		int64_t now = INT64_C(1767571200) + week * 7 * NX_DAY;
		bool held = nx_standing_holds(&standing, now);
		if (asks)
			standing = nx_policy_step(policy, standing,
			                          NX_TRIGGER_ATTEMPT,
			                          NX_CAUSE_NONE, "", now);
		if (held)
			continue;
		standing = nx_policy_judge(policy, standing, &dead, now + 60);
		mondays[mails++] = week;
	}
	return mails;
}

static void a_year_of_mondays_is_eight_mails_or_seven(void **state)
{
	(void)state;
	static const int peeking[] = {0, 1, 2, 3, 5, 8, 13, 26};
	static const int asking[] = {0, 1, 2, 3, 13, 26, 48};
	TALLOC_CTX *ctx = talloc_new(NULL);
	const struct nx_policy *policy = load(ctx, "");
	int mondays[52];
	assert_int_equal(mail_on_mondays(policy, false, mondays), 8);
	assert_memory_equal(mondays, peeking, sizeof(peeking));
	assert_int_equal(mail_on_mondays(policy, true, mondays), 7);
	assert_memory_equal(mondays, asking, sizeof(asking));
	talloc_free(ctx);
}

static void every_shipped_policy_can_be_had_by_its_name(void **state)
{
	(void)state;
	static const char *const want[] = {"azure", "mailman", "postal", "ses",
	                                   "strict"};
	const struct nx_rules_from from = {
	        .shipped = RULES_DIR, .site = "", .profile = "", .policy = ""};
	TALLOC_CTX *ctx = talloc_new(NULL);
	const char *const *names;
	size_t count;
	struct nx_error err;
	assert_true(nx_rules_policies(ctx, &from, &names, &count, &err));
	assert_int_equal(count, 5);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(names[i], want[i]);
		const struct nx_policy *policy = load(ctx, names[i]);
		/* a bounce in doubt can be confirmed with all of them */
		assert_true(nx_policy_terms(policy, NX_CAUSE_SOFT, "")->within >
		            0);
	}
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
	        cmocka_unit_test(a_suppression_holds_for_the_mail_of_its_cause),
	        cmocka_unit_test(the_reasons_with_terms_of_their_own_are_named),
	        cmocka_unit_test(the_terms_of_no_cause_never_suppress),
	        cmocka_unit_test(what_is_wrong_is_refused_where_it_stands),
	        cmocka_unit_test(the_shipped_policy_is_the_ladder),
	        cmocka_unit_test(a_year_of_mondays_is_eight_mails_or_seven),
	        cmocka_unit_test(every_shipped_policy_can_be_had_by_its_name),
	        cmocka_unit_test(causes_have_names),
	        cmocka_unit_test(only_what_a_recipient_stands_for_can_suppress),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
