/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

#include <string.h>

/* The file has been read when this is called. */
int nx_command_config(struct nx_cli *cli)
{
	struct nx_error err;
	struct nx_rules rules;
	if (strcmp(cli->operand[0], "check") != 0) {
		nx_error_set(&err, NX_ERROR_USAGE, "%s: not check",
		             cli->operand[0]);
		return nx_cli_fail(cli, &err);
	}
	if (!nx_cli_rules(cli, &rules, &err))
		return nx_cli_fail(cli, &err);
	printf("%s: all right\n", *cli->config.file
	                                  ? nx_cli_escape(cli, cli->config.file)
	                                  : "no configuration file");
	return NX_EXIT_OK;
}
