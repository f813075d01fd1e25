/* SPDX-License-Identifier: ISC */
#include "cli/rules_commands.h"

#include <string.h>

static void print_json(const struct nx_rule_info *rule)
{
	struct nx_json_out *object = nx_json_out_new(NULL);
	nx_json_out_whole(object, "id", rule->id);
	nx_json_out_whole(object, "table", nx_verdict_basis_name(rule->table));
	nx_json_out_whole(object, "class", nx_class_name(rule->class));
	if (rule->confirm_days > 0)
		nx_json_out_number(object, "confirm", rule->confirm_days);
	nx_json_out_whole(object, "reason", rule->reason);
	nx_json_out_whole(object, "provider", rule->provider);
	nx_json_out_whole(object, "pattern", rule->pattern);
	nx_json_out_number(object, "examples", (int64_t)rule->examples);
	nx_json_out_bool(object, "site", rule->site);
	nx_json_out_whole(object, "file", rule->file);
	nx_json_out_number(object, "line", rule->line);
	nx_cli_print_json(object);
}

static void print_line(const struct nx_rule_info *rule)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	printf("%-8s  %-32s  %-11s  %-20s  %s:%d\n",
	       nx_verdict_basis_name(rule->table), nx_cli_escape(ctx, rule->id),
	       nx_class_name(rule->class), nx_cli_escape(ctx, rule->reason),
	       nx_cli_escape(ctx, rule->file), rule->line);
	talloc_free(ctx);
}

static bool is_meant(const struct nx_cli *cli, enum nx_option option,
                     const char *value)
{
	return !nx_cli_has(cli, option) ||
	       strcmp(value, cli->value[option]) == 0;
}

static bool check_words(const struct nx_cli *cli,
                        const struct nx_tables *tables, struct nx_error *err)
{
	const char *reason = cli->value[NX_OPTION_REASON];
	if (nx_cli_has(cli, NX_OPTION_REASON) &&
	    !nx_tables_reason(tables, reason))
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "%s: no declared reason", reason);
	return true;
}

bool nx_rules_command_list(struct nx_cli *cli, struct nx_error *err)
{
	const struct nx_tables *tables = nx_engine_tables(cli->rules.engine);
	bool json = nx_cli_has(cli, NX_OPTION_JSON);
	size_t of_provider = 0;
	if (!check_words(cli, tables, err))
		return false;
	for (size_t i = 0; i < nx_tables_count(tables); i++) {
		struct nx_rule_info rule = nx_tables_info(tables, i);
		if (!is_meant(cli, NX_OPTION_PROVIDER, rule.provider))
			continue;
		of_provider++;
		if (!is_meant(cli, NX_OPTION_REASON, rule.reason))
			continue;
		if (json)
			print_json(&rule);
		else
			print_line(&rule);
	}
	if (of_provider > 0)
		return true;
	return nx_error_set(err, NX_ERROR_USAGE,
	                    "%s: no rule is about such a provider",
	                    cli->value[NX_OPTION_PROVIDER]);
}
