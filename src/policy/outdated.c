/* SPDX-License-Identifier: ISC */
#include "policy/policy.h"

#include "base/date.h"

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static bool ends_by(int64_t begin, int64_t span, int64_t end)
{
	return end >= span && begin <= end - span;
}

static bool is_behind_lease(const struct nx_standing *standing,
                            const struct nx_terms *terms, int64_t time)
{
	return standing->cause != NX_CAUSE_NONE && time < standing->since &&
	       ends_by(time, terms->ladder[0], standing->until);
}

/* Strikes and doubts are forgotten with time: those of today are not to be
 * counted together with, or cleared by, what was long before them. */
static bool is_behind_strikes(const struct nx_standing *standing, int64_t span,
                              int64_t time)
{
	return ends_by(time, span,
	               later(standing->strike[0], standing->unconfirmed[0]));
}

bool nx_policy_is_outdated(const struct nx_policy *policy,
                           const struct nx_standing *standing,
                           const struct nx_verdict *verdict, int64_t time)
{
	enum nx_trigger trigger;
	enum nx_cause cause;
	if (!nx_policy_trigger(verdict, &trigger, &cause))
		return true;
	const struct nx_terms *terms =
	        nx_policy_terms(policy, cause, verdict->reason);
	const struct nx_terms *strikes =
	        verdict->confirm_days > 0
	                ? nx_policy_terms(policy, NX_CAUSE_SOFT,
	                                  verdict->reason)
	                : terms;
	if (terms->rungs == 0 || is_behind_lease(standing, terms, time))
		return true;
	return is_behind_strikes(
	        standing, later(terms->ladder[0], strikes->within), time);
}
