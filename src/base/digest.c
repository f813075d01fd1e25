/* SPDX-License-Identifier: ISC */
#include "base/digest.h"

#include <nettle/base16.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <nettle/sha2.h>
#include <stdalign.h>
#include <string.h>

static const char DOMAIN[] = "nixie-addr-v1"; /* hashed with its NUL */

_Static_assert(sizeof(struct sha256_ctx) <= sizeof(struct nx_digest_state),
               "a digest's state has room for nettle's");
_Static_assert(alignof(struct sha256_ctx) <= alignof(struct nx_digest_state),
               "a digest's state is aligned as nettle's");
_Static_assert(sizeof(struct hmac_sha256_ctx) <= sizeof(struct nx_digest_key),
               "a key has room for nettle's");
_Static_assert(alignof(struct hmac_sha256_ctx) <= alignof(struct nx_digest_key),
               "a key is aligned as nettle's");
_Static_assert(SHA256_DIGEST_SIZE == NX_DIGEST_SIZE, "SHA-256");

void nx_digest_init(struct nx_digest_state *state)
{
	sha256_init((struct sha256_ctx *)state);
}

void nx_digest_add(struct nx_digest_state *state, const void *bytes,
                   size_t size)
{
	sha256_update((struct sha256_ctx *)state, size, bytes);
}

void nx_digest_end(struct nx_digest_state *state, uint8_t out[NX_DIGEST_SIZE])
{
	sha256_digest((struct sha256_ctx *)state, NX_DIGEST_SIZE, out);
}

bool nx_digest_is_same(const uint8_t one[NX_DIGEST_SIZE],
                       const uint8_t other[NX_DIGEST_SIZE])
{
	return memeql_sec(one, other, NX_DIGEST_SIZE) != 0;
}

void nx_digest_key_init(struct nx_digest_key *out,
                        const uint8_t bytes[NX_KEY_SIZE])
{
	hmac_sha256_set_key((struct hmac_sha256_ctx *)out, NX_KEY_SIZE, bytes);
}

int64_t nx_digest_recipient(const struct nx_digest_key *key,
                            const char *address)
{
	uint8_t bytes[sizeof(int64_t)];
	uint64_t number = 0;
	struct hmac_sha256_ctx state;

	memcpy(&state, key, sizeof(state));
	hmac_sha256_update(&state, sizeof(DOMAIN), (const uint8_t *)DOMAIN);
	hmac_sha256_update(&state, strlen(address), (const uint8_t *)address);
	hmac_sha256_digest(&state, sizeof(bytes), bytes);
	for (size_t i = 0; i < sizeof(bytes); i++)
		number = number << 8 | bytes[i];
	return (int64_t)number;
}

char *nx_digest_hex(const uint8_t *bytes, size_t size, char *out)
{
	base16_encode_update(out, size, bytes);
	out[2 * size] = '\0';
	return out;
}
