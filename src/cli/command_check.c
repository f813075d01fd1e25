/* SPDX-License-Identifier: ISC */
#include "cli/each_address.h"

static void print_json(TALLOC_CTX *ctx, const struct nx_subject_state *state,
                       int64_t now)
{
	struct nx_json_out *object = nx_json_out_new(ctx);
	nx_cli_state_json(object, state, now);
	nx_cli_print_json(object);
}

static bool check(struct nx_each_address *walk, TALLOC_CTX *ctx)
{
	struct nx_subject_state state;
	const char *scope = walk->act.scope, *address = walk->act.address;
	int64_t now = walk->act.now;
	bool done =
	        walk->policy
	                ? nx_store_attempt(ctx, walk->store, walk->policy,
	                                   scope, address, now, &state,
	                                   &walk->err)
	                : nx_store_standing(ctx, walk->store, scope, address,
	                                    now, &state, &walk->err);
	if (!done)
		return false;
	walk->no |= nx_standing_holds(&state.standing, now);
	if (nx_cli_has(walk->cli, NX_OPTION_JSON))
		print_json(ctx, &state, now);
	else
		printf("%s\n", nx_cli_state_text(ctx, &state, now));
	return true;
}

int nx_command_check(struct nx_cli *cli)
{
	bool attempt = nx_cli_has(cli, NX_OPTION_ATTEMPT);
	return nx_each_address(cli, attempt ? NX_STORE_WRITE : NX_STORE_READ,
	                       "", check);
}
