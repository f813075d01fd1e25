/* SPDX-License-Identifier: ISC */
#include "cli/db_commands.h"

#include "base/date.h"
#include "store/verify.h"
#include "sys/libraries.h"

#include <inttypes.h>

/* --- JSON ----------------------------------------------------------------- */

static void add_table(void *user, const char *name, int64_t rows)
{
	nx_json_out_number(user, name, rows);
}

static void add_library(void *user, const char *name, const char *version)
{
	nx_json_out_whole(user, name, version);
}

static bool print_json(struct nx_cli *cli, const struct nx_store_status *status,
                       struct nx_error *err)
{
	struct nx_json_out *object = nx_json_out_new(cli);
	nx_json_out_whole(object, "path", status->path);
	nx_json_out_number(object, "schema", status->schema);
	nx_json_out_number(object, "bytes", status->bytes);
	nx_json_out_number(object, "wal", status->wal);
	nx_json_out_number(object, "unused", status->unused);
	if (status->growth >= 0)
		nx_json_out_number(object, "growth", status->growth);
	else
		nx_json_out_null(object, "growth");
	nx_json_out_number(object, "messages", status->messages);
	nx_json_out_number(object, "events", status->events);
	nx_json_out_number(object, "subjects", status->subjects);
	nx_json_out_number(object, "suppressed", status->suppressed);
	nx_json_out_number(object, "held", status->held);
	nx_json_out_number(object, "blocks", status->blocks);
	nx_json_out_number(object, "left_out", status->left_out);
	nx_json_out_number(object, "cut", status->cut);
	nx_json_out_number(object, "refused", status->refused);
	nx_json_out_number(object, "attempts", status->attempts);
	nx_json_out_number(object, "quarantined", status->quarantined);
	nx_json_time(object, "first_event", status->first_event);
	nx_json_time(object, "last_event", status->last_event);
	nx_json_out_number(object, "clock_step", cli->clock.step);
	nx_json_out_object(object, "rows");
	const bool counted =
	        nx_store_tables(cli->store, add_table, object, err);
	nx_json_out_end(object);
	nx_json_out_object(object, "libraries");
	nx_libraries_each(add_library, object);
	nx_json_out_end(object);
	if (counted)
		nx_cli_print_json(object);
	return counted;
}

/* --- text ----------------------------------------------------------------- */

static void print_number(const char *name, int64_t number)
{
	printf("%-12s %" PRId64 "\n", name, number);
}

static void print_time(const char *name, int64_t time)
{
	char date[NX_DATE_SIZE];
	printf("%-12s %s\n", name, time ? nx_date_text(time, date) : "never");
}

static void print_table(void *user, const char *name, int64_t rows)
{
	printf("rows %-16s %" PRId64 "\n", nx_cli_escape(user, name), rows);
}

static void print_library(void *user, const char *name, const char *version)
{
	(void)user;
	printf("library %-13s %s\n", name, version);
}

static bool print_text(struct nx_cli *cli, const struct nx_store_status *status,
                       struct nx_error *err)
{
	printf("%-12s %s\n", "path", nx_cli_escape(cli, status->path));
	print_number("schema", status->schema);
	print_number("bytes", status->bytes);
	print_number("wal", status->wal);
	print_number("unused", status->unused);
	if (status->growth >= 0)
		print_number("growth a day", status->growth);
	print_number("messages", status->messages);
	print_number("counted only", status->left_out);
	print_number("events", status->events);
	print_number("cut", status->cut);
	print_number("refused", status->refused);
	print_number("subjects", status->subjects);
	print_number("suppressed", status->suppressed);
	print_number("held", status->held);
	print_number("block events", status->blocks);
	print_number("attempts", status->attempts);
	print_number("quarantined", status->quarantined);
	print_time("first event", status->first_event);
	print_time("last event", status->last_event);
	nx_db_print_clock(cli);
	if (!nx_store_tables(cli->store, print_table, cli, err))
		return false;
	nx_libraries_each(print_library, NULL);
	return true;
}

bool nx_db_command_status(struct nx_cli *cli, struct nx_error *err)
{
	struct nx_store_status status;
	if (!nx_cli_store(cli, NX_STORE_READ, err) ||
	    !nx_store_status(cli, cli->store, cli->now, &status, err))
		return false;
	return nx_cli_has(cli, NX_OPTION_JSON) ? print_json(cli, &status, err)
	                                       : print_text(cli, &status, err);
}
