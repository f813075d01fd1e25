/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

#include <string.h>

struct listing {
	const struct nx_cli *cli;
	bool all;
	bool json;
	bool by_cause;
	enum nx_cause cause;
	const char *reason; /* "": any */
};

static bool is_wanted(const struct listing *run,
                      const struct nx_standing *standing)
{
	if (!run->all && !nx_standing_holds(standing, run->cli->now))
		return false;
	if (run->by_cause && standing->cause != run->cause)
		return false;
	return !*run->reason || strcmp(run->reason, standing->reason) == 0;
}

static bool on_row(void *user, const struct nx_subject_state *state)
{
	const struct listing *run = user;
	if (!is_wanted(run, &state->standing))
		return true;
	TALLOC_CTX *ctx = talloc_new(NULL);
	if (run->json) {
		struct nx_json_out *object = nx_json_out_new(ctx);
		nx_cli_state_json(object, state, run->cli->now);
		nx_cli_print_json(object);
	} else {
		printf("%s\n", nx_cli_state_text(ctx, state, run->cli->now));
	}
	talloc_free(ctx);
	return !ferror(stdout);
}

int nx_command_list(struct nx_cli *cli)
{
	struct nx_error err;
	struct nx_store *store = NULL;
	const char *cause = cli->value[NX_OPTION_CLASS];
	struct listing run = {.cli = cli,
	                      .all = nx_cli_has(cli, NX_OPTION_ALL),
	                      .json = nx_cli_has(cli, NX_OPTION_JSON),
	                      .by_cause = nx_cli_has(cli, NX_OPTION_CLASS),
	                      .reason = cli->value[NX_OPTION_REASON]};
	if (run.by_cause && !nx_cause_of_name(cause, &run.cause)) {
		nx_error_set(&err, NX_ERROR_USAGE,
		             "--class %s: not hard, soft, complaint, "
		             "unsubscribe or manual",
		             cause);
		return nx_cli_fail(cli, &err);
	}
	bool done = nx_cli_store(cli, NX_STORE_READ, &store, &err) &&
	            nx_store_list(store, cli->config.scope,
	                          run.all ? 0 : cli->now, on_row, &run, &err);
	nx_store_close(store);
	return done ? NX_EXIT_OK : nx_cli_fail(cli, &err);
}
