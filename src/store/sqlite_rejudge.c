/* SPDX-License-Identifier: ISC */
#include "store/past.h"

#include "base/room.h"

#include <string.h>

/*
 * Steps a history once more. A standing for one kind of mail knows nothing of
 * those for others, so all of them are stepped in one run.
 */

static const struct nx_rejudged NOTHING = {.mail = {.name = ""}};

static const struct nx_verdict *verdict_of(const struct nx_past_event *event,
                                           enum nx_rejudge which)
{
	return which == NX_REJUDGE_AGAIN ? &event->again
	                                 : &event->event.verdict;
}

static struct nx_rejudged *find(const struct nx_rejudging *all,
                                const struct nx_mail *mail)
{
	for (size_t i = 0; i < all->mails; i++)
		if (nx_mail_is_same(&all->mail[i].mail, mail))
			return &all->mail[i];
	return NULL;
}

static struct nx_rejudged *find_or_add(struct nx_rejudging *all,
                                       const struct nx_mail *mail)
{
	struct nx_rejudged *found = find(all, mail);

	if (found)
		return found;
	all->mail =
	        NX_ROOM(all->ctx, all->mail, struct nx_rejudged, all->mails);
	found = &all->mail[all->mails++];
	*found = (struct nx_rejudged){.mail = *mail};
	return found;
}

const struct nx_rejudged *nx_rejudging_of(const struct nx_rejudging *all,
                                          const struct nx_mail *mail)
{
	const struct nx_rejudged *found = find(all, mail);

	return found ? found : &NOTHING;
}

static bool is_covered(const struct nx_past *past,
                       const struct nx_past_event *event,
                       const struct nx_verdict *verdict,
                       const struct nx_mail *mail)
{
	for (size_t i = 0; i < past->tombstones; i++) {
		const struct nx_tombstone *tombstone = &past->tombstone[i];

		if (nx_mail_is_same(&tombstone->mail, mail) &&
		    nx_tombstone_hides(tombstone, verdict) &&
		    (event->serial <= tombstone->event ||
		     event->event.time < tombstone->time))
			return true;
	}
	return false;
}

static void step_event(const struct nx_policy *policy,
                       const struct nx_past *past,
                       const struct nx_past_event *event, enum nx_rejudge which,
                       struct nx_rejudging *all)
{
	const struct nx_verdict *verdict = verdict_of(event, which);
	struct nx_event told = event->event;
	enum nx_trigger trigger;
	enum nx_cause cause;

	if ((which == NX_REJUDGE_WITHOUT && event->left_out) ||
	    !nx_policy_trigger(verdict, &trigger, &cause))
		return;
	told.verdict = *verdict;
	const struct nx_mail mail = nx_policy_mail(
	        nx_policy_terms(policy, cause, verdict->reason), &told);
	if (is_covered(past, event, verdict, &mail))
		return;
	struct nx_rejudged *of = find_or_add(all, &mail);
	struct nx_standing_row row = {.standing = of->standing};
	of->last = event;
	if (!nx_standing_judge(policy, verdict, told.time, told.trust, &row))
		return;
	of->standing = row.standing;
	of->evidence = row.evidence;
}

static void step_attempt(const struct nx_policy *policy,
                         const struct nx_past_attempt *attempt,
                         const struct nx_rejudging *all)
{
	struct nx_rejudged *of = find(all, &attempt->mail);

	if (of)
		of->standing =
		        nx_policy_step(policy, of->standing, NX_TRIGGER_ATTEMPT,
		                       NX_CAUSE_NONE, "", attempt->time);
}

struct nx_rejudging nx_rejudge(const struct nx_policy *policy,
                               const struct nx_past *past,
                               enum nx_rejudge which)
{
	struct nx_rejudging all = {.ctx = past->ctx};
	size_t next = 0;

	for (size_t i = 0; i < past->events; i++) {
		const struct nx_past_event *event = &past->event[i];

		while (next < past->attempts &&
		       past->attempt[next].time < event->event.time)
			step_attempt(policy, &past->attempt[next++], &all);
		step_event(policy, past, event, which, &all);
	}
	while (next < past->attempts)
		step_attempt(policy, &past->attempt[next++], &all);
	return all;
}
