/* SPDX-License-Identifier: ISC */
#include "cli/each_address.h"

#include "base/text.h"
#include "cli/act_options.h"
#include "mail/address.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	LINES = 64 * 1024, /* bytes of stdin at once, unless a line is longer */
	TOGETHER = 100,    /* of them are taken */
	ANSWERS = 256 * 1024, /* bytes of stdout that wait meanwhile */
	SHOWN = 80            /* letters of what is no address */
};

static bool is_wildcard(const char *text)
{
	return strchr(text, '*') != NULL;
}

/* As much as is needed to find it. */
static const char *shown(TALLOC_CTX *ctx, const char *text)
{
	size_t size = 0;

	for (int i = 0; i < SHOWN && text[size]; i++)
		do
			size++;
		while ((text[size] & 0xc0) == 0x80); /* of one letter */
	return text[size] ? talloc_asprintf(ctx, "%.*s…", (int)size, text)
	                  : text;
}

static void refuse(struct nx_each_address *walk, TALLOC_CTX *ctx,
                   const char *text)
{
	const char *at = strrchr(text, '@');
	const char *where =
	        walk->line == 0
	                ? ""
	                : talloc_asprintf(ctx, "line %zu: ", walk->line);

	walk->bad = true;
	if (is_wildcard(text))
		nx_cli_say(walk->cli,
		           "%s%s: wildcards are not taken; --domain %s is for "
		           "all of a domain",
		           where, shown(ctx, text),
		           at ? shown(ctx, at + 1) : "NAME");
	else
		nx_cli_say(walk->cli, "%s%s: not an address", where,
		           shown(ctx, text));
}

static bool take_address(struct nx_each_address *walk,
                         const struct nx_each_call *call, const char *text,
                         size_t size)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const char *plain =
	        nx_text_trim(ctx, nx_text_repair(ctx, text, size, size));
	bool good = true;
	walk->address = nx_address_subject(ctx, plain);
	if (*walk->address && !(call->refuses_wildcards && is_wildcard(plain)))
		good = call->take(walk, ctx);
	else
		refuse(walk, ctx, plain);
	talloc_free(ctx);
	return good;
}

static bool take_text(struct nx_each_address *walk,
                      const struct nx_each_call *call, const char *text)
{
	return take_address(walk, call, text, strlen(text));
}

static bool take_domain(struct nx_each_address *walk,
                        const struct nx_each_call *call)
{
	const char *domain = walk->cli->value[NX_OPTION_DOMAIN];
	char *subject = talloc_asprintf(walk->cli, "@%s", domain);

	return take_text(walk, call, subject);
}

/* The next lines, at most so many; returns what is behind them, or NULL. */
static const char *take_some(struct nx_each_address *walk,
                             const struct nx_each_call *call, const char *text,
                             const char *end)
{
	for (int i = 0; i < TOGETHER && text < end; i++) {
		const char *line_end = memchr(text, '\n', (size_t)(end - text));
		const char *next = line_end ? line_end + 1 : end;

		walk->line++;
		while (text < next && nx_text_is_blank(*text))
			text++;
		if (text < next &&
		    !take_address(walk, call, text, (size_t)(next - text)))
			return NULL;
		text = next;
	}
	return text;
}

/* Those that are asked for together are answered from one state of the store,
 * which is not held while whoever reads the answers is slow. */
static bool take_lines_of(struct nx_each_address *walk,
                          const struct nx_each_call *call, const char *text,
                          size_t size)
{
	struct nx_store *store = walk->cli->store;
	const char *const end = text + size;

	while (text && text < end) {
		if (call->only_asks && !nx_store_view_begin(store, walk->err))
			return false;
		text = take_some(walk, call, text, end);
		if (call->only_asks) {
			nx_store_view_end(store);
			fflush(stdout);
		}
	}
	return text != NULL;
}

/* Lines that are there are answered before more is waited for. */
static bool take_lines(struct nx_each_address *walk,
                       const struct nx_each_call *call)
{
	size_t room = LINES, used = 0;
	char *text = talloc_size(walk->cli, room);
	bool good = true;
	ssize_t more;

	while (good &&
	       (more = read(STDIN_FILENO, text + used, room - used)) > 0) {
		const char *last = memrchr(text + used, '\n', (size_t)more);
		const size_t whole = last ? (size_t)(last - text) + 1 : 0;

		used += (size_t)more;
		good = take_lines_of(walk, call, text, whole);
		used -= whole;
		memmove(text, text + whole, used);
		if (used == room) {
			room *= 2;
			text = talloc_realloc_size(walk->cli, text, room);
		}
	}
	if (good && more < 0)
		good = nx_error_set(walk->err, NX_ERROR_TEMPORARY,
		                    "stdin: cannot be read");
	good = good && take_lines_of(walk, call, text, used);
	talloc_free(text);
	walk->line = 0;
	return good;
}

static bool take_all(struct nx_each_address *walk,
                     const struct nx_each_call *call)
{
	struct nx_cli *cli = walk->cli;
	bool good = (call->mode == NX_STORE_READ ||
	             nx_cli_policy(cli, walk->err)) &&
	            (call->without_store ||
	             nx_cli_store(cli, call->mode, walk->err));
	walk->act.now = cli->now;
	for (int i = 0; good && i < cli->operands; i++)
		good = strcmp(cli->operand[i], "-") == 0
		               ? take_lines(walk, call)
		               : take_text(walk, call, cli->operand[i]);
	if (good && nx_cli_has(cli, NX_OPTION_DOMAIN))
		good = take_domain(walk, call);
	return good && (!call->finish || call->finish(walk));
}

const char *nx_cli_who(TALLOC_CTX *ctx)
{
	const struct passwd *user = getpwuid(getuid());
	if (user)
		return talloc_strdup(ctx, user->pw_name);
	return talloc_asprintf(ctx, "uid %ld", (long)getuid());
}

bool nx_each_address(struct nx_cli *cli, const struct nx_each_call *call,
                     struct nx_error *err)
{
	static char answers[ANSWERS];
	struct nx_each_address walk = {
	        .cli = cli, .user = call->user, .err = err};
	walk.act = (struct nx_manual_action){
	        .mail = {.name = cli->config.stream},
	        .who = call->mode == NX_STORE_READ ? "" : nx_cli_who(cli),
	        .note = cli->value[NX_OPTION_NOTE],
	        .reason = call->reason};
	if (*cli->config.stream)
		walk.act.mail.reach = NX_REACH_STREAM;
	if (cli->operands == 0 && !nx_cli_has(cli, NX_OPTION_DOMAIN))
		return nx_error_set(err, NX_ERROR_USAGE, "no address given");
	if (call->only_asks)
		setvbuf(stdout, answers, _IOFBF, sizeof(answers));
	bool good = nx_act_options_class(cli, &walk.act.cause, err) &&
	            take_all(&walk, call);
	if (walk.bad)
		cli->status = NX_EXIT_USAGE;
	return good;
}
