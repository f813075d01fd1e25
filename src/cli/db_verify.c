/* SPDX-License-Identifier: ISC */
#include "cli/db_commands.h"

#include "store/verify.h"

static void on_finding(void *user, const char *line)
{
	printf("%s\n", nx_cli_escape(user, line));
}

bool nx_db_command_verify(struct nx_cli *cli, struct nx_error *err)
{
	size_t findings;
	if (!nx_cli_store(cli, NX_STORE_READ, err) ||
	    !nx_store_verify(cli->store, on_finding, cli, &findings, err))
		return false;
	if (findings == 0)
		puts("all right");
	else
		cli->status = NX_EXIT_NO;
	return true;
}
