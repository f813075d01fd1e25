/* SPDX-License-Identifier: ISC */
#ifndef NX_EXPORT_REPORT_H
#define NX_EXPORT_REPORT_H

#include "store/store.h"

#include <stdio.h>

/*
 * The CSV reports (RFC 4180, stable header, safe cells). Names: bounces,
 * complaints, unsubscribes, suppressions, blocked.
 */
bool nx_report_is_known(const char *name);
const char *nx_report_names(void); /* "bounces, complaints, …" for messages */

/* [since, until) by the time nixie learnt of it; suppressions are those that
 * hold at until. */
NX_MUST_USE bool nx_report_print(struct nx_store *store, const char *name,
                                 int64_t since, int64_t until, FILE *out,
                                 struct nx_error *err);

#endif
