/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_READERS_HEURISTIC_MAIL_H
#define NX_REPORT_READERS_HEURISTIC_MAIL_H

#include "report/report.h"

/* Which mail is a report of a failure or a delay, whatever its form. */

/* The mail system says so. Mail that programs send to root counts only when its
 * subject does. */
bool nx_heuristic_mail_reports(TALLOC_CTX *ctx, const struct nx_report *report);

/* The same in words of any language: the text quotes a permanent refusal. */
bool nx_heuristic_mail_refuses(TALLOC_CTX *ctx, const struct nx_report *report);

/* A mail with the null sender says that a mail was not delivered, and not that
 * somebody is away. */
bool nx_heuristic_mail_returns(const struct nx_report *report);

#endif
