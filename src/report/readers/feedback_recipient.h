/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_READERS_FEEDBACK_RECIPIENT_H
#define NX_REPORT_READERS_FEEDBACK_RECIPIENT_H

#include "report/report.h"

/*
 * The recipient that a feedback report is about. Reporters hide the address,
 * wholly or in part: what only looks like one ("redacted@example.com", "x@x", a
 * hash) is not taken.
 */

/* Fills the recipients of a report whose feedback and original are read: those
 * that it names, else the one that the complained message reveals, else one
 * without an address, marked as redacted. */
void nx_feedback_recipient_read(TALLOC_CTX *ctx, struct nx_report *report);

/* Headers that the sender of a message may have added to recognise it later,
 * and that no mail system adds. */
struct nx_fields nx_feedback_recipient_clues(TALLOC_CTX *ctx,
                                             const struct nx_fields *headers);

#endif
