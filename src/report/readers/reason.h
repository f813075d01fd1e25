/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_READERS_REASON_H
#define NX_REPORT_READERS_REASON_H

#include "report/report.h"

/*
 * Why mail to a recipient that a report names did not arrive, by words of the
 * text for people that stand apart from its address: found as in a text of no
 * known form. The text is read once, on first use.
 */
struct nx_reasons; /* hangs on its context; refers to the report */

struct nx_reasons *nx_reasons_new(TALLOC_CTX *ctx,
                                  const struct nx_report *report);

/* The words say why: by themselves, or with the reply that they quote. */
bool nx_reason_is_in(TALLOC_CTX *ctx, const struct nx_report *report,
                     const char *words);

/* On one line: words that say why and are said of that recipient, or of nobody
 * in a report about it alone; "" if there are none. */
const char *nx_reasons_of(TALLOC_CTX *ctx, struct nx_reasons *reasons,
                          const struct nx_recipient *recipient);

#endif
