/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

#include "deliver/large_message.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool read_message(TALLOC_CTX *ctx, struct nx_submission *message,
                         struct nx_error *err)
{
	char *bytes = talloc_size(ctx, NX_LARGE_MESSAGE_ROOM);
	message->bytes = bytes;
	if (!nx_large_message_read(STDIN_FILENO, bytes, &message->size,
	                           &message->whole))
		return nx_error_set(err, NX_ERROR_TEMPORARY, "stdin: %s",
		                    strerror(errno));
	return message->size > 0 || nx_error_set(err, NX_ERROR_TEMPORARY,
	                                         "stdin: there is no message");
}

static bool remember(struct nx_cli *cli, struct nx_submission *message,
                     struct nx_error *err)
{
	char *line;
	size_t size;
	const struct nx_commit to = nx_cli_commit(cli);
	const struct nx_job job = {.bytes = message->bytes,
	                           .size = message->size,
	                           .envelope = *message->envelope};
	if (!nx_cli_read(cli, &job, &line, &size, err))
		return false;
	nx_submission_read(cli, message, 0, line, size);
	if (!nx_commit_add(cli, &to, message, cli->now, err))
		return false;
	return !message->refused ||
	       nx_error_set(err, NX_ERROR_FULL,
	                    "too many reports came today, see limits in "
	                    "nixie.conf(5)");
}

bool nx_command_deliver(struct nx_cli *cli, struct nx_error *err)
{
	struct nx_envelope envelope;
	struct nx_submission message = {
	        .envelope = &envelope, .recipients = 1, .source = "deliver"};
	umask(077);
	nx_cli_envelope(cli, true, &envelope);
	return nx_cli_ready_rules(cli, err) &&
	       nx_cli_workers(cli, false, err) &&
	       nx_cli_store(cli, NX_STORE_WRITE, err) &&
	       read_message(cli, &message, err) && remember(cli, &message, err);
}
