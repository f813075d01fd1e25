/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

struct check {
	struct nx_cli *cli;
	struct nx_store *store;
	const struct nx_policy *policy; /* needed for attempts only */
	bool attempt;
	bool json;
	bool suppressed; /* at least one address is */
	bool failed;
	struct nx_error err;
};

static bool ask(struct check *run, TALLOC_CTX *ctx, const char *address,
                struct nx_subject_state *state)
{
	const char *scope = run->cli->config.scope;
	int64_t now = run->cli->now;
	if (run->attempt)
		return nx_store_attempt(ctx, run->store, run->policy, scope,
		                        address, now, state, &run->err);
	return nx_store_standing(ctx, run->store, scope, address, now, state,
	                         &run->err);
}

static void print_json(TALLOC_CTX *ctx, const struct nx_subject_state *state,
                       int64_t now)
{
	struct nx_json_out *object = nx_json_out_new(ctx);
	nx_cli_state_json(object, state, now);
	nx_cli_print_json(object);
}

static bool on_address(void *user, TALLOC_CTX *ctx, const char *address)
{
	struct check *run = user;
	struct nx_subject_state state;
	int64_t now = run->cli->now;
	run->failed = !ask(run, ctx, address, &state);
	if (run->failed)
		return false;
	if (nx_standing_holds(&state.standing, now))
		run->suppressed = true;
	if (run->json)
		print_json(ctx, &state, now);
	else
		printf("%s\n", nx_cli_state_text(ctx, &state, now));
	return true;
}

static bool check(struct check *run, size_t *bad)
{
	struct nx_cli *cli = run->cli;
	if (run->attempt && !nx_cli_policy(cli, &run->policy, &run->err))
		return false;
	if (!nx_cli_store(cli, run->attempt ? NX_STORE_WRITE : NX_STORE_READ,
	                  &run->store, &run->err))
		return false;
	return nx_cli_addresses(cli, 0, on_address, run, bad, &run->err) &&
	       !run->failed;
}

int nx_command_check(struct nx_cli *cli)
{
	size_t bad = 0;
	struct check run = {.cli = cli,
	                    .attempt = nx_cli_has(cli, NX_OPTION_ATTEMPT),
	                    .json = nx_cli_has(cli, NX_OPTION_JSON)};
	bool done = check(&run, &bad);
	nx_store_close(run.store);
	if (!done)
		return nx_cli_fail(cli, &run.err);
	if (bad > 0)
		return NX_EXIT_USAGE;
	return run.suppressed ? NX_EXIT_NO : NX_EXIT_OK;
}
