/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_CONDITIONS_VIEW_H
#define NX_REPORT_CONDITIONS_VIEW_H

#include "mail/message.h"
#include "report/conditions/conditions.h"

/*
 * A message as conditions see it, prepared once, on first use. For phrases
 * header values and text are folded; for patterns a filter has told which of
 * them can match at all.
 */
struct nx_notice;

struct nx_view {
	const struct nx_message *message;
	struct nx_notice *notice; /* of its text for people */
	const struct nx_header_names *names;
	const struct nx_prefilter *filter; /* of the patterns for headers; NULL:
	                                      conditions are phrases */
	bool looked;                       /* the rest is filled */
	const char *value[NX_HEADER_NAMES]; /* NULL when absent */
	const uint64_t *of_headers; /* what can match: bits, by number */
	const uint64_t *of_text;
	const char *subject; /* its words, after "re:" and brackets, or "" */
	const char *text;    /* NULL until asked for */
	enum { NX_SYSTEM_UNKNOWN = 0, NX_SYSTEM_NO, NX_SYSTEM_YES } system;
};

struct nx_view *nx_view_new(TALLOC_CTX *ctx, const struct nx_message *message,
                            struct nx_notice *notice,
                            const struct nx_header_names *names,
                            const struct nx_prefilter *filter);

/* Fills what is not asked for each time; does nothing the second time. */
void nx_view_look(struct nx_view *view);

/* Some group of the list holds. */
bool nx_view_holds(struct nx_view *view,
                   const struct nx_condition_group *group);

#endif
