/* SPDX-License-Identifier: ISC */
#ifndef NX_CLASSIFY_PROVE_RULES_H
#define NX_CLASSIFY_PROVE_RULES_H

#include "classify/tables.h"

/*
 * What rules that could be loaded are tried with beside their examples, for
 * `nixie rules check`. The tables must have been loaded from files, not from an
 * image.
 *
 * - What a rule says is said in each language that has words for it: alone,
 *   behind codes and within what mail servers put around a reply it has the
 *   rule's class and reason; behind a temporary code it is never hard. Nor is
 *   what blames the recipient, with a word for the sender or the connection in
 *   front, or when MAIL FROM was refused.
 * - No rule is in the shadow of another.
 * - Concepts that rules ask for have words; all concepts are asked for.
 * - No pattern is found in what is as good as empty.
 * - A rule in providers/ changes the verdict of one of its examples.
 */
struct nx_proof {
	const char **fault; /* "FILE:LINE:COLUMN: …", in the order of rules */
	size_t faults;
	size_t sentences; /* that were said, over all languages */
};

/* Faults hang on ctx. Pure. */
struct nx_proof nx_prove_rules(TALLOC_CTX *ctx, const struct nx_tables *tables);

#endif
