/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_RETURNED_H
#define NX_REPORT_RETURNED_H

#include "report/report.h"

/*
 * What the returned message says about its recipient, for reports that do not
 * name one.
 */

/* The one recipient that it can have had: the only address of To and Cc, or the
 * one of them that the oldest Received names; with hidden recipients only the
 * address in Received. "" when Received names another address, and when it is
 * one of ours or a list. */
const char *nx_returned_recipient(TALLOC_CTX *ctx,
                                  const struct nx_report *report);

/* The only address in its To and Cc with that local part that is not ours; else
 * "". */
const char *nx_returned_by_name(TALLOC_CTX *ctx, const struct nx_report *report,
                                const char *local);

/* To or Cc name the address. */
bool nx_returned_names(TALLOC_CTX *ctx, const struct nx_report *report,
                       const char *address);

#endif
