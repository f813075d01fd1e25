/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_ADDRESS_FIND_H
#define NX_MAIL_ADDRESS_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

/*
 * Addresses in fields, headers and text. Whether one is valid, and its normal
 * form, is mail/address.h.
 */

/* An address as a report field gives it: "rfc822; <a@b>", "utf-8;..." with
 * \x{...} escapes (RFC 6533 section 3), "a@b (comment)", "<@relay:a@b>",
 * "Name <a@b>". The address without decoration, spelling kept; "" when there
 * is none (a pipe, a file, a local user name, one that is broken: "a b@c"). */
const char *nx_address_of_field(TALLOC_CTX *ctx, const char *value);

/* The same of a header that people write or a last hop, where words may stand
 * in front without brackets: "Anna Smith a@b", "mailing list a@b". */
const char *nx_address_of_header(TALLOC_CTX *ctx, const char *value);

/* The first thing in text that reads as an address ("<a@b>" preferred), or
 * "". *at (when not NULL) gets its offset. */
const char *nx_address_find(TALLOC_CTX *ctx, const char *text, size_t *at);

#endif
