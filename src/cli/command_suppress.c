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
	size_t done;
};

static void print_all(const struct collection *all)
{
	for (size_t i = 0; i < all->count; i++)
		printf("%s  suppressed\n",
		       nx_cli_escape(all->ctx, all->address[i]));
}

static bool suppress(struct nx_each_address *walk)
{
	struct collection *all = walk->user;
	const bool done = nx_store_suppress(
	        walk->cli->store, walk->cli->rules.policy, &walk->act,
	        all->address, all->count, walk->err);

	if (done && nx_cli_has(walk->cli, NX_OPTION_VERBOSE))
		print_all(all);
	all->done += all->count;
	talloc_free_children(all->ctx);
	all->address = NULL;
	all->count = 0;
	return done;
}

static bool finish(struct nx_each_address *walk)
{
	const struct collection *all = walk->user;

	if (!suppress(walk))
		return false;
	printf("%zu suppressed\n", all->done);
	return true;
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

bool nx_command_suppress(struct nx_cli *cli, struct nx_error *err)
{
	const char *reason = cli->value[NX_OPTION_REASON];
	bool given = nx_cli_has(cli, NX_OPTION_REASON);
	struct collection all = {.ctx = talloc_new(cli)};
	const struct nx_each_call call = {.mode = NX_STORE_WRITE,
	                                  .reason = given ? reason : "manual",
	                                  .take = collect,
	                                  .finish = finish,
	                                  .refuses_wildcards = true,
	                                  .user = &all};

	return nx_cli_reason(cli, err) && nx_each_address(cli, &call, err);
}
