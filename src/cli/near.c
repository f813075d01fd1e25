/* SPDX-License-Identifier: ISC */
#include "cli/near.h"

#include <string.h>

enum { LONGEST = 32 }; /* no name is longer */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many letters are to be added, taken away, changed, or swapped with the
 * next. */
static size_t distance(const char *a, size_t as, const char *b, size_t bs)
{
	size_t row[LONGEST + 1][LONGEST + 1];
	for (size_t i = 0; i <= as; i++)
		row[i][0] = i;
	for (size_t j = 0; j <= bs; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= as; i++)
		for (size_t j = 1; j <= bs; j++) {
			const size_t other = a[i - 1] != b[j - 1];
			row[i][j] =
			        least(row[i - 1][j - 1] + other,
			              least(row[i - 1][j], row[i][j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				row[i][j] =
				        least(row[i][j], row[i - 2][j - 2] + 1);
		}
	return row[as][bs];
}

/* Half of a short word is not the word. */
struct nx_near nx_near_begin(const char *word)
{
	const size_t size = strlen(word);
	return (struct nx_near){.word = word,
	                        .distance = least(size / 2, 2) + 1};
}

void nx_near_try(struct nx_near *near, const char *name)
{
	const size_t word = strlen(near->word), size = strlen(name);
	if (word > LONGEST || size > LONGEST)
		return;
	const size_t found = distance(near->word, word, name, size);
	if (found >= near->distance)
		return;
	near->distance = found;
	near->name = name;
}
