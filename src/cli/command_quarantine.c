/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

#include "base/date.h"
#include "base/text.h"
#include "pool/batch.h"
#include "store/quarantine.h"
#include "sys/file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum {
	HEAD = 16 * 1024, /* part in which the subject is searched */
	ID = 12           /* digits of a name that are shown */
};

/* The beginning of a file, as text; "" when it is gone. */
static char *read_head(TALLOC_CTX *ctx, const char *path)
{
	char bytes[HEAD];
	NX_CLOSES int descriptor =
	        open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	ssize_t got = descriptor < 0 ? 0 : read(descriptor, bytes, HEAD);
	if (got < 0)
		got = 0;
	return nx_text_repair(ctx, bytes, (size_t)got, (size_t)got);
}

static const char *text_of(TALLOC_CTX *ctx, const char *name)
{
	return nx_text_repair(ctx, name, strlen(name), strlen(name));
}

/* As it is in the file: decoding is left to workers. */
static const char *subject_of(TALLOC_CTX *ctx, const char *path)
{
	for (char *line = read_head(ctx, path); *line && *line != '\n';) {
		char *batch = line + strcspn(line, "\n");
		if (nx_text_starts(line, "Subject:")) {
			*batch = '\0';
			return nx_text_trim(ctx, line + strlen("Subject:"));
		}
		line = *batch ? batch + 1 : batch;
	}
	return "";
}

static void print_json(const struct nx_quarantine_entry *entry,
                       const char *subject)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_json *object = nx_json_object_new(ctx);
	nx_json_add_text(object, "id", text_of(ctx, entry->name));
	nx_cli_add_time(object, "time", entry->time);
	nx_json_add_number(object, "size", entry->size);
	nx_json_add_text(object, "subject", subject);
	nx_json_add_text(object, "path", text_of(ctx, entry->path));
	nx_cli_print_json(object);
	talloc_free(ctx);
}

static int list(struct nx_cli *cli, struct nx_quarantine *quarantine)
{
	char time[NX_DATE_SIZE];
	size_t count;
	int64_t bytes;
	const struct nx_quarantine_entry *entry =
	        nx_quarantine_list(quarantine, &count, &bytes);
	for (size_t i = 0; i < count && !ferror(stdout); i++) {
		TALLOC_CTX *ctx = talloc_new(cli);
		const char *subject = subject_of(ctx, entry[i].path);
		if (nx_cli_has(cli, NX_OPTION_JSON))
			print_json(&entry[i], subject);
		else
			printf("%-12.12s  %s  %9" PRId64 "  %s\n",
			       nx_cli_escape(ctx, entry[i].name),
			       nx_date_text(entry[i].time, time), entry[i].size,
			       nx_text_escape(ctx, subject, true));
		talloc_free(ctx);
	}
	return NX_EXIT_OK;
}

static void print_lines(TALLOC_CTX *ctx, char *text)
{
	while (*text && !ferror(stdout)) {
		char *batch = text + strcspn(text, "\n");
		bool last = *batch == '\0';
		*batch = '\0';
		char *line = nx_text_escape(ctx, text, false);
		puts(line);
		talloc_free(line);
		text = last ? batch : batch + 1;
	}
}

static int show(struct nx_cli *cli, struct nx_quarantine *quarantine)
{
	char time[NX_DATE_SIZE];
	char *bytes;
	size_t size;
	struct nx_error err;
	const struct nx_quarantine_entry *entry =
	        nx_quarantine_find(quarantine, cli->operand[1], &err);
	if (!entry || !nx_file_read(cli, entry->path, 0, &bytes, &size, &err))
		return nx_cli_fail(cli, &err);
	printf("%-6s %s\n", "id", nx_cli_escape(cli, entry->name));
	printf("%-6s %s\n", "time", nx_date_text(entry->time, time));
	printf("%-6s %" PRId64 "\n", "size", entry->size);
	printf("%-6s %s\n\n", "path", nx_cli_escape(cli, entry->path));
	print_lines(cli, nx_text_repair(cli, bytes, size, size));
	return NX_EXIT_OK;
}

/* --- retry ---------------------------------------------------------------- */

struct retry {
	struct nx_cli *cli;
	struct nx_quarantine *quarantine;
	struct nx_rules rules;
	struct nx_batch *batch;
	struct nx_store *store;
	const struct nx_quarantine_entry *item; /* our own copies */
	size_t items, next;
	bool failed;
	struct nx_error err;
};

static bool pick(struct retry *run)
{
	struct nx_cli *cli = run->cli;
	size_t count;
	int64_t bytes;
	if (nx_cli_has(cli, NX_OPTION_ALL)) {
		const struct nx_quarantine_entry *all =
		        nx_quarantine_list(run->quarantine, &count, &bytes);
		if (count > 0)
			run->item =
			        talloc_memdup(cli, all, count * sizeof(*all));
		run->items = count;
		return true;
	}
	struct nx_quarantine_entry *some = talloc_array(
	        cli, struct nx_quarantine_entry, (unsigned)cli->operands);
	for (int i = 1; i < cli->operands; i++) {
		const struct nx_quarantine_entry *entry = nx_quarantine_find(
		        run->quarantine, cli->operand[i], &run->err);
		if (!entry)
			return false;
		some[run->items++] = *entry;
	}
	run->item = some;
	return true;
}

