/* SPDX-License-Identifier: ISC */
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

static struct nx_outcome add(struct fixture *f,
                             const struct nx_delivery *delivery)
{
	struct nx_outcome outcome;
	need(f, nx_store_add(f->store, f->policy, delivery, &outcome, &f->err));
	return outcome;
}

static struct nx_outcome add_quiet(struct fixture *f, unsigned number,
                                   int64_t most, int64_t day)
{
	const struct nx_delivery delivery = quiet(f, number, most, day);
	return add(f, &delivery);
}

static struct nx_outcome add_kept(struct fixture *f, unsigned number,
                                  int64_t most, int64_t day)
{
	struct nx_delivery delivery = quiet(f, number, most, day);
	delivery.kept = true;
	return add(f, &delivery);
}

static void begin(struct fixture *f)
{
	need(f, nx_store_begin(f->store, &f->err));
}

static void commit(struct fixture *f)
{
	need(f, nx_store_commit(f->store, &f->err));
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

static void write_waiting(struct fixture *f)
{
	need(f, nx_store_write_waiting(f->store, &f->err));
	assert_false(nx_store_waits(f->store));
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
	assert_false(add(f, &delivery).left_out);
	assert_true(is_suppressed(f, A, 1));
}

/* --- what is kept elsewhere ----------------------------------------------- */

/* One that waits and one that is only counted, on a day with room for one. */
static void let_two_wait(struct fixture *f, unsigned number, int64_t day)
{
	begin(f);
	assert_false(add_kept(f, number, 1, day).left_out);
	assert_true(add_kept(f, number + 1, 1, day).left_out);
	commit(f);
}

static void what_is_kept_waits_for_a_transaction(void **state)
{
	struct fixture *f = *state;
	begin(f);
	add_kept(f, 1, 0, 0);
	commit(f);
	assert_true(nx_store_waits(f->store));
	expect(f, 0, 0);
	add_one(f, 2, A, NX_CLASS_HARD, 0);
	assert_false(nx_store_waits(f->store));
	expect(f, 2, 0);
	begin(f);
	add_kept(f, 3, 0, 0);
	commit(f);
	write_waiting(f);
	expect(f, 3, 0);
	write_waiting(f); /* nothing */
	expect(f, 3, 0);
}

static void what_is_not_kept_waits_for_nothing(void **state)
{
	struct fixture *f = *state;
	begin(f);
	add_quiet(f, 1, 0, 0);
	commit(f);
	expect(f, 1, 0);
	/* nor outside of a group */
	add_kept(f, 2, 0, 0);
	expect(f, 2, 0);
	assert_false(nx_store_waits(f->store));
}

static void what_is_recorded_with_an_event_is_the_same(void **state)
{
	struct fixture *f = *state;
	begin(f);
	add_kept(f, 1, 0, 0);
	add_one(f, 2, A, NX_CLASS_HARD, 0);
	add_kept(f, 3, 0, 0);
	commit(f);
	assert_false(nx_store_waits(f->store));
	expect(f, 3, 0);
	assert_true(add_quiet(f, 1, 0, 0).known);
	assert_true(add_quiet(f, 3, 0, 0).known);
}

static void what_waits_is_recorded_once(void **state)
{
	struct fixture *f = *state;
	for (int i = 0; i < 3; i++) {
		begin(f);
		add_kept(f, 1, 2, 0);
		commit(f);
		write_waiting(f);
	}
	expect(f, 1, 0);
	assert_false(add_quiet(f, 2, 2, 0).left_out); /* there is room */
	assert_true(add_quiet(f, 3, 2, 0).left_out);
}

static void a_group_that_fails_takes_its_own_along(void **state)
{
	struct fixture *f = *state;
	struct nx_outcome outcome;
	struct nx_event nobody = event_of(4, "", NX_CLASS_HARD, 0);
	const struct nx_delivery wrong = delivery_of(f, &nobody, 1);
	let_two_wait(f, 1, 0);
	begin(f);
	add_kept(f, 3, 0, 0);
	assert_true(add_kept(f, 5, 1, 0).left_out);
	nx_store_rollback(f->store);
	begin(f);
	add_kept(f, 3, 0, 0);
	assert_false(
	        nx_store_add(f->store, f->policy, &wrong, &outcome, &f->err));
	assert_false(nx_store_commit(f->store, &f->err));
	expect(f, 0, 0);
	write_waiting(f);
	expect(f, 1, 1);
}

static void those_that_wait_have_their_day(void **state)
{
	struct fixture *f = *state;
	let_two_wait(f, 1, 0);
	let_two_wait(f, 3, 1);
	write_waiting(f);
	expect(f, 2, 2);
	begin(f);
	assert_true(add_kept(f, 5, 1, 1).left_out);
	commit(f);
	write_waiting(f);
	expect(f, 2, 3);
}

static void a_day_that_fails_to_begin_loses_nothing(void **state)
{
	struct fixture *f = *state;
	let_two_wait(f, 1, 0);
	begin(f);
	assert_false(add_kept(f, 3, 1, 1).left_out);
	nx_store_rollback(f->store);
	expect(f, 0, 0);
	write_waiting(f);
	expect(f, 1, 1);
	begin(f);
	assert_false(add_kept(f, 3, 1, 1).left_out);
	commit(f);
	write_waiting(f);
	expect(f, 2, 1);
}

/* Also with more than may wait, in one group and in many; and with those only
 * counted. */
static void not_many_wait(void **state)
{
	enum { MANY = 2000, ROOM = 2500 };
	struct fixture *f = *state;
	begin(f);
	for (unsigned i = 0; i < MANY; i++)
		assert_false(add_kept(f, i, ROOM, 0).left_out);
	commit(f);
	assert_false(nx_store_waits(f->store));
	expect(f, MANY, 0);
	for (unsigned i = MANY; i < 2 * MANY; i++) {
		begin(f);
		assert_int_equal(add_kept(f, i, ROOM, 0).left_out, i >= ROOM);
		commit(f);
	}
	assert_true(nx_store_waits(f->store));
	write_waiting(f);
	expect(f, ROOM, 2 * MANY - ROOM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        STORE_TEST(so_many_are_recorded_a_day),
	        STORE_TEST(events_are_recorded_however_many_had_none),
	        STORE_TEST(what_is_kept_waits_for_a_transaction),
	        STORE_TEST(what_is_not_kept_waits_for_nothing),
	        STORE_TEST(what_is_recorded_with_an_event_is_the_same),
	        STORE_TEST(what_waits_is_recorded_once),
	        STORE_TEST(a_group_that_fails_takes_its_own_along),
	        STORE_TEST(those_that_wait_have_their_day),
	        STORE_TEST(a_day_that_fails_to_begin_loses_nothing),
	        STORE_TEST(not_many_wait),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
