/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_CONDITIONS_CONDITIONS_H
#define NX_REPORT_CONDITIONS_CONDITIONS_H

#include "base/yaml.h"
#include "report/conditions/patterns.h"
#include "report/conditions/phrases.h"

/*
 * Conditions on a message, as formats and detectors have them under `when`,
 * `with` and `unless`: a list of groups, of which one must hold. The conditions
 * of formats are patterns, those of detectors phrases. Whether they hold is
 * said by report/conditions/view.h.
 */
enum nx_condition_kind { /* from cheap to dear, and tried so */
	                 NX_CONDITION_SENDER =
	                         0, /* the envelope sender is known and null */
	                 NX_CONDITION_REPORT_TYPE, /* in the message's
	                                              report-type */
	                 NX_CONDITION_HEADER,      /* in a header */
	                 NX_CONDITION_FRONT, /* the subject begins with a phrase
	                                      */
	                 NX_CONDITION_TYPE, /* in the type of a part that is not
	                                       returned */
	                 NX_CONDITION_FIRST, /* in the first line that is not
	                                        blank */
	                 NX_CONDITION_BODY /* in the text for people, ^ and $ at
	                                      lines; of phrases in its first
	                                      words */
};

struct nx_condition {
	enum nx_condition_kind kind;
	size_t header;                    /* for HEADER: nx_header_names */
	const struct nx_pattern *pattern; /* NULL: phrases */
	size_t number; /* of the pattern, in the filter that is used for it */
	struct nx_phrases phrases;
	struct nx_condition *next;
};

struct nx_condition_group { /* holds when enough of its conditions do */
	struct nx_condition *first;
	size_t conditions;
	size_t needed;
	const struct nx_condition_group *next;
};

/* --- names of headers ----------------------------------------------------- */

enum {
	NX_HEADER_NAMES = 128, /* that rules may mention */
	NX_HEADER_BUCKETS = 64,
	NX_HEADER_SUBJECT = 0 /* the number of Subject */
};

struct nx_header_names { /* by number */
	const char *item[NX_HEADER_NAMES];
	size_t count;
	/* chains by hash; 0 ends a chain, else number + 1 */
	unsigned char bucket[NX_HEADER_BUCKETS];
	unsigned char chain[NX_HEADER_NAMES];
};

void nx_header_names_begin(struct nx_header_names *names); /* zeroed ones */

/* The number of a header's name, or NX_HEADER_NAMES. */
size_t nx_header_number(const struct nx_header_names *names, const char *name);

/* --- loading -------------------------------------------------------------- */

struct nx_condition_loader {
	TALLOC_CTX *ctx;
	struct nx_header_names *names; /* gets those that conditions mention */
	bool by_patterns;
	struct nx_error *err;
};

/* The groups under a key; none when it is absent. */
NX_MUST_USE bool nx_conditions_load(const struct nx_condition_loader *loader,
                                    const struct nx_yaml *map, const char *key,
                                    const struct nx_condition_group **out);

#endif
