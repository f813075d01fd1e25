/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_ADDRESS_H
#define NX_MAIL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

/*
 * Addresses (RFC 5321 section 4.1.2, RFC 6531). libidn2 is fenced here.
 */

/* The normal form of an address, which subjects are keyed by: no angle
 * brackets, route or trailing dot; ASCII letters of the local part folded, its
 * UTF-8 kept as it is; quotes only where needed; domain as lower-case A-label
 * (one that IDNA 2008 refuses stays in UTF-8). Never merges dots or +tags. ""
 * when text is not an address: no "@", control characters, U+FFFD, local part
 * over 64 or domain over 255 octets, an encoded-word. Idempotent. */
const char *nx_address_normal(TALLOC_CTX *ctx, const char *text);

/* True when the address has a normal form. */
bool nx_address_is_valid(TALLOC_CTX *ctx, const char *text);

/* The normal form of a domain alone; "" when text is not one. */
const char *nx_address_normal_domain(TALLOC_CTX *ctx, const char *text);

/* The normal form of an address or, with a leading "@", of a whole domain; ""
 * when it is neither. */
const char *nx_address_subject(TALLOC_CTX *ctx, const char *text);

/* A domain in normal form with its labels as people read them; "" when there
 * are no others. */
const char *nx_address_unicode_domain(TALLOC_CTX *ctx, const char *domain);

/* The part after the last "@" in lower case; "" when there is none. */
const char *nx_address_domain(TALLOC_CTX *ctx, const char *address);

/* Decodes RFC 3461 section 4 xtext ("+2B" is "+"); what is not xtext stays. */
const char *nx_address_xtext(TALLOC_CTX *ctx, const char *text);

#endif
