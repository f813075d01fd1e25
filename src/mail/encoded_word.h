/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_ENCODED_WORD_H
#define NX_MAIL_ENCODED_WORD_H

#include "mail/fields.h"

#include <talloc.h>

/* A header value with its encoded words decoded (RFC 2047), as text. In headers
 * that hold addresses a word that decodes to one of <>@,;:" or a bracket stays
 * as it is: it must not look like syntax afterwards. At most 16 KiB. Most
 * values are ASCII without encoded words and are returned unchanged. */
const char *nx_encoded_word_text(TALLOC_CTX *ctx, const char *name,
                                 const char *value);

/* The same for each field. */
struct nx_fields nx_encoded_word_fields(TALLOC_CTX *ctx,
                                        struct nx_fields fields);

#endif
