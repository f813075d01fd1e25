/* SPDX-License-Identifier: ISC */
#include "cli/each_address.h"

static bool delivered(struct nx_each_address *walk, TALLOC_CTX *ctx)
{
	bool changed;

	if (!nx_store_delivered(walk->cli->store, walk->cli->rules.policy,
	                        walk->address, walk->cli->now, &changed,
	                        walk->err))
		return false;
	if (changed)
		printf("%s  cleared\n", nx_cli_escape(ctx, walk->address));
	return true;
}

bool nx_command_delivered(struct nx_cli *cli, struct nx_error *err)
{
	const struct nx_each_call call = {
	        .mode = NX_STORE_WRITE, .reason = "", .take = delivered};

	return nx_each_address(cli, &call, err);
}
