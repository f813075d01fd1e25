/* SPDX-License-Identifier: ISC */
#include "base/date.h"
#include "policies.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char TERMS[] =
        "hard: { ladder: [24h, 48h, 96h, 7d, 14d],\n"
        "        climb_on: [attempt, bounce], climb_at_most: 1 per 24h }\n"
        "soft: { strikes: 3, on_days: 3, within: 14d,\n"
        "        ladder: [24h, 72h, 7d], climb_on: [bounce] }\n"
        "complaint: { ladder: [forever] }\n"
        "unsubscribe: { ladder: [forever] }\n"
        "manual: { ladder: [forever] }\n";

#define T0 INT64_C(1767225600) /* 2026-01-01T00:00:00Z */

static TALLOC_CTX *ctx;
static const struct nx_policy *policy;

static const struct nx_policy *compile(const char *text)
{
	struct nx_error err;
	const struct nx_policy *out;
	if (!compile_policy(ctx, text, &out, &err))
		fail_msg("%s", err.text);
	return out;
}

static int start(void **state)
{
	(void)state;
	ctx = talloc_new(NULL);
	policy = compile(TERMS);
	return 0;
}

static int end(void **state)
{
	(void)state;
	talloc_free(ctx);
	return 0;
}

/* Hours at which a bounce comes that is hard on its second day, and whether the
 * subject is suppressed as hard after the last. */
static struct nx_standing unconfirmed(struct nx_standing standing, int days,
                                      const int64_t *hours, size_t count)
{
	const struct nx_verdict verdict = {.class = NX_CLASS_HARD,
	                                   .fault = NX_FAULT_RECIPIENT,
	                                   .reason = "unknown-user",
	                                   .confirm_days = days};
	for (size_t i = 0; i < count; i++)
		standing = nx_policy_judge(policy, standing, &verdict,
		                           T0 + hours[i] * NX_HOUR);
	return standing;
}

