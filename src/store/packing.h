/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_PACKING_H
#define NX_STORE_PACKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <talloc.h>

/* Bytes in less room (zstd, RFC 8878), with a checksum. */
struct nx_packing; /* used for one after the other; freed with its context */

struct nx_packing *nx_packing_new(TALLOC_CTX *ctx);

struct nx_packed {
	const char *bytes; /* NULL: not packed yet */
	size_t size;
};

struct nx_packed nx_packing_pack(TALLOC_CTX *ctx, struct nx_packing *packing,
                                 const char *bytes, size_t size);

/* size bytes, and a NUL behind them; NULL when these are not what was packed,
 * or would be more than NX_PRESCAN_BYTES. */
char *nx_packing_unpack(TALLOC_CTX *ctx, const char *packed, size_t packed_size,
                        int64_t size);

#endif
