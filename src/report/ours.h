/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_OURS_H
#define NX_REPORT_OURS_H

#include "report/report.h"

/*
 * Which addresses are ours: mail was sent from them, comes back to them, or is
 * spread by them, so that no report is about them.
 */

/* For an entry of the report. A sender who wrote to themselves and to nobody
 * else is NOT: the report can mean nobody else. */
enum nx_ours nx_report_whose(TALLOC_CTX *ctx, const struct nx_report *report,
                             const struct nx_recipient *recipient);

/* The address is at a domain of ours: that of a return path, of the sender, or
 * one that the administrator names. */
bool nx_report_is_home(TALLOC_CTX *ctx, const struct nx_report *report,
                       const char *address);

/* Its domain has a dot, or the administrator calls it local. */
bool nx_report_is_deliverable(TALLOC_CTX *ctx, const struct nx_report *report,
                              const char *address);

/* The address belongs to the reporter or to us: one that the report was sent
 * to, that the returned message came from, a list's, or one that the
 * administrator protects. No report is about it. */
bool nx_report_is_ours(TALLOC_CTX *ctx, const struct nx_report *report,
                       const char *address);

/* Its refusal was said by a host of ours, and is reported by one: a host that
 * the administrator names, or in a domain of ours. What is said by none, or on
 * this host, counts as said by the one that reports. */
bool nx_report_is_own_refusal(TALLOC_CTX *ctx, const struct nx_report *report,
                              const struct nx_recipient *recipient);

/* The only address that a header such as To names; "" when there is none, and
 * when there are several. */
const char *nx_report_only_address(TALLOC_CTX *ctx, const char *value);

/* At the end of reading: removes entries that are not an address, and marks the
 * entries of delivery and feedback reports that are ours. */
void nx_report_mark_ours(TALLOC_CTX *ctx, struct nx_report *report);

#endif