#define DOUBT(standing, days, ...)                                             \
	unconfirmed(standing, days, (const int64_t[]){__VA_ARGS__},            \
	            sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

/* One line of a story: hours from T0, what happens, and until when the subject
 * is suppressed after it, in hours from T0 (FREE: it is not; EVER: forever). */
enum { FREE = -1, EVER = -2 };

struct line {
	int64_t hour;
	enum nx_trigger trigger;
	enum nx_cause cause;
	int64_t until;
};

#define HARD(hour, until)                                                      \
	{                                                                      \
		hour, NX_TRIGGER_BOUNCE, NX_CAUSE_HARD, until                  \
	}
#define SOFT(hour, until)                                                      \
	{                                                                      \
		hour, NX_TRIGGER_BOUNCE, NX_CAUSE_SOFT, until                  \
	}
#define ATTEMPT(hour, until)                                                   \
	{                                                                      \
		hour, NX_TRIGGER_ATTEMPT, NX_CAUSE_NONE, until                 \
	}
#define CUE(trigger, hour, until)                                              \
	{                                                                      \
		hour, NX_TRIGGER_##trigger, NX_CAUSE_NONE, until               \
	}

static struct nx_standing tell_by(const struct nx_policy *terms,
                                  const struct line *lines, size_t count)
{
	struct nx_standing standing = {0};
	for (size_t i = 0; i < count; i++) {
		int64_t now = T0 + lines[i].hour * NX_HOUR;
		standing = nx_policy_step(terms, standing, lines[i].trigger,
		                          lines[i].cause, "unknown-user", now);
		bool holds = nx_standing_holds(&standing, now);
		int64_t until = !holds ? FREE
		                : standing.until == NX_FOREVER
		                        ? EVER
		                        : (standing.until - T0) / NX_HOUR;
		if (until != lines[i].until)
			fail_msg("line %zu: %" PRId64 ", not %" PRId64, i,
			         until, lines[i].until);
	}
	return standing;
}

#define TELL(...)                                                              \
	tell_by(policy, (const struct line[]){__VA_ARGS__},                    \
	        sizeof((const struct line[]){__VA_ARGS__}) /                   \
	                sizeof(struct line))
#define TELL_BY(terms, ...)                                                    \
	tell_by(compile(terms), (const struct line[]){__VA_ARGS__},            \
	        sizeof((const struct line[]){__VA_ARGS__}) /                   \
	                sizeof(struct line))

static void attempts_climb_the_ladder(void **state)
{
	(void)state;
	struct nx_standing standing =
	        TELL(HARD(0, 24), ATTEMPT(1, 1 + 48), ATTEMPT(48, 48 + 96),
	             ATTEMPT(120, 120 + 168), ATTEMPT(264, 264 + 336));
	assert_int_equal(standing.since, T0);
	assert_int_equal(standing.rung, 4);
	assert_string_equal(standing.reason, "unknown-user");
	/* after 15 days without a bounce it is free, and starts again */
	int64_t later = T0 + 264 * NX_HOUR + 15 * NX_DAY;
	assert_false(nx_standing_holds(&standing, later));
	standing = nx_policy_step(policy, standing, NX_TRIGGER_BOUNCE,
	                          NX_CAUSE_HARD, "unknown-user", later);
	assert_int_equal(standing.until, later + NX_DAY);
	assert_int_equal(standing.since, later);
	assert_int_equal(standing.rung, 0);
	assert_int_equal(standing.climbed, 0);
}

static void the_last_rung_repeats(void **state)
{
	(void)state;
	TELL(HARD(0, 24), ATTEMPT(1, 49), ATTEMPT(48, 144), ATTEMPT(120, 288),
	     ATTEMPT(264, 600), ATTEMPT(300, 300 + 336),
	     ATTEMPT(400, 400 + 336));
}

static void a_lease_ends_by_itself(void **state)
{
	(void)state;
	struct nx_standing standing = TELL(HARD(0, 24));
	assert_true(nx_standing_holds(&standing, T0 + NX_DAY - 1));
	assert_false(nx_standing_holds(&standing, T0 + NX_DAY));
	TELL(HARD(0, 24), ATTEMPT(24, FREE), HARD(25, 49));
}

static void an_attempt_that_may_not_climb_changes_nothing(void **state)
{
	(void)state;
	TELL(HARD(0, 24), ATTEMPT(1, 49), ATTEMPT(2, 49), ATTEMPT(24, 49),
	     ATTEMPT(25, 25 + 96));
}

static void an_attempt_without_a_lease_changes_nothing(void **state)
{
	(void)state;
	struct nx_standing standing = TELL(ATTEMPT(0, FREE));
	static const struct nx_standing nothing;
	assert_memory_equal(&standing, &nothing, sizeof(nothing));
}

static void another_hard_bounce_climbs_like_an_attempt(void **state)
{
	(void)state;
	TELL(HARD(0, 24), HARD(1, 49), HARD(2, 49), HARD(48, 144));
}

static void one_soft_bounce_never_suppresses(void **state)
{
	(void)state;
	TELL(SOFT(0, FREE), ATTEMPT(1, FREE));
}

static void three_soft_bounces_on_three_days_suppress(void **state)
{
	(void)state;
	struct nx_standing standing =
	        TELL(SOFT(0, FREE), SOFT(24, FREE), SOFT(48, 48 + 24));
	assert_int_equal(standing.strikes, 0);
	assert_int_equal(standing.cause, NX_CAUSE_SOFT);
}

static void many_soft_bounces_on_two_days_do_not(void **state)
{
	(void)state;
	struct nx_standing standing =
	        TELL(SOFT(0, FREE), SOFT(1, FREE), SOFT(2, FREE), SOFT(3, FREE),
	             SOFT(24, FREE), SOFT(25, FREE), SOFT(47, FREE));
	assert_int_equal(standing.strikes, 2);
	assert_int_equal(standing.strike[0], T0 + 47 * NX_HOUR);
	assert_int_equal(standing.strike[1], T0 + 3 * NX_HOUR);
}

static void a_soft_bounce_counts_for_fourteen_days(void **state)
{
	(void)state;
	TELL(SOFT(0, FREE), SOFT(24, FREE), SOFT(14 * 24, FREE));
	TELL(SOFT(1, FREE), SOFT(24, FREE), SOFT(14 * 24, 15 * 24));
}

static void soft_bounces_climb_while_a_soft_lease_holds(void **state)
{
	(void)state;
	TELL(SOFT(0, FREE), SOFT(24, FREE), SOFT(48, 72), SOFT(50, 50 + 72),
	     ATTEMPT(51, 122), SOFT(60, 60 + 168), SOFT(70, 70 + 168));
}

static void a_soft_lease_that_ended_needs_new_strikes(void **state)
{
	(void)state;
	TELL(SOFT(0, FREE), SOFT(24, FREE), SOFT(48, 72), SOFT(72, FREE),
	     SOFT(96, FREE), SOFT(120, 144));
}

static void several_strikes_of_one_day_count_when_terms_say_so(void **state)
{
	(void)state;
	static const char terms[] =
	        "hard: { ladder: [24h] }\n"
	        "soft: { strikes: 4, on_days: 2, within: 7d,\n"
	        "        ladder: [24h] }\n" OTHER_CAUSES;
	TELL_BY(terms, SOFT(0, FREE), SOFT(1, FREE), SOFT(2, FREE),
	        SOFT(3, FREE), SOFT(4, FREE), SOFT(24, 48));
	TELL_BY(terms, SOFT(0, FREE), SOFT(24, FREE), SOFT(48, FREE),
	        SOFT(49, 73));
}

static void a_complaint_takes_a_hard_lease_over(void **state)
{
	(void)state;
	struct nx_standing standing =
	        TELL(HARD(0, 24), CUE(COMPLAINT, 1, EVER), HARD(2, EVER),
	             ATTEMPT(3, EVER), SOFT(4, EVER));
	assert_int_equal(standing.cause, NX_CAUSE_COMPLAINT);
	assert_int_equal(standing.since, T0);
	assert_int_equal(standing.rung, 0);
}

static void a_hard_bounce_takes_a_soft_lease_over(void **state)
{
	(void)state;
	struct nx_standing standing =
	        TELL(SOFT(0, FREE), SOFT(24, FREE), SOFT(48, 72), SOFT(50, 122),
	             HARD(60, 122), HARD(100, 148));
	assert_int_equal(standing.cause, NX_CAUSE_HARD);
	assert_int_equal(standing.rung, 1);
}

static void a_soft_bounce_during_a_hard_lease_changes_nothing(void **state)
{
	(void)state;
	struct nx_standing standing =
	        TELL(HARD(0, 24), SOFT(1, 24), SOFT(2, 24));
	assert_int_equal(standing.strikes, 0);
}

static void forever_is_not_lost_to_a_stronger_lease_that_ends(void **state)
{
	(void)state;
	static const char terms[] = "hard: { ladder: [24h] }\n"
	                            "soft: { ladder: [24h] }\n"
	                            "complaint: { ladder: [forever] }\n"
	                            "unsubscribe: { ladder: [forever] }\n"
	                            "manual: { ladder: [30d] }\n";
	struct nx_standing standing =
	        TELL_BY(terms, CUE(MANUAL, 0, 720), HARD(1, 720),
	                CUE(COMPLAINT, 2, EVER), CUE(UNSUBSCRIBE, 3, EVER));
	assert_int_equal(standing.cause, NX_CAUSE_UNSUBSCRIBE);
}

static void by_hand_needs_no_strikes(void **state)
{
	(void)state;
	TELL({0, NX_TRIGGER_MANUAL, NX_CAUSE_SOFT, 24});
	TELL({0, NX_TRIGGER_MANUAL, NX_CAUSE_HARD, 24});
	TELL(CUE(MANUAL, 0, EVER));
}

static void a_release_forgets_everything(void **state)
{
	(void)state;
	static const struct nx_standing nothing;
	struct nx_standing standing = TELL(
	        SOFT(0, FREE), CUE(COMPLAINT, 1, EVER), CUE(RELEASE, 2, FREE));
	assert_memory_equal(&standing, &nothing, sizeof(nothing));
	TELL(SOFT(0, FREE), SOFT(24, FREE), CUE(RELEASE, 25, FREE),
	     SOFT(48, FREE));
	TELL(HARD(0, 24), ATTEMPT(1, 49), CUE(RELEASE, 2, FREE),
	     HARD(3, 3 + 24));
}

static void a_longer_memory_resumes_one_rung_higher(void **state)
{
	(void)state;
	static const char terms[] =
	        "hard: { ladder: [24h, 48h, 96h], forget_after: 7d }\n"
	        "soft: { ladder: [24h] }\n" OTHER_CAUSES;
	TELL_BY(terms, HARD(0, 24), HARD(24, 24 + 48), HARD(100, 100 + 96),
	        HARD(200, 200 + 96), HARD(296 + 168, 296 + 168 + 24));
}

static void a_clock_that_goes_back_shortens_nothing(void **state)
{
	(void)state;
	TELL(HARD(0, 24), ATTEMPT(1, 49), HARD(-1000, 49), ATTEMPT(-2000, 49));
	TELL(SOFT(48, FREE), SOFT(24, FREE), SOFT(0, 24));
}

static void the_terms_of_the_latest_bounce_apply(void **state)
{
	(void)state;
	struct nx_standing standing = {0};
	const struct nx_policy *terms = compile(
	        "hard: { ladder: [24h, 48h, 96h], climb_on: [bounce],\n"
	        "        reasons: { mailbox-full: { ladder: [72h] } } }\n"
	        "soft: { ladder: [24h] }\n" OTHER_CAUSES);
	standing = nx_policy_step(terms, standing, NX_TRIGGER_BOUNCE,
	                          NX_CAUSE_HARD, "unknown-user", T0);
	standing = nx_policy_step(terms, standing, NX_TRIGGER_BOUNCE,
	                          NX_CAUSE_HARD, "mailbox-full", T0 + 1);
	assert_int_equal(standing.until, T0 + 1 + 72 * NX_HOUR);
	assert_int_equal(standing.rung, 0);
	assert_string_equal(standing.reason, "mailbox-full");
}

/* --- what bounds attempts ------------------------------------------------- */

static const char BOUNDED[] =
        "hard: { ladder: [24h, 48h, 96h, 7d, 14d, 30d, 90d],\n"
        "        climb_on: [attempt, bounce], climb_at_most: 1 per 24h,\n"
        "        forget_after: 1y, attempt_longest: 96h,\n"
        "        attempts_hold: 10d }\n"
        "soft: { ladder: [24h] }\n" OTHER_CAUSES;

static void attempts_climb_to_the_longest_they_may(void **state)
{
	(void)state;
	/* 96 h repeat, and the next bounce takes the rung after that */
	struct nx_standing standing = TELL_BY(
	        BOUNDED, HARD(0, 24), ATTEMPT(1, 1 + 48), ATTEMPT(40, 40 + 96),
	        ATTEMPT(100, 100 + 96), HARD(130, 130 + 168));
	assert_int_equal(standing.rung, 3);
	/* on a rung above it an attempt renews by 96 h and keeps the rung */
	standing = TELL_BY(BOUNDED, HARD(0, 24), HARD(24, 72), HARD(72, 168),
	                   HARD(168, 336), HARD(336, 672), ATTEMPT(500, 672),
	                   ATTEMPT(600, 696), ATTEMPT(610, 696));
	assert_int_equal(standing.rung, 4);
	assert_int_equal(standing.bounced_until, T0 + 672 * NX_HOUR);
}

static void attempts_hold_a_lease_for_so_long_only(void **state)
{
	(void)state;
	/* 10 d beyond 24 h: then one mail may try, and its bounce holds anew */
	TELL_BY(BOUNDED, HARD(0, 24), ATTEMPT(1, 49), ATTEMPT(40, 136),
	        ATTEMPT(100, 196), ATTEMPT(180, 264), ATTEMPT(250, 264),
	        ATTEMPT(264, FREE), HARD(265, 265 + 168));
	/* 0: attempts climb, and hold nothing */
	static const char none[] =
	        "hard: { ladder: [24h, 48h], climb_on: [attempt],\n"
	        "        attempts_hold: 0, forget_after: 7d }\n"
	        "soft: { ladder: [24h] }\n" OTHER_CAUSES;
	TELL_BY(none, HARD(0, 24), ATTEMPT(1, 24), HARD(25, 25 + 48));
	/* no rung is short enough: they change nothing */
	static const char short_ones[] =
	        "hard: { ladder: [24h, 48h], climb_on: [attempt],\n"
	        "        attempt_longest: 1h, forget_after: 7d }\n"
	        "soft: { ladder: [24h] }\n" OTHER_CAUSES;
	struct nx_standing standing =
	        TELL_BY(short_ones, HARD(0, 24), ATTEMPT(1, 24));
	assert_int_equal(standing.rung, 0);
	assert_int_equal(standing.climbed, 0);
}

static void a_bounce_moves_the_end_that_attempts_count_from(void **state)
{
	(void)state;
	struct nx_standing standing =
	        TELL_BY(BOUNDED, HARD(0, 24), ATTEMPT(1, 49), HARD(40, 136));
	assert_int_equal(standing.bounced_until, T0 + 136 * NX_HOUR);
	standing = TELL_BY(BOUNDED, HARD(0, 24), ATTEMPT(1, 49));
	assert_int_equal(standing.bounced_until, T0 + 24 * NX_HOUR);
	/* where it is unknown, attempts count from the end as it stands */
	standing.bounced_until = 0;
	const struct nx_policy *terms = compile(BOUNDED);
	standing = nx_policy_step(terms, standing, NX_TRIGGER_ATTEMPT,
	                          NX_CAUSE_NONE, "", T0 + 30 * NX_HOUR);
	assert_int_equal(standing.bounced_until, T0 + 49 * NX_HOUR);
	assert_int_equal(standing.until, T0 + (30 + 96) * NX_HOUR);
}

/* --- the table of Azure, option by option --------------------------------- */

#define LADDER "ladder: [24h, 48h, 96h, 7d, 14d], climb_on: [attempt]"
#define OPTION(keys)                                                           \
	"hard: { " LADDER keys " }\nsoft: { ladder: [24h] }\n" OTHER_CAUSES

/* Hard at 0 h, attempts at 10, 30, 60 and 200 h, then silence, and a failure of
 * the mail that is sent when it is free. */
static void attempts_at_10_30_60_and_200_hours(void **state)
{
	(void)state;
	/* to the letter: each attempt climbs, and silence forgets */
	TELL_BY(OPTION(""), HARD(0, 24), ATTEMPT(10, 58), ATTEMPT(30, 126),
	        ATTEMPT(60, 228), ATTEMPT(200, 536), ATTEMPT(536, FREE),
	        HARD(537, 561));
	/* one climb an hour is the same for these */
	TELL_BY(OPTION(", climb_at_most: 1 per 1h"), HARD(0, 24),
	        ATTEMPT(10, 58), ATTEMPT(30, 126), ATTEMPT(60, 228),
	        ATTEMPT(200, 536), ATTEMPT(536, FREE), HARD(537, 561));
	/* one a day: that at 30 h is too soon, that at 60 h too late */
	TELL_BY(OPTION(", climb_at_most: 1 per 24h"), HARD(0, 24),
	        ATTEMPT(10, 58), ATTEMPT(30, 58), ATTEMPT(60, FREE),
	        HARD(60, 84), ATTEMPT(200, FREE), HARD(200, 224));
	/* the last repeats, from each attempt on */
	TELL_BY(OPTION(""), HARD(0, 24), ATTEMPT(10, 58), ATTEMPT(30, 126),
	        ATTEMPT(60, 228), ATTEMPT(200, 536), ATTEMPT(300, 636),
	        ATTEMPT(400, 736), ATTEMPT(736, FREE));
	/* 14 days are the longest stay, not the longest lease */
	TELL_BY(OPTION(", attempts_hold: 312h"), HARD(0, 24), ATTEMPT(10, 58),
	        ATTEMPT(30, 126), ATTEMPT(60, 228), ATTEMPT(200, 336),
	        ATTEMPT(336, FREE), HARD(337, 361));
	/* what has ended is remembered for 30 days */
	TELL_BY(OPTION(", forget_after: 30d"), HARD(0, 24), ATTEMPT(10, 58),
	        ATTEMPT(30, 126), ATTEMPT(60, 228), ATTEMPT(200, 536),
	        HARD(537, 537 + 336), HARD(873 + 720, 1593 + 24));
	/* attempts climb to 96 h at most */
	TELL_BY(OPTION(", attempt_longest: 96h"), HARD(0, 24), ATTEMPT(10, 58),
	        ATTEMPT(30, 126), ATTEMPT(60, 156), ATTEMPT(200, FREE),
	        HARD(200, 224));
}

/* --- deliveries, and strikes of 0 ----------------------------------------- */

static void a_delivery_clears_what_bounces_have_done(void **state)
{
	(void)state;
	static const struct nx_standing nothing;
	struct nx_standing standing =
	        TELL(SOFT(0, FREE), SOFT(24, FREE), CUE(DELIVERED, 25, FREE));
	assert_memory_equal(&standing, &nothing, sizeof(nothing));
	standing = TELL(SOFT(0, FREE), SOFT(24, FREE), SOFT(48, 72),
	                CUE(DELIVERED, 49, FREE));
	assert_memory_equal(&standing, &nothing, sizeof(nothing));
	/* the rung goes as well, of a lease that has ended too */
	TELL_BY(BOUNDED, HARD(0, 24), CUE(DELIVERED, 1, FREE), HARD(2, 26),
	        HARD(26, 26 + 48), CUE(DELIVERED, 100, FREE), HARD(101, 125));
	standing = DOUBT(nothing, 2, 0);
	assert_int_equal(standing.unconfirmed_count, 1);
	standing = nx_policy_step(policy, standing, NX_TRIGGER_DELIVERED,
	                          NX_CAUSE_NONE, "", T0);
	assert_memory_equal(&standing, &nothing, sizeof(nothing));
}

static void a_delivery_takes_back_no_wish(void **state)
{
	(void)state;
	TELL(CUE(COMPLAINT, 0, EVER), CUE(DELIVERED, 1, EVER));
	TELL(CUE(UNSUBSCRIBE, 0, EVER), CUE(DELIVERED, 1, EVER));
	TELL(CUE(MANUAL, 0, EVER), CUE(DELIVERED, 1, EVER));
	struct nx_standing standing =
	        TELL(SOFT(0, FREE), CUE(COMPLAINT, 1, EVER),
	             CUE(DELIVERED, 2, EVER));
	assert_int_equal(standing.cause, NX_CAUSE_COMPLAINT);
	assert_int_equal(standing.since, T0 + NX_HOUR);
	/* what waited before the complaint came is forgotten */
	static const struct nx_standing nothing;
	standing = DOUBT(nothing, 2, 0);
	assert_int_equal(standing.strikes, 1);
	standing = nx_policy_step(policy, standing, NX_TRIGGER_COMPLAINT,
	                          NX_CAUSE_NONE, "", T0 + NX_HOUR);
	assert_int_equal(standing.unconfirmed_count, 1);
	standing = nx_policy_step(policy, standing, NX_TRIGGER_DELIVERED,
	                          NX_CAUSE_NONE, "", T0 + 2 * NX_HOUR);
	assert_int_equal(standing.unconfirmed_count, 0);
	assert_int_equal(standing.unconfirmed[0], 0);
	assert_int_equal(standing.strikes, 0);
	/* finite ones keep their end and their rung, too */
	standing = TELL_BY("hard: { ladder: [24h] }\n"
	                   "soft: { ladder: [24h] }\n"
	                   "complaint: { ladder: [24h, 48h], "
	                   "forget_after: 7d }\n"
	                   "unsubscribe: { ladder: [24h] }\n"
	                   "manual: { ladder: [24h] }\n",
	                   CUE(COMPLAINT, 0, 24), CUE(DELIVERED, 1, 24),
	                   CUE(DELIVERED, 30, FREE), CUE(COMPLAINT, 31, 79));
	assert_int_equal(standing.rung, 1);
}

static void without_strikes_only_a_hand_suppresses(void **state)
{
	(void)state;
	static const char terms[] =
	        "hard: { strikes: 2, within: 24h, ladder: [30d] }\n"
	        "soft: { strikes: 0, within: 14d, ladder: [24h] }\n" OTHER_CAUSES;
	TELL_BY(terms, SOFT(0, FREE), SOFT(1, FREE), SOFT(30, FREE));
	TELL_BY(terms, {0, NX_TRIGGER_MANUAL, NX_CAUSE_SOFT, 24});
	/* nor is it a strike for what has some */
	TELL_BY(terms, SOFT(0, FREE), HARD(1, FREE), HARD(25, FREE),
	        HARD(26, 26 + 720));
}

/* --- what the policy wants confirmed -------------------------------------- */

static void the_policy_may_want_a_bounce_confirmed(void **state)
{
	static const struct nx_standing nothing;
	(void)state;
	const struct nx_policy *before = policy;
	policy = compile(
	        "hard:\n  ladder: [24h]\n  confirm: 3 days\n  reasons:\n"
	        "    mailbox-full: { confirm: 0 }\n"
	        "soft: { strikes: 5, on_days: 5, within: 14d,\n"
	        "        ladder: [24h] }\n" OTHER_CAUSES);
	/* the longer of the two counts */
	assert_int_equal(DOUBT(nothing, 0, 0, 24).cause, NX_CAUSE_NONE);
	assert_int_equal(DOUBT(nothing, 0, 0, 24, 48).cause, NX_CAUSE_HARD);
	assert_int_equal(DOUBT(nothing, 2, 0, 24).cause, NX_CAUSE_NONE);
	assert_int_equal(DOUBT(nothing, 4, 0, 24, 48).cause, NX_CAUSE_NONE);
	assert_int_equal(DOUBT(nothing, 4, 0, 24, 48, 72).cause, NX_CAUSE_HARD);
	static const struct {
		enum nx_class class;
		const char *reason;
		int confirm_days, want;
	} cases[] = {
	        {NX_CLASS_HARD, "unknown-user", 0, 3},
	        {NX_CLASS_HARD, "mailbox-full", 0, 0},
	        {NX_CLASS_HARD, "mailbox-full", 2, 2},
	        {NX_CLASS_SOFT, "unknown-user", 0, 0},
	        {NX_CLASS_SOFT, "unknown-user", 2, 3},
	        {NX_CLASS_COMPLAINT, "unknown-user", 0, 0},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct nx_verdict verdict = {
		        .class = cases[i].class,
		        .reason = cases[i].reason,
		        .confirm_days = cases[i].confirm_days};
		assert_int_equal(nx_policy_confirm_days(policy, &verdict),
		                 cases[i].want);
	}
	policy = before;
}

static void of_a_day_the_last_bounce_counts(void **state)
{
	static const struct nx_standing nothing;
	(void)state;
	TELL_BY("hard: { ladder: [24h] }\n"
	        "soft: { strikes: 3, on_days: 2, within: 24h,\n"
	        "        ladder: [24h] }\n" OTHER_CAUSES,
	        SOFT(10, FREE), SOFT(11, FREE), SOFT(23, FREE),
	        SOFT(34, 34 + 24));
	const struct nx_policy *before = policy;
	policy = compile("hard: { ladder: [24h] }\n"
	                 "soft: { strikes: 5, within: 24h,\n"
	                 "        ladder: [24h] }\n" OTHER_CAUSES);
	assert_int_equal(DOUBT(nothing, 2, 1, 23, 30).cause, NX_CAUSE_HARD);
	policy = before;
}

/* --- whatever happens ----------------------------------------------------- */

static uint64_t dice;

static unsigned roll(unsigned sides)
{
	dice = dice * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(dice >> 33) % sides;
}

static void a_second_day_confirms_what_was_in_doubt(void **state)
{
	static const struct nx_standing nothing;
	(void)state;
	struct nx_standing standing = DOUBT(nothing, 2, 0, 5, 23);
	assert_int_equal(standing.cause, NX_CAUSE_NONE);
	assert_int_equal(standing.unconfirmed_count, 1);
	standing = DOUBT(standing, 2, 24);
	assert_int_equal(standing.cause, NX_CAUSE_HARD);
	assert_int_equal(standing.until, T0 + 48 * NX_HOUR);
	assert_string_equal(standing.reason, "unknown-user");
	assert_int_equal(standing.unconfirmed_count, 0);
	assert_int_equal(standing.unconfirmed[0], 0);
	/* three days are required, and a clock that goes back counts as a
	 * day */
	assert_int_equal(DOUBT(nothing, 3, 0, 24).cause, NX_CAUSE_NONE);
	assert_int_equal(DOUBT(nothing, 2, 30, 0).cause, NX_CAUSE_HARD);
}

static void soft_bounces_confirm_nothing(void **state)
{
	(void)state;
	struct nx_standing standing = TELL(SOFT(0, FREE), SOFT(24, FREE));
	standing = DOUBT(standing, 2, 25);
	assert_int_equal(standing.cause, NX_CAUSE_NONE);
	standing = DOUBT(standing, 2, 48);
	assert_int_equal(standing.cause, NX_CAUSE_HARD);
}

static void a_doubt_is_a_soft_bounce_as_well(void **state)
{
	(void)state;
	struct nx_standing standing = TELL(SOFT(0, FREE), SOFT(24, FREE));
	standing = DOUBT(standing, 3, 48);
	assert_int_equal(standing.cause, NX_CAUSE_SOFT);
}

static void a_doubt_counts_as_long_as_a_soft_strike(void **state)
{
	static const struct nx_standing nothing;
	(void)state;
	assert_int_equal(DOUBT(nothing, 2, 0, 14 * 24).cause, NX_CAUSE_NONE);
	assert_int_equal(DOUBT(nothing, 2, 0, 14 * 24 - 1).cause,
	                 NX_CAUSE_HARD);
}

static void a_doubt_changes_no_lease_that_is_hard(void **state)
{
	(void)state;
	struct nx_standing standing = TELL(HARD(0, 24));
	struct nx_standing after = DOUBT(standing, 2, 1, 20);
	assert_memory_equal(&after, &standing, sizeof(after));
	/* a soft lease is taken over, once the bounce is confirmed */
	standing = TELL(SOFT(0, FREE), SOFT(24, FREE), SOFT(48, 72));
	standing = DOUBT(standing, 2, 49);
	assert_int_equal(standing.cause, NX_CAUSE_SOFT);
	standing = DOUBT(standing, 2, 72);
	assert_int_equal(standing.cause, NX_CAUSE_HARD);
}

static void check_sane(const struct nx_standing *standing)
{
	assert_in_range(standing->rung, 0, NX_POLICY_RUNGS - 1);
	assert_in_range(standing->strikes, 0, NX_POLICY_STRIKES);
	for (int i = 1; i < standing->strikes; i++)
		assert_true(standing->strike[i - 1] >= standing->strike[i]);
	for (int i = standing->strikes; i < NX_POLICY_STRIKES; i++)
		assert_int_equal(standing->strike[i], 0);
	if (standing->cause == NX_CAUSE_NONE)
		assert_int_equal(standing->until, 0);
	else
		assert_true(standing->since < standing->until);
	assert_true(standing->climbed <= standing->until);
}

static void check_step(const struct nx_standing *before,
                       const struct nx_standing *after, enum nx_trigger trigger,
                       enum nx_cause cause, int64_t now)
{
	bool held = nx_standing_holds(before, now);
	bool holds = nx_standing_holds(after, now);
	check_sane(after);
	if (trigger == NX_TRIGGER_RELEASE || (trigger == NX_TRIGGER_DELIVERED &&
	                                      before->cause <= NX_CAUSE_HARD)) {
		assert_int_equal(after->cause, NX_CAUSE_NONE);
		return;
	}
	assert_true(after->until >= before->until);
	assert_true(after->bounced_until <= after->until);
	if (held) {
		assert_true(holds);
		assert_true(after->until >= before->until);
		assert_int_equal(after->since, before->since);
	}
	if (!held && trigger == NX_TRIGGER_ATTEMPT)
		assert_memory_equal(before, after, sizeof(*after));
	if (!held && holds)
		assert_int_equal(after->since, now);
	if (trigger == NX_TRIGGER_COMPLAINT ||
	    trigger == NX_TRIGGER_UNSUBSCRIBE || trigger == NX_TRIGGER_MANUAL)
		assert_true(after->until == NX_FOREVER);
	if (trigger == NX_TRIGGER_BOUNCE && cause == NX_CAUSE_HARD)
		assert_true(holds);
	if (!held && holds && cause == NX_CAUSE_SOFT)
		assert_true(before->strikes >= 2);
	/* a lease is never longer than the longest rung from now */
	if (after->until != before->until && after->until != NX_FOREVER)
		assert_true(after->until - now <= 14 * NX_DAY);
}

static void no_sequence_breaks_a_promise(void **state)
{
	(void)state;
	dice = 42;
	for (int story = 0; story < 20000; story++) {
		struct nx_standing standing = {0};
		int64_t now = T0;
		for (int i = 0; i < 30; i++) {
			/* mostly bounces and attempts */
			static const enum nx_trigger triggers[] = {
			        NX_TRIGGER_BOUNCE,     NX_TRIGGER_BOUNCE,
			        NX_TRIGGER_BOUNCE,     NX_TRIGGER_ATTEMPT,
			        NX_TRIGGER_ATTEMPT,    NX_TRIGGER_ATTEMPT,
			        NX_TRIGGER_RELEASE,    NX_TRIGGER_DELIVERED,
			        NX_TRIGGER_COMPLAINT,  NX_TRIGGER_MANUAL,
			        NX_TRIGGER_UNSUBSCRIBE};
			enum nx_trigger trigger =
			        triggers[roll(i < 20 ? 8 : 11)];
			enum nx_cause cause = trigger != NX_TRIGGER_BOUNCE
			                              ? NX_CAUSE_NONE
			                      : roll(3) ? NX_CAUSE_SOFT
			                                : NX_CAUSE_HARD;
			struct nx_standing before = standing;
			now += (int64_t)roll(60 * 24) * 200;
			if (roll(10) == 0)
				now -= (int64_t)roll(60 * 24) * 600;
			standing = nx_policy_step(policy, standing, trigger,
			                          cause, "unknown-user", now);
			check_step(&before, &standing, trigger, cause, now);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(attempts_climb_the_ladder),
	        cmocka_unit_test(the_last_rung_repeats),
	        cmocka_unit_test(a_lease_ends_by_itself),
	        cmocka_unit_test(an_attempt_that_may_not_climb_changes_nothing),
	        cmocka_unit_test(an_attempt_without_a_lease_changes_nothing),
	        cmocka_unit_test(another_hard_bounce_climbs_like_an_attempt),
	        cmocka_unit_test(one_soft_bounce_never_suppresses),
	        cmocka_unit_test(three_soft_bounces_on_three_days_suppress),
	        cmocka_unit_test(many_soft_bounces_on_two_days_do_not),
	        cmocka_unit_test(a_soft_bounce_counts_for_fourteen_days),
	        cmocka_unit_test(soft_bounces_climb_while_a_soft_lease_holds),
	        cmocka_unit_test(a_soft_lease_that_ended_needs_new_strikes),
	        cmocka_unit_test(
	                several_strikes_of_one_day_count_when_terms_say_so),
	        cmocka_unit_test(a_complaint_takes_a_hard_lease_over),
	        cmocka_unit_test(a_hard_bounce_takes_a_soft_lease_over),
	        cmocka_unit_test(
	                a_soft_bounce_during_a_hard_lease_changes_nothing),
	        cmocka_unit_test(
	                forever_is_not_lost_to_a_stronger_lease_that_ends),
	        cmocka_unit_test(by_hand_needs_no_strikes),
	        cmocka_unit_test(a_release_forgets_everything),
	        cmocka_unit_test(a_longer_memory_resumes_one_rung_higher),
	        cmocka_unit_test(a_clock_that_goes_back_shortens_nothing),
	        cmocka_unit_test(the_terms_of_the_latest_bounce_apply),
	        cmocka_unit_test(attempts_climb_to_the_longest_they_may),
	        cmocka_unit_test(attempts_hold_a_lease_for_so_long_only),
	        cmocka_unit_test(
	                a_bounce_moves_the_end_that_attempts_count_from),
	        cmocka_unit_test(attempts_at_10_30_60_and_200_hours),
	        cmocka_unit_test(a_delivery_clears_what_bounces_have_done),
	        cmocka_unit_test(a_delivery_takes_back_no_wish),
	        cmocka_unit_test(without_strikes_only_a_hand_suppresses),
	        cmocka_unit_test(the_policy_may_want_a_bounce_confirmed),
	        cmocka_unit_test(of_a_day_the_last_bounce_counts),
	        cmocka_unit_test(a_second_day_confirms_what_was_in_doubt),
	        cmocka_unit_test(soft_bounces_confirm_nothing),
	        cmocka_unit_test(a_doubt_is_a_soft_bounce_as_well),
	        cmocka_unit_test(a_doubt_counts_as_long_as_a_soft_strike),
	        cmocka_unit_test(a_doubt_changes_no_lease_that_is_hard),
	        cmocka_unit_test(no_sequence_breaks_a_promise),
	};
	return cmocka_run_group_tests(tests, start, end);
}
