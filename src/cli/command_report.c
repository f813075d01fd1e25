/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

#include "export/csv_report.h"

#include <errno.h>
#include <string.h>

struct period {
	int64_t since, until;
};

static bool find_span(const struct nx_cli *cli, struct period *out,
                      struct nx_error *err)
{
	/* what happens now is included in a report until now */
	return nx_cli_time(cli, NX_OPTION_SINCE, 0, &out->since, err) &&
	       nx_cli_time(cli, NX_OPTION_UNTIL, cli->now + 1, &out->until,
	                   err);
}

static bool print_to(struct nx_store *store, const char *name,
                     const struct period *span, const char *path,
                     struct nx_error *err)
{
	FILE *file = fopen(path, "we");
	if (!file)
		return nx_error_set(err, NX_ERROR_TEMPORARY, "%s: %s", path,
		                    strerror(errno));
	bool printed = nx_csv_report_print(store, name, span->since,
	                                   span->until, file, err);
	bool written = !ferror(file);
	written = fclose(file) == 0 && written;
	if (printed && !written)
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "%s: cannot be written", path);
	return printed;
}

bool nx_command_report(struct nx_cli *cli, struct nx_error *err)
{
	const char *name = cli->operand[0];
	struct period span;
	if (!nx_csv_report_is_known(name))
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "%s: no such report (there are %s)", name,
		                    nx_csv_report_names());
	if (!nx_cli_store(cli, NX_STORE_READ, err) ||
	    !find_span(cli, &span, err))
		return false;
	if (nx_cli_has(cli, NX_OPTION_OUTPUT))
		return print_to(cli->store, name, &span,
		                cli->value[NX_OPTION_OUTPUT], err);
	return nx_csv_report_print(cli->store, name, span.since, span.until,
	                           stdout, err);
}
