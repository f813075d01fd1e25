/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_FEEDBACK_RECIPIENT_H
#define NX_REPORT_FEEDBACK_RECIPIENT_H

#include "report/report.h"

/*
 * Whom a feedback report is about. Reporters hide him, wholly or in part: what
 * only looks like an address ("redacted@example.com", "x@x", a hash) is none.
 */

/* Fills the recipients of a report whose feedback and original are read: those
 * that are told, else the one that the complained message gives away, else one
 * without an address, marked as redacted. */
void nx_feedback_recipient_read(TALLOC_CTX *ctx, struct nx_report *report);

/* Headers that the sender of a message may have put there to know it again,
 * and that no mail system does. */
struct nx_fields nx_feedback_recipient_clues(TALLOC_CTX *ctx,
                                             const struct nx_fields *headers);

#endif
