/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

#include "deliver/large_message.h"
#include "pool/batch.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct delivery {
	struct nx_cli *cli;
	struct nx_batch *batch;
	struct nx_rules rules;
	struct nx_store *store;
	struct nx_envelope envelope;
	struct nx_submission submission;
	bool given; /* to the batch */
};

static bool read_message(struct delivery *delivery, struct nx_error *err)
{
	struct nx_submission *message = &delivery->submission;
	char *bytes = talloc_size(delivery, NX_LARGE_MESSAGE_ROOM);
	*message = (struct nx_submission){.bytes = bytes,
	                                  .envelope = &delivery->envelope,
	                                  .recipients = 1,
	                                  .source = "deliver"};
	if (!nx_large_message_read(STDIN_FILENO, bytes, &message->size,
	                           &message->whole))
		return nx_error_set(err, NX_ERROR_TEMPORARY, "stdin: %s",
		                    strerror(errno));
	return message->size > 0 || nx_error_set(err, NX_ERROR_TEMPORARY,
	                                         "stdin: there is no message");
}

static bool on_next(void *user, TALLOC_CTX *ctx, struct nx_job *job)
{
	struct delivery *delivery = user;
	(void)ctx;
	if (delivery->given)
		return false;
	delivery->given = true;
	job->bytes = delivery->submission.bytes;
	job->size = delivery->submission.size;
	job->envelope = delivery->envelope;
	return true;
}

static bool on_answer(void *user, TALLOC_CTX *ctx, const struct nx_job *job,
                      const char *line, size_t size, bool killed)
{
	struct delivery *delivery = user;
	(void)ctx;
	(void)job;
	(void)killed; /* the record shows it */
	if (size > 0)
		nx_submission_read(delivery, &delivery->submission, 0, line,
		                   size);
	return size > 0;
}

static bool remember(struct delivery *delivery, struct nx_error *err)
{
	struct nx_batch_source source = {on_next, on_answer, delivery};
	const struct nx_commit to = nx_cli_commit(
	        delivery->cli, delivery->store, delivery->rules.policy);
	nx_batch_run(delivery->batch, &source);
	if (delivery->submission.reading == NULL)
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "no worker answered");
	return nx_commit_add(delivery, &to, &delivery->submission,
	                     delivery->cli->now, err);
}

/* The pool is opened before the store: a worker never has it. */
static bool deliver(struct delivery *delivery, struct nx_error *err)
{
	struct nx_pool_options options = {.workers = 1};
	nx_cli_envelope(delivery->cli, true, &delivery->envelope);
	return nx_cli_ready_rules(delivery->cli, &delivery->rules, err) &&
	       nx_batch_open(delivery->rules.engine, &options, &delivery->batch,
	                     err) &&
	       nx_cli_store(delivery->cli, NX_STORE_WRITE, &delivery->store,
	                    err) &&
	       read_message(delivery, err) && remember(delivery, err);
}

int nx_command_deliver(struct nx_cli *cli)
{
	struct nx_error err;
	struct delivery *delivery = talloc_zero(cli, struct delivery);
	delivery->cli = cli;
	umask(077);
	bool taken = deliver(delivery, &err);
	nx_store_close(delivery->store);
	nx_batch_close(delivery->batch);
	return taken ? nx_deliver_taken() : nx_cli_fail(cli, &err);
}
