/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_HEADER_SPLIT_H
#define NX_MAIL_HEADER_SPLIT_H

#include "mail/prescan.h"

#include <stddef.h>
#include <talloc.h>

/*
 * Splits the head of a message for two readers. The MIME parser needs only the
 * MIME fields; for every other field it would make and free an object, which
 * takes longer than all the rest of a short message.
 */
struct nx_header_split {
	const char *fields; /* all lines of the head, with a NUL after them */
	const char *bytes;  /* the message with MIME fields only, */
	size_t size; /* or as it was when it does not start with a field */
};

/* Bytes from the start of a mail to its first empty line; empty lines before
 * the head belong to it. */
size_t nx_header_split_size(const char *mail, size_t size);

/* Fields are as in RFC 5322 section 2.2; those of MIME begin with "Content-"
 * (RFC 2045 section 9). Lines that are not fields stay where they are. */
struct nx_header_split nx_header_split(TALLOC_CTX *ctx, const char *bytes,
                                       size_t size);

/* The body of a multipart with its transfer encoding removed, and with a head
 * that declares the boundary found in it: "--" in front of a line of MIME. For
 * the parser; of size 0 when there is none. */
void nx_header_split_mend(TALLOC_CTX *ctx, const char *body, size_t size,
                          struct nx_prescan *out);

#endif
