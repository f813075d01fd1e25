/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_READERS_ACCOUNT_H
#define NX_REPORT_READERS_ACCOUNT_H

#include "report/readers/transcript.h"
#include "report/report.h"

/*
 * What the text for people says about each recipient of a report: the refusal
 * in a transcript of the session ("<<< 550 ..."), else the paragraph that
 * begins with the address, or the one below a list that contains it, else what
 * says why elsewhere (report/readers/reason.h). The text is read once, on first
 * use.
 */
struct nx_accounts; /* hangs on its context; refers to the report */

struct nx_accounts *nx_accounts_new(TALLOC_CTX *ctx,
                                    const struct nx_report *report);

/* Sendmail or one of its relatives wrote it. */
bool nx_accounts_are_sendmails(struct nx_accounts *accounts);

/* Never returns what is said of another recipient. */
struct nx_said nx_accounts_of(TALLOC_CTX *ctx, struct nx_accounts *accounts,
                              const struct nx_recipient *recipient);

/* The same when a format has already read the text by its lines: only what a
 * transcript in it shows. If that is nothing, and the diagnostic is only
 * Sendmail's wording for a code of another host, text is that code. */
struct nx_said nx_accounts_session(TALLOC_CTX *ctx,
                                   struct nx_accounts *accounts,
                                   const struct nx_recipient *recipient);

#endif
