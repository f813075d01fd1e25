/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_LAST_MINUTE_H
#define NX_SERVE_LAST_MINUTE_H

#include <stdint.h>

/* How much happened in the last minute. Time is in seconds of any clock that
 * only goes forward; in minutes, it is the last hour. All zero: nothing. */
enum { NX_LAST_MINUTE_SECONDS = 60 };

struct nx_last_minute {
	int64_t second[NX_LAST_MINUTE_SECONDS];
	int64_t count[NX_LAST_MINUTE_SECONDS];
};

void nx_last_minute_add(struct nx_last_minute *minute, int64_t now,
                        int64_t count);
int64_t nx_last_minute_sum(const struct nx_last_minute *minute, int64_t now);

#endif
