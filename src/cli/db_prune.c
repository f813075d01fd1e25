/* SPDX-License-Identifier: ISC */
#include "cli/db_commands.h"
#include "store/prune.h"

#include <inttypes.h>
#include <time.h>

struct pruned_row {
	const char *name;
	int64_t count;
};

static void print(struct nx_cli *cli, const struct nx_pruned *pruned)
{
	const struct pruned_row rows[] = {{"leases", pruned->leases},
	                                  {"texts", pruned->texts},
	                                  {"events", pruned->events},
	                                  {"attempts", pruned->attempts},
	                                  {"acts", pruned->acts},
	                                  {"messages", pruned->messages},
	                                  {"addresses", pruned->addresses},
	                                  {"counts", pruned->counts},
	                                  {"quarantined", pruned->quarantined},
	                                  {"originals", pruned->originals},
	                                  {"sent", pruned->sent}};
	const bool as_json = nx_cli_has(cli, NX_OPTION_JSON);
	struct nx_json_out *object = as_json ? nx_json_out_new(cli) : NULL;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (object)
			nx_json_out_number(object, rows[i].name, rows[i].count);
		else
			printf("%-12s %" PRId64 "\n", rows[i].name,
			       rows[i].count);
	if (object)
		nx_cli_print_json(object);
}

/* Who waits for a lock looks for it now and then: it is free half of the
 * time. */
static bool step(struct nx_prune *prune, bool *more, struct nx_error *err)
{
	enum { SECOND = 1000, MILLISECOND = 1000000 };
	if (!nx_prune_step(prune, more, err))
		return false;
	const int64_t held = nx_prune_step_ms(prune);
	const struct timespec pause = {.tv_sec = held / SECOND,
	                               .tv_nsec = held % SECOND * MILLISECOND};
	nanosleep(&pause, NULL);
	return true;
}

bool nx_db_command_prune(struct nx_cli *cli, struct nx_error *err)
{
	const bool only_counts = nx_cli_has(cli, NX_OPTION_DRY_RUN);
	bool more = true;

	if (!nx_cli_policy(cli, err) ||
	    !nx_cli_store(cli, only_counts ? NX_STORE_READ : NX_STORE_THERE,
	                  err))
		return false;
	const struct nx_prune_terms terms =
	        nx_prune_terms_of(&cli->config, cli->rules.policy);
	struct nx_prune *prune =
	        nx_prune_new(cli, cli->store, &terms, cli->now, only_counts);
	while (more)
		if (!step(prune, &more, err))
			return false;
	print(cli, nx_prune_result(prune));
	return only_counts || nx_quarantine_erase(cli->store, err);
}
