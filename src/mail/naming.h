/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_NAMING_H
#define NX_MAIL_NAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

/*
 * Whether bytes name an address, however they are encoded: for erasing, which
 * must find what a reader of the decoded message would find. Nothing is parsed:
 * whatever looks like an encoding is decoded, over all of the bytes, once more
 * within what came out. Found are quoted-printable, base64 (also of URLs and
 * of encoded words), UTF-16, escapes of URLs, HTML, JSON and xtext, lines
 * broken anywhere, and return paths that carry the address (user=example.com,
 * user%example.com, example.com=user). What is compressed is not unpacked.
 * Total, and linear in size. "a@example.com" is not named by
 * "anna@example.com", but where in doubt it is.
 */
struct nx_naming;

/* Of an address in normal form. */
const struct nx_naming *nx_naming_new(TALLOC_CTX *ctx, const char *address);

bool nx_naming_is_in(const struct nx_naming *naming, const char *bytes,
                     size_t size);

/* In the bytes of a message or in what its envelope says. */
struct nx_envelope; /* see mail/message.h */
bool nx_naming_is_in_mail(const struct nx_naming *naming,
                          const struct nx_envelope *envelope, const char *bytes,
                          size_t size);

#endif
