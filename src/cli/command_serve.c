/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

#include "serve/server.h"

/* The command line stays the same; the file is read each time. */
static bool configure(void *user, TALLOC_CTX *ctx, struct nx_config *out,
                      struct nx_error *err)
{
	struct nx_cli *again = talloc(ctx, struct nx_cli);
	*again = *(const struct nx_cli *)user;
	if (!nx_cli_configure(again, err))
		return false;
	*out = again->config;
	return true;
}

bool nx_command_serve(struct nx_cli *cli, struct nx_error *err)
{
	const struct nx_server_source source = {configure, cli};
	return nx_server_run(&source, err);
}
