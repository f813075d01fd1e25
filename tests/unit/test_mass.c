/* SPDX-License-Identifier: ISC */
#include "base/date.h"
#include "policies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void so_many_failures_of_an_hour_make_leases(void **state)
{
	static const struct {
		struct nx_mass_counts counts;
		int64_t limit;
	} cases[] = {
	        /* what was sent is not known: 200, or 5 times the median */
	        {{0}, 200},
	        {{.median = 10}, 200},
	        {{.median = 40}, 200},
	        {{.median = 41}, 205},
	        {{.median = 1000}, 5000},
	        {{.median = INT64_MAX}, INT64_MAX},
	        {{.leases = 10000}, 200},
	        /* it is: 3 % of it, less what was leased, and 20 anyway */
	        {{.sent = 1}, 20},
	        {{.sent = 699}, 20},
	        {{.sent = 700}, 21},
	        {{.sent = 100000}, 3000},
	        {{.sent = 100000, .median = 5000}, 3000},
	        {{.sent = 100000, .leases = 2900}, 100},
	        {{.sent = 100000, .leases = 2990}, 20},
	        {{.sent = 100000, .leases = 9000}, 20},
	        {{.sent = INT64_MAX}, INT64_MAX / 100 * 3},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(
		        nx_mass_limit(&nx_mass_default, &cases[i].counts),
		        cases[i].limit);
}

static void no_limit_is_below_the_least(void **state)
{
	const struct nx_mass_counts none = {0};
	struct nx_mass_terms terms = nx_mass_default;
	(void)state;
	assert_int_equal(nx_mass_least(&terms), NX_MASS_FEW);
	terms.at_least = 5;
	assert_int_equal(nx_mass_least(&terms), 5);
	assert_int_equal(nx_mass_limit(&terms, &none), 5);
	terms.off = true;
	assert_true(nx_mass_least(&terms) == INT64_MAX);
	assert_true(nx_mass_limit(&terms, &none) == INT64_MAX);
}

static void a_host_is_of_a_provider(void **state)
{
	static const char *const cases[][2] = {
	        {"gmail-smtp-in.l.mx.example.com", "example.com"},
	        {"mx.example.com", "example.com"},
	        {"example.com", "example.com"},
	        {"mx.hosts.example.co.uk", "example.co.uk"},
	        {"example.co.uk", "example.co.uk"},
	        {"co.uk", "co.uk"},
	        {"mx.com.example", "com.example"},
	        {"mx.abc.de", "abc.de"},
	        {"mx1", "mx1"},
	        {"192.0.2.1", "192.0.2.1"},
	        {"", ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(nx_mass_provider(cases[i][0]), cases[i][1]);
}

/* --- policy.yaml ---------------------------------------------------------- */

static const char BASE[] = "hard: { ladder: [24h] }\n"
                           "soft: { ladder: [24h] }\n" OTHER_CAUSES;

/* NULL: refused. */
static const struct nx_mass_terms *read(TALLOC_CTX *ctx, const char *text,
                                        struct nx_error *err)
{
	const struct nx_policy *policy;
	const char *all = talloc_asprintf(ctx, "%s%s", BASE, text);
	return compile_policy(ctx, all, &policy, err) ? nx_policy_mass(policy)
	                                              : NULL;
}

static void the_policy_says_what_is_too_much(void **state)
{
	struct nx_error err;
	TALLOC_CTX *ctx = talloc_new(NULL);
	(void)state;
	const struct nx_mass_terms *terms = read(ctx, "", &err);
	assert_non_null(terms);
	assert_memory_equal(terms, &nx_mass_default, sizeof(*terms));
	terms = read(ctx,
	             "mass_failure: { share: 10%, at_least: 50,\n"
	             "  times_median: 2, drop_after: 1d }\n",
	             &err);
	assert_non_null(terms);
	assert_int_equal(terms->share, 10);
	assert_int_equal(terms->at_least, 50);
	assert_int_equal(terms->times_median, 2);
	assert_int_equal(terms->drop_after, NX_DAY);
	terms = read(ctx, "mass_failure: off\n", &err);
	assert_non_null(terms);
	assert_true(terms->off);
	talloc_free(ctx);
}

static void what_makes_no_sense_is_refused(void **state)
{
	static const char *const cases[][2] = {
	        {"mass_failure: on\n", "map"},
	        {"mass_failure: { share: 3 }\n", "share"},
	        {"mass_failure: { share: 0% }\n", "share"},
	        {"mass_failure: { share: 101% }\n", "share"},
	        {"mass_failure: { share: 99999999999999999999% }\n", "share"},
	        {"mass_failure: { at_least: -1 }\n", "at_least"},
	        {"mass_failure: { times_median: x }\n", "times_median"},
	        {"mass_failure: { drop_after: 0 }\n", "drop_after"},
	        {"mass_failure: { drop_after: soon }\n", "span"},
	        {"mass_failure: { most: 3 }\n", "unknown key"},
	};
	struct nx_error err;
	TALLOC_CTX *ctx = talloc_new(NULL);
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_null(read(ctx, cases[i][0], &err));
		assert_non_null(strstr(err.text, cases[i][1]));
	}
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(so_many_failures_of_an_hour_make_leases),
	        cmocka_unit_test(no_limit_is_below_the_least),
	        cmocka_unit_test(a_host_is_of_a_provider),
	        cmocka_unit_test(the_policy_says_what_is_too_much),
	        cmocka_unit_test(what_makes_no_sense_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
