/* SPDX-License-Identifier: ISC */
#ifndef NX_CLASSIFY_UNKNOWN_WORDS_H
#define NX_CLASSIFY_UNKNOWN_WORDS_H

#include "classify/tables.h"

/*
 * Words of a diagnostic that no concept has, and what they may stand for: with
 * them a sentence of a rule would be complete.
 */
struct nx_unknown_words {
	const char *words;           /* as they stand there */
	const char *const *concepts; /* their ids, in the order of
	                                concepts.yaml */
	size_t count;
};

/* Looks at sentences of rules for that reason, or of any when it is
 * "undefined", of which all concepts but one are said in one clause, and for
 * words beside these; negations and parties are never what is missing. The
 * address is the recipient's. On ctx; false when there are none. */
bool nx_unknown_words_find(TALLOC_CTX *ctx, const struct nx_tables *tables,
                           const char *diagnostic, const char *address,
                           const char *reason, struct nx_unknown_words *out);

#endif
