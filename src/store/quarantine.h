/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_QUARANTINE_H
#define NX_STORE_QUARANTINE_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Messages that nobody recognised or that a worker died of, kept as they came
 * in a Maildir (tmp → fsync → rename to new → fsync of the directory), with
 * caps: when it is full the oldest go first.
 */
enum {
	NX_QUARANTINE_COUNT = 10000,
	NX_QUARANTINE_BYTES = 64 * 1024 * 1024,
	NX_QUARANTINE_DAYS = 7
};

/* directory is the store's; the name of the file is the digest, so the same
 * message is kept once. */
NX_MUST_USE bool nx_quarantine_add(const char *directory,
                                   const uint8_t digest[32], const char *bytes,
                                   size_t size, int64_t now,
                                   struct nx_error *err);

#endif
