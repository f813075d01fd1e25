/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_CHARSET_H
#define NX_MAIL_CHARSET_H

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

/*
 * Character sets to UTF-8. A mail may name any of a thousand, and each would
 * make the C library load a code file; only those on a list are read, and their
 * converters are opened before the process enters the sandbox, and kept.
 */

/* Call once per process. Without it only ASCII and UTF-8 are read. */
void nx_charset_start(void);

/* A text needed a converter before any were loaded. */
bool nx_charset_lacked(void);

/* Bytes as text: at most limit bytes of UTF-8, repaired. label is the name that
 * the mail gives, "" for none. A label that is not on the list counts as none.
 * One that programs put on everything (US-ASCII, UTF-8, ISO-8859-1,
 * windows-1252) counts only if the bytes agree with it; otherwise the set is
 * guessed (mail/guess.h). UTF-16 is recognised by its first characters,
 * whatever the label. */
char *nx_charset_text(TALLOC_CTX *ctx, const char *label, const char *bytes,
                      size_t size, size_t limit);

/* The label that HTML gives itself in a <meta> near its start, or "". */
const char *nx_charset_of_html(TALLOC_CTX *ctx, const char *bytes, size_t size);

#endif
