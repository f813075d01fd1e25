/* SPDX-License-Identifier: ISC */
#include "cli/bulk_print.h"
#include "cli/each_address.h"

#include <string.h>

struct release_tally { /* of addresses, or domains */
	size_t released, none, staying;
};

static void print_released(TALLOC_CTX *ctx, const char *name,
                           const struct nx_mail *mail)
{
	if (mail->reach == NX_REACH_ALL)
		printf("%s  released\n", name);
	else
		printf("%s  [%s]  released\n", name,
		       nx_cli_mail_text(ctx, mail));
}

static void tell(const struct nx_each_address *walk, TALLOC_CTX *ctx,
                 const struct nx_response *released,
                 const struct nx_response *left)
{
	const int64_t now = walk->cli->now;
	const char *name = nx_cli_escape(ctx, walk->address);
	const bool each = nx_cli_has(walk->cli, NX_OPTION_VERBOSE);

	for (size_t i = 0; each && i < released->holding; i++)
		print_released(ctx, name, &released->state[i].mail);
	if (each && released->holding + left->holding == 0)
		printf("%s  was not suppressed\n", name);
	for (size_t i = 0; i < left->holding; i++) {
		const struct nx_subject_state *state = &left->state[i];

		printf("%s  stays\n",
		       nx_cli_state_text(ctx, walk->address, state, now));
	}
}

static bool is_for_other_mail(const struct nx_manual_action *act,
                              const struct nx_mail *mail)
{
	return act->mail.reach == NX_REACH_STREAM &&
	       (mail->reach != NX_REACH_STREAM ||
	        strcmp(mail->name, act->mail.name) != 0);
}

/* What would have released it as well. */
static void hint_one(const struct nx_each_address *walk,
                     const struct nx_subject_state *state)
{
	const enum nx_cause cause = state->standing.cause;
	const bool is_class_missing =
	        cause > NX_CAUSE_HARD && cause != walk->act.cause;
	const bool is_other = is_for_other_mail(&walk->act, &state->mail);

	if (*state->address == '@' && *walk->address != '@')
		nx_cli_say(walk->cli, "%s: --domain %s releases all of it",
		           walk->address, state->address + 1);
	else if (!is_class_missing)
		nx_cli_say(walk->cli,
		           "%s: suppressed for %s, not only for '%s': "
		           "--stream '' releases it",
		           walk->address,
		           state->mail.reach == NX_REACH_ALL ? "all mail"
		                                             : "other mail",
		           walk->act.mail.name);
	else
		nx_cli_say(walk->cli, "%s: --class %s%s releases it",
		           walk->address, nx_cause_name(cause),
		           is_other ? " --stream ''" : "");
}

static void hint(const struct nx_each_address *walk,
                 const struct nx_response *left)
{
	for (size_t i = 0; i < left->holding; i++)
		hint_one(walk, &left->state[i]);
}

static bool release(struct nx_each_address *walk, TALLOC_CTX *ctx)
{
	struct nx_response released, left;

	if (!nx_store_release(ctx, walk->cli->store, walk->cli->rules.policy,
	                      &walk->act, walk->address, &released, &left,
	                      walk->err))
		return false;
	struct release_tally *tally = walk->user;
	tally->released += released.holding > 0;
	tally->none += released.holding + left.holding == 0;
	tally->staying += left.holding > 0;
	tell(walk, ctx, &released, &left);
	hint(walk, &left);
	if (left.holding > 0)
		walk->cli->status = NX_EXIT_NO;
	return true;
}

static bool finish(struct nx_each_address *walk)
{
	const struct release_tally *tally = walk->user;

	printf("%zu released", tally->released);
	if (tally->none > 0)
		printf(", %zu not suppressed", tally->none);
	if (tally->staying > 0)
		printf(", %zu still held", tally->staying);
	puts("");
	return true;
}

/* They would be forgotten though 0 says that it was done. */
static bool check_options(const struct nx_cli *cli, struct nx_error *err)
{
	const bool dry_run = nx_cli_has(cli, NX_OPTION_DRY_RUN);

	return (!dry_run && !nx_cli_has(cli, NX_OPTION_JSON)) ||
	       nx_error_set(err, NX_ERROR_USAGE, "%s: only with --where",
	                    dry_run ? "--dry-run" : "--json");
}

bool nx_command_release(struct nx_cli *cli, struct nx_error *err)
{
	struct release_tally tally = {.released = 0};
	const struct nx_each_call call = {.mode = NX_STORE_WRITE,
	                                  .reason = "",
	                                  .take = release,
	                                  .finish = finish,
	                                  .user = &tally};

	if (nx_cli_has(cli, NX_OPTION_WHERE))
		return nx_release_where(cli, err);
	return check_options(cli, err) && nx_each_address(cli, &call, err);
}
