/* SPDX-License-Identifier: ISC */
#ifndef NX_POLICY_POLICY_H
#define NX_POLICY_POLICY_H

#include "base/error.h"
#include "base/yaml.h"
#include "classify/tables.h"

#include <stdint.h>

/*
 * When an address is suppressed, and for how long: terms from policy.yaml
 * (nixie-policy in nixie-rules(5)), and the step from one standing to the
 * next. Pure; time is passed in.
 */
enum { NX_POLICY_RUNGS = 16, NX_POLICY_DAYS = 16 };

enum nx_cause { /* what a lease rests on */
	NX_CAUSE_NONE = 0,
	NX_CAUSE_SOFT,
	NX_CAUSE_HARD,
	NX_CAUSE_COMPLAINT,
	NX_CAUSE_UNSUBSCRIBE,
	NX_CAUSE_MANUAL
};

struct nx_terms {
	int strikes;                     /* bounces that make a lease */
	int on_days;                     /* on so many different UTC days */
	int64_t within;                  /* seconds that a strike counts */
	int64_t ladder[NX_POLICY_RUNGS]; /* seconds, or NX_FOREVER */
	int rungs;
	bool climb_on_attempt;
	bool climb_on_bounce;
	int64_t climb_at_most;  /* one climb in so many seconds; 0: no bound */
	int64_t forget_after;   /* a lease that ended longer ago than this starts
	                           at the first rung again; within it, one rung
	                           higher */
};

struct nx_policy; /* terms by cause, then by reason; immutable */

/* Strict: unknown cause or key, undeclared reason, a ladder that is empty or
 * falls, a bad span. */
NX_MUST_USE bool nx_policy_compile(TALLOC_CTX *ctx,
                                   const struct nx_source *source,
                                   const struct nx_tables *tables,
                                   const struct nx_policy **out,
                                   struct nx_error *err);

/* Terms for a cause, with the reason's own where it has some; never NULL. */
const struct nx_terms *nx_policy_terms(const struct nx_policy *policy,
                                       enum nx_cause cause,
                                       const char *reason);

struct nx_standing { /* all zero: nothing remembered */
	/* the lease, or the last one */
	enum nx_cause cause; /* NONE: never had one */
	char reason[48];
	int64_t since;       /* of the first lease of this cycle */
	int64_t until;       /* NX_FOREVER, or when it ends or ended */
	int rung;            /* index into the ladder */
	int64_t climbed;     /* last climb; 0: not yet in this cycle */
	/* soft bounces that have not led to a lease yet, newest first */
	int64_t strike[NX_POLICY_DAYS]; /* times, at most one per UTC day */
	int strikes;
};

enum nx_cue { /* what happens to a subject */
	NX_CUE_BOUNCE = 0, /* hard or soft, fault of the recipient */
	NX_CUE_COMPLAINT,
	NX_CUE_UNSUBSCRIBE,
	NX_CUE_MANUAL,
	NX_CUE_ATTEMPT, /* a send is about to happen */
	NX_CUE_RELEASE  /* somebody freed it by hand: forget everything */
};

/* One step. cause and reason describe the bounce (cause SOFT or HARD; ignored
 * for ATTEMPT and RELEASE). Rules: a lease that holds is never shortened, a
 * stronger cause (order of enum nx_cause) takes it over; an attempt during a
 * lease renews it from now at the next rung when the terms climb on attempts
 * and climb_at_most allows, the last rung repeats; an attempt without a lease
 * changes nothing; strikes count distinct days within the terms. */
struct nx_standing nx_policy_step(const struct nx_policy *policy,
                                  struct nx_standing standing, enum nx_cue cue,
                                  enum nx_cause cause, const char *reason,
                                  int64_t now);

/* What an event is to the policy: false when it can never suppress (class
 * none; bounces whose fault is not the recipient's). */
bool nx_policy_cue(const struct nx_verdict *verdict, enum nx_cue *cue,
                   enum nx_cause *cause);

bool nx_standing_holds(const struct nx_standing *standing, int64_t now);

const char *nx_cause_name(enum nx_cause cause); /* "hard", …, "manual" */
bool nx_cause_of_name(const char *name, enum nx_cause *out);

#endif
