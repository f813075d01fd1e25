/* SPDX-License-Identifier: ISC */
#include "cli/policy_commands.h"

#include "base/date.h"
#include "base/text.h"
#include "policy/scenario.h"
#include "sys/file.h"

#include <string.h>
#include <unistd.h>

enum { FILE_SIZE = 1024 * 1024 };

struct simulation {
	struct nx_cli *cli;
	bool json;
	struct nx_standing standing;
	int64_t last; /* time of what happened last */
	int mailed, refused;
};

/* --- a state -------------------------------------------------------------- */

static const char *mail_name(enum nx_mailing mail)
{
	switch (mail) {
	case NX_MAILING_NONE:
		break;
	case NX_MAILING_SENT:
		return "mailed";
	case NX_MAILING_REFUSED:
		return "refused";
	}
	return "";
}

/* Counted from 1; 0 when there has been no lease. */
static int rung_of(const struct nx_standing *standing)
{
	return standing->cause == NX_CAUSE_NONE ? 0 : standing->rung + 1;
}

static const char *lease_text(TALLOC_CTX *ctx,
                              const struct nx_scenario_state *state)
{
	const struct nx_standing *standing = &state->standing;
	char date[NX_DATE_SIZE];
	if (!nx_standing_holds(standing, state->time))
		return "free";
	if (standing->until == NX_FOREVER)
		return "for ever";
	return talloc_asprintf(ctx, "until %s",
	                       nx_date_text(standing->until, date));
}

/* What is remembered, after the end of the lease too. */
static const char *memory_text(TALLOC_CTX *ctx,
                               const struct nx_scenario_state *state)
{
	const struct nx_standing *standing = &state->standing;
	char *text = talloc_strdup(ctx, "");
	if (standing->cause != NX_CAUSE_NONE)
		text = talloc_asprintf_append(text, "  %s, rung %d of %d",
		                              nx_cause_name(standing->cause),
		                              rung_of(standing),
		                              state->terms->rungs);
	if (standing->strikes > 0)
		text = talloc_asprintf_append(text, "  strikes %d",
		                              standing->strikes);
	if (standing->unconfirmed_count > 0)
		text = talloc_asprintf_append(text, "  unconfirmed %d",
		                              standing->unconfirmed_count);
	return text;
}

static void print_text(const struct nx_scenario_state *state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	char date[NX_DATE_SIZE];
	const char *event =
	        talloc_asprintf(ctx, "%s%s%s", state->event,
	                        *state->reason ? " " : "", state->reason);
	const char *memory = memory_text(ctx, state);
	printf("%s  %-24s  %-7s  %-*s%s\n", nx_date_text(state->time, date),
	       nx_cli_escape(ctx, event), mail_name(state->mail),
	       *memory ? 26 : 0, lease_text(ctx, state), memory);
	talloc_free(ctx);
}

static void print_json(const struct nx_scenario_state *state)
{
	const struct nx_standing *standing = &state->standing;
	struct nx_json_out *object = nx_json_out_new(NULL);
	nx_json_time(object, "time", state->time);
	nx_json_out_whole(object, "event", state->event);
	nx_json_out_whole(object, "event_reason", state->reason);
	nx_json_out_whole(object, "mail", mail_name(state->mail));
	nx_json_out_bool(object, "suppressed",
	                 nx_standing_holds(standing, state->time));
	nx_json_out_whole(object, "class", nx_cause_name(standing->cause));
	nx_json_out_whole(object, "reason", standing->reason);
	nx_json_time(object, "since", standing->since);
	nx_json_time(object, "until", standing->until);
	nx_json_out_number(object, "rung", rung_of(standing));
	nx_json_out_number(object, "strikes", standing->strikes);
	nx_json_out_number(object, "unconfirmed", standing->unconfirmed_count);
	nx_cli_print_json(object);
}

static void on_state(void *user, const struct nx_scenario_state *state)
{
	struct simulation *run = user;
	run->mailed += state->mail == NX_MAILING_SENT;
	run->refused += state->mail == NX_MAILING_REFUSED;
	if (run->json)
		print_json(state);
	else
		print_text(state);
}

/* --- lines ---------------------------------------------------------------- */

static bool run_line(struct simulation *run, TALLOC_CTX *ctx, const char *text,
                     struct nx_error *err)
{
	struct nx_scenario_line line;
	const struct nx_tables *tables =
	        nx_engine_tables(run->cli->rules.engine);
	text = nx_text_trim(ctx, text);
	if (!*text || *text == '#')
		return true;
	if (!nx_scenario_parse(ctx, text, run->last, tables, &line, err))
		return false;
	run->last = nx_scenario_run(run->cli->rules.policy, &line,
	                            &run->standing, on_state, run);
	return true;
}

static bool run_lines(struct simulation *run, const char *name, char *text,
                      struct nx_error *err)
{
	int number = 1;
	for (char *next; text; text = next, number++) {
		struct nx_error of_line;
		TALLOC_CTX *ctx = talloc_new(run->cli);
		next = strchr(text, '\n');
		if (next)
			*next++ = '\0';
		bool good = run_line(run, ctx, text, &of_line);
		talloc_free(ctx);
		if (!good)
			return nx_error_set(err, of_line.kind, "%s:%d: %s",
			                    name, number, of_line.text);
	}
	return true;
}

static bool read_lines(struct nx_cli *cli, const char **name, char **text,
                       struct nx_error *err)
{
	char *bytes;
	size_t size;
	bool is_stdin = cli->operands < 2 || strcmp(cli->operand[1], "-") == 0;
	*name = is_stdin ? "stdin" : cli->operand[1];
	if (is_stdin ? !nx_file_read_all(cli, STDIN_FILENO, &bytes, &size, err)
	             : !nx_file_read(cli, *name, FILE_SIZE, &bytes, &size, err))
		return false;
	*text = nx_text_repair(cli, bytes, size, size);
	return true;
}

bool nx_policy_command_simulate(struct nx_cli *cli, struct nx_error *err)
{
	struct simulation run = {.cli = cli,
	                         .json = nx_cli_has(cli, NX_OPTION_JSON)};
	const char *name;
	char *text;
	if (!read_lines(cli, &name, &text, err) ||
	    !run_lines(&run, name, text, err))
		return false;
	if (!run.json && run.mailed + run.refused > 0)
		printf("mailed %d, refused %d\n", run.mailed, run.refused);
	return true;
}
