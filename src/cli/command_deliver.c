/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

#include "mail/prescan.h"
#include "pool/batch.h"
#include "store/quarantine.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	KEPT = 64 * 1024 * 1024, /* bytes of a message in memory, at most */
	FIRST = 64 * 1024        /* at first */
};

struct delivery {
	struct nx_cli *cli;
	struct nx_batch *batch;
	struct nx_rules rules;
	struct nx_store *store;
	char *bytes;
	size_t size;
	struct nx_envelope envelope;
	bool given; /* to the batch */
	char *line; /* the answer */
	size_t line_size;
};

static bool read_some(char *bytes, size_t room, size_t *got,
                      struct nx_error *err)
{
	ssize_t count;
	do
		count = read(STDIN_FILENO, bytes, room);
	while (count < 0 && errno == EINTR);
	if (count < 0)
		return nx_error_set(err, NX_ERROR_TEMPORARY, "stdin: %s",
		                    strerror(errno));
	*got = (size_t)count;
	return true;
}

/* For a message that is too large to keep: its head will be read, and the
 * digest of all the rest replaces the rest. */
static bool read_rest(struct delivery *delivery, struct nx_error *err)
{
	struct nx_digest_state state;
	uint8_t digest[NX_DIGEST_SIZE];
	char *tail = delivery->bytes + NX_PRESCAN_BYTES;
	nx_digest_init(&state);
	nx_digest_add(&state, tail, delivery->size - NX_PRESCAN_BYTES);
	for (size_t got = 1; got > 0;) {
		if (!read_some(tail, KEPT - NX_PRESCAN_BYTES, &got, err))
			return false;
		nx_digest_add(&state, tail, got);
	}
	nx_digest_end(&state, digest);
	nx_digest_hex(digest, sizeof(digest), tail);
	delivery->size = NX_PRESCAN_BYTES + 2 * sizeof(digest);
	return true;
}

static bool read_message(struct delivery *delivery, struct nx_error *err)
{
	size_t room = FIRST;
	size_t got = 1;
	delivery->bytes = talloc_array(delivery, char, room);
	while (got > 0) {
		if (delivery->size == KEPT)
			return read_rest(delivery, err);
		if (delivery->size == room) {
			room *= 2;
			delivery->bytes = talloc_realloc(
			        delivery, delivery->bytes, char, room);
		}
		if (!read_some(delivery->bytes + delivery->size,
		               room - delivery->size, &got, err))
			return false;
		delivery->size += got;
	}
	if (delivery->size == 0)
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "stdin: there is no message");
	return true;
}

static bool on_next(void *user, TALLOC_CTX *ctx, struct nx_job *job)
{
	struct delivery *delivery = user;
	(void)ctx;
	if (delivery->given)
		return false;
	delivery->given = true;
	job->bytes = delivery->bytes;
	job->size = delivery->size;
	job->envelope = delivery->envelope;
	return true;
}

static bool on_answer(void *user, TALLOC_CTX *ctx, const struct nx_job *job,
                      const char *line, size_t size, bool killed)
{
	struct delivery *delivery = user;
	(void)ctx;
	(void)job;
	(void)killed;
	delivery->line = talloc_strndup(delivery, line, size);
	delivery->line_size = size;
	return true;
}

static bool read_record(struct delivery *delivery, struct nx_record *out,
                        struct nx_error *err)
{
	struct nx_batch_source source = {on_next, on_answer, delivery};
	nx_batch_run(delivery->batch, &source);
	if (!delivery->line)
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "no worker answered");
	return nx_record_read(delivery, delivery->line, delivery->line_size,
	                      out, err);
}

static bool keep_aside(struct delivery *delivery,
                       const struct nx_record *record,
                       const uint8_t digest[NX_DIGEST_SIZE],
                       struct nx_error *err)
{
	struct nx_quarantine *quarantine;
	if (!nx_quarantine_wants(record))
		return true;
	const struct nx_config *config = &delivery->cli->config;
	return nx_quarantine_open(delivery, config->store, &config->quarantine,
	                          &quarantine, err) &&
	       nx_quarantine_add(quarantine, digest, &delivery->envelope,
	                         delivery->bytes, delivery->size,
	                         delivery->cli->now, err);
}

static bool remember(struct delivery *delivery, struct nx_error *err)
{
	struct nx_record record;
	struct nx_outcome outcome;
	if (!read_record(delivery, &record, err))
		return false;
	struct nx_delivery add = {
	        .time = delivery->cli->now,
	        .source = "deliver",
	        .record = &record,
	        .uneventful = delivery->cli->config.limits.uneventful};
	nx_event_digest(nx_cli_recipient(&record, &delivery->envelope),
	                delivery->bytes, delivery->size, add.digest);
	add.event = nx_event_of_record(delivery, &record, add.digest,
	                               delivery->cli->config.scope, add.time,
	                               &add.events);
	return keep_aside(delivery, &record, add.digest, err) &&
	       nx_store_add(delivery->store, delivery->rules.policy, &add,
	                    &outcome, err);
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
