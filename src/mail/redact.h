/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_REDACT_H
#define NX_MAIL_REDACT_H

#include <talloc.h>

/* A text without the addresses in it: every word with an "@", or with one that
 * is escaped, is "[address]". What names the given address (mail/naming.h) all
 * the same is "". Most texts have no address and are returned unchanged. */
const char *nx_redact(TALLOC_CTX *ctx, const char *text, const char *address);

/* What is to be kept as it is, or "" when it names the address. */
const char *nx_redact_named(TALLOC_CTX *ctx, const char *text,
                            const char *address);

#endif
