/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_OUTCOME_H
#define NX_REPORT_OUTCOME_H

#include "report/report.h"

/*
 * What became of the mail, by the words of a report: rules/reports.yaml. The
 * notice is marked once, on first use.
 */
struct nx_spoken;

/* The notice with its marks. */
const struct nx_spoken *nx_outcome_spoken(const struct nx_report *report);

/* Some words, a line or a subject, say that mail did not arrive. */
bool nx_outcome_is_failure(TALLOC_CTX *ctx, const struct nx_report *report,
                           const char *words);

/* What subject and notice say: FAILED, DELAYED, or NONE. A mail system that
 * has given up warns of no delay. */
enum nx_action nx_outcome_told(const struct nx_report *report);

/* They say that mail was not delivered, and of nobody that they are away. */
bool nx_outcome_is_return(const struct nx_report *report);

/* The notice says why: the address, or its room. */
bool nx_outcome_has_reason(const struct nx_report *report);

/* Some words, a line or a paragraph, say why mail did not arrive: without
 * doubt, and causes of one kind only. */
bool nx_outcome_says_why(TALLOC_CTX *ctx, const struct nx_report *report,
                         const char *words);

#endif
