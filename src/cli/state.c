/* SPDX-License-Identifier: ISC */
#include "cli/cli.h"
#include "cli/show.h"

#include "base/date.h"
#include "store/held.h"

#include <inttypes.h>
#include <string.h>

/* Words and JSON for a standing. */

const char *nx_cli_when(TALLOC_CTX *ctx, int64_t time, int64_t now)
{
	int64_t span = time > now ? time - now : now - time;
	const char *unit = "s";
	if (span >= 4 * NX_DAY) {
		unit = "d";
		span = (span + NX_DAY / 2) / NX_DAY;
	} else if (span >= NX_HOUR) {
		unit = "h";
		span = (span + NX_HOUR / 2) / NX_HOUR;
	} else if (span >= 60) {
		unit = "min";
		span = (span + 30) / 60;
	}
	if (span == 0)
		return "now";
	return talloc_asprintf(
	        ctx, time > now ? "in %" PRId64 " %s" : "%" PRId64 " %s ago",
	        span, unit);
}

const char *nx_cli_until(TALLOC_CTX *ctx, int64_t until, int64_t now)
{
	char date[NX_DATE_SIZE];
	if (until == NX_FOREVER)
		return "for ever";
	return talloc_asprintf(ctx, "until %s (%s)", nx_date_text(until, date),
	                       nx_cli_when(ctx, until, now));
}

static struct nx_state_telling telling_of(const struct nx_cli *cli)
{
	return (struct nx_state_telling){
	        .store = cli->store, .now = cli->now, .old_names = true};
}

static void say_trouble(struct nx_cli *cli,
                        const struct nx_state_telling *telling)
{
	if (telling->err.kind == NX_ERROR_NONE)
		return;
	nx_cli_say(cli, "%s", telling->err.text);
	cli->status = NX_EXIT_TEMPORARY;
}

void nx_show_state_json(struct nx_cli *cli, struct nx_json_out *object,
                        const struct nx_subject_state *state)
{
	struct nx_state_telling telling = telling_of(cli);

	nx_state_json(object, &telling, state);
	say_trouble(cli, &telling);
}

const char *nx_cli_mail_text(TALLOC_CTX *ctx, const struct nx_mail *mail)
{
	switch (mail->reach) {
	case NX_REACH_ALL:
		return "all mail";
	case NX_REACH_BULK:
		return "bulk mail";
	case NX_REACH_DOMAIN:
		return talloc_asprintf(ctx, "bulk mail of %s",
		                       nx_cli_escape(ctx, mail->name));
	case NX_REACH_STREAM:
		break;
	}
	return nx_cli_escape(ctx, mail->name);
}

/* "suppressed  hard unknown-user  since … until …", or what it was. */
static char *add_standing(TALLOC_CTX *ctx, char *line,
                          const struct nx_standing *standing, int64_t now)
{
	const char *why = nx_show_class(ctx, nx_cause_name(standing->cause),
	                                standing->reason);
	const char *until = nx_cli_until(ctx, standing->until, now);
	char date[NX_DATE_SIZE];

	if (nx_standing_holds(standing, now))
		return talloc_asprintf_append(
		        line, "suppressed  %s  since %s %s", why,
		        nx_date_text(standing->since, date), until);
	line = talloc_strdup_append(line, "may be mailed");
	if (standing->cause == NX_CAUSE_NONE)
		return line;
	return talloc_asprintf_append(line, "; was suppressed (%s) %s", why,
	                              until);
}

const char *nx_cli_state_text(TALLOC_CTX *ctx, const char *address,
                              const struct nx_subject_state *state, int64_t now)
{
	const struct nx_standing *standing = &state->standing;
	char *line = talloc_asprintf(ctx, "%s  ", nx_cli_escape(ctx, address));

	if (state->mail.reach != NX_REACH_ALL)
		line = talloc_asprintf_append(
		        line, "[%s]  ", nx_cli_mail_text(ctx, &state->mail));
	line = add_standing(ctx, line, standing, now);
	if (*state->address == '@' && *address != '@')
		line = talloc_asprintf_append(
		        line, "  with all of %s",
		        nx_cli_escape(ctx, state->address + 1));
	return line;
}

void nx_cli_print_state(struct nx_cli *cli,
                        const struct nx_subject_state *state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	if (nx_cli_has(cli, NX_OPTION_JSON)) {
		struct nx_json_out *object = nx_json_out_new(ctx);
		nx_json_out_whole(object, "address", state->address);
		nx_show_state_json(cli, object, state);
		nx_cli_print_json(object);
	} else {
		puts(nx_cli_state_text(ctx, state->address, state, cli->now));
	}
	talloc_free(ctx);
}

/* --- an answer ------------------------------------------------------------ */

void nx_cli_print_hold(TALLOC_CTX *ctx, const struct nx_hold *hold)
{
	char date[NX_DATE_SIZE];

	printf("  note: held: %" PRId64 " hard bounces of %s since %s\n",
	       hold->bounces, nx_cli_escape(ctx, hold->domain),
	       nx_date_text(hold->since, date));
}

/* What is remembered may hold for other mail, or may have ended. */
static void print_free(TALLOC_CTX *ctx, const struct nx_response *answer,
                       int64_t now)
{
	static const struct nx_standing nothing;
	const struct nx_standing *ended = &nothing;

	if (answer->states > answer->holding)
		ended = &answer->state[answer->holding].standing;
	puts(add_standing(ctx,
	                  talloc_asprintf(ctx, "%s  ",
	                                  nx_cli_escape(ctx, answer->address)),
	                  ended, now));
	for (size_t i = 0; i < answer->holding; i++)
		printf("  note: %s\n",
		       nx_cli_state_text(ctx, answer->address,
		                         &answer->state[i], now));
	if (answer->hold)
		nx_cli_print_hold(ctx, answer->hold);
}

void nx_cli_print_answer(struct nx_cli *cli, const struct nx_response *answer)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	if (nx_cli_has(cli, NX_OPTION_JSON)) {
		struct nx_json_out *object = nx_json_out_new(ctx);
		nx_cli_answer_json(cli, object, answer);
		nx_cli_print_json(object);
	} else if (answer->blocking == 0) {
		print_free(ctx, answer, cli->now);
	} else {
		for (size_t i = 0; i < answer->blocking; i++)
			puts(nx_cli_state_text(ctx, answer->address,
			                       &answer->state[i], cli->now));
	}
	talloc_free(ctx);
}

void nx_cli_answer_json(struct nx_cli *cli, struct nx_json_out *object,
                        const struct nx_response *answer)
{
	struct nx_state_telling telling = telling_of(cli);

	nx_state_answer_json(object, &telling, answer);
	say_trouble(cli, &telling);
	if (!answer->hold)
		return;
	nx_json_out_object(object, "held");
	nx_hold_json(object, answer->hold);
	nx_json_out_end(object);
}