static bool on_next(void *user, TALLOC_CTX *ctx, struct nx_job *job)
{
	struct retry *run = user;
	struct nx_error err;
	char *bytes;
	while (run->next < run->items && !run->failed) {
		const struct nx_quarantine_entry *entry =
		        &run->item[run->next++];
		if (!nx_file_read(ctx, entry->path, 0, &bytes, &job->size,
		                  &err)) {
			nx_cli_say(run->cli, "%s", err.text);
			continue;
		}
		job->bytes = bytes;
		job->user = (void *)entry;
		return true;
	}
	return false;
}

static bool record_one(struct retry *run, TALLOC_CTX *ctx,
                       const struct nx_job *job, const struct nx_record *record)
{
	const struct nx_quarantine_entry *entry = job->user;
	struct nx_outcome outcome;
	struct nx_delivery add = {.time = run->cli->now,
	                          .source = "quarantine",
	                          .record = record,
	                          .again = true};
	if (!nx_quarantine_digest(entry, add.digest))
		nx_event_digest(record->envelope_recipient, job->bytes,
		                job->size, add.digest);
	add.event = nx_event_of_record(ctx, record, add.digest,
	                               run->cli->config.scope, add.time,
	                               &add.events);
	if (!nx_store_add(run->store, run->rules.policy, &add, &outcome,
	                  &run->err))
		return false;
	/* recorded; now it may be removed */
	entry = nx_quarantine_find(run->quarantine, entry->name, &run->err);
	return !entry ||
	       nx_quarantine_remove(run->quarantine, entry, &run->err);
}

static bool on_answer(void *user, TALLOC_CTX *ctx, const struct nx_job *job,
                      const char *line, size_t size, bool killed)
{
	struct retry *run = user;
	const struct nx_quarantine_entry *entry = job->user;
	struct nx_record record;
	(void)killed;
	if (!nx_record_read(ctx, line, size, &record, &run->err)) {
		run->failed = true;
		return false;
	}
	printf("%-12.12s  %-16s  ", nx_cli_escape(ctx, entry->name),
	       nx_kind_name(record.kind));
	if (nx_quarantine_wants(&record)) {
		puts("kept");
		return true;
	}
	run->failed = !record_one(run, ctx, job, &record);
	puts(run->failed ? "kept" : "recorded");
	return !run->failed;
}

/* The pool is opened before the store: a worker never has it. */
static bool retry_all(struct retry *run)
{
	struct nx_cli *cli = run->cli;
	struct nx_pool_options options = {.workers = cli->config.workers};
	struct nx_batch_source source = {on_next, on_answer, run};
	if (nx_cli_has(cli, NX_OPTION_ALL) == (cli->operands > 1))
		return nx_error_set(&run->err, NX_ERROR_USAGE,
		                    "retry which? name some, or --all");
	if (!pick(run) || !nx_cli_rules(cli, &run->rules, &run->err) ||
	    !nx_batch_open(run->rules.engine, &options, &run->batch,
	                   &run->err) ||
	    !nx_cli_store(cli, NX_STORE_WRITE, &run->store, &run->err))
		return false;
	nx_batch_run(run->batch, &source);
	return !run->failed;
}

static int retry(struct nx_cli *cli, struct nx_quarantine *quarantine)
{
	struct retry run = {.cli = cli, .quarantine = quarantine};
	bool done = retry_all(&run);
	nx_store_close(run.store);
	nx_batch_close(run.batch);
	return done ? NX_EXIT_OK : nx_cli_fail(cli, &run.err);
}

/* -------------------------------------------------------------------------- */

struct quarantine_verb {
	const char *name;
	int least, most; /* number of words including the name; most -1: any */
	int (*run)(struct nx_cli *cli, struct nx_quarantine *quarantine);
};

static const struct quarantine_verb verbs[] = {
        {"list", 1, 1, list}, {"show", 2, 2, show}, {"retry", 1, -1, retry}};

static const struct quarantine_verb *verb_of(const struct nx_cli *cli,
                                             struct nx_error *err)
{
	const struct quarantine_verb *verb = verbs;
	const struct quarantine_verb *end =
	        verbs + sizeof(verbs) / sizeof(verbs[0]);
	while (verb < end && strcmp(verb->name, cli->operand[0]) != 0)
		verb++;
	if (verb < end && cli->operands >= verb->least &&
	    (verb->most < 0 || cli->operands <= verb->most))
		return verb;
	nx_error_set(err, NX_ERROR_USAGE,
	             "wanted are list, show ID or retry (see nixie help "
	             "quarantine)");
	return NULL;
}

int nx_command_quarantine(struct nx_cli *cli)
{
	struct nx_error err;
	struct nx_quarantine *quarantine;
	const struct nx_config *config = &cli->config;
	const struct quarantine_verb *verb = verb_of(cli, &err);
	if (!verb ||
	    !nx_quarantine_open(cli, config->store, &config->quarantine,
	                        &quarantine, &err))
		return nx_cli_fail(cli, &err);
	return verb->run(cli, quarantine);
}
