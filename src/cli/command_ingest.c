/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"
#include "cli/mail_source.h"
#include "cli/tally.h"

#include "deliver/large_message.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	GROUP = 256, /* messages in a transaction, */
	GROUP_BYTES = 16 * 1024 * 1024,
	GROUP_MS = 1000, /* and how long the first of them waits for others */
	TICK_MS = 200
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
	interrupted = number;
}

struct ingested { /* a message until it is recorded; owns all it needs */
	struct nx_submission submission;
	struct nx_envelope envelope;
	const char *file; /* where it is from, not escaped yet */
};

struct ingest {
	struct nx_cli *cli;
	struct nx_mail_source *mails;
	struct nx_commit to;
	struct nx_tally *tally;
	size_t messages, known, suppressed;
	size_t twins;     /* told of before, by other messages */
	size_t held;      /* bounces, see store/held.h */
	size_t truncated; /* not everything in them was read */
	size_t quarantined;
	size_t nameless; /* that count, but do not say for which address */
	struct ingested *group[GROUP]; /* read and not recorded yet */
	size_t grouped, bytes;
	char *last;                 /* the last file that was recorded */
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
	(void)ctx; /* ends before the message is recorded */
	if (interrupted || run->failed)
		return false;
	struct ingested *message = talloc_zero(run->cli, struct ingested);
	struct nx_submission *submission = &message->submission;
	if (!nx_mail_source_next(run->mails, message, job)) {
		talloc_free(message);
		return false;
	}
	submission->whole = submission->size = job->size;
	submission->bytes =
	        nx_large_message_cut(message, job->bytes, &submission->size);
	message->envelope = job->envelope;
	submission->envelope = &message->envelope;
	submission->recipients = 1;
	message->file = job->user;
	submission->source = nx_cli_escape(message, message->file);
	job->bytes = submission->bytes;
	job->size = submission->size;
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

static void count(struct ingest *run, const struct nx_reading *reading)
{
	const struct nx_record *record = &reading->record;
	const struct nx_outcome *outcome = &reading->outcome;
	run->messages++;
	run->suppressed += outcome->suppressed;
	run->twins += outcome->added == 0 && outcome->twins > 0;
	run->held += outcome->held;
	run->truncated += record->truncated;
	run->quarantined += reading->why != NX_QUARANTINE_NOT;
	run->nameless += nx_event_is_missing(record);
	run->known += outcome->known;
	if (!outcome->known && (outcome->added > 0 || outcome->twins == 0))
		nx_tally_add(run->tally, record);
}

static bool add_group(struct ingest *run)
{
	struct nx_store *store = run->cli->store;
	if (!nx_cli_ask_clock(run->cli, run->err) ||
	    !nx_store_begin(store, run->err))
		return false;
	for (size_t i = 0; i < run->grouped; i++) {
		struct ingested *message = run->group[i];
		if (nx_commit_add(message, &run->to, &message->submission,
		                  run->cli->now, run->err))
			continue;
		nx_store_rollback(store);
		return false;
	}
	return nx_store_commit(store, run->err);
}

/* Nobody else can write meanwhile: Ctrl-Z has to wait. */
static bool add_without_stop(struct ingest *run)
{
	sigset_t stops, before;
	sigemptyset(&stops);
	sigaddset(&stops, SIGTSTP);
	sigaddset(&stops, SIGTTIN);
	sigaddset(&stops, SIGTTOU);
	sigprocmask(SIG_BLOCK, &stops, &before);
	const bool done = add_group(run);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return done;
}

/* A commit waits for the disk: many messages share one. All of them are read
 * before the transaction begins, which so waits for no file and no worker. */
static bool record_group(struct ingest *run)
{
	if (run->grouped == 0)
		return true;
	if (!add_without_stop(run))
		return false;
	talloc_free(run->last);
	run->last = talloc_strdup(run->cli, run->group[run->grouped - 1]->file);
	for (size_t i = 0; i < run->grouped; i++) {
		count(run, run->group[i]->submission.reading);
		talloc_free(run->group[i]);
	}
	run->grouped = run->bytes = 0;
	return true;
}

static bool add_to_group(struct ingest *run, struct ingested *message)
{
	const int64_t now = milliseconds();
	if (run->grouped == 0)
		run->begun = now;
	run->group[run->grouped++] = message;
	run->bytes += message->submission.size;
	if (run->grouped < GROUP && run->bytes < GROUP_BYTES &&
	    now - run->begun < GROUP_MS)
		return true;
	return record_group(run);
}

static bool on_answer(void *user, TALLOC_CTX *ctx, const struct nx_job *job,
                      const char *line, size_t size, bool killed)
{
	struct ingest *run = user;
	struct ingested *message = job->user;
	(void)ctx;
	run->failed = size == 0;
	if (run->failed)
		return nx_error_set(run->err, NX_ERROR_TEMPORARY,
		                    "no worker answered");
	if (killed)
		nx_mail_source_trouble(run->mails, message->file,
		                       "no worker could read it");
	nx_submission_read(message, &message->submission, 0, line, size);
	run->failed = !add_to_group(run, message);
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
	printf("%-18s %8zu\n", "messages", run->messages);
	printf("%-18s %8zu\n", "already known", run->known);
	printf("%-18s %8zu\n", "told before", run->twins);
	printf("%-18s %8zu\n", "unreadable",
	       nx_mail_source_troubles(run->mails));
	printf("%-18s %8zu\n", "newly suppressed", run->suppressed);
	printf("%-18s %8zu\n", "held", run->held);
	printf("%-18s %8zu\n", "no recipient named", run->nameless);
	printf("%-18s %8zu\n", "truncated", run->truncated);
	printf("%-18s %8zu\n", "quarantined", run->quarantined);
	nx_tally_print(run->tally);
}

static bool finish(struct ingest *run)
{
	struct nx_cli *cli = run->cli;
	if (!run->failed)
		run->failed = !record_group(run);
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
	run.to.budget = NULL;
	catch_signals();
	run.start = milliseconds();
	run.tally = nx_tally_new(cli);
	run.mails = nx_mail_source_new(cli);
	nx_batch_run(cli->workers, &source);
	return finish(&run);
}
