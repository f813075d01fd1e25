/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_WORDS_H
#define NX_MAIL_WORDS_H

#include <stddef.h>
#include <talloc.h>

/* A header value with its encoded words decoded (RFC 2047), as text. In
 * headers that hold addresses a word that decodes to one of <>@,;:" or a
 * bracket stays as it is: it must not look like syntax afterwards. At most
 * limit bytes. */
const char *nx_words_decode(TALLOC_CTX *ctx, const char *name,
                            const char *value, size_t size, size_t limit);

#endif
