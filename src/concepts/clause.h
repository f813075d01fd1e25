/* SPDX-License-Identifier: ISC */
#ifndef NX_CONCEPTS_CLAUSE_H
#define NX_CONCEPTS_CLAUSE_H

#include "match/pattern.h"

/*
 * The clauses of a text: each ends with a full stop, semicolon, question or
 * exclamation mark, of any script, or before a blank line. A colon or a comma
 * ends none.
 */

/* All clauses of text[0..size), in order, without gaps; on ctx. */
const struct nx_match *nx_clauses_find(TALLOC_CTX *ctx, const char *text,
                                       size_t size, size_t *count);

#endif
