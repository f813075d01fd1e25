/* SPDX-License-Identifier: ISC */
#include "cli/db_commands.h"
#include "store/hash.h"

/* Whatever the configuration says: it cannot say hashed before. */
bool nx_db_command_hash(struct nx_cli *cli, struct nx_error *err)
{
	if (!nx_cli_has(cli, NX_OPTION_YES))
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "this drops all addresses, originals and "
		                    "messages in quarantine, for ever: stop "
		                    "nixie serve, then say --yes");
	if (!nx_store_open(cli, cli->config.store, NX_STORE_THERE, &cli->store,
	                   err) ||
	    !nx_store_hash(cli->store, err))
		return false;
	if (!cli->config.hashed)
		puts("hashed; nixie.yaml must say privacy: hashed from now on");
	return true;
}
