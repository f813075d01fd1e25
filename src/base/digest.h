/* SPDX-License-Identifier: ISC */
#ifndef NX_BASE_DIGEST_H
#define NX_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104). nettle is fenced here: it
 * uses the processor's own instructions for them where there are any.
 */

enum { NX_DIGEST_SIZE = 32, NX_KEY_SIZE = 32 };

struct nx_digest_state {
	uint64_t opaque[16]; /* holds nettle's state; checked in digest.c */
};

void nx_digest_init(struct nx_digest_state *state);
void nx_digest_add(struct nx_digest_state *state, const void *bytes,
                   size_t size);
void nx_digest_end(struct nx_digest_state *state, uint8_t out[NX_DIGEST_SIZE]);

struct nx_digest_key { /* made ready once: that is half of the work */
	uint64_t opaque[48];
};

void nx_digest_key_init(struct nx_digest_key *out,
                        const uint8_t bytes[NX_KEY_SIZE]);

/* Takes as long whatever differs: for what a stranger must not guess octet by
 * octet. */
bool nx_digest_is_same(const uint8_t one[NX_DIGEST_SIZE],
                       const uint8_t other[NX_DIGEST_SIZE]);

/* The key of an address in normal form: HMAC-SHA-256 over "nixie-addr-v1", a
 * NUL and the address, of which the first 64 bits, most significant first, are
 * the number: what a return-path token carries. */
int64_t nx_digest_recipient(const struct nx_digest_key *key,
                            const char *address);

/* Lower-case hexadecimal; out has room for 2 * size + 1. Returns out. */
char *nx_digest_hex(const uint8_t *bytes, size_t size, char *out);

#endif
