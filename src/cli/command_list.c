/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

#include <string.h>

struct listing {
	struct nx_cli *cli;
	bool all;
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
	nx_cli_print_state(run->cli, state);
	return !ferror(stdout);
}

bool nx_command_list(struct nx_cli *cli, struct nx_error *err)
{
	const char *cause = cli->value[NX_OPTION_CLASS];
	struct listing run = {.cli = cli,
	                      .all = nx_cli_has(cli, NX_OPTION_ALL),
	                      .by_cause = nx_cli_has(cli, NX_OPTION_CLASS),
	                      .reason = cli->value[NX_OPTION_REASON]};
	if (cli->operands > 0)
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "unexpected argument '%s'; for one address "
		                    "use 'nixie show'",
		                    cli->operand[0]);
	if (run.by_cause && !nx_cause_of_name(cause, &run.cause))
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "--class %s: not hard, soft, complaint, "
		                    "unsubscribe or manual",
		                    cause);
	const struct nx_question question = nx_cli_question(cli);
	const bool any = *cli->config.stream == '\0';
	return nx_cli_reason(cli, err) &&
	       nx_cli_store(cli, NX_STORE_READ, err) &&
	       nx_store_list(cli->store, any ? NULL : &question,
	                     run.all ? 0 : cli->now, on_row, &run, err);
}
