/* SPDX-License-Identifier: ISC */
#ifndef NX_CLASSIFY_VERDICT_H
#define NX_CLASSIFY_VERDICT_H

#include <stdbool.h>

/*
 * What nixie concludes about one recipient of one report, and what that rests
 * on.
 */
enum nx_class {
	NX_CLASS_NONE = 0, /* delivered, delayed, vacation, our refusal, … */
	NX_CLASS_SOFT,
	NX_CLASS_HARD,
	NX_CLASS_COMPLAINT,
	NX_CLASS_UNSUBSCRIBE
};

/* Only faults of the recipient may suppress, beside complaints and
 * unsubscribes. */
enum nx_fault {
	NX_FAULT_UNKNOWN = 0,
	NX_FAULT_RECIPIENT,
	NX_FAULT_SENDER,
	NX_FAULT_MESSAGE,
	NX_FAULT_NETWORK
};

/* Which table decided. */
enum nx_basis {
	NX_BASIS_NONE = 0,
	NX_BASIS_PROVIDER,
	NX_BASIS_TEXT,
	NX_BASIS_STATUS,
	NX_BASIS_REPLY,
	NX_BASIS_ACTION,
	NX_BASIS_FEEDBACK,
	NX_BASIS_KIND, /* the kind of message alone: unsubscribe, auto-reply */
	NX_BASIS_ADDRESS /* which of our addresses it is */
};

enum { NX_CONFIRM_DAYS = 7 }; /* at most */

struct nx_verdict {
	enum nx_class class;
	int confirm_days;   /* soft, but hard once reported on so many different
	                       days; else 0 */
	const char *reason; /* id of a declared reason */
	enum nx_fault fault;
	const char *advice; /* "never", "retry every 4h for 48h", "slow-down",
	                       "fix spf", "delist URL", "none" */
	const char *rule;   /* id of the rule, "" when no rule matched */
	enum nx_basis basis;
	const char *matched; /* the words or the code it rests on */
};

const char *nx_class_name(enum nx_class class); /* "hard", …, "none" */
const char *nx_fault_name(enum nx_fault fault); /* "recipient", …, "unknown" */
const char *nx_verdict_basis_name(enum nx_basis basis); /* "text", …, "" */

/* False when the name is none of them. */
bool nx_class_of_name(const char *name, enum nx_class *out);
bool nx_fault_of_name(const char *name, enum nx_fault *out);

#endif
