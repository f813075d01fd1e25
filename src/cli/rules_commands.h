/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_RULES_COMMANDS_H
#define NX_CLI_RULES_COMMANDS_H

#include "cli/cli.h"
#include "store/history.h"

/* The subcommands of `nixie rules`, one file each. They print, and return false
 * with *err when they cannot. */
bool nx_rules_command_check(struct nx_cli *cli, struct nx_error *err);
bool nx_rules_command_list(struct nx_cli *cli, struct nx_error *err);
bool nx_rules_command_test(struct nx_cli *cli, struct nx_error *err);
bool nx_rules_command_coverage(struct nx_cli *cli, struct nx_error *err);
bool nx_rules_command_candidates(struct nx_cli *cli, struct nx_error *err);

/* Every event since --since, of any class. */
NX_MUST_USE bool nx_rules_command_events(struct nx_cli *cli,
                                         nx_history_row *row, void *user,
                                         struct nx_error *err);

#endif
