/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"
#include "cli/verbs.h"

static bool check(struct nx_cli *cli, struct nx_error *err)
{
	const char *file = cli->config.file;
	if (!nx_cli_rules(cli, err))
		return false;
	if (*file)
		printf("%s: all right\n", nx_cli_escape(cli, file));
	else
		puts(NX_CONFIG_FILE " not found; defaults used; rules OK");
	return true;
}

/* The file has been read when this is called. */
bool nx_command_config(struct nx_cli *cli, struct nx_error *err)
{
	static const struct {
		struct nx_verb verb;
		bool (*run)(struct nx_cli *cli, struct nx_error *err);
	} verbs[] = {{{.name = "check"}, check}};
	const size_t found = NX_VERB_FIND(cli, verbs, err);
	return found < NX_VERBS(verbs) && verbs[found].run(cli, err);
}
