/* SPDX-License-Identifier: ISC */
#include "cli/cli.h"

#include "base/date.h"

#include <inttypes.h>

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

static const char *until_text(TALLOC_CTX *ctx, int64_t until, int64_t now)
{
	char date[NX_DATE_SIZE];
	if (until == NX_FOREVER)
		return "for ever";
	return talloc_asprintf(ctx, "until %s (%s)", nx_date_text(until, date),
	                       nx_cli_when(ctx, until, now));
}

const char *nx_cli_state_text(TALLOC_CTX *ctx,
                              const struct nx_subject_state *state, int64_t now)
{
	const struct nx_standing *standing = &state->standing;
	char date[NX_DATE_SIZE];
	char *line = talloc_asprintf(ctx, "%s  ",
	                             nx_cli_escape(ctx, state->address));
	if (*state->scope)
		line = talloc_asprintf_append(line, "[%s]  ",
		                              nx_cli_escape(ctx, state->scope));
	if (!nx_standing_holds(standing, now))
		line = talloc_asprintf_append(line, "may be mailed");
	else
		line = talloc_asprintf_append(line, "suppressed");
	if (standing->cause == NX_CAUSE_NONE)
		return line;
	return talloc_asprintf_append(line, "  %s %s  since %s %s",
	                              nx_cause_name(standing->cause),
	                              nx_cli_escape(ctx, standing->reason),
	                              nx_date_text(standing->since, date),
	                              until_text(ctx, standing->until, now));
}

void nx_cli_print_state(const struct nx_cli *cli,
                        const struct nx_subject_state *state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	if (nx_cli_has(cli, NX_OPTION_JSON)) {
		struct nx_json_out *object = nx_json_out_new(ctx);
		nx_cli_state_json(object, state, cli->now);
		nx_cli_print_json(object);
	} else {
		puts(nx_cli_state_text(ctx, state, cli->now));
	}
	talloc_free(ctx);
}

void nx_cli_add_time(struct nx_json_out *object, const char *name, int64_t time)
{
	char date[NX_DATE_SIZE];
	if (time == 0 || time == NX_FOREVER)
		nx_json_out_null(object, name);
	else
		nx_json_out_whole(object, name, nx_date_text(time, date));
}

void nx_cli_state_json(struct nx_json_out *object,
                       const struct nx_subject_state *state, int64_t now)
{
	const struct nx_standing *standing = &state->standing;
	bool known = standing->cause != NX_CAUSE_NONE;
	nx_json_out_whole(object, "address", state->address);
	nx_json_out_bool(object, "suppressed",
	                 nx_standing_holds(standing, now));
	nx_json_out_whole(object, "class",
	                  known ? nx_cause_name(standing->cause) : "");
	nx_json_out_whole(object, "reason", standing->reason);
	nx_cli_add_time(object, "since", standing->since);
	nx_cli_add_time(object, "until", standing->until);
	nx_json_out_whole(object, "scope", state->scope);
}
