/* SPDX-License-Identifier: ISC */
#ifndef NX_POOL_HOST_SPAWNER_H
#define NX_POOL_HOST_SPAWNER_H

#include "config/config.h"
#include "pool/worker_host.h"

/*
 * The process that forks worker hosts in a program that runs for long. It is
 * itself forked before the store or anything secret is in memory and never
 * holds either, so no worker does, even when rules are loaded anew. It loads
 * nothing itself: each worker host loads its own rules.
 */
struct nx_host_spawner;

struct nx_host_spawner_order {
	const struct nx_rules_from *rules;
	const char *config; /* the file that says what is ours, or "" */
	int places;
};

/* Loads the rules, with the site of the order's configuration. */
typedef bool nx_host_spawner_load(TALLOC_CTX *ctx,
                                  const struct nx_host_spawner_order *order,
                                  const struct nx_engine **out,
                                  struct nx_error *err);

/* Forks at once: call it before anything else, and with one thread. */
NX_MUST_USE bool nx_host_spawner_open(TALLOC_CTX *ctx,
                                      nx_host_spawner_load *load,
                                      struct nx_host_spawner **out,
                                      struct nx_error *err);

/* Starts a worker host with those rules and waits until they are loaded. If the
 * host spawner is gone the error is INTERNAL: only a restart helps. */
NX_MUST_USE bool nx_host_spawner_spawn(
        TALLOC_CTX *ctx, const struct nx_host_spawner *spawner,
        const struct nx_host_spawner_order *order, struct nx_worker_host **out,
        struct nx_error *err);

/* Its worker hosts end with their pools. Takes NULL. */
void nx_host_spawner_close(struct nx_host_spawner *spawner);

#endif
