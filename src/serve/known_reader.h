/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_KNOWN_READER_H
#define NX_SERVE_KNOWN_READER_H

#include "store/known.h"

/*
 * A thread that reads from the store of whom a standing is known, when somebody
 * asks and others than our writer have changed it: every other second at most,
 * and a tenth of the time.
 */
struct nx_known_reader;

/* Without a thread for it nobody asks known. */
struct nx_known_reader *nx_known_reader_start(TALLOC_CTX *ctx,
                                              const char *directory,
                                              struct nx_known *known);
/* Waits for a piece that is being read. Takes NULL. */
void nx_known_reader_stop(struct nx_known_reader *reader);

#endif
