/* SPDX-License-Identifier: ISC */
#include "cli/each_address.h"

#include "base/text.h"
#include "mail/address.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_wildcard(const char *text)
{
	return strchr(text, '*') != NULL;
}

static void refuse(struct nx_each_address *walk, const char *text)
{
	const char *at = strrchr(text, '@');

	walk->bad = true;
	if (is_wildcard(text))
		nx_cli_say(walk->cli,
		           "%s: wildcards are not taken; --domain %s is for "
		           "all of a domain",
		           text, at ? at + 1 : "NAME");
	else
		nx_cli_say(walk->cli, "%s: not an address", text);
}

static bool take_address(struct nx_each_address *walk,
                         const struct nx_each_call *call, const char *text)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const char *plain = nx_text_trim(
	        ctx, nx_text_repair(ctx, text, strlen(text), strlen(text)));
	bool good = true;
	walk->address = nx_cli_address(ctx, plain);
	if (*walk->address && !(call->refuses_wildcards && is_wildcard(plain)))
		good = call->take(walk, ctx);
	else
		refuse(walk, plain);
	talloc_free(ctx);
	return good;
}

static bool take_domain(struct nx_each_address *walk,
                        const struct nx_each_call *call)
{
	const char *domain = walk->cli->value[NX_OPTION_DOMAIN];
	char *subject = talloc_asprintf(walk->cli, "@%s", domain);

	return take_address(walk, call, subject);
}

static bool take_lines(struct nx_each_address *walk,
                       const struct nx_each_call *call)
{
	char *line = NULL;
	size_t room = 0;
	bool good = true;
	while (good && getline(&line, &room, stdin) >= 0)
		if (line[strspn(line, " \t\r\n")])
			good = take_address(walk, call, line);
	free(line);
	if (good && ferror(stdin))
		return nx_error_set(walk->err, NX_ERROR_TEMPORARY,
		                    "stdin: cannot be read");
	return good;
}

static bool take_all(struct nx_each_address *walk,
                     const struct nx_each_call *call)
{
	struct nx_cli *cli = walk->cli;
	bool good = (call->mode == NX_STORE_READ ||
	             nx_cli_policy(cli, walk->err)) &&
	            nx_cli_store(cli, call->mode, walk->err);
	walk->act.now = cli->now;
	for (int i = 0; good && i < cli->operands; i++)
		good = strcmp(cli->operand[i], "-") == 0
		               ? take_lines(walk, call)
		               : take_address(walk, call, cli->operand[i]);
	if (good && nx_cli_has(cli, NX_OPTION_DOMAIN))
		good = take_domain(walk, call);
	return good && (!call->finish || call->finish(walk));
}

/* The name of the user who runs the command. */
static const char *who(TALLOC_CTX *ctx)
{
	const struct passwd *user = getpwuid(getuid());
	if (user)
		return talloc_strdup(ctx, user->pw_name);
	return talloc_asprintf(ctx, "uid %ld", (long)getuid());
}

/* For suppress, and for what release may end besides bounces. */
static bool read_class(struct nx_cli *cli, enum nx_cause *out,
                       struct nx_error *err)
{
	const char *name = cli->value[NX_OPTION_CLASS];

	if (!nx_cli_has(cli, NX_OPTION_CLASS) || nx_cause_of_name(name, out))
		return true;
	return nx_error_set(err, NX_ERROR_USAGE,
	                    "--class %s: not hard, soft, complaint, "
	                    "unsubscribe or manual",
	                    name);
}

bool nx_each_address(struct nx_cli *cli, const struct nx_each_call *call,
                     struct nx_error *err)
{
	struct nx_each_address walk = {
	        .cli = cli, .user = call->user, .err = err};
	walk.act = (struct nx_manual_action){
	        .mail = {.name = cli->config.stream},
	        .who = call->mode == NX_STORE_READ ? "" : who(cli),
	        .note = cli->value[NX_OPTION_NOTE],
	        .reason = call->reason};
	if (*cli->config.stream)
		walk.act.mail.reach = NX_REACH_STREAM;
	if (cli->operands == 0 && !nx_cli_has(cli, NX_OPTION_DOMAIN))
		return nx_error_set(err, NX_ERROR_USAGE, "no address given");
	bool good =
	        read_class(cli, &walk.act.cause, err) && take_all(&walk, call);
	if (walk.bad)
		cli->status = NX_EXIT_USAGE;
	return good;
}
