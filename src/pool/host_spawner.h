/* SPDX-License-Identifier: ISC */
#ifndef NX_POOL_HOST_SPAWNER_H
#define NX_POOL_HOST_SPAWNER_H

#include "config/config.h"
#include "pool/worker_host.h"

/*
 * The process that worker hosts come from in a program that lives long: forked
 * before the store or anything secret is there, it never holds either, and so
 * no worker does, whenever rules are loaded anew. It loads nothing itself: each
 * worker host loads its own rules.
 */
struct nx_host_spawner;

struct nx_host_spawner_order {
	const struct nx_rules_from *rules;
	const char *config; /* the file that says what is ours, or "" */
	int places;
};

/* Loads the rules, to be used where that is ours. */
typedef bool nx_host_spawner_load(TALLOC_CTX *ctx,
                                  const struct nx_host_spawner_order *order,
                                  const struct nx_engine **out,
                                  struct nx_error *err);

/* Forks at once: call it first of all, and with one thread. */
NX_MUST_USE bool nx_host_spawner_open(TALLOC_CTX *ctx,
                                      nx_host_spawner_load *load,
                                      struct nx_host_spawner **out,
                                      struct nx_error *err);

/* A worker host with those rules; waits until they are loaded. A
 * host spawner that is gone is an INTERNAL fault: nothing helps but a restart.
 */
NX_MUST_USE bool nx_host_spawner_spawn(
        TALLOC_CTX *ctx, const struct nx_host_spawner *spawner,
        const struct nx_host_spawner_order *order, struct nx_worker_host **out,
        struct nx_error *err);

/* Its worker hosts go with their pools. Takes NULL. */
void nx_host_spawner_close(struct nx_host_spawner *spawner);

#endif
