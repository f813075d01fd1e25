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

/* Whether the address that was found at from, up to to, stands in the text as a
 * whole: a boundary on either side, nothing in front that belongs to its local
 * part, nothing behind that its domain goes on with, also where lines were
 * broken by force. text is where what surrounds it begins; it ends with NUL.
 * Allocates nothing, and looks at a few hundred bytes on either side. */
bool nx_address_is_whole(const char *text, const char *from, const char *to);

/* The first thing in text that reads as an address ("<a@b>" preferred) and
 * stands there as a whole, or "". *at (when not NULL) gets its offset. */
const char *nx_address_find(TALLOC_CTX *ctx, const char *text, size_t *at);

/* The same from one place of the text to another, which do not bound it: what
 * surrounds it does, which begins at text. *at gets where it stands. */
const char *nx_address_find_in(TALLOC_CTX *ctx, const char *text,
                               const char *from, const char *end,
                               const char **at);

#endif
