/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_SQLITE_DIGESTS_H
#define NX_STORE_SQLITE_DIGESTS_H

#include "base/digest.h"

#include <talloc.h>

/*
 * Which messages have events, for whoever removes those that have none: there
 * is no index of that, which would cost every event more than its own is worth.
 * In 8 MiB however many there are; a few that have none are taken for one that
 * has, others with each salt.
 */
struct nx_sqlite_digests;

struct nx_sqlite_digests *nx_sqlite_digests_new(TALLOC_CTX *ctx, int64_t salt);

/* The message of the event with that serial; is_kept false: notes the serial
 * alone. */
void nx_sqlite_digests_add(struct nx_sqlite_digests *digests, int64_t serial,
                           const uint8_t digest[NX_DIGEST_SIZE], bool is_kept);

/* The last of these serials. */
int64_t nx_sqlite_digests_serial(const struct nx_sqlite_digests *digests);

/* Never false of one that was added. */
bool nx_sqlite_digests_has(const struct nx_sqlite_digests *digests,
                           const uint8_t digest[NX_DIGEST_SIZE]);

#endif
