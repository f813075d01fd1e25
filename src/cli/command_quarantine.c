/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"
#include "cli/maildir.h"
#include "cli/show.h"
#include "cli/verbs.h"

#include "base/date.h"
#include "base/text.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

enum {
	HEAD = 16 * 1024, /* part in which the subject is searched */
	ID = 12           /* digits of a digest that are shown */
};

struct quarantine {
	struct nx_cli *cli;
	struct nx_error *err;
	uint8_t (*digest)[NX_DIGEST_SIZE]; /* retry, drop: of which messages */
	size_t digests, next;
	struct nx_maildir *maildir; /* export */
	bool failed;
};

static char *hex_of(TALLOC_CTX *ctx, const uint8_t digest[NX_DIGEST_SIZE])
{
	char *hex = talloc_size(ctx, 2 * NX_DIGEST_SIZE + 1);
	nx_digest_hex(digest, NX_DIGEST_SIZE, hex);
	return hex;
}

static char *text_of(TALLOC_CTX *ctx, const char *bytes, size_t size)
{
	return nx_text_repair(ctx, bytes, size, size);
}

/* --- list and show -------------------------------------------------------- */

/* As it is in the message: decoding is left to workers. */
static const char *subject_of(TALLOC_CTX *ctx,
                              const struct nx_quarantined *message)
{
	const size_t size = message->kept < HEAD ? message->kept : HEAD;
	for (char *line = text_of(ctx, message->bytes, size);
	     *line && *line != '\n';) {
		char *end = line + strcspn(line, "\n");
		if (nx_text_starts(line, "Subject:")) {
			*end = '\0';
			return nx_text_trim(ctx, line + strlen("Subject:"));
		}
		line = *end ? end + 1 : end;
	}
	return "";
}

static void print_json(TALLOC_CTX *ctx, const struct nx_quarantined *message)
{
	const struct nx_envelope *envelope = &message->envelope;
	struct nx_json_out *object = nx_json_out_new(ctx);
	nx_json_out_whole(object, "id", hex_of(ctx, message->digest));
	nx_json_time(object, "time", message->time);
	nx_json_out_whole(object, "why", nx_quarantine_why_name(message->why));
	nx_json_out_number(object, "size", message->size);
	if (envelope->sender_known)
		nx_json_out_whole(object, "sender", envelope->sender);
	else
		nx_json_out_null(object, "sender");
	nx_json_out_whole(object, "recipient", envelope->recipient);
	nx_json_out_whole(object, "subject", subject_of(ctx, message));
	nx_cli_print_json(object);
}

static void print_line(TALLOC_CTX *ctx, const struct nx_quarantined *message)
{
	char time[NX_DATE_SIZE];
	printf("%.*s  %s  %9" PRId64 "  %-10s  %s\n", ID,
	       hex_of(ctx, message->digest), nx_date_text(message->time, time),
	       message->size, nx_quarantine_why_name(message->why),
	       nx_text_escape(ctx, subject_of(ctx, message), true));
}

static bool list_one(void *user, const struct nx_quarantined *message)
{
	const struct quarantine *run = user;
	TALLOC_CTX *ctx = talloc_new(NULL);
	if (nx_cli_has(run->cli, NX_OPTION_JSON))
		print_json(ctx, message);
	else
		print_line(ctx, message);
	talloc_free(ctx);
	return !ferror(stdout);
}

static bool list(struct quarantine *run)
{
	return nx_quarantine_list(run->cli->store, HEAD, list_one, run,
	                          run->err);
}

static void print_address(TALLOC_CTX *ctx, const char *name,
                          const char *address)
{
	if (*address)
		printf("%-10s %s\n", name, nx_text_escape(ctx, address, false));
}

static bool show(struct quarantine *run)
{
	char time[NX_DATE_SIZE];
	struct nx_cli *cli = run->cli;
	struct nx_quarantined message;
	if (!nx_quarantine_find(cli, run->cli->store, cli->operand[1], &message,
	                        run->err))
		return false;
	printf("%-10s %s\n", "id", hex_of(cli, message.digest));
	printf("%-10s %s\n", "time", nx_date_text(message.time, time));
	printf("%-10s %s\n", "why", nx_quarantine_why_name(message.why));
	printf("%-10s %" PRId64 "\n", "size", message.size);
	if ((int64_t)message.kept < message.size)
		printf("%-10s %zu\n", "kept", message.kept);
	if (message.envelope.sender_known)
		print_address(cli, "sender",
		              *message.envelope.sender ? message.envelope.sender
		                                       : "<>");
	print_address(cli, "recipient", message.envelope.recipient);
	print_address(cli, "original", message.envelope.original_recipient);
	puts("");
	nx_show_lines(message.bytes, message.kept);
	return true;
}

/* --- which ---------------------------------------------------------------- */

static bool pick_one(void *user, const struct nx_quarantined *message)
{
	struct quarantine *run = user;
	run->digest = talloc_realloc_size(run->cli, run->digest,
	                                  (run->digests + 1) * NX_DIGEST_SIZE);
	memcpy(run->digest[run->digests++], message->digest, NX_DIGEST_SIZE);
	return true;
}

