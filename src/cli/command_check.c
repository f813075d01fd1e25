/* SPDX-License-Identifier: ISC */
#include "cli/check_served.h"

#include "store/attempt.h"
#include "store/held.h"

static bool check(struct nx_each_address *walk, TALLOC_CTX *ctx)
{
	struct nx_cli *cli = walk->cli;
	struct nx_response answer;
	struct nx_hold hold;
	const struct nx_question question = nx_cli_question(cli);
	const char *address = walk->address;
	const struct nx_attempt attempt = {.question = &question,
	                                   .address = address,
	                                   .source = "check",
	                                   .sender = "",
	                                   .queue_id = ""};
	bool done = nx_cli_has(cli, NX_OPTION_ATTEMPT)
	                    ? nx_store_attempt(ctx, cli->store,
	                                       cli->rules.policy, &attempt,
	                                       cli->now, &answer, walk->err)
	                    : nx_store_ask(ctx, cli->store, &question, address,
	                                   cli->now, &answer, walk->err);
	if (!done ||
	    !nx_held_of(ctx, cli->store, address, cli->now, &hold, walk->err))
		return false;
	answer.hold = hold.domain ? &hold : NULL;
	if (answer.blocking > 0)
		cli->status = NX_EXIT_NO;
	nx_cli_print_answer(cli, &answer);
	return true;
}

bool nx_command_check(struct nx_cli *cli, struct nx_error *err)
{
	bool attempt = nx_cli_has(cli, NX_OPTION_ATTEMPT);
	const struct nx_each_call call = {.mode = attempt ? NX_STORE_WRITE
	                                                  : NX_STORE_READ,
	                                  .reason = "",
	                                  .take = check,
	                                  .only_asks = !attempt};

	if (!attempt && nx_check_is_served(cli))
		return nx_check_served(cli, err);
	return nx_each_address(cli, &call, err);
}
