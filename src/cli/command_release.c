/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

struct release {
	struct nx_cli *cli;
	const struct nx_policy *policy;
	struct nx_store *store;
	struct nx_manual_action act;
	bool failed;
	struct nx_error err;
};

static bool on_address(void *user, TALLOC_CTX *ctx, const char *address)
{
	struct release *run = user;
	bool was = false;
	run->act.address = address;
	run->failed = !nx_store_release(run->store, run->policy, &run->act,
	                                &was, &run->err);
	if (run->failed)
		return false;
	printf("%s  %s\n", nx_cli_escape(ctx, address),
	       was ? "released" : "was not suppressed");
	return true;
}

static bool release(struct release *run, size_t *bad)
{
	struct nx_cli *cli = run->cli;
	return nx_cli_policy(cli, &run->policy, &run->err) &&
	       nx_cli_store(cli, NX_STORE_WRITE, &run->store, &run->err) &&
	       nx_cli_addresses(cli, 0, on_address, run, bad, &run->err) &&
	       !run->failed;
}

int nx_command_release(struct nx_cli *cli)
{
	size_t bad = 0;
	struct release run = {.cli = cli,
	                      .act = {.scope = cli->config.scope,
	                              .who = nx_cli_who(cli),
	                              .note = cli->value[NX_OPTION_NOTE],
	                              .reason = "",
	                              .now = cli->now}};
	bool done = release(&run, &bad);
	nx_store_close(run.store);
	if (!done)
		return nx_cli_fail(cli, &run.err);
	return bad > 0 ? NX_EXIT_USAGE : NX_EXIT_OK;
}
