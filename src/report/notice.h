/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_NOTICE_H
#define NX_REPORT_NOTICE_H

#include "report/report.h"

/*
 * What of the text for people is the notice, and judged: all before the
 * returned message that stands in the same text, but mail that is quoted there
 * (report/quoted.h). It is looked for when it is
 * first asked for, since most reports have parts for both.
 */
struct nx_notice *nx_notice_new(TALLOC_CTX *ctx,
                                const struct nx_formats *formats,
                                const char *explanation);

const char *nx_report_notice(const struct nx_report *report);

/* What of the patterns of formats can match it; not without formats. */
const uint64_t *nx_notice_hits(const struct nx_report *report);

/* Where, behind a blank line, the headers of a returned message stand in a text
 * with no word before them: lines of fields and nothing else, who sent it and
 * what only a message has among them. The end of the text when nowhere. */
const char *nx_notice_end(const char *text);

/* Where the headers that stand there end. */
const char *nx_notice_headers_end(const char *headers);

#endif
