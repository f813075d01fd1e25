/* SPDX-License-Identifier: ISC */
#include "base/digest.h"

#include <sodium.h>
#include <stdalign.h>
#include <string.h>

static const char DOMAIN[] = "nixie-addr-v1"; /* hashed with its NUL */

_Static_assert(sizeof(crypto_hash_sha256_state) <=
                       sizeof(struct nx_digest_state),
               "a digest's state has room for libsodium's");
_Static_assert(alignof(crypto_hash_sha256_state) <=
                       alignof(struct nx_digest_state),
               "a digest's state is aligned as libsodium's");
_Static_assert(crypto_hash_sha256_BYTES == NX_DIGEST_SIZE, "SHA-256");
_Static_assert(crypto_auth_hmacsha256_KEYBYTES == NX_KEY_SIZE, "key");

/* These are plain computations: libsodium needs no sodium_init for them. */

void nx_digest_init(struct nx_digest_state *state)
{
	crypto_hash_sha256_init((crypto_hash_sha256_state *)state);
}

void nx_digest_add(struct nx_digest_state *state, const void *bytes,
                   size_t size)
{
	crypto_hash_sha256_update((crypto_hash_sha256_state *)state, bytes,
	                          size);
}

void nx_digest_end(struct nx_digest_state *state, uint8_t out[NX_DIGEST_SIZE])
{
	crypto_hash_sha256_final((crypto_hash_sha256_state *)state, out);
}

void nx_digest_recipient(const uint8_t key[NX_KEY_SIZE], const char *address,
                         uint8_t out[NX_RECIPIENT_KEY_SIZE])
{
	crypto_auth_hmacsha256_state state;
	uint8_t full[crypto_auth_hmacsha256_BYTES];
	crypto_auth_hmacsha256_init(&state, key, NX_KEY_SIZE);
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)DOMAIN,
	                              sizeof(DOMAIN));
	crypto_auth_hmacsha256_update(&state, (const uint8_t *)address,
	                              strlen(address));
	crypto_auth_hmacsha256_final(&state, full);
	memcpy(out, full, NX_RECIPIENT_KEY_SIZE);
}

char *nx_digest_hex(const uint8_t *bytes, size_t size, char *out)
{
	return sodium_bin2hex(out, 2 * size + 1, bytes, size);
}
