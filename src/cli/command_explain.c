/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"
#include "cli/explain_print.h"

#include "base/date.h"
#include "mail/address.h"
#include "sys/file.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

struct explain {
	struct nx_cli *cli; /* without a store: as if nothing were known */
	struct nx_job message;
	struct nx_record record;
	const struct nx_json *line; /* the record as it was written */
	struct nx_error *err;
};

static const char *strikes_text(TALLOC_CTX *ctx,
                                const struct nx_standing *after,
                                const struct nx_terms *terms)
{
	if (terms->strikes == 0)
		return "never suppresses: the policy has no strikes for it";
	return talloc_asprintf(ctx,
	                       "not suppressed: %d of %d strikes (on different "
	                       "days, within %" PRId64 " days)",
	                       after->strikes, terms->strikes,
	                       terms->within / NX_DAY);
}

static const char *unconfirmed_text(TALLOC_CTX *ctx,
                                    const struct nx_standing *after, int days)
{
	return talloc_asprintf(ctx,
	                       "not suppressed: said on %d of %d different "
	                       "days that make it hard",
	                       after->unconfirmed_count, days);
}

static const char *outcome(struct explain *run, TALLOC_CTX *ctx,
                           const struct nx_verdict *verdict,
                           const struct nx_subject_state *before)
{
	const struct nx_policy *policy = run->cli->rules.policy;
	enum nx_trigger trigger = NX_TRIGGER_BOUNCE;
	enum nx_cause cause = NX_CAUSE_NONE;
	if (!nx_policy_trigger(verdict, &trigger, &cause))
		return "never suppresses: not the recipient's fault, or "
		       "nothing failed";
	struct nx_subject_state after = *before;
	after.standing = nx_policy_judge(policy, before->standing, verdict,
	                                 run->cli->now);
	if (nx_standing_holds(&after.standing, run->cli->now))
		return nx_cli_state_text(ctx, after.address, &after,
		                         run->cli->now);
	int days = nx_policy_confirm_days(policy, verdict);
	if (days > 0)
		return unconfirmed_text(ctx, &after.standing, days);
	return strikes_text(ctx, &after.standing,
	                    nx_policy_terms(policy, cause, verdict->reason));
}

/* The line is escaped already; nx_explain_print_line would escape its
 * backslashes again. */
static void print_state(const char *name, const char *line)
{
	printf("  %-18s %s\n", name, line);
}

/* For which mail the verdict would suppress. */
static struct nx_mail mail_of(struct explain *run, TALLOC_CTX *ctx,
                              const struct nx_verdict *verdict)
{
	const struct nx_attribution to = {run->cli->config.streams,
	                                  run->cli->config.stream};
	enum nx_trigger trigger;
	enum nx_cause cause = NX_CAUSE_NONE;
	struct nx_event event;
	nx_attribute(ctx, &run->record, &to, &event);
	if (!nx_policy_trigger(verdict, &trigger, &cause))
		return (struct nx_mail){.reach = NX_REACH_ALL, .name = ""};
	return nx_policy_mail(
	        nx_policy_terms(run->cli->rules.policy, cause, verdict->reason),
	        &event);
}

/* What is remembered of the address for that mail. */
static bool look_up(struct explain *run, TALLOC_CTX *ctx,
                    struct nx_subject_state *state)
{
	const struct nx_question question = nx_cli_question(run->cli);
	struct nx_response answer;
	if (!nx_store_ask(ctx, run->cli->store, &question, state->address,
	                  run->cli->now, &answer, run->err))
		return false;
	for (size_t i = 0; i < answer.states; i++)
		if (nx_mail_is_same(&answer.state[i].mail, &state->mail) &&
		    strcmp(answer.state[i].address, state->address) == 0)
			state->standing = answer.state[i].standing;
	print_state("so far", nx_cli_state_text(ctx, state->address, state,
	                                        run->cli->now));
	return true;
}

static bool explain_policy(struct explain *run,
                           const struct nx_verdict *verdict,
                           const char *address)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_subject_state before = {
	        .address = nx_address_normal(ctx, address),
	        .mail = mail_of(run, ctx, verdict)};
	bool asks = run->cli->store && *before.address;
	bool done = !asks || look_up(run, ctx, &before);
	if (done && !*before.address)
		print_state("policy", "nothing: there is no address");
	else if (done)
		print_state("policy", outcome(run, ctx, verdict, &before));
	talloc_free(ctx);
	return done;
}

static bool explain_one(struct explain *run, const struct nx_verdict *verdict,
                        const char *address, size_t index)
{
	nx_explain_print_tables(run->line, index);
	nx_explain_print_verdict(nx_engine_tables(run->cli->rules.engine),
	                         verdict);
	return explain_policy(run, verdict, address);
}

/* The address that a report without recipients is about. */
static const char *speaker(const struct nx_record *record)
{
	return record->kind == NX_KIND_UNSUBSCRIBE ? record->sender : "";
}

static bool explain_all(struct explain *run)
{
	const struct nx_record *record = &run->record;
	puts("message");
	nx_explain_print_line("file", run->cli->operand[0]);
	printf("  %-18s %zu bytes\n", "size", run->message.size);
	nx_explain_print_message(record, run->line);
	for (size_t i = 0; i < record->recipients; i++) {
		const struct nx_record_recipient *of = &record->recipient[i];
		printf("\nrecipient %zu\n", i + 1);
		nx_explain_print_line("address", of->address);
		nx_explain_print_recipient(of);
		if (!explain_one(run, &of->verdict, of->address, i))
			return false;
	}
	if (record->recipients > 0)
		return true;
	puts("\nthe message as a whole");
	return explain_one(run, &record->verdict, speaker(record), 0);
}

static bool read_message(struct explain *run)
{
	char *bytes;
	const char *path = run->cli->operand[0];
	size_t *size = &run->message.size;
	bool done = strcmp(path, "-") == 0
	                    ? nx_file_read_all(run->cli, STDIN_FILENO, &bytes,
	                                       size, run->err)
	                    : nx_file_read(run->cli, path, 0, &bytes, size,
	                                   run->err);
	run->message.bytes = done ? bytes : NULL;
	return done;
}

static bool ask_worker(struct explain *run)
{
	char *line;
	size_t size;
	struct nx_cli *cli = run->cli;
	return nx_cli_read(cli, &run->message, &line, &size, run->err) &&
	       nx_record_read(cli, line, size, &run->record, run->err) &&
	       nx_json_parse(cli, line, size, &run->line, run->err);
}

bool nx_command_explain(struct nx_cli *cli, struct nx_error *err)
{
	struct explain run = {
	        .cli = cli, .message = {.explain = true}, .err = err};
	nx_cli_envelope(cli, false, &run.message.envelope);
	return nx_cli_rules(cli, err) && nx_cli_workers(cli, false, err) &&
	       (!nx_cli_has(cli, NX_OPTION_STORE) ||
	        nx_cli_store(cli, NX_STORE_READ, err)) &&
	       read_message(&run) && ask_worker(&run) && explain_all(&run);
}
