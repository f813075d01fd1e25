/* SPDX-License-Identifier: ISC */
#include "cli/db_commands.h"

#include "store/backup.h"

#include <inttypes.h>

bool nx_db_command_migrate(struct nx_cli *cli, struct nx_error *err)
{
	enum { MEBIBYTE = 1024 * 1024 };
	struct nx_store_upgrade plan;
	if (!nx_store_look_at_upgrade(cli, cli->config.store, &plan, err))
		return false;
	if (plan.from == plan.to) {
		printf("schema %d: up to date\n", plan.to);
		return true;
	}
	printf("schema %d to %d: takes up to %" PRId64
	       " MiB of disk while it runs\n",
	       plan.from, plan.to, plan.needs / MEBIBYTE + 1);
	fflush(stdout);
	if (!nx_cli_store(cli, NX_STORE_THERE, err))
		return false;
	printf("schema %d: done\n", plan.to);
	return true;
}
