/* SPDX-License-Identifier: ISC */
#include "store/verify.h"
#include "stores.h"

#define A "a@example.org"
#define B "b@example.org"

static struct nx_delivery quiet(struct fixture *f, unsigned number,
                                int64_t most, int64_t day)
{
	struct nx_delivery delivery = {.time = T0 + day * NX_DAY,
	                               .source = "test",
	                               .record = &f->record,
	                               .uneventful = most};
	memcpy(delivery.digest, &number, sizeof(number));
	return delivery;
}

static struct nx_outcome add_quiet(struct fixture *f, unsigned number,
                                   int64_t most, int64_t day)
{
	const struct nx_delivery delivery = quiet(f, number, most, day);
	return add_delivery(f, &delivery);
}

/* As another process sees the store. */
static void expect(struct fixture *f, int64_t messages, int64_t left_out)
{
	struct nx_store *other;
	struct nx_store_status status;
	need(f, nx_store_open(f, f->directory, NX_STORE_READ, &other, &f->err));
	need(f, nx_store_status(f, other, T0, &status, &f->err));
	assert_int_equal(status.messages, messages);
	assert_int_equal(status.left_out, left_out);
	nx_store_close(other);
}

/* --- the limit of a day --------------------------------------------------- */

static void so_many_are_recorded_a_day(void **state)
{
	struct fixture *f = *state;
	assert_false(add_quiet(f, 1, 2, 0).left_out);
	assert_true(add_quiet(f, 1, 2, 0).known);
	assert_false(add_quiet(f, 2, 2, 0).left_out);
	reopen(f, NX_STORE_WRITE);
	struct nx_outcome third = add_quiet(f, 3, 2, 0);
	assert_true(third.left_out);
	assert_false(third.known);
	expect(f, 2, 1);
	/* the next day, and without a limit */
	assert_false(add_quiet(f, 3, 2, 1).left_out);
	assert_false(add_quiet(f, 4, 0, 0).left_out);
	expect(f, 4, 1);
}

static void events_are_recorded_however_many_had_none(void **state)
{
	struct fixture *f = *state;
	add_quiet(f, 1, 1, 0);
	assert_true(add_quiet(f, 2, 1, 0).left_out);
	struct nx_event event = event_of(3, A, NX_CLASS_HARD, 0);
	struct nx_delivery delivery = delivery_of(f, &event, 1);
	delivery.uneventful = 1;
	assert_false(add_delivery(f, &delivery).left_out);
	assert_true(is_suppressed(f, A, 1));
}

static void the_same_message_is_counted_once(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < 3; i++)
		add_quiet(f, 1, 2, 0);
	expect(f, 1, 0);
	assert_false(add_quiet(f, 2, 2, 0).left_out); /* there is room */
	assert_true(add_quiet(f, 3, 2, 0).left_out);
}

static void a_group_that_fails_counts_nothing(void **state)
{
	struct fixture *f = *state;
	need(f, nx_store_begin(f->store, &f->err));
	add_quiet(f, 1, 1, 0);
	assert_true(add_quiet(f, 2, 1, 0).left_out);
	nx_store_rollback(f->store);
	expect(f, 0, 0);
	assert_false(add_quiet(f, 2, 1, 0).left_out);
	expect(f, 1, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        STORE_TEST(so_many_are_recorded_a_day),
	        STORE_TEST(events_are_recorded_however_many_had_none),
	        STORE_TEST(the_same_message_is_counted_once),
	        STORE_TEST(a_group_that_fails_counts_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
