/* SPDX-License-Identifier: ISC */
#include "cli/rules_commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Which rules decided something, and which never do. */

struct tally {
	const char *id;
	size_t index; /* in the order in which rules are asked */
	int64_t events;
};

struct coverage {
	struct tally *tally; /* by id */
	size_t rules;
	int64_t events;
	int64_t strange; /* decided by rules that do not exist any more */
};

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct tally *)a)->id,
	              ((const struct tally *)b)->id);
}

static int by_index(const void *a, const void *b)
{
	size_t left = ((const struct tally *)a)->index;
	size_t right = ((const struct tally *)b)->index;
	return (left > right) - (left < right);
}

static bool on_event(void *user, const struct nx_history *history)
{
	struct coverage *run = user;
	struct tally key = {.id = history->event.verdict.rule};
	struct tally *found = bsearch(&key, run->tally, run->rules,
	                              sizeof(*run->tally), by_id);
	run->events++;
	if (found)
		found->events++;
	else
		run->strange++;
	return true;
}

static void count_rules(struct nx_cli *cli, const struct nx_tables *tables,
                        struct coverage *run)
{
	run->rules = nx_tables_count(tables);
	run->tally = talloc_zero_array(cli, struct tally, run->rules + 1);
	for (size_t i = 0; i < run->rules; i++)
		run->tally[i] =
		        (struct tally){nx_tables_info(tables, i).id, i, 0};
	qsort(run->tally, run->rules, sizeof(*run->tally), by_id);
}

static void print_json(const struct nx_rule_info *rule, int64_t events)
{
	struct nx_json_out *object = nx_json_out_new(NULL);
	nx_json_out_whole(object, "id", rule->id);
	nx_json_out_number(object, "events", events);
	nx_json_out_whole(object, "file", rule->file);
	nx_json_out_number(object, "line", rule->line);
	nx_cli_print_json(object);
}

/* Returns how many never decided. */
static size_t print_rules(const struct coverage *run,
                          const struct nx_tables *tables, bool json)
{
	size_t idle = 0;
	for (size_t i = 0; i < run->rules; i++) {
		struct nx_rule_info rule = nx_tables_info(tables, i);
		idle += run->tally[i].events == 0;
		if (json)
			print_json(&rule, run->tally[i].events);
		else if (run->tally[i].events == 0)
			printf("%-40s  %s:%d\n", rule.id, rule.file, rule.line);
	}
	return idle;
}

bool nx_rules_command_coverage(struct nx_cli *cli, struct nx_error *err)
{
	const struct nx_tables *tables = nx_engine_tables(cli->rules.engine);
	bool json = nx_cli_has(cli, NX_OPTION_JSON);
	struct coverage run = {0};
	count_rules(cli, tables, &run);
	if (!nx_rules_command_events(cli, on_event, &run, err))
		return false;
	qsort(run.tally, run.rules, sizeof(*run.tally), by_index);
	size_t idle = print_rules(&run, tables, json);
	if (!json)
		printf("%zu of %zu rules decided none of %" PRId64 " events\n",
		       idle, run.rules, run.events);
	if (run.strange > 0)
		nx_cli_say(cli,
		           "%" PRId64 " events were decided by rules that are "
		           "not there any more",
		           run.strange);
	return true;
}
