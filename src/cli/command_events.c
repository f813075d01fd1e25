/* SPDX-License-Identifier: ISC */
#include "base/date.h"
#include "base/text.h"
#include "cli/each_address.h"
#include "cli/verbs.h"
#include "export/block_json.h"
#include "store/blocks.h"

#include <inttypes.h>
#include <string.h>

/* Block events: who refuses us. */

struct events {
	struct nx_cli *cli;
	struct nx_error *err;
	bool has_looked; /* for the rules */
};

/* Without the rules there are no warnings, and the events all the same. */
static const struct nx_tables *tables_of(struct events *run)
{
	struct nx_cli *cli = run->cli;
	struct nx_error err;

	if (!run->has_looked && !nx_cli_ready_rules(cli, &err))
		nx_cli_say(cli, "%s", err.text);
	run->has_looked = true;
	return cli->rules.engine ? nx_engine_tables(cli->rules.engine) : NULL;
}

/* Who shares filters with that provider, or "". */
static const char *neighbours(struct events *run, TALLOC_CTX *ctx,
                              const struct nx_block *block, const char **says)
{
	const struct nx_tables *tables = tables_of(run);

	*says = "";
	return tables ? nx_tables_neighbours(ctx, tables, block->provider, says)
	              : "";
}

/* --- words ---------------------------------------------------------------- */

static const char *ended_by(const struct nx_block *block)
{
	if (strcmp(block->how, "time") == 0)
		return "by itself";
	return strcmp(block->how, "hand") == 0 ? "by hand" : "by a delivery";
}

static const char *end_text(TALLOC_CTX *ctx, const struct nx_block *block,
                            int64_t now)
{
	char date[NX_DATE_SIZE];

	if (block->closed != 0)
		return talloc_asprintf(ctx, "closed %s %s",
		                       nx_date_text(block->closed, date),
		                       ended_by(block));
	return talloc_asprintf(ctx, "closes %s (%s)",
	                       nx_date_text(block->until, date),
	                       nx_cli_when(ctx, block->until, now));
}

static void print_pair(TALLOC_CTX *ctx, const char *before, const char *text)
{
	if (*text)
		printf("%s%s", before, nx_cli_escape(ctx, text));
}

static void print_below(TALLOC_CTX *ctx, const char *name, const char *text)
{
	if (*text)
		printf("  %s: %s\n", name, nx_cli_escape(ctx, text));
}

static void print_warning(struct events *run, TALLOC_CTX *ctx,
                          const struct nx_block *block)
{
	const char *says;
	const char *others = neighbours(run, ctx, block, &says);

	if (*others && block->closed == 0)
		printf("  warning: expect the same of %s: %s\n",
		       nx_cli_escape(ctx, others), nx_cli_escape(ctx, says));
}

static void print_line(struct events *run, TALLOC_CTX *ctx,
                       const struct nx_block *block)
{
	char first[NX_DATE_SIZE], last[NX_DATE_SIZE];

	printf("%" PRId64 "  %s  %s", block->id,
	       nx_cli_escape(ctx, block->provider),
	       nx_cli_escape(ctx, block->reason));
	print_pair(ctx, "  ", block->ours);
	print_pair(ctx, "  on ", block->list);
	printf("  %" PRId64 " since %s", block->reports,
	       nx_date_text(block->first, first));
	if (block->last != block->first)
		printf(" last %s", nx_date_text(block->last, last));
	printf("  %s\n", end_text(ctx, block, run->cli->now));
}

static void add_json(struct events *run, struct nx_json_out *object,
                     const struct nx_block *block)
{
	const char *says;

	nx_block_json(object, block, neighbours(run, object, block, &says));
}

/* --- list ----------------------------------------------------------------- */

static bool list_one(void *user, const struct nx_block *block)
{
	struct events *run = user;
	TALLOC_CTX *ctx = talloc_new(NULL);

	if (nx_cli_has(run->cli, NX_OPTION_JSON)) {
		struct nx_json_out *object = nx_json_out_new(ctx);
		add_json(run, object, block);
		nx_cli_print_json(object);
	} else {
		print_line(run, ctx, block);
		print_below(ctx, "delist", block->url);
		print_warning(run, ctx, block);
	}
	talloc_free(ctx);
	return !ferror(stdout);
}

static bool list(struct events *run)
{
	struct nx_cli *cli = run->cli;

	return nx_blocks_list(cli->store, nx_cli_has(cli, NX_OPTION_ALL),
	                      cli->now, list_one, run, run->err);
}

