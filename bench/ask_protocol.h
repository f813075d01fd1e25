/* SPDX-License-Identifier: ISC */
#ifndef BENCH_ASK_PROTOCOL_H
#define BENCH_ASK_PROTOCOL_H

#include <stddef.h>

/* For ask_client: how questions are written and where answers end. */

/* Octets of a question or an answer, and of each address more than one; how
 * many of them one may be about. */
enum { ASK_BYTES = 8192, ASK_EACH = 512, ASK_MANY_MAX = 1000 };

struct question {
	const char *map;         /* of socketmap, or the path of http */
	size_t number;           /* of those before it */
	const char *const *line; /* a sign and an address each; most protocols
	                            look at the first only */
	size_t lines;
};

struct ask_protocol {
	const char *name;
	/* Its length. */
	size_t (*ask)(const struct question *question, char *out);
	/* How long the answer is that begins here: 0 when it is not whole. */
	size_t (*whole)(const char *answer, size_t size);
	size_t said; /* the word is in so many octets of it; 0: anywhere */
};

/* NULL: there is none. */
const struct ask_protocol *ask_protocol_of_name(const char *name);

#endif