/* Those that are named, or all. */
static bool pick(struct quarantine *run)
{
	struct nx_cli *cli = run->cli;
	if (nx_cli_has(cli, NX_OPTION_ALL) == (cli->operands > 1))
		return nx_error_set(run->err, NX_ERROR_USAGE,
		                    "%s which? name some, or --all",
		                    cli->operand[0]);
	if (nx_cli_has(cli, NX_OPTION_ALL))
		return nx_quarantine_list(run->cli->store, 0, pick_one, run,
		                          run->err);
	bool done = true;
	for (int i = 1; done && i < cli->operands; i++) {
		struct nx_quarantined message;
		TALLOC_CTX *ctx = talloc_new(cli);
		done = nx_quarantine_find(ctx, run->cli->store, cli->operand[i],
		                          &message, run->err) &&
		       pick_one(run, &message);
		talloc_free(ctx);
	}
	return done;
}

/* --- retry ---------------------------------------------------------------- */

/* The NUL behind what is kept tells the worker that more followed. */
static bool is_cut(const struct nx_quarantined *message)
{
	return (int64_t)message->kept < message->size;
}

static bool on_next(void *user, TALLOC_CTX *ctx, struct nx_job *job)
{
	struct quarantine *run = user;
	while (run->next < run->digests && !run->failed) {
		struct nx_quarantined *kept =
		        talloc_zero(ctx, struct nx_quarantined);
		const char *id = hex_of(kept, run->digest[run->next++]);
		if (!nx_quarantine_find(kept, run->cli->store, id, kept,
		                        run->err)) {
			/* one that is gone was pushed out meanwhile */
			run->failed = run->err->kind != NX_ERROR_USAGE;
			if (!run->failed)
				nx_cli_say(run->cli, "%s", run->err->text);
			continue;
		}
		job->bytes = kept->bytes;
		job->size = kept->kept + is_cut(kept);
		job->envelope = kept->envelope;
		job->user = kept;
		return true;
	}
	return false;
}

static bool on_answer(void *user, TALLOC_CTX *ctx, const struct nx_job *job,
                      const char *line, size_t size, bool killed)
{
	struct quarantine *run = user;
	struct nx_quarantined *kept = job->user;
	struct nx_commit to = nx_cli_commit(run->cli);
	struct nx_submission message = {.bytes = job->bytes,
	                                .size = job->size,
	                                .whole = (size_t)kept->size,
	                                .envelope = &job->envelope,
	                                .recipients = 1,
	                                .source = "quarantine",
	                                .digest = kept->digest};
	(void)killed; /* the record shows it */
	to.budget = NULL;
	run->failed = size == 0;
	if (run->failed)
		return nx_error_set(run->err, NX_ERROR_TEMPORARY,
		                    "no worker answered");
	nx_submission_read(ctx, &message, 0, line, size);
	const struct nx_record *record = &message.reading[0].record;
	const bool understood = nx_commit_why(record) == NX_QUARANTINE_NOT;
	if (understood)
		run->failed = !nx_commit_add(ctx, &to, &message, run->cli->now,
		                             run->err);
	printf("%.*s  %-16s  %s\n", ID, hex_of(ctx, kept->digest),
	       nx_kind_name(record->kind),
	       understood && !run->failed ? "recorded" : "kept");
	return !run->failed;
}

static bool retry(struct quarantine *run)
{
	struct nx_batch_source source = {on_next, on_answer, run};
	if (!pick(run))
		return false;
	nx_batch_run(run->cli->workers, &source);
	return !run->failed;
}

/* --- drop and export ------------------------------------------------------ */

static bool drop(struct quarantine *run)
{
	bool done = pick(run);
	while (done && run->next < run->digests) {
		const uint8_t *digest = run->digest[run->next++];
		done = nx_quarantine_drop(run->cli->store, digest, run->err);
		if (done)
			printf("%.*s  dropped\n", ID, hex_of(run->cli, digest));
	}
	return done && nx_quarantine_erase(run->cli->store, run->err);
}

static bool export_one(void *user, const struct nx_quarantined *message)
{
	struct quarantine *run = user;
	TALLOC_CTX *ctx = talloc_new(NULL);
	run->failed = !nx_maildir_add(
	        run->maildir, hex_of(ctx, message->digest), message, run->err);
	talloc_free(ctx);
	return !run->failed;
}

static bool export_all(struct quarantine *run)
{
	umask(077);
	return nx_maildir_open(run->cli, run->cli->operand[1], &run->maildir,
	                       run->err) &&
	       nx_quarantine_list(run->cli->store, NX_PRESCAN_BYTES, export_one,
	                          run, run->err) &&
	       !run->failed && nx_maildir_close(run->maildir, run->err);
}

/* -------------------------------------------------------------------------- */

static const struct {
	struct nx_verb verb;
	enum nx_store_mode mode;
	bool reads; /* messages, and needs rules and workers for it */
	bool (*run)(struct quarantine *run);
} verbs[] = {
        {{.name = "list"}, NX_STORE_READ, false, list},
        {{.name = "show", .operands = "ID", .least = 1, .most = 1},
         NX_STORE_READ,
         false,
         show},
        {{.name = "retry", .most = -1}, NX_STORE_WRITE, true, retry},
        {{.name = "drop", .most = -1}, NX_STORE_WRITE, false, drop},
        {{.name = "export", .operands = "DIR", .least = 1, .most = 1},
         NX_STORE_READ,
         false,
         export_all},
};

bool nx_command_quarantine(struct nx_cli *cli, struct nx_error *err)
{
	struct quarantine run = {.cli = cli, .err = err};
	const size_t found = NX_VERB_FIND(cli, verbs, err);
	return found < NX_VERBS(verbs) &&
	       (!verbs[found].reads || (nx_cli_ready_rules(cli, err) &&
	                                nx_cli_workers(cli, true, err))) &&
	       nx_cli_store(cli, verbs[found].mode, err) &&
	       verbs[found].run(&run);
}
