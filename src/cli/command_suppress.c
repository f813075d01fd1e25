/* SPDX-License-Identifier: ISC */
#include "cli/each_address.h"

static bool suppress(struct nx_each_address *walk, TALLOC_CTX *ctx)
{
	(void)ctx;
	return nx_store_suppress(walk->store, walk->policy, &walk->act,
	                         &walk->err);
}

static bool is_declared(struct nx_cli *cli, const char *reason,
                        struct nx_error *err)
{
	struct nx_rules rules;
	if (!nx_cli_ready_rules(cli, &rules, err))
		return false;
	if (nx_tables_reason(nx_engine_tables(rules.engine), reason))
		return true;
	return nx_error_set(err, NX_ERROR_USAGE,
	                    "--reason %s: not declared in reasons.yaml",
	                    reason);
}

int nx_command_suppress(struct nx_cli *cli)
{
	struct nx_error err;
	const char *reason = "manual";
	if (nx_cli_has(cli, NX_OPTION_REASON)) {
		reason = cli->value[NX_OPTION_REASON];
		if (!is_declared(cli, reason, &err))
			return nx_cli_fail(cli, &err);
	}
	return nx_each_address(cli, NX_STORE_WRITE, reason, suppress);
}
