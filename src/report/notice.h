/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_NOTICE_H
#define NX_REPORT_NOTICE_H

#include "report/report.h"

/*
 * The notice is what is judged of the text for people: everything before the
 * returned message in the same text, except mail that is quoted there
 * (report/quoted.h). It is found on first use, since most reports have parts
 * for both.
 */
struct nx_notice *nx_notice_new(TALLOC_CTX *ctx,
                                const struct nx_formats *formats,
                                const char *explanation);

const char *nx_report_notice(const struct nx_report *report);

/* Which patterns of formats can match the notice; NULL without formats. */
const uint64_t *nx_notice_hits(const struct nx_report *report);

/* Where, after a blank line, the headers of a returned message stand in a text
 * without a word before them: only lines of fields, with the sender and a field
 * that only a message has among them. The end of the text when there are
 * none. */
const char *nx_notice_end(const char *text);

/* Where the headers that start there end. */
const char *nx_notice_headers_end(const char *headers);

#endif
