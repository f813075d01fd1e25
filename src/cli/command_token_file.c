/* SPDX-License-Identifier: ISC */
#include "api/token_file.h"
#include "cli/commands.h"
#include "cli/verbs.h"

/* The secret is printed once, and kept nowhere. */
static bool make(struct nx_cli *cli, struct nx_error *err)
{
	const char *name = cli->value[NX_OPTION_SCOPE];
	enum nx_scope scope;
	const char *secret;
	if (!nx_scope_of_name(name, &scope))
		return nx_error_set(
		        err, NX_ERROR_USAGE,
		        "--scope %s: read, write or admin is wanted",
		        *name != '\0' ? name : "is missing");
	if (!nx_token_file_new(cli, cli->operand[2], cli->operand[1], scope,
	                       &secret, err))
		return false;
	puts(secret);
	return true;
}

bool nx_command_token_file(struct nx_cli *cli, struct nx_error *err)
{
	static const struct {
		struct nx_verb verb;
		bool (*run)(struct nx_cli *cli, struct nx_error *err);
	} verbs[] = {{{.name = "new",
	               .operands = "NAME FILE",
	               .least = 2,
	               .most = 2},
	              make}};
	const size_t found = NX_VERB_FIND(cli, verbs, err);
	return found < NX_VERBS(verbs) && verbs[found].run(cli, err);
}
