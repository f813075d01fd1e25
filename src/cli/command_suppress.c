/* SPDX-License-Identifier: ISC */
#include "cli/each_address.h"

static bool suppress(struct nx_each_address *walk, TALLOC_CTX *ctx)
{
	(void)ctx;
	return nx_store_suppress(walk->cli->store, walk->cli->rules.policy,
	                         &walk->act, walk->err);
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
	return (!given || is_declared(cli, reason, err)) &&
	       nx_each_address(cli, NX_STORE_WRITE, given ? reason : "manual",
	                       suppress, err);
}
