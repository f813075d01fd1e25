/* SPDX-License-Identifier: ISC */
#include "cli/each_address.h"
#include "store/erase.h"

#include <inttypes.h>

/* Forgets persons, and says what it keeps of them. */

static const char *counted(TALLOC_CTX *ctx, int64_t count, const char *one,
                           const char *many)
{
	return talloc_asprintf(ctx, "%" PRId64 " %s", count,
	                       count == 1 ? one : many);
}

static void tell(TALLOC_CTX *ctx, const char *address,
                 const struct nx_erased *erased)
{
	printf("%s  erased: %s, %s, %s, %" PRId64 " in quarantine, %s\n",
	       nx_cli_escape(ctx, address),
	       counted(ctx, erased->events, "event", "events"),
	       counted(ctx, erased->attempts, "attempt", "attempts"),
	       counted(ctx, erased->originals, "original", "originals"),
	       erased->quarantined,
	       counted(ctx, erased->texts, "text of others",
	               "texts of others"));
}

/* What holds for all of a domain is not about a person. */
static bool tell_kept(struct nx_each_address *walk, TALLOC_CTX *ctx)
{
	static const struct nx_question ANY = {.stream = ""};
	struct nx_cli *cli = walk->cli;
	struct nx_response answer;
	size_t kept = 0;

	if (!nx_store_ask(ctx, cli->store, &ANY, walk->address, cli->now,
	                  &answer, walk->err))
		return false;
	for (size_t i = 0; i < answer.states; i++) {
		const struct nx_subject_state *state = &answer.state[i];

		if (*state->address == '@')
			continue;
		kept++;
		printf("  kept: %s\n",
		       nx_cli_state_text(ctx, state->address, state, cli->now));
	}
	if (kept > 0)
		puts("  that is needed so that no mail is sent there; --all "
		     "forgets it too");
	return true;
}

static bool erase(struct nx_each_address *walk, TALLOC_CTX *ctx)
{
	struct nx_cli *cli = walk->cli;
	struct nx_erased erased;

	if (*walk->address == '@') {
		nx_cli_say(cli, "%s: not an address", walk->address);
		walk->bad = true;
		return true;
	}
	if (!nx_store_erase(cli->store, walk->address,
	                    nx_cli_has(cli, NX_OPTION_ALL), cli->now, &erased,
	                    walk->err))
		return false;
	tell(ctx, walk->address, &erased);
	return tell_kept(walk, ctx);
}

static bool empty_wal(struct nx_each_address *walk)
{
	return nx_quarantine_erase(walk->cli->store, walk->err);
}

bool nx_command_erase(struct nx_cli *cli, struct nx_error *err)
{
	const struct nx_each_call call = {.mode = NX_STORE_THERE,
	                                  .reason = "",
	                                  .take = erase,
	                                  .finish = empty_wal,
	                                  .refuses_wildcards = true};

	return nx_each_address(cli, &call, err);
}
