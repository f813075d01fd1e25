/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_TALLY_H
#define NX_CLI_TALLY_H

#include "record.h"

/* Recipients counted by class and reason, for summaries. */
struct nx_tally;

struct nx_tally *nx_tally_new(TALLOC_CTX *ctx);

/* Counts every recipient of the record; a record without recipients counts
 * once. */
void nx_tally_add(struct nx_tally *tally, const struct nx_record *record);

/* Prints a table on stdout, the worst class first, then the most frequent
 * reason; nothing when nothing was counted. */
void nx_tally_print(struct nx_tally *tally);

#endif
