/* SPDX-License-Identifier: ISC */
#include "base/date.h"
#include "policies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Mail that is read late, as by nixie ingest. */

#define T0 INT64_C(1767225600) /* 2026-01-01T00:00:00Z */

static const char TERMS[] =
        "hard: { ladder: [24h, 48h], climb_on: [bounce], forget_after: 7d }\n"
        "soft: { strikes: 3, on_days: 3, within: 14d, ladder: [24h] }\n"
        "complaint: { ladder: [forever] }\n"
        "unsubscribe: { ladder: [forever] }\n"
        "manual: { ladder: [forever] }\n";

static const struct nx_policy *policy;

static struct nx_verdict verdict_of(enum nx_class class)
{
	return (struct nx_verdict){.class = class,
	                           .reason = "unknown-user",
	                           .fault = NX_FAULT_RECIPIENT};
}

static struct nx_standing judged(struct nx_standing standing,
                                 enum nx_class class, int64_t day)
{
	const struct nx_verdict verdict = verdict_of(class);
	return nx_policy_judge(policy, standing, &verdict, T0 + day * NX_DAY);
}

static bool is_outdated(const struct nx_standing *standing, enum nx_class class,
                        int64_t day)
{
	const struct nx_verdict verdict = verdict_of(class);
	return nx_policy_is_outdated(policy, standing, &verdict,
	                             T0 + day * NX_DAY);
}

static void a_bounce_from_before_a_lease_changes_nothing(void **state)
{
	(void)state;
	const struct nx_standing hard =
	        judged((struct nx_standing){0}, NX_CLASS_HARD, 100);
	assert_true(is_outdated(&hard, NX_CLASS_HARD, 0));
	assert_true(is_outdated(&hard, NX_CLASS_HARD, 99));
	assert_false(is_outdated(&hard, NX_CLASS_HARD, 100));
	assert_false(is_outdated(&hard, NX_CLASS_HARD, 200));
	assert_true(is_outdated(&hard, NX_CLASS_SOFT, 0));
}

static void a_complaint_holds_however_old(void **state)
{
	(void)state;
	const struct nx_standing nothing = {0};
	const struct nx_standing hard = judged(nothing, NX_CLASS_HARD, 100);
	assert_false(is_outdated(&hard, NX_CLASS_COMPLAINT, 0));
	assert_false(is_outdated(&nothing, NX_CLASS_COMPLAINT, 0));
	assert_false(is_outdated(&nothing, NX_CLASS_HARD, 0));
}

static void strikes_are_not_counted_with_those_of_long_before(void **state)
{
	(void)state;
	struct nx_standing soft =
	        judged((struct nx_standing){0}, NX_CLASS_SOFT, 100);
	soft = judged(soft, NX_CLASS_SOFT, 101);
	assert_int_equal(soft.strikes, 2);
	assert_true(is_outdated(&soft, NX_CLASS_SOFT, 87));
	assert_false(is_outdated(&soft, NX_CLASS_SOFT, 88));
	assert_true(is_outdated(&soft, NX_CLASS_HARD, 0));
	assert_false(is_outdated(&soft, NX_CLASS_HARD, 102));
}

/* Whatever comes in whatever order, no lease ends sooner, and those that there
 * are stay. */
static void old_mail_shortens_nothing(void **state)
{
	(void)state;
	uint64_t dice = 1;
	for (int i = 0; i < 100000; i++) {
		struct nx_standing standing = {0};
		for (int k = 0; k < 8; k++) {
			dice = dice * 6364136223846793005U +
			       1442695040888963407U;
			const enum nx_class class =
			        NX_CLASS_SOFT + (dice >> 33) % 3;
			const int64_t day = (int64_t)(dice >> 40) % 200;
			const struct nx_standing before = standing;
			if (is_outdated(&standing, class, day))
				continue;
			standing = judged(standing, class, day);
			if (before.cause != NX_CAUSE_NONE)
				assert_true(standing.until >= before.until);
		}
	}
}

static int start(void **state)
{
	struct nx_error err;
	*state = talloc_new(NULL);
	assert_true(compile_policy(*state, TERMS, &policy, &err));
	return 0;
}

static int end(void **state)
{
	talloc_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_bounce_from_before_a_lease_changes_nothing),
	        cmocka_unit_test(a_complaint_holds_however_old),
	        cmocka_unit_test(
	                strikes_are_not_counted_with_those_of_long_before),
	        cmocka_unit_test(old_mail_shortens_nothing),
	};
	return cmocka_run_group_tests(tests, start, end);
}
