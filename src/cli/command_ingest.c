/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"
#include "cli/mail_source.h"
#include "cli/tally.h"

#include "deliver/large_message.h"
#include "sys/clock.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { GROUP = 256, GROUP_MS = 1000, TICK_MS = 200 };

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
	interrupted = number;
}

struct ingest {
	struct nx_cli *cli;
	struct nx_mail_source *mails;
	struct nx_commit to;
	struct nx_tally *tally;
	size_t messages, known, suppressed;
	size_t twins;     /* told of before, by other messages */
	size_t truncated; /* not everything in them was read */
	size_t quarantined;
	size_t nameless; /* that count, but do not say for which address */
	size_t open;     /* messages in the open transaction */
	char *last;      /* the last file that was recorded */
	int64_t start, begun, told; /* milliseconds */
	struct nx_error *err;
	bool failed;
};

/* Used for pace only; the time of day is from sys/clock.h. */
static int64_t milliseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static bool on_next(void *user, TALLOC_CTX *ctx, struct nx_job *job)
{
	struct ingest *run = user;
	if (interrupted || run->failed ||
	    !nx_mail_source_next(run->mails, ctx, job))
		return false;
	struct nx_submission *message = talloc_zero(ctx, struct nx_submission);
	message->whole = message->size = job->size;
	message->bytes = nx_large_message_cut(ctx, job->bytes, &message->size);
	message->envelope = &job->envelope;
	message->recipients = 1;
	message->source = job->user;
	job->bytes = message->bytes;
	job->size = message->size;
	job->user = message;
	return true;
}

static void tell_progress(struct ingest *run, int64_t now)
{
	if (!isatty(STDERR_FILENO) || now - run->start < 1000 ||
	    now - run->told < TICK_MS)
		return;
	run->told = now;
	fprintf(stderr, "\r%zu messages, %" PRId64 " a second ", run->messages,
	        (int64_t)run->messages * 1000 / (now - run->start));
}

static void end_progress(const struct ingest *run)
{
	if (run->told)
		fputs("\r\033[K", stderr);
}

/* A commit waits for the disk: many messages share one. */
static bool commit(struct ingest *run)
{
	if (run->open == 0)
		return true;
	run->open = 0;
	return nx_store_commit(run->cli->store, run->err);
}

static bool make_room(struct ingest *run, int64_t now)
{
	if (run->open >= GROUP ||
	    (run->open > 0 && now - run->begun >= GROUP_MS))
		if (!commit(run))
			return false;
	if (run->open > 0)
		return true;
	run->begun = now;
	return nx_store_begin(run->cli->store, run->err);
}

static void count(struct ingest *run, const struct nx_reading *reading)
{
	const struct nx_record *record = &reading->record;
	const struct nx_outcome *outcome = &reading->outcome;
	run->messages++;
	run->suppressed += outcome->suppressed;
	run->twins += outcome->added == 0 && outcome->twins > 0;
	run->truncated += record->truncated;
	run->quarantined += reading->why != NX_QUARANTINE_NOT;
	run->nameless += nx_event_is_missing(record);
	run->known += outcome->known;
	if (!outcome->known && (outcome->added > 0 || outcome->twins == 0))
		nx_tally_add(run->tally, record);
}

static bool record_one(struct ingest *run, TALLOC_CTX *ctx,
                       struct nx_submission *message)
{
	const char *file = message->source;
	message->source = nx_cli_escape(ctx, file);
	if (!make_room(run, milliseconds()) ||
	    !nx_commit_add(ctx, &run->to, message, nx_clock_now(), run->err))
		return false;
	run->open++;
	count(run, message->reading);
	talloc_free(run->last);
	run->last = talloc_strdup(run->cli, file);
	return true;
}

static bool on_answer(void *user, TALLOC_CTX *ctx, const struct nx_job *job,
                      const char *line, size_t size, bool killed)
{
	struct ingest *run = user;
	struct nx_submission *message = job->user;
	run->failed = size == 0;
	if (run->failed)
		return nx_error_set(run->err, NX_ERROR_TEMPORARY,
		                    "no worker answered");
	if (killed)
		nx_mail_source_trouble(run->mails, message->source,
		                       "no worker could read it");
	nx_submission_read(ctx, message, 0, line, size);
	run->failed = !record_one(run, ctx, message);
	if (!run->failed)
		tell_progress(run, milliseconds());
	return !run->failed;
}

/* On a signal, messages already with the pool are finished and committed first;
 * the workers ignore it. */
static void catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_interrupt,
	                           .sa_flags = SA_RESTART};
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
}

static void print_summary(const struct ingest *run)
{
	printf("%-16s %10zu\n", "messages", run->messages);
	printf("%-16s %10zu\n", "already known", run->known);
	printf("%-16s %10zu\n", "told before", run->twins);
	printf("%-16s %10zu\n", "unreadable",
	       nx_mail_source_troubles(run->mails));
	printf("%-16s %10zu\n", "newly suppressed", run->suppressed);
	printf("%-16s %10zu\n", "without address", run->nameless);
	printf("%-16s %10zu\n", "truncated", run->truncated);
	printf("%-16s %10zu\n", "quarantined", run->quarantined);
	nx_tally_print(run->tally);
}

static bool finish(struct ingest *run)
{
	struct nx_cli *cli = run->cli;
	if (!run->failed)
		run->failed = !commit(run);
	else
		nx_store_rollback(cli->store);
	end_progress(run);
	if (run->failed)
		return false;
	print_summary(run);
	if (interrupted) {
		nx_cli_say(cli, "stopped after %s; run it again to go on",
		           run->last ? run->last : "nothing");
		cli->status = NX_EXIT_TEMPORARY;
	} else if (nx_mail_source_troubles(run->mails) > 0) {
		cli->status = NX_EXIT_NO;
	}
	return true;
}

/* Mail that lay about is judged by its own date, unless it is said to be of
 * now. */
static bool read_received(const struct nx_cli *cli, struct nx_commit *to,
                          struct nx_error *err)
{
	const char *received = cli->value[NX_OPTION_RECEIVED];
	to->by_own_date = !nx_cli_has(cli, NX_OPTION_RECEIVED);
	return to->by_own_date || strcmp(received, "now") == 0 ||
	       nx_error_set(err, NX_ERROR_USAGE, "--received: \"%s\", not now",
	                    received);
}

bool nx_command_ingest(struct nx_cli *cli, struct nx_error *err)
{
	struct ingest run = {.cli = cli, .err = err};
	struct nx_batch_source source = {on_next, on_answer, &run};
	struct nx_commit to = {.store = NULL};
	if (!read_received(cli, &to, err) || !nx_cli_ready_rules(cli, err) ||
	    !nx_cli_workers(cli, true, err) ||
	    !nx_cli_store(cli, NX_STORE_CREATE, err))
		return false;
	run.to = nx_cli_commit(cli);
	run.to.by_own_date = to.by_own_date;
	run.to.uneventful = 0; /* these come from nobody outside */
	catch_signals();
	run.start = milliseconds();
	run.tally = nx_tally_new(cli);
	run.mails = nx_mail_source_new(cli);
	nx_batch_run(cli->workers, &source);
	return finish(&run);
}
