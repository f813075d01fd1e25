/* SPDX-License-Identifier: ISC */
#include "cli/rules_commands.h"

#include "cli/commands.h"

#include <string.h>

struct rules_verb {
	const char *name;
	bool takes_text;
	bool (*run)(struct nx_cli *cli, struct nx_error *err);
};

static const struct rules_verb verbs[] = {
        {"check", false, nx_rules_command_check},
        {"list", false, nx_rules_command_list},
        {"test", true, nx_rules_command_test},
        {"coverage", false, nx_rules_command_coverage},
        {"candidates", false, nx_rules_command_candidates},
};

enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

bool nx_rules_command_events(struct nx_cli *cli, nx_history_row *row,
                             void *user, struct nx_error *err)
{
	int64_t since;
	unsigned all = (2u << NX_CLASS_UNSUBSCRIBE) - 1;
	return nx_cli_store(cli, NX_STORE_READ, err) &&
	       nx_cli_time(cli, NX_OPTION_SINCE, 0, &since, err) &&
	       nx_store_walk(cli->store, all, since, INT64_MAX, row, user, err);
}

static const struct rules_verb *find_verb(const struct nx_cli *cli,
                                          struct nx_error *err)
{
	const char *name = cli->operand[0];
	for (size_t i = 0; i < VERBS; i++) {
		if (strcmp(verbs[i].name, name) != 0)
			continue;
		if (verbs[i].takes_text == (cli->operands == 2))
			return &verbs[i];
		nx_error_set(err, NX_ERROR_USAGE, "rules %s: %s", name,
		             verbs[i].takes_text ? "TEXT is missing"
		                                 : "one word too many");
		return NULL;
	}
	nx_error_set(err, NX_ERROR_USAGE,
	             "%s: not check, list, test, coverage or candidates", name);
	return NULL;
}

bool nx_command_rules(struct nx_cli *cli, struct nx_error *err)
{
	const struct rules_verb *verb = find_verb(cli, err);
	return verb && nx_cli_rules(cli, err) && verb->run(cli, err);
}
