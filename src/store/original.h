/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_ORIGINAL_H
#define NX_STORE_ORIGINAL_H

#include "base/digest.h"
#include "config/config.h"
#include "mail/message.h"
#include "store/packing.h"

#include <stdint.h>

/*
 * Messages that led to an event, as they came, kept for as long and in as much
 * room as the configuration says; the oldest go first. nx_store_add keeps them
 * (struct nx_delivery). Of a message larger than NX_PRESCAN_BYTES only the
 * beginning is there, which is all that is ever read of one.
 */
struct nx_store;

struct nx_kept_original { /* one message */
	uint8_t digest[NX_DIGEST_SIZE];
	int64_t time; /* when it came */
	struct nx_envelope envelope;
	int64_t size; /* of the whole message */
	const char *bytes;
	size_t kept;             /* of bytes */
	struct nx_packed packed; /* the same, where that was done before */
};

static inline bool nx_original_is_kept(const struct nx_original_limits *limits)
{
	return limits->days > 0 && limits->bytes > 0;
}

/* The one with that digest (struct nx_event: message), and a NUL behind its
 * bytes; *found says whether there is one. */
NX_MUST_USE bool nx_original_find(TALLOC_CTX *ctx, struct nx_store *store,
                                  const uint8_t digest[NX_DIGEST_SIZE],
                                  struct nx_kept_original *out, bool *found,
                                  struct nx_error *err);

/* All of them, oldest first; row returns false to stop. What a row is given
 * lives until it returns; no transaction is open meanwhile. */
NX_MUST_USE bool nx_original_walk(
        struct nx_store *store,
        bool (*row)(void *user, const struct nx_kept_original *original),
        void *user, struct nx_error *err);

/* Removes it. No error when it is gone already. */
NX_MUST_USE bool nx_original_drop(struct nx_store *store,
                                  const uint8_t digest[NX_DIGEST_SIZE],
                                  struct nx_error *err);

#endif
