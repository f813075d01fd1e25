/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_HASH_H
#define NX_STORE_HASH_H

#include "store/store.h"

/*
 * A hashed store knows addresses by their keys alone: of the address asked for
 * it can tell what is remembered, but not whose it is what it remembers. Texts
 * have no addresses in them, no message is kept as it came, neither as an
 * original nor in quarantine, and no return path. Domains of recipients are
 * counted by (mass failure), apart from the keys. There is no way back.
 */
bool nx_store_is_hashed(const struct nx_store *store);

/* Whether the store is as the configuration says; if not, a CONFIG error says
 * what to do. One without anything in it that may be written is made so. */
NX_MUST_USE bool nx_store_require(struct nx_store *store, bool hashed,
                                  struct nx_error *err);

/* Drops all addresses, in one transaction, and then writes the database anew,
 * so that its files hold none. When that fails or is stopped, it is as if it
 * had not begun, or the same call does what is left. Whoever else has the store
 * open and does not know can write nothing more to it. */
NX_MUST_USE bool nx_store_hash(struct nx_store *store, struct nx_error *err);

/* Within a transaction, of what a hashed store is to record: without what it
 * does not keep. */
void nx_sqlite_redact_event(TALLOC_CTX *ctx, struct nx_event *event);
void nx_sqlite_redact_record(struct nx_record *record);
/* The text, or "" of a hashed store when it may name somebody. */
const char *nx_sqlite_nameless(const struct nx_store *store, const char *text);

#endif
