/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

#include <string.h>

/* The file has been read when this is called. */
bool nx_command_config(struct nx_cli *cli, struct nx_error *err)
{
	if (strcmp(cli->operand[0], "check") != 0)
		return nx_error_set(err, NX_ERROR_USAGE, "%s: not check",
		                    cli->operand[0]);
	if (!nx_cli_rules(cli, err))
		return false;
	printf("%s: all right\n", *cli->config.file
	                                  ? nx_cli_escape(cli, cli->config.file)
	                                  : "no configuration file");
	return true;
}
