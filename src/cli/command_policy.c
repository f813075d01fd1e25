/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"
#include "cli/policy_commands.h"
#include "cli/verbs.h"

#include <string.h>

/* A name would be looked for among the rules. */
static void take_file(struct nx_cli *cli, const char *file)
{
	cli->config.policy =
	        strchr(file, '/') ? file : talloc_asprintf(cli, "./%s", file);
}

static void print_good(const char *policy)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	printf("%s: all right\n", nx_cli_escape(ctx, policy));
	talloc_free(ctx);
}

/* Those that could be chosen by a name. */
static bool check_named(struct nx_cli *cli, struct nx_error *err)
{
	struct nx_rules_from from = nx_cli_rules_from(cli);
	const char *const *names;
	const struct nx_policy *policy;
	size_t count;
	if (!nx_rules_policies(cli, &from, &names, &count, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		from.policy = names[i];
		if (!nx_rules_policy(cli, &from, cli->rules.engine, &policy,
		                     err))
			return false;
		print_good(names[i]);
	}
	return true;
}

/* The policy in force, or the file that is named, was read with the rules. */
static bool check(struct nx_cli *cli, struct nx_error *err)
{
	const char *policy = cli->config.policy;
	print_good(*policy ? policy : "policy.yaml");
	return cli->operands > 1 || nx_cli_has(cli, NX_OPTION_POLICY) ||
	       check_named(cli, err);
}

static const struct {
	struct nx_verb verb;
	bool (*run)(struct nx_cli *cli, struct nx_error *err);
} verbs[] = {
        {{.name = "show"}, nx_policy_command_show},
        {{.name = "check", .most = 1}, check},
        {{.name = "simulate", .most = 1}, nx_policy_command_simulate},
};

bool nx_command_policy(struct nx_cli *cli, struct nx_error *err)
{
	const size_t found = NX_VERB_FIND(cli, verbs, err);
	if (found == NX_VERBS(verbs))
		return false;
	if (verbs[found].run == check && cli->operands > 1)
		take_file(cli, cli->operand[1]);
	return nx_cli_rules(cli, err) && verbs[found].run(cli, err);
}
