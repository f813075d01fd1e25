/* SPDX-License-Identifier: ISC */
#include "deliver/told.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* What a message that comes to several recipients leads to. */
static const struct nx_envelope envelopes[] = {
        {"", true, "b+1@example.org", "", ""},
        {"", true, "b+2@example.org", "", ""},
        {"", true, "b+3@example.org", "", ""},
};

static struct nx_told *new_transaction(TALLOC_CTX *ctx, size_t recipients)
{
	struct nx_submission *offer = talloc_zero(ctx, struct nx_submission);
	offer->envelope = envelopes;
	offer->recipients = recipients;
	return nx_told_new(ctx, offer);
}

/* The events of user FIRST and those that follow. */
static struct nx_event *events_of(TALLOC_CTX *ctx, size_t first, size_t count)
{
	struct nx_event *event = talloc_zero_array(ctx, struct nx_event, count);
	for (size_t i = 0; i < count; i++) {
		event[i].address = talloc_asprintf(event, "user%zu@example.com",
		                                   first + i);
		event[i].list_id = "";
	}
	return event;
}

static size_t take(struct nx_told *told, size_t recipient, size_t first,
                   size_t count, bool *cut)
{
	return nx_told_take(told, &envelopes[recipient],
	                    events_of(told, first, count), count, cut);
}

static void a_thousand_events_are_taken_and_no_more(void **state)
{
	struct nx_told *told = new_transaction(*state, 3);
	bool cut;
	assert_int_equal(take(told, 0, 0, 600, &cut), 600);
	assert_false(cut);
	assert_int_equal(take(told, 1, 600, 400, &cut), 400);
	assert_false(cut);
	assert_int_equal(take(told, 2, 1000, 1, &cut), 0);
	assert_true(cut);
	assert_int_equal(told->events, 1000);
}

static void what_is_told_already_is_not_cut(void **state)
{
	struct nx_told *told = new_transaction(*state, 3);
	bool cut;
	assert_int_equal(take(told, 0, 0, 1000, &cut), 1000);
	assert_int_equal(take(told, 1, 0, 1000, &cut), 0);
	assert_false(cut);
	assert_int_equal(take(told, 2, 999, 2, &cut), 0);
	assert_true(cut);
}

static void who_gets_it_alone_gets_all(void **state)
{
	struct nx_told *told = new_transaction(*state, 1);
	bool cut;
	assert_int_equal(take(told, 0, 0, 1001, &cut), 1001);
	assert_false(cut);
}

static void the_other_recipients_are_ours(void **state)
{
	struct nx_told *told = new_transaction(*state, 2);
	struct nx_event *event = events_of(*state, 0, 3);
	bool cut;
	event[0].address = "b+2@example.org";
	event[1].address = "b+1@example.org";
	assert_int_equal(nx_told_take(told, &envelopes[0], event, 3, &cut), 2);
	assert_string_equal(event[0].address, "b+1@example.org");
	assert_string_equal(event[1].address, "user2@example.com");
}

static int start(void **state)
{
	*state = talloc_new(NULL);
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
	        cmocka_unit_test(a_thousand_events_are_taken_and_no_more),
	        cmocka_unit_test(what_is_told_already_is_not_cut),
	        cmocka_unit_test(who_gets_it_alone_gets_all),
	        cmocka_unit_test(the_other_recipients_are_ours),
	};

	return cmocka_run_group_tests(tests, start, end);
}
