/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_ACCOUNT_H
#define NX_REPORT_ACCOUNT_H

#include "report/report.h"

/*
 * What the text for people says about each recipient of a report: the refusal
 * in a transcript of the session ("<<< 550 ..."), else the paragraph that
 * begins with the address, or the one below a list that it is in. The text is
 * read once, when it is first asked.
 */
struct nx_accounts; /* hangs on its context; keeps the report */

struct nx_accounts *nx_accounts_new(TALLOC_CTX *ctx,
                                    const struct nx_report *report);

/* Sendmail or one of its relatives wrote it. */
bool nx_accounts_are_sendmails(struct nx_accounts *accounts);

struct nx_account {
	const char *text; /* one line, at most 2 KiB; "" when it says nothing */
	const char *mta;  /* the host that is said to have refused, or "" */
};

/* Never what is said of another recipient. */
struct nx_account nx_accounts_of(TALLOC_CTX *ctx, struct nx_accounts *accounts,
                                 const struct nx_recipient *recipient);

/* The same where a format has read the text by its lines already: what of it a
 * transcript shows. Where that is nothing and the diagnostic is only Sendmail's
 * word on a code of another host, text is that code. */
struct nx_account nx_accounts_session(TALLOC_CTX *ctx,
                                      struct nx_accounts *accounts,
                                      const struct nx_recipient *recipient);

#endif
