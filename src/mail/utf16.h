/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_UTF16_H
#define NX_MAIL_UTF16_H

#include <stddef.h>
#include <talloc.h>

/*
 * UTF-16 to UTF-8, for parts that are labelled UTF-16 and for whole messages
 * that a tool has saved as UTF-16. Needs no converter of the C library.
 */
enum nx_utf16 { NX_UTF16_NONE = 0, NX_UTF16_LITTLE, NX_UTF16_BIG };

/* The order that the first four bytes show: a byte order mark, or two ASCII
 * characters. NONE when they are something else. */
enum nx_utf16 nx_utf16_order(const char *bytes, size_t size);

/* UTF-8 without the byte order mark, and its size; half of a surrogate pair
 * becomes U+FFFD. order is not NONE. */
char *nx_utf16_read(TALLOC_CTX *ctx, const char *bytes, size_t *size,
                    enum nx_utf16 order);

#endif
