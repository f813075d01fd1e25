/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

#include "base/date.h"
#include "store/verify.h"
#include "sys/clock.h"

#include <inttypes.h>
#include <string.h>

static void print_json(struct nx_cli *cli, const struct nx_store_status *status)
{
	struct nx_json_out *object = nx_json_out_new(cli);
	nx_json_out_whole(object, "path", status->path);
	nx_json_out_number(object, "schema", status->schema);
	nx_json_out_number(object, "bytes", status->bytes);
	nx_json_out_number(object, "messages", status->messages);
	nx_json_out_number(object, "events", status->events);
	nx_json_out_number(object, "subjects", status->subjects);
	nx_json_out_number(object, "suppressed", status->suppressed);
	nx_json_out_number(object, "held", status->held);
	nx_json_out_number(object, "left_out", status->left_out);
	nx_json_out_number(object, "cut", status->cut);
	nx_json_out_number(object, "refused", status->refused);
	nx_json_out_number(object, "attempts", status->attempts);
	nx_json_out_number(object, "quarantined", status->quarantined);
	nx_cli_add_time(object, "first_event", status->first_event);
	nx_cli_add_time(object, "last_event", status->last_event);
	nx_json_out_number(object, "clock_step", cli->clock.step);
	nx_cli_print_json(object);
}

static void print_number(const char *name, int64_t number)
{
	printf("%-12s %" PRId64 "\n", name, number);
}

static void print_time(const char *name, int64_t time)
{
	char date[NX_DATE_SIZE];
	printf("%-12s %s\n", name, time ? nx_date_text(time, date) : "never");
}

/* A step that stands; times are those that nixie goes by. */
static void print_clock(const struct nx_cli *cli)
{
	const struct nx_clock_state *clock = &cli->clock;
	char wall[NX_DATE_SIZE], time[NX_DATE_SIZE];
	if (clock->step == 0)
		printf("%-12s %s\n", "clock", "agrees");
	else
		printf("%-12s has stepped by %" PRId64 " s: it says %s, taken "
		       "for %s (see nixie db clock)\n",
		       "clock", clock->step,
		       nx_date_text(clock->seen.wall + clock->step, wall),
		       nx_date_text(clock->seen.wall, time));
}

static void print_text(struct nx_cli *cli, const struct nx_store_status *status)
{
	printf("%-12s %s\n", "path", nx_cli_escape(cli, status->path));
	print_number("schema", status->schema);
	print_number("bytes", status->bytes);
	print_number("messages", status->messages);
	print_number("left out", status->left_out);
	print_number("events", status->events);
	print_number("cut", status->cut);
	print_number("refused", status->refused);
	print_number("subjects", status->subjects);
	print_number("suppressed", status->suppressed);
	print_number("held", status->held);
	print_number("attempts", status->attempts);
	print_number("quarantined", status->quarantined);
	print_time("first event", status->first_event);
	print_time("last event", status->last_event);
	print_clock(cli);
}

static bool print_status(struct nx_cli *cli, struct nx_error *err)
{
	struct nx_store_status status;
	if (!nx_store_status(cli, cli->store, cli->now, &status, err))
		return false;
	if (nx_cli_has(cli, NX_OPTION_JSON))
		print_json(cli, &status);
	else
		print_text(cli, &status);
	return true;
}

static void on_finding(void *user, const char *line)
{
	printf("%s\n", nx_cli_escape(user, line));
}

static bool verify(struct nx_cli *cli, struct nx_error *err)
{
	size_t findings;
	if (!nx_store_verify(cli->store, on_finding, cli, &findings, err))
		return false;
	if (findings == 0)
		puts("all right");
	else
		cli->status = NX_EXIT_NO;
	return true;
}

/* --- clock ---------------------------------------------------------------- */

static bool accept_clock(struct nx_cli *cli, struct nx_error *err)
{
	struct nx_clock_reading reading;
	size_t moved;
	if (!nx_clock_read(&reading))
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "--accept takes the system's clock, not "
		                    "--now");
	if (!nx_store_clock_accept(cli->store, &reading, &moved, err))
		return false;
	if (moved > 0)
		printf("%zu standings were made by times that have not come "
		       "yet: moved back with the clock\n",
		       moved);
	cli->clock = (struct nx_clock_state){.seen = reading};
	return true;
}

static bool tell_clock(struct nx_cli *cli, struct nx_error *err)
{
	if (nx_cli_has(cli, NX_OPTION_ACCEPT) && !accept_clock(cli, err))
		return false;
	print_clock(cli);
	if (cli->clock.step != 0)
		cli->status = NX_EXIT_NO;
	return true;
}

/* -------------------------------------------------------------------------- */

bool nx_command_db(struct nx_cli *cli, struct nx_error *err)
{
	static const struct {
		const char *name;
		bool (*run)(struct nx_cli *cli, struct nx_error *err);
	} verb[] = {{"status", print_status},
	            {"verify", verify},
	            {"clock", tell_clock}};
	const bool accepts = nx_cli_has(cli, NX_OPTION_ACCEPT);
	const char *name = cli->operand[0];
	if (accepts && strcmp(name, "clock") != 0)
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "--accept goes with clock");
	for (size_t i = 0; i < sizeof(verb) / sizeof(*verb); i++)
		if (strcmp(name, verb[i].name) == 0)
			return nx_cli_store(cli,
			                    accepts ? NX_STORE_WRITE
			                            : NX_STORE_READ,
			                    err) &&
			       verb[i].run(cli, err);
	return nx_error_set(err, NX_ERROR_USAGE,
	                    "%s: not status, verify or clock", name);
}
