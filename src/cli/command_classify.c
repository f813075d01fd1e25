/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"
#include "cli/mail_source.h"

struct classify {
	struct nx_cli *cli;
	struct nx_mail_source *mails;
};

static bool on_next(void *user, TALLOC_CTX *ctx, struct nx_job *job)
{
	const struct classify *run = user;
	return nx_mail_source_next(run->mails, ctx, job);
}

/* The record, with the file as its first member. */
static void print_json(TALLOC_CTX *ctx, const char *file, const char *line,
                       size_t size)
{
	struct nx_json_out *object = nx_json_out_new(ctx);
	nx_json_out_whole(object, "file", file);
	fwrite(object->text, 1, object->size, stdout);
	fputs(",", stdout);
	fwrite(line + 1, 1, size - 1, stdout);
	fputs("\n", stdout);
}

static void print_row(TALLOC_CTX *ctx, const char *file,
                      const struct nx_verdict *verdict, const char *status,
                      const char *address)
{
	printf("%s  %-11s  %-20s  %-7s  %s\n", nx_cli_escape(ctx, file),
	       nx_class_name(verdict->class),
	       nx_cli_escape(ctx, verdict->reason),
	       *status ? nx_cli_escape(ctx, status) : "-",
	       *address ? nx_cli_escape(ctx, address) : "-");
}

static void print_rows(struct classify *run, TALLOC_CTX *ctx, const char *file,
                       const char *line, size_t size)
{
	struct nx_error err;
	struct nx_record record;
	if (!nx_record_read(ctx, line, size, &record, &err)) {
		nx_mail_source_trouble(run->mails, file, err.text);
		return;
	}
	for (size_t i = 0; i < record.recipients; i++) {
		const struct nx_record_recipient *of = &record.recipient[i];
		print_row(ctx, file, &of->verdict, of->status, of->address);
	}
	if (record.recipients == 0)
		print_row(ctx, file, &record.verdict, "", "");
}

static bool on_answer(void *user, TALLOC_CTX *ctx, const struct nx_job *job,
                      const char *line, size_t size, bool killed)
{
	struct classify *run = user;
	const char *file = job->user;
	if (killed)
		nx_cli_say(run->cli, "%s: no worker could read it", file);
	if (nx_cli_has(run->cli, NX_OPTION_JSON))
		print_json(ctx, file, line, size);
	else
		print_rows(run, ctx, file, line, size);
	return !ferror(stdout);
}

bool nx_command_classify(struct nx_cli *cli, struct nx_error *err)
{
	static char buffer[256 * 1024];
	struct classify run = {.cli = cli};
	struct nx_batch_source source = {on_next, on_answer, &run};
	if (!nx_cli_ready_rules(cli, err) || !nx_cli_workers(cli, true, err))
		return false;
	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	run.mails = nx_mail_source_new(cli);
	nx_batch_run(cli->workers, &source);
	if (nx_mail_source_troubles(run.mails) > 0)
		cli->status = NX_EXIT_NO;
	return true;
}
