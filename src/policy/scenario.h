/* SPDX-License-Identifier: ISC */
#ifndef NX_POLICY_SCENARIO_H
#define NX_POLICY_SCENARIO_H

#include "policy/policy.h"

/*
 * What a policy makes of a story that is told in lines, such as
 *
 *   2026-01-05 bounce hard unknown-user
 *   2026-01-05T10:00 attempt
 *   +24h delivered
 *   2026-02-02 weekly for 52 times against a dead mailbox asking
 *
 * Pure: the lines are passed in, and each state is handed to who wants it.
 */
enum { NX_SCENARIO_MAILS = 10000 /* of one line */ };

struct nx_scenario_line {
	int64_t time;
	/* an event, … */
	enum nx_trigger trigger;
	enum nx_cause cause; /* of a bounce */
	const char *reason;  /* or "" */
	/* … or mails to a dead mailbox */
	int mails;     /* 0: an event */
	int64_t every; /* seconds */
	bool asks;     /* with an attempt; else the sender only looks */
};

/* Reads a line, which is text without an end of line. before is
 * the time of what happened last, or 0: nothing may happen earlier, and "+SPAN"
 * counts from there. tables says which reasons are declared; NULL: any may be.
 * The error is one of DATA and does not name the line. */
NX_MUST_USE bool nx_scenario_parse(TALLOC_CTX *ctx, const char *text,
                                   int64_t before,
                                   const struct nx_tables *tables,
                                   struct nx_scenario_line *out,
                                   struct nx_error *err);

enum nx_mailing {                      /* what becomes of a mail */
	          NX_MAILING_NONE = 0, /* nobody wants to send one */
	          NX_MAILING_SENT,
	          NX_MAILING_REFUSED
};

struct nx_scenario_state { /* when something has happened */
	int64_t time;
	const char *event; /* "bounce hard", "attempt", "check", … */
	const char *reason;
	enum nx_mailing mail;
	struct nx_standing standing;  /* after it */
	const struct nx_terms *terms; /* of the standing */
};

/* Steps the standing through all that a line tells, and shows each state. A
 * mail to a dead mailbox bounces a minute later. Returns the time of the last.
 */
int64_t nx_scenario_run(const struct nx_policy *policy,
                        const struct nx_scenario_line *line,
                        struct nx_standing *standing,
                        void (*show)(void *user,
                                     const struct nx_scenario_state *state),
                        void *user);

#endif
