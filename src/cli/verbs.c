/* SPDX-License-Identifier: ISC */
#include "cli/verbs.h"

#include <string.h>

static const char *names_of(TALLOC_CTX *ctx, const struct nx_verb *verbs,
                            size_t count)
{
	char *names = talloc_strdup(ctx, "");
	for (size_t i = 0; i < count; i++)
		names = talloc_asprintf_append_buffer(
		        names, "%s%s", i > 0 ? ", " : "", verbs[i].name);
	return names;
}

static bool check_operands(const struct nx_cli *cli, const struct nx_verb *verb,
                           struct nx_error *err)
{
	const int given = cli->operands - 1;
	if (given < verb->least)
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "%s: %s is missing (see nixie help %s)",
		                    verb->name, verb->operands,
		                    cli->command->name);
	if (verb->most >= 0 && given > verb->most)
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "%s: unexpected argument '%s' (see nixie "
		                    "help %s)",
		                    verb->name, cli->operand[verb->most + 1],
		                    cli->command->name);
	return true;
}

/* What another of the verbs takes would be ignored here. */
static bool check_options(const struct nx_cli *cli, const struct nx_verb *verb,
                          const struct nx_verb *other, struct nx_error *err)
{
	const uint64_t wrong = cli->given & other->options & ~verb->options;
	for (int i = 0; i < NX_OPTIONS; i++)
		if (wrong & NX_OPTION_BIT(i))
			return nx_error_set(err, NX_ERROR_USAGE,
			                    "--%s goes with %s",
			                    nx_cli_option_name(i), other->name);
	return true;
}

size_t nx_verb_find(const struct nx_cli *cli, const struct nx_verb *verbs,
                    size_t count, struct nx_error *err)
{
	size_t found = 0;
	while (found < count && strcmp(verbs[found].name, cli->operand[0]) != 0)
		found++;
	if (found == count) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		nx_error_set(err, NX_ERROR_USAGE,
		             "unknown subcommand '%s' (there are: %s)",
		             cli->operand[0], names_of(ctx, verbs, count));
		talloc_free(ctx);
		return count;
	}
	for (size_t i = 0; i < count; i++)
		if (!check_options(cli, &verbs[found], &verbs[i], err))
			return count;
	return check_operands(cli, &verbs[found], err) ? found : count;
}

bool nx_verb_run(struct nx_cli *cli, const struct nx_verb *verbs, size_t count,
                 struct nx_error *err)
{
	const size_t found = nx_verb_find(cli, verbs, count, err);
	return found < count && verbs[found].run(cli, err);
}
