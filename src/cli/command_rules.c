/* SPDX-License-Identifier: ISC */
#include "cli/rules_commands.h"

#include "cli/commands.h"
#include "cli/verbs.h"

static const struct {
	struct nx_verb verb;
	bool (*run)(struct nx_cli *cli, struct nx_error *err);
} verbs[] = {
        {{.name = "check"}, nx_rules_command_check},
        {{.name = "list"}, nx_rules_command_list},
        {{.name = "test", .operands = "TEXT", .least = 1, .most = 1},
         nx_rules_command_test},
        {{.name = "coverage"}, nx_rules_command_coverage},
        {{.name = "candidates"}, nx_rules_command_candidates},
};

bool nx_rules_command_events(struct nx_cli *cli, nx_history_row *row,
                             void *user, struct nx_error *err)
{
	int64_t since;
	unsigned all = (2u << NX_CLASS_UNSUBSCRIBE) - 1;
	return nx_cli_store(cli, NX_STORE_READ, err) &&
	       nx_cli_time(cli, NX_OPTION_SINCE, 0, &since, err) &&
	       nx_store_walk(cli->store, all, since, INT64_MAX, row, user, err);
}

bool nx_command_rules(struct nx_cli *cli, struct nx_error *err)
{
	const size_t found = NX_VERB_FIND(cli, verbs, err);
	return found < NX_VERBS(verbs) && nx_cli_rules(cli, err) &&
	       verbs[found].run(cli, err);
}
