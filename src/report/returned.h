/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_RETURNED_H
#define NX_REPORT_RETURNED_H

#include "report/report.h"

/*
 * What the returned message tells of whom it was for, for reports that do not.
 */

/* Its headers: of a part, or as they stand in the text behind the notice. */
struct nx_fields nx_returned_headers(TALLOC_CTX *ctx,
                                     const struct nx_report *report);

/* The one recipient that it can have had: the only address of To and Cc, or
 * which of them the oldest Received says it was for; of hidden recipients the
 * latter alone. "" when that says somebody else, and when it is one of ours or
 * a list. */
const char *nx_returned_recipient(TALLOC_CTX *ctx,
                                  const struct nx_report *report);

/* The one address of that local part in its To and Cc, not ours; else "". */
const char *nx_returned_by_name(TALLOC_CTX *ctx, const struct nx_report *report,
                                const char *local);

/* To or Cc name the address. */
bool nx_returned_names(TALLOC_CTX *ctx, const struct nx_report *report,
                       const char *address);

#endif
