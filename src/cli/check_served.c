/* SPDX-License-Identifier: ISC */
#include "cli/check_served.h"

#include "base/date.h"
#include "cli/show.h"
#include "proto/socketmap_reply.h"
#include "sys/file.h"
#include "sys/unix_client.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct asking {
	const char *path;
	int descriptor;
	struct nx_socketmap_reply reply;
};

bool nx_check_is_served(const struct nx_cli *cli)
{
	char *path = talloc_asprintf(NULL, "%s/nixie.db", cli->config.store);
	const bool denied = access(path, R_OK) != 0 && errno == EACCES;
	talloc_free(path);
	return denied;
}

/* The first that may be asked of any address, in the configuration. */
static const char *path_of(const struct nx_config *config)
{
	for (size_t i = 0; i < config->asks; i++)
		if (config->asked[i].protocol == NX_ASK_SOCKETMAP &&
		    *config->ask[i].path != '\0')
			return config->ask[i].path;
	return NX_CONFIG_ASK;
}

/* --- a question ----------------------------------------------------------- */

static bool no_reply(const struct asking *asking, struct nx_error *err)
{
	return nx_error_set(err, NX_ERROR_TEMPORARY, "%s: no whole answer",
	                    asking->path);
}

static bool send_question(const struct asking *asking, const char *map,
                          const char *address)
{
	char question[NX_SOCKETMAP_ROOM];
	const size_t size =
	        nx_socketmap_ask(question, map, address, strlen(address));

	return size > 0 && send(asking->descriptor, question, size,
	                        MSG_NOSIGNAL) == (ssize_t)size;
}

/* A question at a time: nothing comes behind its reply. */
static bool ask(struct asking *asking, const char *map, const char *address,
                struct nx_error *err)
{
	struct nx_socketmap_reply *reply = &asking->reply;
	bool is_there = send_question(asking, map, address);

	nx_socketmap_reply_next(reply);
	while (is_there && reply->answer == NX_SOCKETMAP_NONE) {
		char bytes[NX_ASK_TEXT];
		const ssize_t got =
		        recv(asking->descriptor, bytes, sizeof(bytes), 0);
		is_there = got > 0;
		if (is_there)
			nx_socketmap_reply_feed(reply, bytes, (size_t)got);
	}
	return (is_there && reply->answer != NX_SOCKETMAP_BROKEN) ||
	       no_reply(asking, err);
}

/* --- its answer ----------------------------------------------------------- */

struct served { /* what is known of an address */
	bool blocks;
	const char *class, *reason;
	int64_t until;
};

/* "OK class reason until", or nothing. */
static bool read_reply(struct nx_socketmap_reply *reply, struct served *out)
{
	char *rest = NULL;
	*out = (struct served){.class = "", .reason = ""};
	if (reply->answer != NX_SOCKETMAP_FOUND)
		return reply->answer == NX_SOCKETMAP_NOT_FOUND;
	strtok_r(reply->text, " ", &rest);
	out->class = strtok_r(NULL, " ", &rest);
	out->reason = strtok_r(NULL, " ", &rest);
	const char *until = strtok_r(NULL, " ", &rest);
	out->blocks = true;
	if (until == NULL)
		return false;
	if (strcmp(out->reason, "-") == 0)
		out->reason = "";
	out->until = NX_FOREVER;
	return strcmp(until, "never") == 0 || nx_date_parse(until, &out->until);
}

static void print_json(TALLOC_CTX *ctx, const char *address,
                       const struct served *served)
{
	struct nx_json_out *object = nx_json_out_new(ctx);
	nx_json_out_whole(object, "address", address);
	nx_json_out_bool(object, "suppressed", served->blocks);
	nx_json_out_whole(object, "class", served->class);
	nx_json_out_whole(object, "reason", served->reason);
	nx_json_time(object, "until", served->until);
	nx_cli_print_json(object);
}

static void print(TALLOC_CTX *ctx, const struct nx_cli *cli,
                  const char *address, const struct served *served)
{
	if (nx_cli_has(cli, NX_OPTION_JSON)) {
		print_json(ctx, address, served);
		return;
	}
	const char *name = nx_cli_escape(ctx, address);
	if (!served->blocks) {
		printf("%s  may be mailed\n", name);
		return;
	}
	printf("%s  suppressed  %s  %s\n", name,
	       nx_cli_escape(ctx,
	                     nx_show_class(ctx, served->class, served->reason)),
	       nx_cli_until(ctx, served->until, cli->now));
}

static bool check(struct nx_each_address *walk, TALLOC_CTX *ctx)
{
	struct nx_cli *cli = walk->cli;
	struct asking *asking = walk->user;
	struct served served;
	const char *stream = cli->config.stream;
	const char *map = *stream != '\0'
	                          ? talloc_asprintf(ctx, "check:%s", stream)
	                          : "check";
	if (!ask(asking, map, walk->address, walk->err))
		return false;
	if (!read_reply(&asking->reply, &served))
		return nx_error_set(walk->err, NX_ERROR_TEMPORARY, "%s: %s",
		                    asking->path,
		                    nx_cli_escape(ctx, asking->reply.text));
	if (served.blocks)
		cli->status = NX_EXIT_NO;
	print(ctx, cli, walk->address, &served);
	return true;
}

bool nx_check_served(struct nx_cli *cli, struct nx_error *err)
{
	struct asking asking = {.path = path_of(&cli->config)};
	const struct nx_each_call call = {.mode = NX_STORE_READ,
	                                  .reason = "",
	                                  .take = check,
	                                  .without_store = true,
	                                  .user = &asking};
	struct nx_error why;
	const bool done =
	        nx_unix_client_connect(asking.path, &asking.descriptor, &why)
	                ? nx_each_address(cli, &call, err)
	                : nx_error_set(err, why.kind,
	                               "%s may not be read, and %s",
	                               cli->config.store, why.text);
	nx_file_close(&asking.descriptor);
	return done;
}
