/* SPDX-License-Identifier: ISC */
#include "cli/verbs.h"

#include <string.h>

struct table {
	const char *verbs;
	size_t size, count;
};

static const struct nx_verb *verb_at(const struct table *table, size_t index)
{
	return (const void *)(table->verbs + index * table->size);
}

static const char *names_of(TALLOC_CTX *ctx, const struct table *table)
{
	char *names = talloc_strdup(ctx, "");
	for (size_t i = 0; i < table->count; i++)
		names = talloc_asprintf_append_buffer(names, "%s%s",
		                                      i > 0 ? ", " : "",
		                                      verb_at(table, i)->name);
	return names;
}

static bool none(const struct nx_cli *cli, const struct table *table,
                 struct nx_error *err)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	nx_error_set(err, NX_ERROR_USAGE,
	             "unknown subcommand '%s' (there are: %s)", cli->operand[0],
	             names_of(ctx, table));
	talloc_free(ctx);
	return false;
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

static bool check(const struct nx_cli *cli, const struct table *table,
                  size_t found, struct nx_error *err)
{
	if (found == table->count)
		return none(cli, table, err);
	for (size_t i = 0; i < table->count; i++)
		if (!check_options(cli, verb_at(table, found),
		                   verb_at(table, i), err))
			return false;
	return check_operands(cli, verb_at(table, found), err);
}

size_t nx_verb_find(const struct nx_cli *cli, const void *verbs, size_t size,
                    size_t count, struct nx_error *err)
{
	const struct table table = {verbs, size, count};
	size_t found = 0;
	while (found < count &&
	       strcmp(verb_at(&table, found)->name, cli->operand[0]) != 0)
		found++;
	return check(cli, &table, found, err) ? found : count;
}
