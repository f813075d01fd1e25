/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_READERS_READERS_H
#define NX_REPORT_READERS_READERS_H

#include "report/report.h"

/*
 * The readers that nx_report_read tries, one per file. A reader that recognises
 * the message fills the report (kind, format, what the format says) and returns
 * true; one that does not leaves it unchanged and returns false.
 */

bool nx_reader_feedback(TALLOC_CTX *ctx, struct nx_report *report);
bool nx_reader_delivery(TALLOC_CTX *ctx, struct nx_report *report);

/* A delivery report that a notice returns in its text, part headers included:
 * tried only where the notice itself names no recipient, since otherwise it is
 * the mail that failed. */
bool nx_reader_passed_on(TALLOC_CTX *ctx, struct nx_report *report);
bool nx_reader_unsubscribe(TALLOC_CTX *ctx, struct nx_report *report);
bool nx_reader_automatic(struct nx_report *report);

/* Mail that looks like a delivery report, or quotes refusals, and is about no
 * recipient: challenges, messages of a mail server to its postmaster. Tried
 * before delivery reports. */
bool nx_reader_disguised(struct nx_report *report);

/* Mail from the mail system that no format recognises: the addresses that its
 * text calls unreachable. */
bool nx_reader_heuristic(TALLOC_CTX *ctx, struct nx_report *report);

/* Mail of others with the null sender that says it returns a mail, and why:
 * also when a program writes so. */
bool nx_reader_returned(TALLOC_CTX *ctx, struct nx_report *report);

/* The same, for a text that names no address at all, which is about the one
 * recipient that the returned message had; and for mail of others with the null
 * sender that says it returns a mail. Tried when no other reader recognises the
 * mail. */
bool nx_reader_unnamed(TALLOC_CTX *ctx, struct nx_report *report);

/* The first format that recognises it, if any (report/conditions/formats.h).
 * The patterns see the notice. */
bool nx_reader_format(TALLOC_CTX *ctx, struct nx_report *report);

/* Adds to a delivery report the recipients that only its text reports as
 * failed. */
void nx_report_add_left_out(TALLOC_CTX *ctx, struct nx_report *report);

/* What is known of a complaint without fields: its type. */
struct nx_feedback *nx_report_feedback_of(TALLOC_CTX *ctx, const char *type);

#endif
