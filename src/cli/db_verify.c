/* SPDX-License-Identifier: ISC */
#include "cli/db_commands.h"

#include "store/verify.h"

static void on_finding(void *user, const char *line)
{
	printf("%s\n", nx_cli_escape(user, line));
}

/* A store that is too damaged to be opened has at least this finding. */
static bool open_store(struct nx_cli *cli, struct nx_error *err)
{
	if (nx_cli_store(cli, NX_STORE_READ, err))
		return true;
	if (err->kind == NX_ERROR_DAMAGED) {
		on_finding(cli, err->text);
		cli->status = NX_EXIT_NO;
	}
	return false;
}

bool nx_db_command_verify(struct nx_cli *cli, struct nx_error *err)
{
	size_t findings;
	if (!open_store(cli, err))
		return err->kind == NX_ERROR_DAMAGED;
	if (!nx_store_verify(cli->store, on_finding, cli, &findings, err))
		return false;
	if (findings == 0)
		puts("all right");
	else
		cli->status = NX_EXIT_NO;
	return true;
}
