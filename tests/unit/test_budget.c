/* SPDX-License-Identifier: ISC */
#include "stores.h"

#include "config/config.h"
#include "store/history.h"
#include "store/verify.h"

/* What anybody may add to the store in a day, and that it takes evidence from
 * nobody's standing. */

static const char *own[] = {"mx.example.org"};

static struct nx_budget budget_of(int64_t rows, int64_t bytes)
{
	return (struct nx_budget){.rows = rows,
	                          .bytes = bytes,
	                          .own_hosts = nx_site_names_of(own, 1)};
}

/* Report number N of a day, about an address of its own. */
static struct nx_outcome report(struct fixture *f,
                                const struct nx_budget *budget, unsigned number,
                                const char *host, int64_t day)
{
	struct nx_outcome outcome;
	const char *address = talloc_asprintf(f, "gone%u@example.com", number);
	struct nx_event event =
	        event_of(number, address, NX_CLASS_HARD, 24 * day);
	struct nx_record record = f->record;
	event.reporting_mta = record.reporting_mta = host;
	struct nx_delivery delivery = delivery_of(f, &event, 1);
	delivery.record = &record;
	delivery.budget = budget;
	need(f,
	     nx_store_add(f->store, f->policy, &delivery, &outcome, &f->err));
	return outcome;
}

static struct nx_store_status status_of(struct fixture *f)
{
	struct nx_store_status status;
	need(f, nx_store_status(f, f->store, T0, &status, &f->err));
	return status;
}

static const char *const *host_of(unsigned number)
{
	static const char *const hosts[] = {"a.example", "B.example",
	                                    "c.example", ""};
	return &hosts[number % 4];
}

static bool on_row(void *user, const struct nx_history *history)
{
	const char **diagnostic = user;
	if (history->event.diagnostic)
		*diagnostic = talloc_strdup(NULL, history->event.diagnostic);
	return true;
}

static void expect_diagnostic(struct fixture *f, unsigned number,
                              const char *wanted)
{
	const char *diagnostic = NULL;
	const char *address = talloc_asprintf(f, "gone%u@example.com", number);
	need(f,
	     nx_store_history(f->store, address, on_row, &diagnostic, &f->err));
	assert_non_null(diagnostic);
	assert_string_equal(diagnostic, wanted);
	talloc_free((void *)diagnostic);
}

static void beyond_it_texts_are_cut_and_standings_step(void **state)
{
	struct fixture *f = *state;
	const struct nx_budget budget = budget_of(3, 0);
	for (unsigned i = 1; i <= 5; i++) {
		const struct nx_outcome outcome =
		        report(f, &budget, i, *own, 0);
		assert_int_equal(outcome.added, 1);
		assert_int_equal(outcome.suppressed, 1);
		assert_int_equal(outcome.cut, i > 3);
	}
	assert_int_equal(status_of(f).cut, 2);
	expect_diagnostic(f, 3, "550 5.1.1 no such user");
	expect_diagnostic(f, 4, "");
	assert_true(is_suppressed(f, "gone5@example.com", 1));
	/* offered again it is known, with its texts or without */
	assert_true(report(f, &budget, 1, *own, 0).known);
	assert_true(report(f, &budget, 5, *own, 0).known);
	assert_int_equal(status_of(f).cut, 2);
	/* and the next day is another */
	assert_int_equal(report(f, &budget, 6, *own, 1).cut, 0);
}

static void a_host_that_is_not_ours_has_a_tenth(void **state)
{
	struct fixture *f = *state;
	const struct nx_budget budget = budget_of(20, 0);
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(report(f, &budget, i, *host_of(i), 0).cut,
		                 i >= 8);
	/* however it is written */
	assert_int_equal(report(f, &budget, 16, "A.Example.", 0).cut, 1);
	assert_int_equal(report(f, &budget, 17, "MX.example.ORG", 0).cut, 0);
	assert_int_equal(report(f, &budget, 18, "d.example", 0).cut, 0);
	assert_int_equal(report(f, &budget, 19, *host_of(1), 1).cut, 0);
	assert_int_equal(report(f, &budget, 20, *host_of(1), 1).cut, 0);
	assert_int_equal(report(f, &budget, 21, *host_of(1), 1).cut, 1);
}

static void beyond_ten_times_it_is_refused_and_not_lost(void **state)
{
	struct fixture *f = *state;
	const struct nx_budget budget = budget_of(2, 0);
	for (unsigned i = 1; i <= 20; i++)
		assert_false(report(f, &budget, i, *own, 0).refused);
	const struct nx_outcome outcome = report(f, &budget, 21, *own, 0);
	assert_true(outcome.refused);
	assert_int_equal(outcome.added, 0);
	assert_false(outcome.known);
	assert_false(is_suppressed(f, "gone21@example.com", 1));
	assert_int_equal(status_of(f).refused, 1);
	assert_int_equal(status_of(f).messages, 20);
	assert_int_equal(report(f, &budget, 21, *own, 1).suppressed, 1);
}

/* A host alone is never a reason to defer. */
static void ten_times_a_share_refuses_nothing(void **state)
{
	struct fixture *f = *state;
	const struct nx_budget budget = budget_of(10, 0);
	for (unsigned i = 0; i < 40; i++)
		assert_false(report(f, &budget, i, "a.example", 0).refused);
}

static void octets_are_a_limit_of_their_own(void **state)
{
	struct fixture *f = *state;
	const struct nx_budget budget = budget_of(0, 3000);
	unsigned whole = 0;
	unsigned number = 1;
	while (report(f, &budget, number, *own, 0).cut == 0)
		whole = number++;
	assert_in_range(whole, 2, 8);
	while (!report(f, &budget, number, *own, 0).refused)
		number++;
	assert_in_range(number, 30, 80);
}

static void who_is_ours_is_bound_by_nothing(void **state)
{
	struct fixture *f = *state;
	for (unsigned i = 1; i <= 30; i++)
		assert_int_equal(report(f, NULL, i, "a.example", 0).cut, 0);
	assert_int_equal(status_of(f).cut, 0);
	const struct nx_budget none = budget_of(0, 0);
	for (unsigned i = 31; i <= 60; i++)
		assert_int_equal(report(f, &none, i, "a.example", 0).cut, 0);
}

/* The same report comes to any number of our addresses. */
static void further_recipients_count_too(void **state)
{
	struct fixture *f = *state;
	const struct nx_budget budget = budget_of(3, 0);
	unsigned taken = 0;
	struct nx_outcome outcome = {.refused = false};
	for (unsigned i = 1; i <= 100 && !outcome.refused; i++) {
		struct nx_delivery delivery = {.time = T0,
		                               .source = "test",
		                               .record = &f->record,
		                               .budget = &budget,
		                               .told = true};
		memcpy(delivery.digest, &i, sizeof(i));
		need(f, nx_store_add(f->store, f->policy, &delivery, &outcome,
		                     &f->err));
		taken = i;
	}
	assert_int_equal(taken, 31);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        STORE_TEST(beyond_it_texts_are_cut_and_standings_step),
	        STORE_TEST(a_host_that_is_not_ours_has_a_tenth),
	        STORE_TEST(beyond_ten_times_it_is_refused_and_not_lost),
	        STORE_TEST(ten_times_a_share_refuses_nothing),
	        STORE_TEST(octets_are_a_limit_of_their_own),
	        STORE_TEST(who_is_ours_is_bound_by_nothing),
	        STORE_TEST(further_recipients_count_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
