/* SPDX-License-Identifier: ISC */
#include "policy/clock_step.h"

#include "base/date.h"

#include <stdbool.h>
#include <string.h>

enum { MOST_DAYS_OFF = 400 };

static bool is_same_boot(const struct nx_clock_reading *one,
                         const struct nx_clock_reading *other)
{
	return *one->boot != '\0' && strcmp(one->boot, other->boot) == 0;
}

static bool is_step(int64_t moved, int64_t most)
{
	return moved < -NX_HOUR || moved > most;
}

/* The time by uptime; over a start of the system, which tells nothing, the time
 * as it was, or by the wall clock when that still stands off as it did. */
static int64_t expected(const struct nx_clock_state *last,
                        const struct nx_clock_reading *reading)
{
	const int64_t since = reading->wall - last->seen.wall - last->step;

	if (is_same_boot(&last->seen, reading))
		return last->seen.wall + reading->uptime - last->seen.uptime;
	if (last->step != 0 && since >= 0)
		return last->seen.wall + since;
	return last->seen.wall;
}

static bool stands(const struct nx_clock_state *last,
                   const struct nx_clock_reading *reading, int64_t time)
{
	const int64_t moved = reading->wall - time;
	const bool is_same = is_same_boot(&last->seen, reading);

	if (last->seen.wall == 0)
		return false;
	if (!is_same && last->step > 0 && moved == last->step)
		return true;
	if (!is_same) /* of the time that the system was off */
		return is_step(reading->wall - last->seen.wall,
		               MOST_DAYS_OFF * NX_DAY);
	return is_step(moved, NX_DAY);
}

struct nx_clock_state nx_clock_step_judge(
        const struct nx_clock_state *last,
        const struct nx_clock_reading *reading)
{
	const int64_t time = expected(last, reading);
	struct nx_clock_state now = {.seen = *reading};

	if (!stands(last, reading, time))
		return now;
	now.seen.wall = time;
	now.step = reading->wall - time;
	return now;
}
