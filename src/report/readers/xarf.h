/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_READERS_XARF_H
#define NX_REPORT_READERS_XARF_H

#include "report/report.h"

/*
 * XARF, versions 3 and 4 (xarf.org): a feedback report as a part in JSON. It is
 * turned into the fields of RFC 5965, so that nothing behind it knows the
 * difference.
 */

/* Puts the fields of the report in JSON in front of those that are there; if
 * the mail returns no message, the sample in the JSON becomes the returned one.
 * False, and nothing changes, when there is no such part, and when a person
 * passes it on. */
bool nx_xarf_read(TALLOC_CTX *ctx, struct nx_report *report,
                  struct nx_fields *fields);

#endif
