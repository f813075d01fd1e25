/* SPDX-License-Identifier: ISC */
#include "cli/each_address.h"

#include "base/text.h"
#include "mail/address.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool take_address(struct nx_each_address *walk, const char *text)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const char *plain = nx_text_trim(
	        ctx, nx_text_repair(ctx, text, strlen(text), strlen(text)));
	bool good = true;
	walk->act.address = nx_address_normal(ctx, plain);
	if (*walk->act.address) {
		good = walk->take(walk, ctx);
	} else {
		nx_cli_say(walk->cli, "%s: not an address", plain);
		walk->bad = true;
	}
	talloc_free(ctx);
	return good;
}

static bool take_lines(struct nx_each_address *walk)
{
	char *line = NULL;
	size_t room = 0;
	bool good = true;
	while (good && getline(&line, &room, stdin) >= 0)
		if (line[strspn(line, " \t\r\n")])
			good = take_address(walk, line);
	free(line);
	if (good && ferror(stdin))
		return nx_error_set(walk->err, NX_ERROR_TEMPORARY,
		                    "stdin: cannot be read");
	return good;
}

static bool take_all(struct nx_each_address *walk, enum nx_store_mode mode)
{
	struct nx_cli *cli = walk->cli;
	bool good = (mode == NX_STORE_READ || nx_cli_policy(cli, walk->err)) &&
	            nx_cli_store(cli, mode, walk->err);
	for (int i = 0; good && i < cli->operands; i++)
		good = strcmp(cli->operand[i], "-") == 0
		               ? take_lines(walk)
		               : take_address(walk, cli->operand[i]);
	return good;
}

/* The name of the user who runs the command. */
static const char *who(TALLOC_CTX *ctx)
{
	const struct passwd *user = getpwuid(getuid());
	if (user)
		return talloc_strdup(ctx, user->pw_name);
	return talloc_asprintf(ctx, "uid %ld", (long)getuid());
}

bool nx_each_address(struct nx_cli *cli, enum nx_store_mode mode,
                     const char *reason,
                     bool (*take)(struct nx_each_address *walk,
                                  TALLOC_CTX *ctx),
                     struct nx_error *err)
{
	struct nx_each_address walk = {.cli = cli, .take = take, .err = err};
	walk.act = (struct nx_manual_action){
	        .scope = cli->config.scope,
	        .who = mode == NX_STORE_READ ? "" : who(cli),
	        .note = cli->value[NX_OPTION_NOTE],
	        .reason = reason,
	        .cause = NX_CAUSE_MANUAL,
	        .now = cli->now};
	bool good = take_all(&walk, mode);
	if (walk.bad)
		cli->status = NX_EXIT_USAGE;
	return good;
}
