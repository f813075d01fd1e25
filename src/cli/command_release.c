/* SPDX-License-Identifier: ISC */
#include "cli/each_address.h"

static bool release(struct nx_each_address *walk, TALLOC_CTX *ctx)
{
	bool was = false;
	if (!nx_store_release(walk->cli->store, walk->cli->rules.policy,
	                      &walk->act, &was, walk->err))
		return false;
	printf("%s  %s\n", nx_cli_escape(ctx, walk->act.address),
	       was ? "released" : "was not suppressed");
	return true;
}

bool nx_command_release(struct nx_cli *cli, struct nx_error *err)
{
	return nx_each_address(cli, NX_STORE_WRITE, "", release, err);
}
