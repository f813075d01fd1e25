/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_READERS_FORMAT_H
#define NX_REPORT_READERS_FORMAT_H

#include "base/yaml.h"
#include "report/report.h"

/*
 * Bounce formats that follow no standard, as data: rules/formats/NAME.yaml, one
 * format per file (nixie-rules(5)). A format says how it is recognised
 * (`when`), where its account of the failure stands (`begin`, `end`,
 * `original`) and what its lines mean (`recipient`, `diagnostic`: patterns
 * whose named groups are fields of the report). The line machine walks the
 * account line by line; no format has code of its own.
 */
struct nx_formats; /* all formats, in order of rank, then of name; immutable */

/* Strict; the first error ends it. */
NX_MUST_USE bool nx_formats_compile(TALLOC_CTX *ctx,
                                    const struct nx_source *sources,
                                    size_t count, const struct nx_formats **out,
                                    struct nx_error *err);

/* Runs every sample of every format, as it is and with its addresses altered;
 * *samples is their number. */
NX_MUST_USE bool nx_formats_prove(const struct nx_formats *formats,
                                  size_t *samples, struct nx_error *err);

size_t nx_formats_count(const struct nx_formats *formats);

/* The text up to where a returned message starts in it; *of_text says which of
 * the patterns can match the text: format_filter.c. */
char *nx_formats_cut(TALLOC_CTX *ctx, const struct nx_formats *formats,
                     const char *text, const uint64_t **of_text);

enum nx_other { NX_OTHER_NONE = 0, NX_OTHER_SENDER, NX_OTHER_CONTACT };

/* Who, if not a recipient, the address in the text (from, up to to) belongs to
 * by the words around it. */
enum nx_other nx_formats_other(TALLOC_CTX *ctx,
                               const struct nx_formats *formats,
                               const char *text, const char *from,
                               const char *to);

/* Reads the message with the first format that recognises it; false when none
 * does. The patterns see the notice (report/notice.h). */
bool nx_report_format(TALLOC_CTX *ctx, const struct nx_formats *formats,
                      const struct nx_message *message,
                      struct nx_report *report);

#endif
