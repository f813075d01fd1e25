/* SPDX-License-Identifier: ISC */
#include "serve/last_minute.h"

void nx_last_minute_add(struct nx_last_minute *minute, int64_t now,
                        int64_t count)
{
	const int64_t at = now % NX_LAST_MINUTE_SECONDS;

	if (minute->second[at] != now) {
		minute->second[at] = now;
		minute->count[at] = 0;
	}
	minute->count[at] += count;
}

int64_t nx_last_minute_sum(const struct nx_last_minute *minute, int64_t now)
{
	int64_t sum = 0;

	for (int i = 0; i < NX_LAST_MINUTE_SECONDS; i++)
		if (now - minute->second[i] < NX_LAST_MINUTE_SECONDS)
			sum += minute->count[i];
	return sum;
}
