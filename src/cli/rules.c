/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"
#include "report/format.h"
#include "report/signs.h"

#include <string.h>

/* Each is compiled with all the rest, as it will be. */
static bool check_profiles(struct nx_cli *cli, size_t *count,
                           struct nx_error *err)
{
	struct nx_rules_from from = nx_cli_rules_from(cli);
	const char *const *names;
	if (!nx_rules_profiles(cli, &from, &names, count, err))
		return false;
	for (size_t i = 0; i < *count; i++) {
		TALLOC_CTX *ctx = talloc_new(cli);
		struct nx_rules rules;
		from.profile = names[i];
		bool good = nx_rules_load(ctx, &from, &rules, err);
		talloc_free(ctx);
		if (!good)
			return false;
	}
	return true;
}

static bool check(struct nx_cli *cli, const struct nx_engine *engine,
                  struct nx_error *err)
{
	const struct nx_formats *formats = nx_engine_formats(engine);
	const struct nx_signs *signs = nx_engine_signs(engine);
	const struct nx_tables *tables = nx_engine_tables(engine);
	size_t samples = 0;
	size_t more = 0;
	size_t profiles = 0;
	if (!nx_tables_check_names(tables, err) ||
	    !nx_formats_prove(formats, &samples, err) ||
	    !nx_signs_prove(signs, &more, err) ||
	    !check_profiles(cli, &profiles, err))
		return false;
	size_t rules = nx_tables_count(tables);
	size_t examples = 0;
	for (size_t i = 0; i < rules; i++)
		examples += nx_tables_info(tables, i).examples;
	printf("%zu rules, %zu reasons, %zu examples, %zu formats, %zu signs, "
	       "%zu samples, %zu profile%s: all right\n",
	       rules, nx_tables_reasons(tables), examples,
	       nx_formats_count(formats), nx_signs_count(signs), samples + more,
	       profiles, profiles == 1 ? "" : "s");
	return true;
}

static void print_json(const struct nx_rule_info *rule)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_json *object = nx_json_object_new(ctx);
	nx_json_add_text(object, "id", rule->id);
	nx_json_add_text(object, "table", nx_basis_name(rule->table));
	nx_json_add_text(object, "class", nx_class_name(rule->klass));
	nx_json_add_text(object, "reason", rule->reason);
	nx_json_add_text(object, "pattern", rule->pattern);
	nx_json_add_number(object, "examples", (int64_t)rule->examples);
	nx_json_add_text(object, "file", rule->file);
	nx_json_add_number(object, "line", rule->line);
	nx_cli_print_json(object);
	talloc_free(ctx);
}

static void print_line(const struct nx_rule_info *rule)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	printf("%-8s  %-32s  %-11s  %-20s  %s:%d\n", nx_basis_name(rule->table),
	       nx_cli_visible(ctx, rule->id), nx_class_name(rule->klass),
	       nx_cli_visible(ctx, rule->reason),
	       nx_cli_visible(ctx, rule->file), rule->line);
	talloc_free(ctx);
}

static void print_list(const struct nx_tables *tables, bool json)
{
	for (size_t i = 0; i < nx_tables_count(tables); i++) {
		struct nx_rule_info rule = nx_tables_info(tables, i);
		if (json)
			print_json(&rule);
		else
			print_line(&rule);
	}
}

int nx_rules_run(struct nx_cli *cli)
{
	struct nx_error err;
	struct nx_rules rules;
	const char *verb = cli->operand[0];
	bool list = strcmp(verb, "list") == 0;
	if (!list && strcmp(verb, "check") != 0) {
		nx_error_set(&err, NX_ERROR_USAGE, "%s: not check or list",
		             verb);
		return nx_cli_fail(cli, &err);
	}
	if (!nx_cli_rules(cli, &rules, &err))
		return nx_cli_fail(cli, &err);
	if (list)
		print_list(nx_engine_tables(rules.engine),
		           nx_cli_has(cli, NX_OPTION_JSON));
	else if (!check(cli, rules.engine, &err))
		return nx_cli_fail(cli, &err);
	return NX_EXIT_OK;
}
