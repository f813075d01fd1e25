/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_READERS_RECOVER_H
#define NX_REPORT_READERS_RECOVER_H

#include "report/report.h"

/*
 * The address that a recipient's fields mean but do not give: without an
 * address, with a local part alone, a mailbox's path, our own address, or one
 * that is still encoded. Never a guess: "" when there is no evidence.
 */
const char *nx_recover_address(TALLOC_CTX *ctx, const struct nx_report *report,
                               const struct nx_recipient *recipient);

#endif
