/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_READERS_USABLE_H
#define NX_REPORT_READERS_USABLE_H

#include "report/report.h"

/* Which addresses in a text may be a recipient's. */

/* It is none of ours or of postmasters and the like, and the words before it do
 * not give it to somebody else. */
bool nx_usable_address(TALLOC_CTX *ctx, const struct nx_report *report,
                       const char *address, const char *before);

/* The text before an address, of that size, without what may surround one. */
char *nx_usable_lead(TALLOC_CTX *ctx, const char *text, size_t size);

#endif
