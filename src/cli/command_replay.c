/* SPDX-License-Identifier: ISC */
#include "cli/bulk_print.h"
#include "cli/replay_groups.h"
#include "cli/replay_verdicts.h"

#include <inttypes.h>

/* What the rules of today would have said of what the store remembers. */

struct replay {
	struct nx_bulk_told told;
	struct nx_replay_groups *groups;
	const struct nx_policy *then; /* in force; cli has the one to try */
};

static bool check_options(const struct nx_cli *cli, struct nx_error *err)
{
	return nx_cli_has(cli, NX_OPTION_DRY_RUN) !=
	               nx_cli_has(cli, NX_OPTION_APPLY) ||
	       nx_error_set(err, NX_ERROR_USAGE,
	                    "--dry-run or --apply: one of them, and look "
	                    "before");
}

/* The one that --policy is compared with is what the configuration says. */
static bool load_rules(struct nx_cli *cli, struct replay *run,
                       struct nx_error *err)
{
	struct nx_rules_from from = nx_cli_rules_from(cli);
	struct nx_config config;

	if (!nx_cli_rules(cli, err))
		return false;
	run->then = cli->rules.policy;
	if (!nx_cli_has(cli, NX_OPTION_POLICY))
		return true;
	if (!nx_config_load(cli,
	                    nx_cli_has(cli, NX_OPTION_CONFIG)
	                            ? cli->value[NX_OPTION_CONFIG]
	                            : NULL,
	                    &config, err))
		return false;
	from.policy = config.policy;
	return nx_rules_policy(cli, &from, cli->rules.engine, &run->then, err);
}

static bool on_row(void *user, const struct nx_bulk_row *row)
{
	struct replay *run = user;

	if (nx_cli_has(run->told.cli, NX_OPTION_JSON))
		return nx_bulk_print_row(&run->told, row);
	run->told.count[row->fate]++;
	nx_replay_groups_add(run->groups, row);
	return true;
}

/* --- totals --------------------------------------------------------------- */

static void print_object(const struct replay *run,
                         const struct nx_replayed *done, int64_t originals)
{
	const int64_t *count = run->told.count;
	struct nx_json_out *object = nx_json_out_new(run->told.cli);

	nx_bulk_print_json_end(&run->told, done->act, object);
	nx_json_out_number(object, "events", done->events);
	nx_json_out_number(object, "originals", originals);
	nx_json_out_number(object, "other_verdict", done->changed);
	nx_json_out_number(object, "freed", count[NX_BULK_FREED]);
	nx_json_out_number(object, "suppressed", count[NX_BULK_SUPPRESSED]);
	nx_json_out_number(object, "changed", count[NX_BULK_CHANGED]);
	nx_json_out_number(object, "recounted", count[NX_BULK_LESS]);
	nx_json_out_number(object, "stays", nx_bulk_print_stays(&run->told));
	nx_cli_print_json(object);
}

static void print_totals(const struct replay *run,
                         const struct nx_replayed *done, int64_t originals)
{
	const int64_t *count = run->told.count;

	if (nx_cli_has(run->told.cli, NX_OPTION_JSON)) {
		print_object(run, done, originals);
		return;
	}
	nx_replay_groups_print(run->groups, &run->told);
	printf("%" PRId64 " events judged again, %" PRId64
	       " with another verdict: %" PRId64 " freed, %" PRId64
	       " newly suppressed, %" PRId64 " changed, %" PRId64 " stay",
	       done->events, done->changed, count[NX_BULK_FREED],
	       count[NX_BULK_SUPPRESSED], count[NX_BULK_CHANGED],
	       nx_bulk_print_stays(&run->told));
	nx_bulk_print_end(&run->told, done->act);
}

/* -------------------------------------------------------------------------- */

static bool judge_again(struct nx_cli *cli, struct replay *run,
                        struct nx_error *err)
{
	struct nx_replay_verdicts *verdicts = nx_replay_verdicts_new(cli);
	struct nx_replay with = {.policy = cli->rules.policy,
	                         .judge = nx_replay_verdicts_judge,
	                         .user = verdicts};
	struct nx_bulk bulk = nx_bulk_print_act(cli);
	struct nx_replayed done;

	bulk.policy = run->then;
	run->told.dry_run = bulk.dry_run;
	if (!nx_cli_time(cli, NX_OPTION_SINCE, INT64_MIN, &with.since, err) ||
	    !nx_replay_verdicts_read(verdicts, with.since, err) ||
	    !nx_bulk_replay(cli->store, &bulk, &with, on_row, run, &done, err))
		return false;
	print_totals(run, &done, nx_replay_verdicts_originals(verdicts));
	return true;
}

bool nx_command_replay(struct nx_cli *cli, struct nx_error *err)
{
	struct replay run = {.told = {.cli = cli},
	                     .groups = nx_replay_groups_new(cli)};

	return check_options(cli, err) && load_rules(cli, &run, err) &&
	       nx_cli_workers(cli, true, err) &&
	       nx_cli_store(cli,
	                    nx_cli_has(cli, NX_OPTION_APPLY) ? NX_STORE_THERE
	                                                     : NX_STORE_READ,
	                    err) &&
	       judge_again(cli, &run, err);
}
