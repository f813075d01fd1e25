/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_POLICY_COMMANDS_H
#define NX_CLI_POLICY_COMMANDS_H

#include "cli/cli.h"

/* The subcommands of `nixie policy` that have files of their own. The rules are
 * loaded when they are called. */
bool nx_policy_command_show(struct nx_cli *cli, struct nx_error *err);
bool nx_policy_command_simulate(struct nx_cli *cli, struct nx_error *err);

#endif
