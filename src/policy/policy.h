/* SPDX-License-Identifier: ISC */
#ifndef NX_POLICY_POLICY_H
#define NX_POLICY_POLICY_H

#include "base/error.h"
#include "base/yaml.h"
#include "classify/tables.h"
#include "event/event.h"
#include "policy/mass.h"

#include <stdint.h>

/*
 * When an address is suppressed, and for how long: terms from policy.yaml (see
 * nixie-rules(5)), and the step from one standing to the next. Pure; time is
 * passed in.
 *
 * A cycle is the time from a first lease until the lease ends by itself: leases
 * that are renewed or taken over before they end belong to the same cycle.
 */
enum {
	NX_POLICY_RUNGS = 16,
	NX_POLICY_STRIKES = 16,
	NX_POLICY_REASON = 48,
	NX_POLICY_UNCONFIRMED = NX_CONFIRM_DAYS
};

enum nx_cause { /* what a lease rests on */
	        NX_CAUSE_NONE = 0,
	        NX_CAUSE_SOFT,
	        NX_CAUSE_HARD,
	        NX_CAUSE_COMPLAINT,
	        NX_CAUSE_UNSUBSCRIBE,
	        NX_CAUSE_MANUAL
};

struct nx_terms {
	int strikes;    /* bounces that make a lease; 0: never */
	int on_days;    /* on so many different UTC days */
	int64_t within; /* seconds for which a strike counts */
	int64_t ladder[NX_POLICY_RUNGS]; /* seconds, or NX_FOREVER */
	int rungs;
	bool climb_on_attempt;
	bool climb_on_bounce;
	int64_t climb_at_most; /* seconds in which one climb is allowed; 0: no
	                          bound */
	int64_t forget_after;  /* a lease that ended longer ago than this starts
	                          at the first rung again; within it, one rung
	                          higher */
	int64_t attempt_longest; /* attempts climb to no rung longer than this
	                          */
	int64_t attempts_hold;   /* attempts keep a lease no longer than this
	                            beyond bounced_until */
	int confirm; /* of hard bounces: as confirm_days of a verdict; 0: none
	              */
	enum nx_reach stream; /* for who looks a standing up; no step asks */
};

struct nx_policy; /* terms by cause, then by reason; immutable */

/* Strict: unknown or missing cause, unknown key, undeclared reason, a ladder
 * that is empty or falls, a bad span, strikes without the span in which they
 * count, more strikes than a standing remembers. tables says which reasons are
 * declared; NULL: any may be. */
NX_MUST_USE bool nx_policy_compile(TALLOC_CTX *ctx,
                                   const struct nx_source *source,
                                   const struct nx_tables *tables,
                                   const struct nx_policy **out,
                                   struct nx_error *err);

/* The reasons of a cause that have terms of their own, in the order of the
 * file; NULL from the last one on. */
const char *nx_policy_reason(const struct nx_policy *policy,
                             enum nx_cause cause, size_t index);

/* Terms for a cause, with the reason's own where there are some. Never NULL;
 * the terms of NX_CAUSE_NONE never suppress. */
const struct nx_terms *nx_policy_terms(const struct nx_policy *policy,
                                       enum nx_cause cause, const char *reason);

/* The tables that it was compiled with, or NULL; they must live as long. */
const struct nx_tables *nx_policy_tables(const struct nx_policy *policy);

/* When hard leases are held back; never NULL. */
const struct nx_mass_terms *nx_policy_mass(const struct nx_policy *policy);

struct nx_standing { /* all zero: nothing is remembered */
	/* the lease, or the last one */
	enum nx_cause cause; /* NONE: there was no lease */
	char reason[NX_POLICY_REASON];
	int64_t since;   /* of the first lease of this cycle */
	int64_t until;   /* NX_FOREVER, or when it ends or ended */
	int rung;        /* index into the ladder */
	int64_t climbed; /* time of the last climb; 0: none yet in this cycle */
	int64_t bounced_until; /* the end that the last bounce gave the lease,
	                          or what else is no attempt; 0: unknown, and
	                          the next attempt takes until for it */
	/* bounces that have not led to a lease yet, newest first: for one UTC
	 * day no more than the terms can use */
	int64_t strike[NX_POLICY_STRIKES];
	int strikes;
	/* bounces that wait for confirmation, newest first, one per UTC day */
	int64_t unconfirmed[NX_POLICY_UNCONFIRMED];
	int unconfirmed_count;
};

