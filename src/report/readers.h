/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_READERS_H
#define NX_REPORT_READERS_H

#include "report/report.h"

/*
 * The readers that nx_report_read tries, one file each. A reader that knows
 * the message fills the report (kind, format, what the format tells) and
 * returns true; one that does not leaves it alone and returns false.
 */
bool nx_report_feedback(TALLOC_CTX *ctx, const struct nx_message *message,
                        struct nx_report *report);
bool nx_report_delivery(TALLOC_CTX *ctx, const struct nx_message *message,
                        struct nx_report *report);
bool nx_report_unsubscribe(TALLOC_CTX *ctx, const struct nx_message *message,
                           struct nx_report *report);
bool nx_report_automatic(TALLOC_CTX *ctx, const struct nx_message *message,
                         struct nx_report *report);

/* Headers of the returned message, from a message/rfc822, message/global,
 * text/rfc822-headers or message/global-headers part. */
void nx_report_original(TALLOC_CTX *ctx, const struct nx_message *message,
                        struct nx_original *out);

/* An entry with every text "" and every number 0; NULL when the report is
 * full (NX_REPORT_RECIPIENTS). */
struct nx_recipient *nx_report_add_recipient(TALLOC_CTX *ctx,
                                             struct nx_report *report);

#endif
