/* SPDX-License-Identifier: ISC */
#include "cli/db_commands.h"

#include "base/date.h"
#include "sys/clock.h"

#include <inttypes.h>

/* A step that stands; times are those that nixie goes by. */
void nx_db_print_clock(const struct nx_cli *cli)
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

bool nx_db_command_clock(struct nx_cli *cli, struct nx_error *err)
{
	const bool accepts = nx_cli_has(cli, NX_OPTION_ACCEPT);
	if (!nx_cli_store(cli, accepts ? NX_STORE_WRITE : NX_STORE_READ, err) ||
	    (accepts && !accept_clock(cli, err)))
		return false;
	nx_db_print_clock(cli);
	if (cli->clock.step != 0)
		cli->status = NX_EXIT_NO;
	return true;
}
