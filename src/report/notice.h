/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_NOTICE_H
#define NX_REPORT_NOTICE_H

#include <stdint.h>
#include <talloc.h>

/*
 * The notice is what is judged of the text for people: everything before the
 * returned message in the same text, except mail that is quoted there
 * (report/quoted.h). It is found on first use, since most reports have parts
 * for both.
 */
struct nx_formats;
struct nx_notice;
struct nx_spoken;
struct nx_wording;

struct nx_notice *nx_notice_new(TALLOC_CTX *ctx,
                                const struct nx_formats *formats,
                                const char *explanation);

const char *nx_notice_text(struct nx_notice *notice);

/* What it is marked with; the wording is the same each time. */
const struct nx_spoken *nx_notice_spoken(struct nx_notice *notice,
                                         const struct nx_wording *wording);

/* What the subject is marked with that stands above it; the same each time. */
const struct nx_spoken *nx_notice_subject(struct nx_notice *notice,
                                          const struct nx_wording *wording,
                                          const char *subject);

/* Which patterns of formats can match the notice; NULL without formats. */
const uint64_t *nx_notice_hits(struct nx_notice *notice);

#endif
