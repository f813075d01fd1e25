/* SPDX-License-Identifier: ISC */
#include "cli/db_commands.h"

#include "store/backup.h"

bool nx_db_command_restore(struct nx_cli *cli, struct nx_error *err)
{
	const char *file = cli->operand[1];
	const char *kept;
	if (!nx_store_restore(cli, cli->config.store, file,
	                      nx_cli_has(cli, NX_OPTION_FORCE), &kept, err))
		return false;
	printf("%s/nixie.db: restored\n",
	       nx_cli_escape(cli, cli->config.store));
	if (*kept)
		printf("%s: the store before\n", nx_cli_escape(cli, kept));
	return true;
}
