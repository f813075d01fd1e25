/* SPDX-License-Identifier: ISC */
#ifndef NX_MAIL_TRANSFER_H
#define NX_MAIL_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

/*
 * Transfer encodings, RFC 2045 section 6, recognised by the content rather than
 * the label: gateways decode and leave the label, or lose the label, or encode
 * twice. Total: what belongs to no encoding is skipped or kept.
 */
enum nx_transfer {
	NX_TRANSFER_NONE = 0,
	NX_TRANSFER_BASE64,
	NX_TRANSFER_QUOTED
};

/* The bytes without their encoding, or without two encodings: either bytes
 * itself or a copy on ctx. Content without a label is base64 when its lines
 * hold nothing else and decode to text, and quoted-printable when it has soft
 * breaks or "=3D" and no "=" that quoted-printable could not contain. Decodes
 * no more than a text of limit bytes can need; *cut says that this was not
 * all. */
const char *nx_transfer_read(TALLOC_CTX *ctx, enum nx_transfer label,
                             const char *bytes, size_t *size, size_t limit,
                             bool *cut);

#endif
