/* SPDX-License-Identifier: ISC */
#include "store/sqlite_digests.h"

#include <string.h>

/* A Bloom filter. Digests are random numbers already: where in one its bits are
 * read from is the salt. */

enum {
	BITS = 26, /* of a place in the filter */
	BYTES = 1 << (BITS - 3),
	SALTS = NX_DIGEST_SIZE - (int)sizeof(uint64_t)
};

struct nx_sqlite_digests {
	int64_t serial;
	int salt;
	uint8_t bits[BYTES];
};

struct nx_sqlite_digests *nx_sqlite_digests_new(TALLOC_CTX *ctx, int64_t salt)
{
	struct nx_sqlite_digests *digests =
	        talloc_zero(ctx, struct nx_sqlite_digests);

	digests->salt = (int)(salt % SALTS);
	return digests;
}

struct places {
	uint64_t first, second;
};

static struct places places_of(const struct nx_sqlite_digests *digests,
                               const uint8_t digest[NX_DIGEST_SIZE])
{
	uint64_t number;

	memcpy(&number, digest + digests->salt, sizeof(number));
	return (struct places){number >> (64 - BITS),
	                       number & ((UINT64_C(1) << BITS) - 1)};
}

void nx_sqlite_digests_add(struct nx_sqlite_digests *digests, int64_t serial,
                           const uint8_t digest[NX_DIGEST_SIZE], bool is_kept)
{
	const struct places at = places_of(digests, digest);

	digests->serial = serial;
	if (!is_kept)
		return;
	digests->bits[at.first / 8] |= (uint8_t)(1 << at.first % 8);
	digests->bits[at.second / 8] |= (uint8_t)(1 << at.second % 8);
}

int64_t nx_sqlite_digests_serial(const struct nx_sqlite_digests *digests)
{
	return digests->serial;
}

bool nx_sqlite_digests_has(const struct nx_sqlite_digests *digests,
                           const uint8_t digest[NX_DIGEST_SIZE])
{
	const struct places at = places_of(digests, digest);

	return (digests->bits[at.first / 8] >> at.first % 8 & 1) != 0 &&
	       (digests->bits[at.second / 8] >> at.second % 8 & 1) != 0;
}
