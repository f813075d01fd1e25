/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_EXPLANATION_H
#define NX_REPORT_EXPLANATION_H

#include "mail/message.h"

/*
 * The part of a report that is written for people. It is read only where the
 * part for machines says nothing, because it comes in any language and
 * layout.
 */

/* The first text/plain part that says something, else the first text/html, else
 * a multipart whose parts are lost, else NULL. Never a part of the returned
 * message. */
const struct nx_part *nx_explanation_part(const struct nx_message *message);

/* The text of that part as plain text, or "". */
const char *nx_explanation_text(TALLOC_CTX *ctx,
                                const struct nx_message *message);

/* The address of a "<a@b>: why" line when all such lines name the same one,
 * else "". */
const char *nx_explanation_only_address(TALLOC_CTX *ctx,
                                        const char *explanation);

/* The text contains a word, not just codes. */
bool nx_explanation_has_words(const char *text);

#endif
