/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_OWN_H
#define NX_REPORT_OWN_H

#include "report/report.h"

/*
 * What a report shows of our own side: the addresses it came back to, the
 * sender of the mail, the lists that spread it. It is made on first use, since
 * most mail is not a report, and kept, since every address of a report is
 * compared with it.
 */
const struct nx_own *nx_own_of(const struct nx_report *report);

/* Who reports, and whom the report was sent to; asked of fewer addresses. */
const char *const *nx_own_reporters(const struct nx_report *report);

bool nx_own_has(const char *const list[NX_OWN], const char *text);

/* The normal form of the address in a header or an envelope, or "". */
const char *nx_own_normal(TALLOC_CTX *ctx, const char *value);

/* The address without what we add to return paths: an extension, a token.
 * normal is in normal form, and may be returned itself. */
const char *nx_own_bare(TALLOC_CTX *ctx, const char *normal);

#endif
