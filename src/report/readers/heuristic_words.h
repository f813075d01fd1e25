/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_READERS_HEURISTIC_WORDS_H
#define NX_REPORT_READERS_HEURISTIC_WORDS_H

#include "report/readers/heuristic_candidates.h"

/*
 * What a text of no known form says of an address that it names: the words
 * beside it, below and above it, where there is evidence in them, an SMTP
 * reply, an enhanced status code, or words that mean nothing else. Never what
 * is said of another.
 */

/* On one line; "" where there is no evidence. Of an address that is known to be
 * a recipient's only what stands behind it need have some. */
const char *nx_heuristic_words_of(
        TALLOC_CTX *ctx, const struct nx_heuristic_candidates *candidates,
        const struct nx_heuristic_candidate *one, bool is_known);

/* As much of the whole text as is read of what is said of one, without headers
 * of the mail. */
const char *nx_heuristic_words_all(
        TALLOC_CTX *ctx, const struct nx_heuristic_candidates *candidates);

/* The next paragraph from that line on, with the addresses in it; *line moves
 * behind it. "" at the end. */
const char *nx_heuristic_words_next(
        TALLOC_CTX *ctx, const struct nx_heuristic_candidates *candidates,
        size_t *line);

#endif
