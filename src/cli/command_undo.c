/* SPDX-License-Identifier: ISC */
#include "cli/bulk_print.h"
#include "cli/each_address.h"

#include "base/date.h"

#include <inttypes.h>
#include <stdlib.h>

/* Takes back an act on many addresses, or lists the last of them. */

enum { LISTED = 20 };

/* --- list ----------------------------------------------------------------- */

static void print_line(TALLOC_CTX *ctx, const struct nx_bulk_listed *act)
{
	char date[NX_DATE_SIZE];

	printf("%" PRId64 "  %s  %s", act->id, nx_date_text(act->time, date),
	       nx_cli_escape(ctx, act->what));
	if (act->undoes != 0)
		printf(" of %" PRId64, act->undoes);
	else if (*act->said)
		printf(" '%s'", nx_cli_escape(ctx, act->said));
	printf("  %" PRId64 "  by %s", act->entries,
	       nx_cli_escape(ctx, act->who));
	if (*act->note)
		printf("  (%s)", nx_cli_escape(ctx, act->note));
	if (act->undone != 0)
		printf("  undone by %" PRId64, act->undone);
	puts("");
}

static void print_object(TALLOC_CTX *ctx, const struct nx_bulk_listed *act)
{
	struct nx_json_out *object = nx_json_out_new(ctx);

	nx_json_out_number(object, "act", act->id);
	nx_json_time(object, "time", act->time);
	nx_json_out_whole(object, "what", act->what);
	nx_json_out_whole(object, "said", act->said);
	nx_json_out_whole(object, "who", act->who);
	nx_json_out_whole(object, "note", act->note);
	nx_json_out_number(object, "entries", act->entries);
	nx_json_out_number(object, "undone_by", act->undone);
	nx_json_out_number(object, "undoes", act->undoes);
	nx_cli_print_json(object);
}

static bool list_one(void *user, const struct nx_bulk_listed *act)
{
	const struct nx_cli *cli = user;
	TALLOC_CTX *ctx = talloc_new(NULL);

	if (nx_cli_has(cli, NX_OPTION_JSON))
		print_object(ctx, act);
	else
		print_line(ctx, act);
	talloc_free(ctx);
	return !ferror(stdout);
}

static bool list(struct nx_cli *cli, struct nx_error *err)
{
	return nx_cli_store(cli, NX_STORE_READ, err) &&
	       nx_bulk_list(cli->store, LISTED, list_one, cli, err);
}

/* --- undo ----------------------------------------------------------------- */

static bool read_id(const struct nx_cli *cli, int64_t *out,
                    struct nx_error *err)
{
	char *end = NULL;

	*out = strtoll(cli->operand[0], &end, 10);
	return (*end == '\0' && *out > 0) ||
	       nx_error_set(err, NX_ERROR_USAGE,
	                    "%s: not the number of an act (nixie undo lists "
	                    "them)",
	                    cli->operand[0]);
}

static void print_totals(struct nx_cli *cli, const struct nx_undone *done)
{
	if (nx_cli_has(cli, NX_OPTION_JSON)) {
		struct nx_json_out *object = nx_json_out_new(cli);

		nx_json_out_number(object, "act", done->act);
		nx_json_out_number(object, "back", done->back);
		nx_json_out_number(object, "stays", done->since);
		nx_cli_print_json(object);
		return;
	}
	printf("%" PRId64 " %s as before", done->back,
	       done->back == 1 ? "is" : "are");
	if (done->since > 0)
		printf(", %" PRId64 " changed since and %s", done->since,
		       done->since == 1 ? "stays" : "stay");
	puts("");
}

bool nx_command_undo(struct nx_cli *cli, struct nx_error *err)
{
	struct nx_bulk_told told = {.cli = cli};
	struct nx_undone done;
	int64_t act;

	if (cli->operands == 0)
		return list(cli, err);
	if (!read_id(cli, &act, err) || !nx_cli_store(cli, NX_STORE_THERE, err))
		return false;
	const struct nx_bulk bulk = {.who = nx_cli_who(cli),
	                             .note = cli->value[NX_OPTION_NOTE],
	                             .now = cli->now};
	if (!nx_bulk_undo(cli->store, &bulk, act, nx_bulk_print_row, &told,
	                  &done, err))
		return false;
	print_totals(cli, &done);
	if (done.since > 0)
		cli->status = NX_EXIT_NO;
	return true;
}
