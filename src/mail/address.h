/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_ADDRESS_H
#define NX_MAIL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

/*
 * Addresses (RFC 5321 section 4.1.2, RFC 6531). libidn2 is fenced here.
 */

/* Normal form, what subjects are keyed by: no angle brackets, route or
 * trailing dot; ASCII letters of the local part folded, what is UTF-8 in it
 * kept as it is; quotes only where they are needed; domain as lower-case
 * A-label (one that IDNA 2008 refuses stays in UTF-8). Never merges dots or
 * +tags. "" when text is no address: no "@", control characters, U+FFFD, local
 * part over 64 or domain over 255 octets, an encoded-word. Idempotent. */
const char *nx_address_normal(TALLOC_CTX *ctx, const char *text);

/* It has a normal form. */
bool nx_address_is_valid(TALLOC_CTX *ctx, const char *text);

/* The normal form of a domain alone; "" when text is none. */
const char *nx_address_normal_domain(TALLOC_CTX *ctx, const char *text);

/* The part behind the last "@" in lower case; "" when there is none. */
const char *nx_address_domain(TALLOC_CTX *ctx, const char *address);

/* RFC 3461 section 4 xtext ("+2B" is "+"); what is no xtext stays. */
const char *nx_address_xtext(TALLOC_CTX *ctx, const char *text);

#endif
