/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_DB_COMMANDS_H
#define NX_CLI_DB_COMMANDS_H

#include "cli/cli.h"

/* The subcommands of `nixie db`, one file each. They open the store as they
 * need it, print, and return false with *err when they cannot. */
bool nx_db_command_status(struct nx_cli *cli, struct nx_error *err);
bool nx_db_command_verify(struct nx_cli *cli, struct nx_error *err);
bool nx_db_command_backup(struct nx_cli *cli, struct nx_error *err);
bool nx_db_command_restore(struct nx_cli *cli, struct nx_error *err);
bool nx_db_command_migrate(struct nx_cli *cli, struct nx_error *err);
bool nx_db_command_compact(struct nx_cli *cli, struct nx_error *err);
bool nx_db_command_clock(struct nx_cli *cli, struct nx_error *err);
bool nx_db_command_prune(struct nx_cli *cli, struct nx_error *err);
bool nx_db_command_hash(struct nx_cli *cli, struct nx_error *err);

/* A line of whether the system's clock has stepped. */
void nx_db_print_clock(const struct nx_cli *cli);

#endif
