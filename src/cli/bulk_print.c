/* SPDX-License-Identifier: ISC */
#include "cli/bulk_print.h"

#include "base/date.h"
#include "cli/each_address.h"

#include <inttypes.h>

struct nx_bulk nx_bulk_print_act(struct nx_cli *cli)
{
	return (struct nx_bulk){.policy = cli->rules.policy,
	                        .streams = cli->config.streams,
	                        .tables = nx_engine_tables(cli->rules.engine),
	                        .who = nx_cli_who(cli),
	                        .note = cli->value[NX_OPTION_NOTE],
	                        .now = cli->now,
	                        .dry_run = nx_cli_has(cli, NX_OPTION_DRY_RUN)};
}

const char *nx_bulk_print_fate(enum nx_bulk_fate fate, bool dry_run)
{
	switch (fate) {
	case NX_BULK_FREED:
		return dry_run ? "would be freed" : "freed";
	case NX_BULK_SUPPRESSED:
		return dry_run ? "would be suppressed" : "suppressed";
	case NX_BULK_CHANGED:
		return dry_run ? "would be changed" : "changed";
	case NX_BULK_LESS:
		return dry_run ? "would be recounted" : "recounted";
	case NX_BULK_UNHELD:
		return dry_run ? "would be dropped" : "dropped";
	case NX_BULK_OTHERS:
	case NX_BULK_CLASS:
	case NX_BULK_WISH:
	case NX_BULK_PAST:
	case NX_BULK_SINCE:
		break;
	}
	return "stays";
}

static const char *why(TALLOC_CTX *ctx, const struct nx_bulk_row *row)
{
	switch (row->fate) {
	case NX_BULK_FREED:
	case NX_BULK_SUPPRESSED:
	case NX_BULK_CHANGED:
		return *row->again ? talloc_asprintf(ctx, "%s is now %s",
		                                     row->rule, row->again)
		                   : row->rule;
	case NX_BULK_LESS:
		return "bounces that have led to nothing yet";
	case NX_BULK_UNHELD:
		return "a bounce that was held";
	case NX_BULK_OTHERS:
		return talloc_asprintf(ctx, "%s led to it too", row->rule);
	case NX_BULK_CLASS:
		return talloc_asprintf(ctx, "--class %s frees it",
		                       nx_cause_name(row->before.cause));
	case NX_BULK_WISH:
		return "whoever asked for it has not changed their mind";
	case NX_BULK_PAST:
		return "what led to it is not in the store, or not all of it";
	case NX_BULK_SINCE:
		return "it was changed since";
	}
	return "";
}

/* Whose lease the row is about: what it was or, where none was, will be. */
static const struct nx_standing *told_of(const struct nx_bulk_row *row)
{
	return row->before.cause == NX_CAUSE_NONE ||
	                       row->fate == NX_BULK_SUPPRESSED
	               ? &row->after
	               : &row->before;
}

static void print_line(TALLOC_CTX *ctx, const struct nx_bulk_told *told,
                       const struct nx_bulk_row *row)
{
	const struct nx_standing *standing = told_of(row);
	const char *because = why(ctx, row);
	char date[NX_DATE_SIZE];

	printf("%s", nx_cli_escape(ctx, row->address));
	if (row->mail.reach != NX_REACH_ALL)
		printf("  [%s]", nx_cli_mail_text(ctx, &row->mail));
	if (standing->cause != NX_CAUSE_NONE)
		printf("  %s %s  since %s", nx_cause_name(standing->cause),
		       nx_cli_escape(ctx, standing->reason),
		       nx_date_text(standing->since, date));
	printf("  %s%s",
	       told->dry_run && row->fate <= NX_BULK_LESS ? "would be " : "",
	       nx_bulk_print_fate(row->fate, false));
	printf("%s%s\n", *because ? ": " : "", nx_cli_escape(ctx, because));
}

static void add_standing(struct nx_json_out *object, const char *name,
                         const struct nx_standing *standing)
{
	nx_json_out_object(object, name);
	nx_json_out_whole(object, "class", nx_cause_name(standing->cause));
	nx_json_out_whole(object, "reason", standing->reason);
	nx_json_time(object, "since", standing->since);
	nx_json_time(object, "until", standing->until);
	nx_json_out_end(object);
}

static void print_object(TALLOC_CTX *ctx, const struct nx_bulk_row *row)
{
	struct nx_json_out *object = nx_json_out_new(ctx);

	nx_json_out_whole(object, "address", row->address);
	nx_json_out_whole(object, "holds_for", nx_reach_name(row->mail.reach));
	nx_json_out_whole(object, "stream", row->mail.name);
	nx_json_out_whole(object, "what", nx_bulk_print_fate(row->fate, false));
	nx_json_out_whole(object, "why", why(ctx, row));
	nx_json_out_whole(object, "rule", row->rule);
	nx_json_out_whole(object, "rule_now", row->again);
	add_standing(object, "before", &row->before);
	add_standing(object, "after", &row->after);
	nx_cli_print_json(object);
}

bool nx_bulk_print_row(void *user, const struct nx_bulk_row *row)
{
	struct nx_bulk_told *told = user;
	TALLOC_CTX *ctx = talloc_new(NULL);

	told->count[row->fate]++;
	if (nx_cli_has(told->cli, NX_OPTION_JSON))
		print_object(ctx, row);
	else
		print_line(ctx, told, row);
	talloc_free(ctx);
	return !ferror(stdout);
}

int64_t nx_bulk_print_stays(const struct nx_bulk_told *told)
{
	int64_t stays = 0;

	for (int i = NX_BULK_OTHERS; i < NX_BULK_FATES; i++)
		stays += told->count[i];
	return stays;
}

void nx_bulk_print_end(const struct nx_bulk_told *told, int64_t act)
{
	if (told->count[NX_BULK_UNHELD] > 0)
		printf(", %" PRId64 " held dropped",
		       told->count[NX_BULK_UNHELD]);
	if (told->dry_run)
		puts("; nothing was done (--dry-run)");
	else if (act == 0)
		puts("");
	else
		printf("; nixie undo %" PRId64 " takes it back\n", act);
}

void nx_bulk_print_json_end(const struct nx_bulk_told *told, int64_t act,
                            struct nx_json_out *object)
{
	if (act == 0)
		nx_json_out_null(object, "act");
	else
		nx_json_out_number(object, "act", act);
	nx_json_out_bool(object, "dry_run", told->dry_run);
	nx_json_out_number(object, "dropped", told->count[NX_BULK_UNHELD]);
}
