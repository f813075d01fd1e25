/* SPDX-License-Identifier: ISC */
#include "serve/recent.h"

bool nx_recent_note(struct nx_recent *recent, uint64_t key, int64_t now,
                    int64_t span)
{
	const uint64_t row = key % NX_RECENT_ROWS;
	int first = 0;
	for (int i = 0; i < NX_RECENT_ROW; i++) {
		if (recent->entry[row][i].key == key &&
		    recent->entry[row][i].until > now)
			return false;
		if (recent->entry[row][i].until <
		    recent->entry[row][first].until)
			first = i;
	}
	recent->entry[row][first].key = key;
	recent->entry[row][first].until = now + span;
	return true;
}
