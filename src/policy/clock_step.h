/* SPDX-License-Identifier: ISC */
#ifndef NX_POLICY_CLOCK_STEP_H
#define NX_POLICY_CLOCK_STEP_H

#include <stdint.h>

/*
 * Whether the wall clock has stepped since it was last seen, and the time to
 * judge by while it stands off. Pure: whoever asks reads the clocks.
 */
enum { NX_CLOCK_BOOT_SIZE = 40 };

struct nx_clock_reading {
	char boot[NX_CLOCK_BOOT_SIZE]; /* id of this start of the system; "":
	                                  not known, so none is the same */
	int64_t uptime;                /* seconds since then, sleep included */
	int64_t wall;                  /* UTC seconds */
};

struct nx_clock_state {               /* all zero: it was never seen */
	struct nx_clock_reading seen; /* wall: the time to judge by */
	int64_t step; /* that the wall clock is ahead of it; 0: it agrees */
};

/* What is to be remembered after this reading. Within one start of the system
 * a step is what the wall clock moved beyond uptime, when that is more than an
 * hour back or a day forward. Over a start nobody knows how long the system was
 * off: there a step is more than an hour back or 400 days forward, and one that
 * stood forward goes on for as long as the wall clock is not behind where it
 * was. While a step stands, time goes on from where it was as uptime does. */
struct nx_clock_state nx_clock_step_judge(
        const struct nx_clock_state *last,
        const struct nx_clock_reading *reading);

#endif
