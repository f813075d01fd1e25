/* SPDX-License-Identifier: ISC */
#include "cli/db_commands.h"

#include "store/backup.h"

#include <inttypes.h>

bool nx_db_command_compact(struct nx_cli *cli, struct nx_error *err)
{
	struct nx_store_sizes sizes;
	if (!nx_store_compact(cli, cli->config.store, &sizes, err))
		return false;
	printf("%s/nixie.db: %" PRId64 " bytes, %" PRId64 " before\n",
	       nx_cli_escape(cli, cli->config.store), sizes.after,
	       sizes.before);
	return true;
}
