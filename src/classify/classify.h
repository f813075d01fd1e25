/* SPDX-License-Identifier: ISC */
#ifndef NX_CLASSIFY_CLASSIFY_H
#define NX_CLASSIFY_CLASSIFY_H

#include "classify/tables.h"
#include "classify/verdict.h"
#include "report/report.h"

/*
 * From a report to a verdict: the walk through the tables, from the most to
 * the least specific. Pure.
 */

struct nx_step { /* one table that was asked, for `nixie explain` */
	enum nx_basis table;
	const char *asked; /* what was looked up */
	const char *rule;  /* the rule that matched, or "" */
	const char *file;
	int line;
	const char *matched;
	const char *note; /* "decides", "silent", "overruled" (too late), "weak:
	                     asked again last"; more may follow. Text rules
	                     after the one that matched are "overruled" */
};

struct nx_facts;

struct nx_trace {
	const struct nx_facts *facts; /* NULL without a recipient */
	struct nx_step *step;         /* on the context given to nx_classify */
	size_t count;
};

/* The verdict for report->recipient[index]; for reports without recipients
 * (index 0) the verdict of the message as a whole. trace may be NULL. Order:
 * action other than failed → none; kind; feedback type; profile; text; status;
 * reply; weak status, weak reply, weak status x.0.0; action. With a trace the
 * codes are looked up even when the text has decided. Texts in the verdict live
 * as long as the tables or ctx. */
struct nx_verdict nx_classify(TALLOC_CTX *ctx, const struct nx_tables *tables,
                              const struct nx_report *report, size_t index,
                              struct nx_trace *trace);

#endif
