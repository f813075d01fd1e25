/* SPDX-License-Identifier: ISC */
#include "policy/policy.h"

#include "base/date.h"

#include <string.h>

struct news { /* what a step is about */
	enum nx_cause cause;
	const char *reason;
	const struct nx_terms *terms;
	bool by_hand;
	int64_t now;
};

bool nx_standing_holds(const struct nx_standing *standing, int64_t now)
{
	return standing->cause != NX_CAUSE_NONE && now < standing->until;
}

static int64_t end_of(int64_t now, int64_t span)
{
	return now > NX_FOREVER - span ? NX_FOREVER : now + span;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Rungs above the last one are the last one. */
static int64_t rung_span(const struct nx_terms *terms, int *rung)
{
	if (*rung >= terms->rungs)
		*rung = terms->rungs - 1;
	return terms->ladder[*rung];
}

static void lease(struct nx_standing *standing, const struct news *news,
                  int rung)
{
	int64_t span = rung_span(news->terms, &rung);
	bool held = nx_standing_holds(standing, news->now);
	int64_t until = end_of(news->now, span);
	standing->cause = news->cause;
	memset(standing->reason, 0, sizeof(standing->reason));
	memcpy(standing->reason, news->reason,
	       strnlen(news->reason, sizeof(standing->reason) - 1));
	standing->until = held ? later(standing->until, until) : until;
	standing->rung = rung;
	if (!held)
		standing->since = news->now;
}

/* --- while a lease holds -------------------------------------------------- */

static bool may_climb(const struct nx_standing *standing,
                      const struct nx_terms *terms, int64_t now)
{
	return standing->until != NX_FOREVER && terms->rungs > 0 &&
	       (standing->climbed == 0 || terms->climb_at_most == 0 ||
	        now >= end_of(standing->climbed, terms->climb_at_most));
}

static void climb(struct nx_standing *standing, const struct news *news)
{
	if (!may_climb(standing, news->terms, news->now))
		return;
	lease(standing, news, standing->rung + 1);
	standing->climbed = later(standing->climbed, news->now);
}

static void take_over(struct nx_standing *standing, const struct news *news)
{
	lease(standing, news, 0);
	standing->climbed = 0;
}

/* What is forever needs no strength: it must not be lost. */
static bool is_lasting(const struct nx_standing *standing,
                       const struct news *news)
{
	return (news->by_hand || news->terms->strikes == 1) &&
	       news->terms->ladder[0] == NX_FOREVER &&
	       standing->until != NX_FOREVER;
}

static void add_to_lease(struct nx_standing *standing, const struct news *news)
{
	if (news->cause > standing->cause || is_lasting(standing, news))
		take_over(standing, news);
	else if (news->cause == standing->cause && news->terms->climb_on_bounce)
		climb(standing, news);
}

/* --- while none holds ----------------------------------------------------- */

/* Strikes in the future (the clock went back) still count. */
static void forget_strikes(struct nx_standing *standing,
                           const struct nx_terms *terms, int64_t now)
{
	int kept = 0;
	for (int i = 0; i < standing->strikes; i++)
		if (now < end_of(standing->strike[i], terms->within))
			standing->strike[kept++] = standing->strike[i];
	for (int i = kept; i < standing->strikes; i++)
		standing->strike[i] = 0;
	standing->strikes = kept;
}

static int strikes_on(const struct nx_standing *standing, int64_t day)
{
	int count = 0;
	for (int i = 0; i < standing->strikes; i++)
		if (nx_date_day(standing->strike[i]) == day)
			count++;
	return count;
}

/* Newest first, so equal days stand together. */
static int days_struck(const struct nx_standing *standing)
{
	int days = 0;
	for (int i = 0; i < standing->strikes; i++)
		if (i == 0 || nx_date_day(standing->strike[i]) !=
		                      nx_date_day(standing->strike[i - 1]))
			days++;
	return days;
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

/* The other days give at least one strike each, so of one day no more than
 * the rest can matter. */
static bool strike(struct nx_standing *standing, const struct nx_terms *terms,
                   int64_t now)
{
	int useful = terms->strikes - terms->on_days + 1;
	forget_strikes(standing, terms, now);
	if (strikes_on(standing, nx_date_day(now)) < useful)
		insert_strike(standing, now);
	return standing->strikes >= terms->strikes &&
	       days_struck(standing) >= terms->on_days;
}

static int first_rung(const struct nx_standing *standing,
                      const struct news *news)
{
	bool remembered =
	        standing->cause == news->cause &&
	        news->now - standing->until < news->terms->forget_after;
	return remembered ? standing->rung + 1 : 0;
}

static void begin_lease(struct nx_standing *standing, const struct news *news)
{
	lease(standing, news, first_rung(standing, news));
	standing->climbed = 0;
	memset(standing->strike, 0, sizeof(standing->strike));
	standing->strikes = 0;
}

static void add_bad_news(struct nx_standing *standing, const struct news *news)
{
	if (news->terms->strikes == 0 || news->terms->rungs == 0)
		return;
	if (nx_standing_holds(standing, news->now))
		add_to_lease(standing, news);
	else if (news->by_hand || news->terms->strikes == 1 ||
	         strike(standing, news->terms, news->now))
		begin_lease(standing, news);
}

/* -------------------------------------------------------------------------- */

static void attempt(const struct nx_policy *policy,
                    struct nx_standing *standing, int64_t now)
{
	if (!nx_standing_holds(standing, now))
		return;
	char reason[NX_POLICY_REASON];
	memcpy(reason, standing->reason, sizeof(reason));
	struct news news = {
	        .cause = standing->cause,
	        .reason = reason,
	        .terms = nx_policy_terms(policy, standing->cause, reason),
	        .now = now};
	if (news.terms->climb_on_attempt)
		climb(standing, &news);
}

static enum nx_cause cause_of(enum nx_cue cue, enum nx_cause cause)
{
	switch (cue) {
	case NX_CUE_BOUNCE:
		return cause;
	case NX_CUE_COMPLAINT:
		return NX_CAUSE_COMPLAINT;
	case NX_CUE_UNSUBSCRIBE:
		return NX_CAUSE_UNSUBSCRIBE;
	case NX_CUE_MANUAL:
		return cause == NX_CAUSE_NONE ? NX_CAUSE_MANUAL : cause;
	case NX_CUE_ATTEMPT:
	case NX_CUE_RELEASE:
		break;
	}
	return NX_CAUSE_NONE;
}

struct nx_standing nx_policy_step(const struct nx_policy *policy,
                                  struct nx_standing standing, enum nx_cue cue,
                                  enum nx_cause cause, const char *reason,
                                  int64_t now)
{
	static const struct nx_standing nothing;
	if (cue == NX_CUE_RELEASE)
		return nothing;
	if (cue == NX_CUE_ATTEMPT) {
		attempt(policy, &standing, now);
		return standing;
	}
	struct news news = {.cause = cause_of(cue, cause),
	                    .reason = reason,
	                    .by_hand = cue == NX_CUE_MANUAL,
	                    .now = now};
	news.terms = nx_policy_terms(policy, news.cause, reason);
	add_bad_news(&standing, &news);
	return standing;
}

/* --- what waits for confirmation ------------------------------------------ */

static void forget_doubts(struct nx_standing *standing, int64_t within,
                          int64_t now)
{
	int kept = 0;
	for (int i = 0; i < standing->doubts; i++)
		if (now < end_of(standing->doubt[i], within))
			standing->doubt[kept++] = standing->doubt[i];
	for (int i = kept; i < standing->doubts; i++)
		standing->doubt[i] = 0;
	standing->doubts = kept;
}

/* Of a day that is there already nothing is added. */
static void add_doubt(struct nx_standing *standing, int64_t now)
{
	int at = 0;
	for (int i = 0; i < standing->doubts; i++) {
		if (nx_date_day(standing->doubt[i]) == nx_date_day(now))
			return;
		if (standing->doubt[i] > now)
			at = i + 1;
	}
	if (at == NX_POLICY_DOUBTS)
		return;
	if (standing->doubts < NX_POLICY_DOUBTS)
		standing->doubts++;
	for (int i = standing->doubts - 1; i > at; i--)
		standing->doubt[i] = standing->doubt[i - 1];
	standing->doubt[at] = now;
}

struct nx_standing nx_policy_doubt(const struct nx_policy *policy,
                                   struct nx_standing standing, int days,
                                   const char *reason, int64_t now)
{
	const struct nx_terms *soft =
	        nx_policy_terms(policy, NX_CAUSE_SOFT, reason);
	if (nx_standing_holds(&standing, now) &&
	    standing.cause >= NX_CAUSE_HARD)
		return standing;
	forget_doubts(&standing, soft->within, now);
	add_doubt(&standing, now);
	if (standing.doubts < days)
		return nx_policy_step(policy, standing, NX_CUE_BOUNCE,
		                      NX_CAUSE_SOFT, reason, now);
	memset(standing.doubt, 0, sizeof(standing.doubt));
	standing.doubts = 0;
	return nx_policy_step(policy, standing, NX_CUE_BOUNCE, NX_CAUSE_HARD,
	                      reason, now);
}

bool nx_policy_cue(const struct nx_verdict *verdict, enum nx_cue *cue,
                   enum nx_cause *cause)
{
	switch (verdict->klass) {
	case NX_CLASS_NONE:
		return false;
	case NX_CLASS_SOFT:
	case NX_CLASS_HARD:
		*cue = NX_CUE_BOUNCE;
		*cause = verdict->klass == NX_CLASS_HARD ? NX_CAUSE_HARD
		                                         : NX_CAUSE_SOFT;
		return verdict->fault == NX_BLAME_RECIPIENT;
	case NX_CLASS_COMPLAINT:
		*cue = NX_CUE_COMPLAINT;
		*cause = NX_CAUSE_COMPLAINT;
		return true;
	case NX_CLASS_UNSUBSCRIBE:
		*cue = NX_CUE_UNSUBSCRIBE;
		*cause = NX_CAUSE_UNSUBSCRIBE;
		return true;
	}
	return false;
}
