/* SPDX-License-Identifier: ISC */
#ifndef NX_STORE_SCHEMA_H
#define NX_STORE_SCHEMA_H

#include "store/sqlite.h"

enum { NX_SCHEMA_LATEST = 9 };

/* The migrations, src/store/schema, in order; NULL at the end. Made when
 * built. */
extern const char *const nx_schema_text[];

/* Brings the database to the latest schema; the caller holds no transaction.
 * Refuses a database that is not a store, and one that a newer nixie has
 * written. */
NX_MUST_USE bool nx_schema_check(struct nx_store *store, bool may_write,
                                 struct nx_error *err);

/* It is a store, and not of a newer nixie; *version is 0 of an empty file. */
NX_MUST_USE bool nx_schema_is_ours(struct nx_store *store, int64_t *version,
                                   struct nx_error *err);
/* The key of its recipients is there, and kept. */
NX_MUST_USE bool nx_schema_load_key(struct nx_store *store,
                                    struct nx_error *err);

#endif
