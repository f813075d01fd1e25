/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_RECENT_H
#define NX_SERVE_RECENT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What was counted a short while ago, so that it is not counted again. Bounded:
 * when there is too much of it, what ends first is forgotten.
 */
enum { NX_RECENT_ROWS = 2048, NX_RECENT_ROW = 8 };

struct nx_recent { /* all zero: nothing */
	struct {
		uint64_t key;
		int64_t until;
	} entry[NX_RECENT_ROWS][NX_RECENT_ROW];
};

/* Whether it is new, or as old as the span; it is not for that long. The key is
 * evenly spread; time is in seconds of any clock that only goes forward, and
 * more than 0. */
bool nx_recent_note(struct nx_recent *recent, uint64_t key, int64_t now,
                    int64_t span);

#endif
