/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_CANDIDATE_H
#define NX_CLI_CANDIDATE_H

#include <stdbool.h>
#include <talloc.h>

/* Stands for every address in an example. */
#define NX_CANDIDATE_ADDRESS "someone@example.com"

/*
 * A diagnostic without what differs in every one of its kind: addresses, hosts,
 * numbers. All of it is printable.
 */
struct nx_candidate {
	const char *words;   /* the same for all of one kind */
	const char *pattern; /* a pattern that matches them */
	const char *example; /* the diagnostic with invented names */
};

/* False when there are too few words to recognise it by. */
bool nx_candidate_read(TALLOC_CTX *ctx, const char *diagnostic,
                       struct nx_candidate *out);

#endif