/* --- show ----------------------------------------------------------------- */

static bool id_of(const char *word, int64_t *out, struct nx_error *err)
{
	int64_t id = 0;
	const char *at = word;

	for (; nx_text_is_digit(*at) && id < INT64_MAX / 10 - 1; at++)
		id = 10 * id + (*at - '0');
	*out = id;
	return (at > word && *at == '\0') ||
	       nx_error_set(err, NX_ERROR_USAGE,
	                    "%.80s: not the id of a block event", word);
}

static void show_json(struct events *run, const struct nx_block *block)
{
	struct nx_json_out *object = nx_json_out_new(run->cli);

	add_json(run, object, block);
	nx_json_out_whole(object, "address", block->address);
	nx_json_out_whole(object, "remote_mta", block->remote_mta);
	nx_json_out_whole(object, "diagnostic", block->diagnostic);
	nx_cli_print_json(object);
}

static void show_text(struct events *run, const struct nx_block *block)
{
	struct nx_cli *cli = run->cli;
	const struct nx_tables *tables = tables_of(run);
	const struct nx_reason *reason =
	        tables ? nx_tables_reason(tables, block->reason) : NULL;

	print_line(run, cli, block);
	print_below(cli, "reason", reason ? reason->says : "");
	print_below(cli, "delist", block->url);
	print_below(cli, "last report about", block->address);
	print_below(cli, "server", block->remote_mta);
	print_below(cli, "said", block->diagnostic);
	print_below(cli, "closed by", block->who);
	print_below(cli, "note", block->note);
	print_warning(run, cli, block);
}

static bool show(struct events *run)
{
	struct nx_cli *cli = run->cli;
	struct nx_block block;
	int64_t id;

	if (!id_of(cli->operand[1], &id, run->err) ||
	    !nx_block_find(cli, cli->store, id, cli->now, &block, run->err))
		return false;
	if (nx_cli_has(cli, NX_OPTION_JSON))
		show_json(run, &block);
	else
		show_text(run, &block);
	return true;
}

/* --- ack ------------------------------------------------------------------ */

static bool tell_ack(void *user, const struct nx_block *before)
{
	const struct events *run = user;
	char date[NX_DATE_SIZE];

	if (nx_cli_has(run->cli, NX_OPTION_JSON)) {
		struct nx_json_out *object = nx_json_out_new(NULL);
		nx_json_out_number(object, "id", before->id);
		nx_json_out_bool(object, "was_open", before->closed == 0);
		nx_cli_print_json(object);
	} else if (before->closed == 0) {
		printf("%" PRId64 "  closed\n", before->id);
	} else {
		printf("%" PRId64 "  was closed %s %s\n", before->id,
		       nx_date_text(before->closed, date), ended_by(before));
	}
	return !ferror(stdout);
}

static bool ack(struct events *run)
{
	struct nx_cli *cli = run->cli;
	const struct nx_block_ack by = {.who = nx_cli_who(cli),
	                                .note = cli->value[NX_OPTION_NOTE],
	                                .now = cli->now};
	const size_t count = (size_t)cli->operands - 1;
	int64_t *id = talloc_array(cli, int64_t, count);

	for (size_t i = 0; i < count; i++)
		if (!id_of(cli->operand[i + 1], &id[i], run->err))
			return false;
	return nx_blocks_ack(cli->store, id, count, &by, tell_ack, run,
	                     run->err);
}

/* -------------------------------------------------------------------------- */

static const struct events_verb {
	struct nx_verb verb;
	enum nx_store_mode mode;
	bool (*run)(struct events *run);
} verbs[] = {
        {{"list", "", 0, 0, NX_OPTION_BIT(NX_OPTION_ALL)}, NX_STORE_READ, list},
        {{"show", "ID", 1, 1, 0}, NX_STORE_READ, show},
        {{"ack", "ID...", 1, -1, NX_OPTION_BIT(NX_OPTION_NOTE)},
         NX_STORE_THERE,
         ack}};

bool nx_command_events(struct nx_cli *cli, struct nx_error *err)
{
	struct events run = {.cli = cli, .err = err};
	const size_t found = NX_VERB_FIND(cli, verbs, err);

	return found < NX_VERBS(verbs) &&
	       nx_cli_store(cli, verbs[found].mode, err) &&
	       verbs[found].run(&run);
}
