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
 * \x{...} escapes (RFC 6533 section 3), "a@b (comment)", "<@relay:a@b>", "Name
 * <a@b>". Returns the address without decoration, spelling kept; "" when there
 * is none (a pipe, a file, a local user name, a broken address: "a b@c"). */
const char *nx_address_of_field(TALLOC_CTX *ctx, const char *value);

/* The same for a header that people or a last hop write, where words may
 * precede the address without brackets: "Anna Smith a@b", "mailing list
 * a@b". */
const char *nx_address_of_header(TALLOC_CTX *ctx, const char *value);

/* Whether the address found from from to to stands in the text as a whole:
 * there is a boundary on either side, nothing before it belongs to its local
 * part and nothing after it continues its domain, even where lines were broken
 * by force. text is where the context begins; it ends with NUL. Allocates
 * nothing, and looks at a few hundred bytes on either side. */
bool nx_address_is_whole(const char *text, const char *from, const char *to);

/* The first thing in text that reads as an address ("<a@b>" preferred) and
 * stands there as a whole, or "". *at (when not NULL) is set to its offset. */
const char *nx_address_find(TALLOC_CTX *ctx, const char *text, size_t *at);

/* The same between two places of a text. The address may touch these places:
 * boundaries are judged by the whole context, which begins at text. *at is set
 * to where the address stands. */
const char *nx_address_find_in(TALLOC_CTX *ctx, const char *text,
                               const char *from, const char *end,
                               const char **at);

#endif
