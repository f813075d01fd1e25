/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

struct suppress {
	struct nx_cli *cli;
	const struct nx_policy *policy;
	struct nx_store *store;
	struct nx_manual_action act;
	bool failed;
	struct nx_error err;
};

static bool on_address(void *user, TALLOC_CTX *ctx, const char *address)
{
	struct suppress *run = user;
	(void)ctx;
	run->act.address = address;
	run->failed = !nx_store_suppress(run->store, run->policy, &run->act,
	                                 &run->err);
	return !run->failed;
}

static bool is_declared(struct suppress *run)
{
	struct nx_rules rules;
	if (!nx_cli_has(run->cli, NX_OPTION_REASON))
		return true;
	if (!nx_cli_ready_rules(run->cli, &rules, &run->err))
		return false;
	if (nx_tables_reason(nx_engine_tables(rules.engine), run->act.reason))
		return true;
	return nx_error_set(&run->err, NX_ERROR_USAGE,
	                    "--reason %s: not declared in reasons.yaml",
	                    run->act.reason);
}

static bool suppress(struct suppress *run, size_t *bad)
{
	struct nx_cli *cli = run->cli;
	return nx_cli_policy(cli, &run->policy, &run->err) &&
	       is_declared(run) &&
	       nx_cli_store(cli, NX_STORE_WRITE, &run->store, &run->err) &&
	       nx_cli_addresses(cli, 0, on_address, run, bad, &run->err) &&
	       !run->failed;
}

int nx_command_suppress(struct nx_cli *cli)
{
	size_t bad = 0;
	bool given = nx_cli_has(cli, NX_OPTION_REASON);
	struct suppress run = {
	        .cli = cli,
	        .act = {.scope = cli->config.scope,
	                .who = nx_cli_who(cli),
	                .note = cli->value[NX_OPTION_NOTE],
	                .reason =
	                        given ? cli->value[NX_OPTION_REASON] : "manual",
	                .cause = NX_CAUSE_MANUAL,
	                .now = cli->now}};
	bool done = suppress(&run, &bad);
	nx_store_close(run.store);
	if (!done)
		return nx_cli_fail(cli, &run.err);
	return bad > 0 ? NX_EXIT_USAGE : NX_EXIT_OK;
}
