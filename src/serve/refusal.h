/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_REFUSAL_H
#define NX_SERVE_REFUSAL_H

#include "policy/policy.h"

#include <talloc.h>

enum { NX_REFUSAL_REASON = 64 /* letters of a reason that are told */ };

/* What whoever sends to a suppressed address is told, at RCPT and at the
 * blocked door: "5.7.1 suppressed by nixie (class reason)", without a reason
 * that is the class. The words are looked for in the MTA's report of that: see
 * text/own-refusal in rules/text.yaml. */
const char *nx_refusal_text(TALLOC_CTX *ctx, enum nx_cause cause,
                            const char *reason);

#endif
