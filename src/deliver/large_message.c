/* SPDX-License-Identifier: ISC */
#include "deliver/large_message.h"

#include "sys/file.h"

#include <string.h>

void nx_large_message_add(struct nx_large_message *large, const char *bytes,
                          size_t size)
{
	if (large->size == 0)
		nx_digest_init(&large->rest);
	large->size += size;
	nx_digest_add(&large->rest, bytes, size);
}

size_t nx_large_message_end(struct nx_large_message *large, char *out)
{
	uint8_t digest[NX_DIGEST_SIZE];
	char hex[NX_LARGE_MESSAGE_MARK + 1];
	if (large->size == 0)
		return 0;
	nx_digest_end(&large->rest, digest);
	nx_digest_hex(digest, sizeof(digest), hex);
	memcpy(out, hex, NX_LARGE_MESSAGE_MARK);
	large->size = 0;
	return NX_LARGE_MESSAGE_MARK;
}

bool nx_large_message_read(int descriptor, char *bytes, size_t *size,
                           size_t *whole)
{
	struct nx_large_message large = {.size = 0};
	char block[64 * 1024];
	size_t got = 0;
	if (*size < NX_PRESCAN_BYTES &&
	    !nx_file_fill(descriptor, bytes + *size, NX_PRESCAN_BYTES - *size,
	                  &got))
		return false;
	*size += got;
	if (*size > NX_PRESCAN_BYTES)
		nx_large_message_add(&large, bytes + NX_PRESCAN_BYTES,
		                     *size - NX_PRESCAN_BYTES);
	for (bool more = *size >= NX_PRESCAN_BYTES; more; more = got > 0) {
		if (!nx_file_fill(descriptor, block, sizeof(block), &got))
			return false;
		if (got > 0)
			nx_large_message_add(&large, block, got);
	}
	*size -= *size > NX_PRESCAN_BYTES ? *size - NX_PRESCAN_BYTES : 0;
	*whole = *size + large.size;
	*size += nx_large_message_end(&large, bytes + *size);
	return true;
}

const char *nx_large_message_cut(TALLOC_CTX *ctx, const char *bytes,
                                 size_t *size)
{
	struct nx_large_message large = {.size = 0};
	if (*size <= NX_PRESCAN_BYTES)
		return bytes;
	char *cut = talloc_size(ctx, NX_LARGE_MESSAGE_ROOM);
	memcpy(cut, bytes, NX_PRESCAN_BYTES);
	nx_large_message_add(&large, bytes + NX_PRESCAN_BYTES,
	                     *size - NX_PRESCAN_BYTES);
	*size = NX_PRESCAN_BYTES +
	        nx_large_message_end(&large, cut + NX_PRESCAN_BYTES);
	return cut;
}
