/* SPDX-License-Identifier: ISC */
#include "cli/each_address.h"

static bool check(struct nx_each_address *walk, TALLOC_CTX *ctx)
{
	struct nx_cli *cli = walk->cli;
	struct nx_subject_state state;
	const char *scope = walk->act.scope, *address = walk->act.address;
	bool done = nx_cli_has(cli, NX_OPTION_ATTEMPT)
	                    ? nx_store_attempt(
	                              ctx, cli->store, cli->rules.policy, scope,
	                              address, cli->now, &state, walk->err)
	                    : nx_store_standing(ctx, cli->store, scope, address,
	                                        cli->now, &state, walk->err);
	if (!done)
		return false;
	if (nx_standing_holds(&state.standing, cli->now))
		cli->status = NX_EXIT_NO;
	nx_cli_print_state(cli, &state);
	return true;
}

bool nx_command_check(struct nx_cli *cli, struct nx_error *err)
{
	bool attempt = nx_cli_has(cli, NX_OPTION_ATTEMPT);
	return nx_each_address(cli, attempt ? NX_STORE_WRITE : NX_STORE_READ,
	                       "", check, err);
}
