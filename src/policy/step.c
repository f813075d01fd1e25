/* SPDX-License-Identifier: ISC */
#include "policy/step.h"
#include "policy/policy.h"

#include "base/date.h"

#include <string.h>

struct input { /* the arguments of a step */
	enum nx_cause cause;
	const char *reason;
	const struct nx_terms *terms;
	bool manual_action;
	int64_t now;
};

bool nx_standing_holds(const struct nx_standing *standing, int64_t now)
{
	return standing->cause != NX_CAUSE_NONE && now < standing->until;
}

bool nx_standing_is_same(const struct nx_standing *one,
                         const struct nx_standing *other)
{
	return one->cause == other->cause && one->since == other->since &&
	       one->until == other->until && one->rung == other->rung &&
	       one->climbed == other->climbed &&
	       one->bounced_until == other->bounced_until &&
	       one->strikes == other->strikes &&
	       one->unconfirmed_count == other->unconfirmed_count &&
	       strcmp(one->reason, other->reason) == 0 &&
	       memcmp(one->strike, other->strike, sizeof(one->strike)) == 0 &&
	       memcmp(one->unconfirmed, other->unconfirmed,
	              sizeof(one->unconfirmed)) == 0;
}

static int64_t end_of(int64_t now, int64_t span)
{
	return now > NX_FOREVER - span ? NX_FOREVER : now + span;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Rungs above the last count as the last. */
static int64_t rung_span(const struct nx_terms *terms, int *rung)
{
	if (*rung >= terms->rungs)
		*rung = terms->rungs - 1;
	return terms->ladder[*rung];
}

static void lease(struct nx_standing *standing, const struct input *input,
                  int rung)
{
	int64_t span = rung_span(input->terms, &rung);
	bool held = nx_standing_holds(standing, input->now);
	int64_t until = end_of(input->now, span);
	standing->cause = input->cause;
	memset(standing->reason, 0, sizeof(standing->reason));
	memcpy(standing->reason, input->reason,
	       strnlen(input->reason, sizeof(standing->reason) - 1));
	standing->until = held ? later(standing->until, until) : until;
	standing->bounced_until =
	        held ? later(standing->bounced_until, until) : until;
	standing->rung = rung;
	if (!held)
		standing->since = input->now;
}

/* --- while a lease holds -------------------------------------------------- */

static bool may_climb(const struct nx_standing *standing,
                      const struct nx_terms *terms, int64_t now)
{
	return standing->until != NX_FOREVER && terms->rungs > 0 &&
	       (standing->climbed == 0 || terms->climb_at_most == 0 ||
	        now >= end_of(standing->climbed, terms->climb_at_most));
}

static void climb(struct nx_standing *standing, const struct input *input)
{
	if (!may_climb(standing, input->terms, input->now))
		return;
	lease(standing, input, standing->rung + 1);
	standing->climbed = later(standing->climbed, input->now);
}

static void take_over(struct nx_standing *standing, const struct input *input)
{
	lease(standing, input, 0);
	standing->climbed = 0;
}

/* A suppression that is forever takes over even from a stronger cause. */
static bool is_lasting(const struct nx_standing *standing,
                       const struct input *input)
{
	return (input->manual_action || input->terms->strikes == 1) &&
	       input->terms->ladder[0] == NX_FOREVER &&
	       standing->until != NX_FOREVER;
}

static void add_to_lease(struct nx_standing *standing,
                         const struct input *input)
{
	if (input->cause > standing->cause || is_lasting(standing, input))
		take_over(standing, input);
	else if (input->cause == standing->cause &&
	         input->terms->climb_on_bounce)
		climb(standing, input);
}

/* --- while none holds ----------------------------------------------------- */

void nx_step_forget(int64_t *times, int *count, int64_t within, int64_t now)
{
	int kept = 0;
	for (int i = 0; i < *count; i++)
		if (now < end_of(times[i], within))
			times[kept++] = times[i];
	for (int i = kept; i < *count; i++)
		times[i] = 0;
	*count = kept;
}

static int strikes_on(const struct nx_standing *standing, int64_t day)
{
	int count = 0;
	for (int i = 0; i < standing->strikes; i++)
		if (nx_date_day(standing->strike[i]) == day)
			count++;
	return count;
}

/* Newest first, so strikes of the same day are adjacent. */
static int days_struck(const struct nx_standing *standing)
{
	int days = 0;
	for (int i = 0; i < standing->strikes; i++)
		if (i == 0 || nx_date_day(standing->strike[i]) !=
		                      nx_date_day(standing->strike[i - 1]))
			days++;
	return days;
}

/* The oldest strike of a day makes room for a newer one; false when it is none.
 */
static bool drop_older(struct nx_standing *standing, int64_t now)
{
	int oldest = 0;
	for (int i = 0; i < standing->strikes; i++)
		if (nx_date_day(standing->strike[i]) == nx_date_day(now))
			oldest = i;
	if (standing->strike[oldest] >= now)
		return false;
	standing->strikes--;
	for (int i = oldest; i < standing->strikes; i++)
		standing->strike[i] = standing->strike[i + 1];
	standing->strike[standing->strikes] = 0;
	return true;
}

static void insert_strike(struct nx_standing *standing, int64_t now)
{
	int last = standing->strikes < NX_POLICY_STRIKES
	                   ? standing->strikes++
	                   : NX_POLICY_STRIKES - 1;
	while (last > 0 && standing->strike[last - 1] < now) {
		standing->strike[last] = standing->strike[last - 1];
		last--;
	}
	standing->strike[last] = now;
}

/* Each other day must have at least one strike, so only the rest of the strikes
 * can be of one day: the newest, which count longest. */
static bool strike(struct nx_standing *standing, const struct nx_terms *terms,
                   int64_t now)
{
	int useful = terms->strikes - terms->on_days + 1;
	nx_step_forget(standing->strike, &standing->strikes, terms->within,
	               now);
	if (strikes_on(standing, nx_date_day(now)) < useful ||
	    drop_older(standing, now))
		insert_strike(standing, now);
	return standing->strikes >= terms->strikes &&
	       days_struck(standing) >= terms->on_days;
}

static int first_rung(const struct nx_standing *standing,
                      const struct input *input)
{
	bool remembered =
	        standing->cause == input->cause &&
	        input->now - standing->until < input->terms->forget_after;
	return remembered ? standing->rung + 1 : 0;
}

static void begin_lease(struct nx_standing *standing, const struct input *input)
{
	lease(standing, input, first_rung(standing, input));
	standing->climbed = 0;
	memset(standing->strike, 0, sizeof(standing->strike));
	standing->strikes = 0;
}

static void add_bad_news(struct nx_standing *standing,
                         const struct input *input)
{
	bool never = input->terms->strikes == 0 && !input->manual_action;
	if (never || input->terms->rungs == 0)
		return;
	if (nx_standing_holds(standing, input->now))
		add_to_lease(standing, input);
	else if (input->manual_action || input->terms->strikes == 1 ||
	         strike(standing, input->terms, input->now))
		begin_lease(standing, input);
}

/* -------------------------------------------------------------------------- */

/* The highest rung that an attempt may climb to; -1: none. */
static int highest_for_attempts(const struct nx_terms *terms)
{
	int highest = -1;
	while (highest + 1 < terms->rungs &&
	       terms->ladder[highest + 1] <= terms->attempt_longest)
		highest++;
	return highest;
}

/* The lease may be on a rung that bounces alone reach. */
static void climb_by_attempt(struct nx_standing *standing,
                             const struct nx_terms *terms, int64_t now)
{
	int highest = highest_for_attempts(terms);
	if (highest < 0 || !may_climb(standing, terms, now))
		return;
	int rung = standing->rung < highest ? standing->rung + 1 : highest;
	if (standing->bounced_until == 0)
		standing->bounced_until = standing->until;
	standing->until = later(
	        standing->until,
	        earlier(end_of(now, terms->ladder[rung]),
	                end_of(standing->bounced_until, terms->attempts_hold)));
	if (rung > standing->rung)
		standing->rung = rung;
	standing->climbed = later(standing->climbed, now);
}

static void attempt(const struct nx_policy *policy,
                    struct nx_standing *standing, int64_t now)
{
	if (!nx_standing_holds(standing, now))
		return;
	const struct nx_terms *terms =
	        nx_policy_terms(policy, standing->cause, standing->reason);
	if (terms->climb_on_attempt)
		climb_by_attempt(standing, terms, now);
}

/* What others have asked for is not taken back by a mail that arrives. */
static void delivered(struct nx_standing *standing)
{
	static const struct nx_standing nothing;
	if (standing->cause <= NX_CAUSE_HARD) {
		*standing = nothing;
		return;
	}
	memset(standing->strike, 0, sizeof(standing->strike));
	memset(standing->unconfirmed, 0, sizeof(standing->unconfirmed));
	standing->strikes = standing->unconfirmed_count = 0;
}

static enum nx_cause cause_of(enum nx_trigger trigger, enum nx_cause cause)
{
	switch (trigger) {
	case NX_TRIGGER_BOUNCE:
		return cause;
	case NX_TRIGGER_COMPLAINT:
		return NX_CAUSE_COMPLAINT;
	case NX_TRIGGER_UNSUBSCRIBE:
		return NX_CAUSE_UNSUBSCRIBE;
	case NX_TRIGGER_MANUAL:
		return cause == NX_CAUSE_NONE ? NX_CAUSE_MANUAL : cause;
	case NX_TRIGGER_ATTEMPT:
	case NX_TRIGGER_DELIVERED:
	case NX_TRIGGER_RELEASE:
		break;
	}
	return NX_CAUSE_NONE;
}

struct nx_standing nx_policy_step(const struct nx_policy *policy,
                                  struct nx_standing standing,
                                  enum nx_trigger trigger, enum nx_cause cause,
                                  const char *reason, int64_t now)
{
	static const struct nx_standing nothing;
	if (trigger == NX_TRIGGER_RELEASE)
		return nothing;
	if (trigger == NX_TRIGGER_ATTEMPT) {
		attempt(policy, &standing, now);
		return standing;
	}
	if (trigger == NX_TRIGGER_DELIVERED) {
		delivered(&standing);
		return standing;
	}
	struct input input = {.cause = cause_of(trigger, cause),
	                      .reason = reason,
	                      .manual_action = trigger == NX_TRIGGER_MANUAL,
	                      .now = now};
	input.terms = nx_policy_terms(policy, input.cause, reason);
	add_bad_news(&standing, &input);
	return standing;
}
