/* SPDX-License-Identifier: ISC */
#ifndef NX_DELIVER_LARGE_MESSAGE_H
#define NX_DELIVER_LARGE_MESSAGE_H

#include "base/digest.h"
#include "mail/prescan.h"

#include <talloc.h>

/*
 * A message that is larger than what is read of one (NX_PRESCAN_BYTES): the
 * beginning is kept, and the digest of the rest, in hex, takes the place of the
 * rest. So it costs no more than any other, and two that differ only behind the
 * beginning are two. Every face cuts this way, so that a message has the same
 * digest whichever way it came, as long as its lines end alike: where the
 * beginning ends depends on it.
 */
enum {
	NX_LARGE_MESSAGE_MARK = 2 * NX_DIGEST_SIZE, /* bytes of the digest */
	NX_LARGE_MESSAGE_ROOM = NX_PRESCAN_BYTES + NX_LARGE_MESSAGE_MARK
};

struct nx_large_message { /* all zero: nothing came behind the beginning */
	struct nx_digest_state rest;
	size_t size; /* of the rest */
};

/* Takes bytes that follow the beginning. */
void nx_large_message_add(struct nx_large_message *large, const char *bytes,
                          size_t size);

/* Writes the NX_LARGE_MESSAGE_MARK bytes that take the place of the rest, and
 * makes *large ready for the next message. Returns how many: none when nothing
 * was added. */
size_t nx_large_message_end(struct nx_large_message *large, char *out);

/* Reads a message from a descriptor into bytes, which have
 * NX_LARGE_MESSAGE_ROOM of room and begin with *size that were read before;
 * *size becomes what is kept, *whole what came. Returns false when a read
 * fails, with errno. */
bool nx_large_message_read(int descriptor, char *bytes, size_t *size,
                           size_t *whole);

/* The same of a message that is in memory whole: bytes itself when it is not
 * large, else a copy on ctx. */
const char *nx_large_message_cut(TALLOC_CTX *ctx, const char *bytes,
                                 size_t *size);

#endif
