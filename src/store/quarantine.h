/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_QUARANTINE_H
#define NX_STORE_QUARANTINE_H

#include "base/digest.h"
#include "config/config.h"
#include "mail/message.h"
#include "store/original.h"

#include <stdint.h>

/*
 * The quarantine: messages that were not recognised, that killed a worker, that
 * do not say which address they concern, or that say more than is read. They
 * are kept in the store, by the transaction that records them (nx_store_add):
 * of each the beginning, and what is known of its envelope. Reports and
 * ordinary mail have the same limits, each for itself, and of each the oldest
 * go first: anybody can send any amount of ordinary mail.
 */
struct nx_store;

enum nx_quarantine_why { /* a message is kept because … */
	                 NX_QUARANTINE_NOT = 0,    /* it is not kept */
	                 NX_QUARANTINE_UNPARSED,   /* no worker could read it */
	                 NX_QUARANTINE_NO_ADDRESS, /* it counts, but for no
	                                              usable address */
	                 NX_QUARANTINE_TRUNCATED,  /* not all of it was read */
	                 NX_QUARANTINE_ORDINARY    /* nothing was recognised */
};

struct nx_quarantined { /* one message */
	uint8_t digest[NX_DIGEST_SIZE];
	int64_t time; /* when it came */
	enum nx_quarantine_why why;
	struct nx_envelope envelope;
	int64_t size; /* of the whole message */
	const char *bytes;
	size_t kept; /* of bytes */
};

/* "unparsed", "no-address", "truncated", "ordinary"; "" for NOT. */
const char *nx_quarantine_why_name(enum nx_quarantine_why why);
enum nx_quarantine_why nx_quarantine_why_of_name(const char *name);

/* Everything that is kept, oldest first, each with at most so many of its first
 * bytes; row returns false to stop. What a row is given lives until it
 * returns. */
NX_MUST_USE bool nx_quarantine_list(
        struct nx_store *store, size_t most,
        bool (*row)(void *user, const struct nx_quarantined *message),
        void *user, struct nx_error *err);

/* The message whose digest begins, in hex, with prefix, and a NUL behind its
 * bytes; a USAGE error when there is none or several. */
NX_MUST_USE bool nx_quarantine_find(TALLOC_CTX *ctx, struct nx_store *store,
                                    const char *prefix,
                                    struct nx_quarantined *out,
                                    struct nx_error *err);

/* Removes it. No error when it is gone already. */
NX_MUST_USE bool nx_quarantine_drop(struct nx_store *store,
                                    const uint8_t digest[NX_DIGEST_SIZE],
                                    struct nx_error *err);

/* Empties the WAL, in which what was removed is still to be found. Fails when
 * another process reads from it for long. */
NX_MUST_USE bool nx_quarantine_erase(struct nx_store *store,
                                     struct nx_error *err);

#endif
