/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"
#include "cli/policy_commands.h"

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

static const struct policy_verb {
	const char *name;
	int most; /* operands */
	bool (*run)(struct nx_cli *cli, struct nx_error *err);
} verbs[] = {
        {"show", 1, nx_policy_command_show},
        {"check", 2, check},
        {"simulate", 2, nx_policy_command_simulate},
};

enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

static const struct policy_verb *find_verb(const struct nx_cli *cli,
                                           struct nx_error *err)
{
	const char *name = cli->operand[0];
	for (size_t i = 0; i < VERBS; i++) {
		if (strcmp(verbs[i].name, name) != 0)
			continue;
		if (cli->operands <= verbs[i].most)
			return &verbs[i];
		nx_error_set(err, NX_ERROR_USAGE,
		             "policy %s: one word too many", name);
		return NULL;
	}
	nx_error_set(err, NX_ERROR_USAGE, "%s: not show, check or simulate",
	             name);
	return NULL;
}

bool nx_command_policy(struct nx_cli *cli, struct nx_error *err)
{
	const struct policy_verb *verb = find_verb(cli, err);
	if (verb && verb->run == check && cli->operands > 1)
		take_file(cli, cli->operand[1]);
	return verb && nx_cli_rules(cli, err) && verb->run(cli, err);
}
