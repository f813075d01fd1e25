/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_OWN_H
#define NX_REPORT_OWN_H

#include "report/report.h"

/*
 * What a report shows of our own side: the addresses it came back to, the
 * sender of the mail, the lists that spread it. Each list is made on first use,
 * since most mail is not a report, and kept, since every address of a report is
 * compared with it.
 */
/* The headers of the returned message: from a part, or as they stand in the
 * text after the notice. */
const struct nx_fields *nx_own_headers(const struct nx_report *report);

/* Addresses in normal form without extensions. The reporters include the
 * address that the report was sent to. */
const struct nx_own_list *nx_own_return_paths(const struct nx_report *report);
const struct nx_own_list *nx_own_senders(const struct nx_report *report);
const struct nx_own_list *nx_own_reporters(const struct nx_report *report);

const struct nx_own_list *nx_own_domains(const struct nx_report *report);

/* Headers that name a list, as they stand. */
const struct nx_own_list *nx_own_lists(const struct nx_report *report);

bool nx_own_has(const struct nx_own_list *list, const char *text);

/* The normal form of the address in a header or an envelope, or "". */
const char *nx_own_normal(TALLOC_CTX *ctx, const char *value);

/* The address without what we add to return paths: an extension, a token.
 * normal is in normal form, and may be returned itself. */
const char *nx_own_bare(TALLOC_CTX *ctx, const char *normal);

#endif
