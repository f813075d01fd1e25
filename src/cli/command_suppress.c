/* SPDX-License-Identifier: ISC */
#include "base/room.h"
#include "cli/each_address.h"

/* Addresses are collected, so that however many there are, they are one act,
 * and are written in the order in which the store keeps them. */
enum { AT_MOST = 1000000 }; /* in memory; more are several acts */

struct collection {
	TALLOC_CTX *ctx; /* of the addresses */
	const char **address;
	size_t count;
};

static bool suppress(struct nx_each_address *walk)
{
	struct collection *all = walk->user;
	const bool done = nx_store_suppress(
	        walk->cli->store, walk->cli->rules.policy, &walk->act,
	        all->address, all->count, walk->err);

	talloc_free_children(all->ctx);
	all->address = NULL;
	all->count = 0;
	return done;
}

static bool collect(struct nx_each_address *walk, TALLOC_CTX *ctx)
{
	struct collection *all = walk->user;

	(void)ctx;
	all->address =
	        NX_ROOM(all->ctx, all->address, const char *, all->count);
	all->address[all->count++] = talloc_strdup(all->ctx, walk->address);
	return all->count < AT_MOST || suppress(walk);
}

static bool is_declared(struct nx_cli *cli, const char *reason,
                        struct nx_error *err)
{
	if (!nx_cli_ready_rules(cli, err))
		return false;
	if (nx_tables_reason(nx_engine_tables(cli->rules.engine), reason))
		return true;
	return nx_error_set(err, NX_ERROR_USAGE,
	                    "--reason %s: not declared in reasons.yaml",
	                    reason);
}

bool nx_command_suppress(struct nx_cli *cli, struct nx_error *err)
{
	const char *reason = cli->value[NX_OPTION_REASON];
	bool given = nx_cli_has(cli, NX_OPTION_REASON);
	struct collection all = {.ctx = talloc_new(cli)};
	const struct nx_each_call call = {.mode = NX_STORE_WRITE,
	                                  .reason = given ? reason : "manual",
	                                  .take = collect,
	                                  .finish = suppress,
	                                  .refuses_wildcards = true,
	                                  .user = &all};

	return (!given || is_declared(cli, reason, err)) &&
	       nx_each_address(cli, &call, err);
}