enum nx_trigger { /* what happens to a subject */
	          NX_TRIGGER_BOUNCE =
	                  0, /* hard or soft, fault of the recipient */
	          NX_TRIGGER_COMPLAINT,
	          NX_TRIGGER_UNSUBSCRIBE,
	          NX_TRIGGER_MANUAL,
	          NX_TRIGGER_ATTEMPT,   /* a send is about to happen */
	          NX_TRIGGER_DELIVERED, /* a mail was delivered */
	          NX_TRIGGER_RELEASE /* released by hand: forget everything */
};

/* One step. cause and reason describe a bounce (cause SOFT or HARD) or a
 * suppression by hand (NONE is MANUAL; any other cause takes effect at once, as
 * if by its last strike); the other triggers are their own cause, and a release
 * or a delivery needs neither.
 *
 * While a lease holds, only a release or a delivery shortens it or ends it,
 * whichever way the clock moves. A stronger cause (order of enum nx_cause)
 * takes it over at its own first rung, and so does a weaker one that is forever
 * when the lease is not; any other weaker cause changes nothing. A bounce of
 * the same cause, or an attempt, renews it from now on the next rung when the
 * terms climb on them and climb_at_most allows it (counted from the last climb;
 * the first lease is not a climb); else they change nothing. The last rung
 * repeats. For attempts the last rung is the highest that is not longer than
 * attempt_longest: on a higher one they renew the lease by the span of that
 * rung and stay where they are; and they give the lease no end later than
 * attempts_hold after bounced_until, where it is free for one mail.
 *
 * A delivery forgets strikes, what waits for confirmation, and soft and hard
 * leases with their rungs; of other causes it changes no lease.
 *
 * While no lease holds, an attempt changes nothing; a bounce is a strike, and
 * the last strike of the terms begins a cycle, on the first rung or, within
 * forget_after, one above the last. */
struct nx_standing nx_policy_step(const struct nx_policy *policy,
                                  struct nx_standing standing,
                                  enum nx_trigger trigger, enum nx_cause cause,
                                  const char *reason, int64_t now);

/* The step for a verdict that may suppress (nx_policy_trigger). A bounce that
 * is hard only once it has come on so many different UTC days (the verdict's
 * confirm_days or, for a verdict that is hard or has some, what the hard terms
 * of the reason say, whichever is more), within the time that a soft strike of
 * the reason counts, is a soft bounce until then, and a hard one after that;
 * while a lease holds whose cause is hard or stronger it changes nothing. */
struct nx_standing nx_policy_judge(const struct nx_policy *policy,
                                   struct nx_standing standing,
                                   const struct nx_verdict *verdict,
                                   int64_t now);

/* On how many days a bounce must come before it is hard; 0: it does not wait.
 */
int nx_policy_confirm_days(const struct nx_policy *policy,
                           const struct nx_verdict *verdict);

/* Whether an event of that time changes nothing: mail that is read late may
 * tell of what was over before that began which the standing remembers. */
bool nx_policy_is_outdated(const struct nx_policy *policy,
                           const struct nx_standing *standing,
                           const struct nx_verdict *verdict, int64_t time);

/* The trigger and cause of an event; false when it can never suppress (class
 * none; bounces that are not the recipient's fault). */
bool nx_policy_trigger(const struct nx_verdict *verdict,
                       enum nx_trigger *trigger, enum nx_cause *cause);

/* For which mail such an event suppresses: as the terms say and, where the
 * narrower is not known, for all bulk mail. Who wants no more of transactional
 * mail is taken to want less bulk. */
struct nx_mail nx_policy_mail(const struct nx_terms *terms,
                              const struct nx_event *event);

/* Whether that step made a hard lease which there was not, as things are at
 * now. */
bool nx_policy_is_new_hard_lease(const struct nx_standing *before,
                                 const struct nx_standing *after, int64_t now);

bool nx_standing_holds(const struct nx_standing *standing, int64_t now);
bool nx_standing_is_same(const struct nx_standing *one,
                         const struct nx_standing *other);

const char *nx_cause_name(enum nx_cause cause); /* "hard", …, "manual" */
bool nx_cause_of_name(const char *name, enum nx_cause *out);

#endif
