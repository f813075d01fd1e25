/* SPDX-License-Identifier: ISC */
#include "cli/act_options.h"

#include "base/date.h"

bool nx_act_options_time(const struct nx_cli *cli, const char *what,
                         const char *text, int64_t *out, struct nx_error *err)
{
	int64_t span;
	if (nx_date_parse(text, out))
		return true;
	if (!nx_span_parse(text, &span))
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "%s%s: neither a time nor a span", what,
		                    text);
	*out = span < cli->now ? cli->now - span : 0;
	return true;
}

bool nx_act_options_class(const struct nx_cli *cli, enum nx_cause *out,
                          struct nx_error *err)
{
	const char *name = cli->value[NX_OPTION_CLASS];

	*out = NX_CAUSE_NONE;
	if (!nx_cli_has(cli, NX_OPTION_CLASS) || nx_cause_of_name(name, out))
		return true;
	return nx_error_set(err, NX_ERROR_USAGE,
	                    "--class %s: not hard, soft, complaint, "
	                    "unsubscribe or manual",
	                    name);
}
