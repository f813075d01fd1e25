/* SPDX-License-Identifier: ISC */
#include "store/packing.h"

#include "mail/prescan.h"

#include <stdlib.h>
#include <zstd.h>

enum { LEVEL = 1 };

struct nx_packing {
	ZSTD_CCtx *state;
};

static int end(struct nx_packing *packing)
{
	ZSTD_freeCCtx(packing->state);
	return 0;
}

/* zstd fails only where it gets no memory. */
static void must(bool done)
{
	if (!done)
		abort();
}

struct nx_packing *nx_packing_new(TALLOC_CTX *ctx)
{
	struct nx_packing *packing = talloc_zero(ctx, struct nx_packing);

	packing->state = ZSTD_createCCtx();
	must(packing->state != NULL);
	ZSTD_CCtx_setParameter(packing->state, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(packing->state, ZSTD_c_checksumFlag, 1);
	talloc_set_destructor(packing, end);
	return packing;
}

struct nx_packed nx_packing_pack(TALLOC_CTX *ctx, struct nx_packing *packing,
                                 const char *bytes, size_t size)
{
	const size_t room = ZSTD_compressBound(size);
	char *out = talloc_size(ctx, room);
	const size_t packed =
	        ZSTD_compress2(packing->state, out, room, bytes, size);

	must(!ZSTD_isError(packed));
	return (struct nx_packed){.bytes = out, .size = packed};
}

char *nx_packing_unpack(TALLOC_CTX *ctx, const char *packed, size_t packed_size,
                        int64_t size)
{
	if (size < 0 || size > NX_PRESCAN_BYTES)
		return NULL;
	const size_t room = (size_t)size;
	char *out = talloc_zero_size(ctx, room + 1);
	if (ZSTD_decompress(out, room, packed, packed_size) == room)
		return out;
	talloc_free(out);
	return NULL;
}
