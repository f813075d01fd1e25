/* SPDX-License-Identifier: ISC */
#include "stores.h"

#include "store/store_clock.h"
#include "store/verify.h"

/* Steps of the wall clock: which there are, and that no lease is made, ended or
 * shortened by one. */

#define DAY  NX_DAY
#define HOUR NX_HOUR

static struct nx_clock_reading reading_of(const char *boot, int64_t uptime,
                                          int64_t wall)
{
	struct nx_clock_reading reading = {.uptime = uptime, .wall = wall};
	strncpy(reading.boot, boot, sizeof(reading.boot) - 1);
	return reading;
}

/* --- the decision --------------------------------------------------------- */

struct seen_case {
	const char *name;
	const char *boot;      /* then: "a", 1000 s up, at T0 */
	int64_t step;          /* that stood then */
	int64_t up;            /* since then, or of the new start */
	int64_t wall;          /* since T0 */
	int64_t time, now_off; /* since T0, and the step */
};

static const struct seen_case cases[] = {
        {"nothing happened", "a", 0, 0, 0, 0, 0},
        {"both go on", "a", 0, 500, 500, 500, 0},
        {"asleep for a month", "a", 0, 30 * DAY, 30 * DAY, 30 * DAY, 0},
        {"an hour back is none", "a", 0, 100, 100 - HOUR, 100 - HOUR, 0},
        {"more is one", "a", 0, 100, 99 - HOUR, 100, -1 - HOUR},
        {"a day forward is none", "a", 0, 100, 100 + DAY, 100 + DAY, 0},
        {"and more is one", "a", 0, 100, 101 + DAY, 100, 1 + DAY},
        {"a week ahead", "a", 0, 60, 60 + 7 * DAY, 60, 7 * DAY},
        {"still ahead", "a", 7 * DAY, 60, 60 + 7 * DAY, 60, 7 * DAY},
        {"further ahead", "a", 7 * DAY, 60, 60 + 9 * DAY, 60, 9 * DAY},
        {"and right again", "a", 7 * DAY, 60, 61, 61, 0},
        {"ten years back", "a", 0, 5, 5 - 3650 * DAY, 5, -3650 * DAY},
        {"back, still", "a", -9 * DAY, 5, 5 - 9 * DAY, 5, -9 * DAY},
        {"back, and right again", "a", -9 * DAY, 5, 6, 6, 0},
        {"started again after a week", "b", 0, 20, 7 * DAY, 7 * DAY, 0},
        {"off for 400 days", "b", 0, 20, 400 * DAY, 400 * DAY, 0},
        {"off for longer than that", "b", 0, 20, 401 * DAY, 0, 401 * DAY},
        {"started an hour behind", "b", 0, 20, -HOUR, -HOUR, 0},
        {"started further behind", "b", 0, 20, -HOUR - 1, 0, -HOUR - 1},
        {"started in 1970", "b", 0, 20, 20 - T0, 0, 20 - T0},
        {"and again", "b", 20 - T0, 20, 30 - T0, 10, 20 - T0},
        {"ahead, started again", "b", 7 * DAY, 20, 7 * DAY + 90, 90, 7 * DAY},
        {"ahead, started right", "b", 7 * DAY, 20, 90, 90, 0},
        {"no start is known", "", 0, 100, 7 * DAY, 7 * DAY, 0},
};

static void a_step_is_what_no_time_explains(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct seen_case *one = &cases[i];
		const struct nx_clock_state last = {
		        .seen = reading_of(*one->boot ? "a" : "", 1000, T0),
		        .step = one->step};
		const bool same = strcmp(one->boot, "a") == 0;
		const struct nx_clock_reading now =
		        reading_of(one->boot, same ? 1000 + one->up : one->up,
		                   T0 + one->wall);
		const struct nx_clock_state out =
		        nx_clock_step_judge(&last, &now);
		if (out.seen.wall != T0 + one->time || out.step != one->now_off)
			fail_msg("%s: %lld, step %lld", one->name,
			         (long long)(out.seen.wall - T0),
			         (long long)out.step);
	}
}

static void what_was_never_seen_agrees(void **state)
{
	const struct nx_clock_state never = {.step = 0};
	const struct nx_clock_reading now = reading_of("a", 5, T0);
	const struct nx_clock_state out = nx_clock_step_judge(&never, &now);
	(void)state;
	assert_int_equal(out.seen.wall, T0);
	assert_int_equal(out.step, 0);
}

/* --- the store ------------------------------------------------------------ */

/* Hours after T0 by uptime; the wall clock is off by days. */
static int64_t hour_at(struct fixture *f, const char *boot, int64_t hour,
                       int64_t off, int64_t *step)
{
	struct nx_clock_state clock;
	const struct nx_clock_reading reading =
	        reading_of(boot, hour * HOUR, T0 + hour * HOUR + off * DAY);
	need(f, nx_store_clock_ask(f->store, &reading, &clock, &f->err));
	*step = clock.step;
	return (clock.seen.wall - T0) / HOUR;
}

