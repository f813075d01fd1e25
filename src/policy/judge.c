/* SPDX-License-Identifier: ISC */
#include "policy/policy.h"
#include "policy/step.h"

#include "base/date.h"

#include <string.h>

/* From a verdict to a step: what counts at all, and what waits until it has
 * come on several days. */

/* One bounce per day, the newest, which counts longest. */
static void add_unconfirmed(struct nx_standing *standing, int64_t now)
{
	int at = 0;
	for (int i = 0; i < standing->unconfirmed_count; i++) {
		if (nx_date_day(standing->unconfirmed[i]) == nx_date_day(now)) {
			if (standing->unconfirmed[i] < now)
				standing->unconfirmed[i] = now;
			return;
		}
		if (standing->unconfirmed[i] > now)
			at = i + 1;
	}
	if (at == NX_POLICY_UNCONFIRMED)
		return;
	if (standing->unconfirmed_count < NX_POLICY_UNCONFIRMED)
		standing->unconfirmed_count++;
	for (int i = standing->unconfirmed_count - 1; i > at; i--)
		standing->unconfirmed[i] = standing->unconfirmed[i - 1];
	standing->unconfirmed[at] = now;
}

static struct nx_standing unconfirmed(const struct nx_policy *policy,
                                      struct nx_standing standing, int days,
                                      const char *reason, int64_t now)
{
	const struct nx_terms *soft =
	        nx_policy_terms(policy, NX_CAUSE_SOFT, reason);
	if (nx_standing_holds(&standing, now) &&
	    standing.cause >= NX_CAUSE_HARD)
		return standing;
	nx_step_forget(standing.unconfirmed, &standing.unconfirmed_count,
	               soft->within, now);
	add_unconfirmed(&standing, now);
	if (standing.unconfirmed_count < days)
		return nx_policy_step(policy, standing, NX_TRIGGER_BOUNCE,
		                      NX_CAUSE_SOFT, reason, now);
	memset(standing.unconfirmed, 0, sizeof(standing.unconfirmed));
	standing.unconfirmed_count = 0;
	return nx_policy_step(policy, standing, NX_TRIGGER_BOUNCE,
	                      NX_CAUSE_HARD, reason, now);
}

int nx_policy_confirm_days(const struct nx_policy *policy,
                           const struct nx_verdict *verdict)
{
	int own = nx_policy_terms(policy, NX_CAUSE_HARD, verdict->reason)
	                  ->confirm;
	bool is_hard =
	        verdict->class == NX_CLASS_HARD ||
	        (verdict->class == NX_CLASS_SOFT && verdict->confirm_days > 0);
	return is_hard && own > verdict->confirm_days ? own
	                                              : verdict->confirm_days;
}

bool nx_policy_trigger(const struct nx_verdict *verdict,
                       enum nx_trigger *trigger, enum nx_cause *cause)
{
	switch (verdict->class) {
	case NX_CLASS_NONE:
		return false;
	case NX_CLASS_SOFT:
	case NX_CLASS_HARD:
		*trigger = NX_TRIGGER_BOUNCE;
		*cause = verdict->class == NX_CLASS_HARD ? NX_CAUSE_HARD
		                                         : NX_CAUSE_SOFT;
		return verdict->fault == NX_FAULT_RECIPIENT;
	case NX_CLASS_COMPLAINT:
		*trigger = NX_TRIGGER_COMPLAINT;
		*cause = NX_CAUSE_COMPLAINT;
		return true;
	case NX_CLASS_UNSUBSCRIBE:
		*trigger = NX_TRIGGER_UNSUBSCRIBE;
		*cause = NX_CAUSE_UNSUBSCRIBE;
		return true;
	}
	return false;
}

bool nx_policy_is_new_hard_lease(const struct nx_standing *before,
                                 const struct nx_standing *after, int64_t now)
{
	return after->cause == NX_CAUSE_HARD && nx_standing_holds(after, now) &&
	       (before->cause != NX_CAUSE_HARD ||
	        !nx_standing_holds(before, now));
}

struct nx_standing nx_policy_judge(const struct nx_policy *policy,
                                   struct nx_standing standing,
                                   const struct nx_verdict *verdict,
                                   int64_t now)
{
	enum nx_trigger trigger;
	enum nx_cause cause;
	if (!nx_policy_trigger(verdict, &trigger, &cause))
		return standing;
	int days = nx_policy_confirm_days(policy, verdict);
	if (days > 0)
		return unconfirmed(policy, standing, days, verdict->reason,
		                   now);
	return nx_policy_step(policy, standing, trigger, cause, verdict->reason,
	                      now);
}
