/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_READERS_RECIPIENT_H
#define NX_REPORT_READERS_RECIPIENT_H

#include "report/readers/account.h"

/*
 * One recipient of a delivery report, RFC 3464 section 2.3, in two steps: first
 * the fields as they are, then, when the whole report is known, what they leave
 * out or get wrong.
 */

void nx_recipient_read(TALLOC_CTX *ctx, const struct nx_fields *group,
                       struct nx_recipient *recipient);

/* Bytes of a diagnostic that are read. */
enum { NX_RECIPIENT_DIAGNOSTIC = 2048 };

/* Fills the address when no field holds one, the words when Diagnostic-Code has
 * none, and from those the reply, the status and a missing action. */
void nx_recipient_complete(TALLOC_CTX *ctx, const struct nx_report *report,
                           struct nx_accounts *accounts,
                           struct nx_recipient *recipient, enum nx_action told);

#endif
