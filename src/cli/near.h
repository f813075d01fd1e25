/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_NEAR_H
#define NX_CLI_NEAR_H

#include <stddef.h>

/* Which of several names a word was meant to be. */
struct nx_near {
	const char *word;
	const char *name; /* NULL: none is near; else the nearest so far */
	size_t distance;
};

struct nx_near nx_near_begin(const char *word);
void nx_near_try(struct nx_near *near, const char *name);

#endif
