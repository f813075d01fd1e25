/* SPDX-License-Identifier: ISC */
#ifndef NX_POOL_KEEPER_H
#define NX_POOL_KEEPER_H

#include "config/config.h"
#include "pool/nursery.h"

/*
 * The process that nurseries come from in a program that lives long: forked
 * before the store or anything secret is there, it never holds either, and so
 * no worker does, whenever rules are loaded anew. It loads nothing itself: each
 * nursery loads its own rules.
 */
struct nx_keeper;

struct nx_keeper_order {
	const struct nx_rules_from *rules;
	const char *config; /* the file that says what is ours, or "" */
	int places;
};

/* Loads the rules, to be used where that is ours. */
typedef bool nx_keeper_load(TALLOC_CTX *ctx,
                            const struct nx_keeper_order *order,
                            const struct nx_engine **out, struct nx_error *err);

/* Forks at once: call it first of all, and with one thread. */
NX_MUST_USE bool nx_keeper_open(TALLOC_CTX *ctx, nx_keeper_load *load,
                                struct nx_keeper **out, struct nx_error *err);

/* A nursery with those rules; waits until they are loaded. A
 * keeper that is gone is an INTERNAL fault: nothing helps but a restart. */
NX_MUST_USE bool nx_keeper_raise(TALLOC_CTX *ctx,
                                 const struct nx_keeper *keeper,
                                 const struct nx_keeper_order *order,
                                 struct nx_nursery **out, struct nx_error *err);

/* Its nurseries go with their pools. Takes NULL. */
void nx_keeper_close(struct nx_keeper *keeper);

#endif
