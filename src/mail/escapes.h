/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_ESCAPES_H
#define NX_MAIL_ESCAPES_H

#include <stddef.h>
#include <talloc.h>

/* Escapes of any kind, for who looks for what a reader would see: of
 * quoted-printable, URLs, HTML, JSON and xtext, and what stands between two
 * encoded words. */
struct nx_stretch { /* bytes, of a text or not */
	const char *text;
	size_t size;
};

/* All escapes decoded once, on ctx; they only get shorter. */
struct nx_stretch nx_escapes_decode(TALLOC_CTX *ctx, struct nx_stretch text);

#endif
