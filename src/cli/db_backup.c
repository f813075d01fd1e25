/* SPDX-License-Identifier: ISC */
#include "cli/db_commands.h"

#include "store/backup.h"

#include <inttypes.h>
#include <unistd.h>

/* Of an older nixie; the next command that writes takes it into the store. */
static void tell_folder(const struct nx_cli *cli)
{
	char *folder =
	        talloc_asprintf(NULL, "%s/quarantine", cli->config.store);
	if (access(folder, F_OK) == 0)
		nx_cli_say(cli,
		           "what an older nixie keeps in %s is not in it: "
		           "nixie db migrate takes it into the store",
		           folder);
	talloc_free(folder);
}

bool nx_db_command_backup(struct nx_cli *cli, struct nx_error *err)
{
	const char *file = cli->operand[1];
	int64_t bytes;
	if (!nx_store_backup(cli, cli->config.store, file,
	                     nx_cli_has(cli, NX_OPTION_FORCE), &bytes, err))
		return false;
	printf("%s: %" PRId64 " bytes, checked\n", nx_cli_escape(cli, file),
	       bytes);
	tell_folder(cli);
	return true;
}