static struct nx_standing bounce_at(struct fixture *f, unsigned number,
                                    int64_t hour)
{
	add_one(f, number, "gone@example.org", NX_CLASS_HARD, hour);
	return standing_of(f, "", "gone@example.org", hour);
}

static void a_clock_ahead_frees_nobody_and_lengthens_nothing(void **state)
{
	struct fixture *f = *state;
	int64_t step;
	const int64_t first = hour_at(f, "a", 0, 0, &step);
	const struct nx_standing standing = bounce_at(f, 1, first);
	assert_int_equal(standing.until, T0 + 24 * HOUR);
	reopen(f, NX_STORE_WRITE);
	int64_t hour = hour_at(f, "a", 2, 3650, &step);
	assert_int_equal(step, 3650 * DAY);
	assert_int_equal(hour, 2);
	assert_true(is_suppressed(f, "gone@example.org", hour));
	assert_int_equal(add_one(f, 2, "new@example.org", NX_CLASS_HARD, hour)
	                         .suppressed,
	                 1);
	hour = hour_at(f, "a", 25, 3650, &step);
	assert_int_not_equal(step, 0);
	assert_false(is_suppressed(f, "gone@example.org", hour));
	assert_true(is_suppressed(f, "new@example.org", hour));
	hour = hour_at(f, "a", 27, 0, &step); /* right again */
	assert_int_equal(step, 0);
	assert_int_equal(hour, 27);
	assert_false(is_suppressed(f, "new@example.org", hour));
}

static void a_step_stands_over_a_start_of_the_system(void **state)
{
	struct fixture *f = *state;
	int64_t step;
	bounce_at(f, 1, hour_at(f, "a", 0, 0, &step));
	bounce_at(f, 2, hour_at(f, "a", 1, 7, &step));
	assert_int_equal(step, 7 * DAY);
	assert_int_equal(hour_at(f, "b", 2, 7, &step), 2);
	assert_int_equal(step, 7 * DAY);
}

static void accepting_ends_a_step(void **state)
{
	struct fixture *f = *state;
	int64_t step;
	size_t moved;
	bounce_at(f, 1, hour_at(f, "a", 0, 0, &step));
	(void)hour_at(f, "a", 1, 7, &step);
	assert_int_equal(step, 7 * DAY);
	const struct nx_clock_reading right =
	        reading_of("a", HOUR, T0 + HOUR + 7 * DAY);
	need(f, nx_store_clock_accept(f->store, &right, &moved, &f->err));
	assert_int_equal(moved, 0);
	assert_int_equal(hour_at(f, "a", 2, 7, &step), 2 + 7 * 24);
	assert_int_equal(step, 0);
}

/* The first that the store saw was wrong. */
static void what_was_made_in_the_future_comes_back(void **state)
{
	struct fixture *f = *state;
	int64_t step;
	size_t moved, findings;
	const int64_t first = hour_at(f, "a", 0, 3650, &step);
	assert_int_equal(step, 0);
	bounce_at(f, 1, first);
	assert_int_equal(hour_at(f, "a", 1, 0, &step), first + 1);
	assert_int_equal(step, -3650 * DAY);
	assert_true(is_suppressed(f, "gone@example.org", first + 1));
	const struct nx_clock_reading right = reading_of("a", HOUR, T0 + HOUR);
	need(f, nx_store_clock_accept(f->store, &right, &moved, &f->err));
	assert_int_equal(moved, 1);
	assert_int_equal(hour_at(f, "a", 1, 0, &step), 1);
	const struct nx_standing standing =
	        standing_of(f, "", "gone@example.org", 1);
	assert_int_equal(standing.since, T0);
	assert_int_equal(standing.until, T0 + 24 * HOUR);
	need(f, nx_store_verify(f->store, NULL, NULL, &findings, &f->err));
	assert_int_equal(findings, 0);
}

/* It had read the clock before. */
static void a_process_that_was_slow_takes_nothing_back(void **state)
{
	struct fixture *f = *state;
	int64_t step;
	size_t moved;
	bounce_at(f, 1, hour_at(f, "a", 0, 0, &step));
	(void)hour_at(f, "a", 1, 7, &step); /* and then another accepts */
	struct nx_store *other;
	const struct nx_clock_reading right =
	        reading_of("a", HOUR, T0 + HOUR + 7 * DAY);
	need(f,
	     nx_store_open(f, f->directory, NX_STORE_WRITE, &other, &f->err));
	need(f, nx_store_clock_accept(other, &right, &moved, &f->err));
	nx_store_close(other);
	bounce_at(f, 2, 2);
	assert_int_equal(hour_at(f, "a", 2, 7, &step), 2 + 7 * 24);
	assert_int_equal(step, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_step_is_what_no_time_explains),
	        cmocka_unit_test(what_was_never_seen_agrees),
	        STORE_TEST(a_clock_ahead_frees_nobody_and_lengthens_nothing),
	        STORE_TEST(a_step_stands_over_a_start_of_the_system),
	        STORE_TEST(accepting_ends_a_step),
	        STORE_TEST(what_was_made_in_the_future_comes_back),
	        STORE_TEST(a_process_that_was_slow_takes_nothing_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
