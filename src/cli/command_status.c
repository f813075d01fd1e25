/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

#include "cli/status_check.h"
#include "serve/status_socket.h"

#include <inttypes.h>
#include <string.h>

static void print_number(const struct nx_json *status, const char *name)
{
	printf("%-14s %12" PRId64 "\n",
	       strcmp(name, "left_out") == 0 ? "counted only" : name,
	       nx_json_number(status, name));
}

static void print_error(struct nx_cli *cli, const struct nx_json *status,
                        const char *name, const char *label)
{
	const char *text = nx_json_text(status, name);
	if (*text)
		printf("%-14s %s\n", label, nx_cli_escape(cli, text));
}

static void print(struct nx_cli *cli, const struct nx_json *status)
{
	static const char *const numbers[] = {"sessions",
	                                      "refused",
	                                      "workers",
	                                      "unread",
	                                      "unwritten",
	                                      "spooled",
	                                      "messages",
	                                      "last_minute",
	                                      "events",
	                                      "suppressed",
	                                      "held",
	                                      "duplicates",
	                                      "quarantined",
	                                      "unparsed",
	                                      "truncated",
	                                      "left_out",
	                                      "cut",
	                                      "deferred",
	                                      "commits",
	                                      "attempts",
	                                      "attempts_lost",
	                                      "blocks",
	                                      "ask_sessions",
	                                      "ask_refused",
	                                      "questions",
	                                      "blocked",
	                                      "known",
	                                      "held_now",
	                                      "held_domains",
	                                      "quarantine_reports",
	                                      "quarantine_ordinary"};
	const int64_t started = nx_json_number(status, "started");
	printf("nixie %s, process %" PRId64 ", started %s%s\n",
	       nx_cli_escape(cli, nx_json_text(status, "version")),
	       nx_json_number(status, "pid"),
	       nx_cli_when(cli, started, cli->now),
	       nx_json_is_true(status, "stopping") ? ", ending" : "");
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		print_number(status, numbers[i]);
	if (nx_json_number(status, "clock_step") != 0)
		printf("%-14s has stepped by %" PRId64
		       " s; see nixie db clock\n",
		       "clock", nx_json_number(status, "clock_step"));
	print_error(cli, status, "last_error", "last error");
	print_error(cli, status, "reload_error", "last reload");
}

bool nx_command_status(struct nx_cli *cli, struct nx_error *err)
{
	const struct nx_json *status;
	char *line;
	nx_config_complete(cli, &cli->config);
	if (nx_cli_has(cli, NX_OPTION_CHECK))
		return nx_status_check(cli, err);
	if (nx_cli_has(cli, NX_OPTION_WARNING) ||
	    nx_cli_has(cli, NX_OPTION_CRITICAL))
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "--warning and --critical go with --check");
	if (!nx_status_socket_query(cli, cli->config.status, &line, err) ||
	    !nx_json_parse(cli, line, strlen(line), &status, err))
		return false;
	if (nx_cli_has(cli, NX_OPTION_JSON))
		puts(line);
	else
		print(cli, status);
	return true;
}
