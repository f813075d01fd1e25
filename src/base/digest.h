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

enum {
	NX_DIGEST_SIZE = 32,
	NX_KEY_SIZE = 32,
	NX_RECIPIENT_KEY_SIZE = 8 /* the first 64 bits of the keyed hash */
};

struct nx_digest_state {
	uint64_t opaque[16]; /* holds nettle's state; checked in digest.c */
};

void nx_digest_init(struct nx_digest_state *state);
void nx_digest_add(struct nx_digest_state *state, const void *bytes,
                   size_t size);
void nx_digest_end(struct nx_digest_state *state, uint8_t out[NX_DIGEST_SIZE]);

/* The key of an address in normal form: HMAC-SHA-256 over "nixie-addr-v1", a
 * NUL and the address, cut to 64 bits: what a return-path token carries. */
void nx_digest_recipient(const uint8_t key[NX_KEY_SIZE], const char *address,
                         uint8_t out[NX_RECIPIENT_KEY_SIZE]);

/* Lower-case hexadecimal; out has room for 2 * size + 1. Returns out. */
char *nx_digest_hex(const uint8_t *bytes, size_t size, char *out);

#endif
