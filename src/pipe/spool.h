/* SPDX-License-Identifier: ISC */
#ifndef NX_PIPE_SPOOL_H
#define NX_PIPE_SPOOL_H

#include "pipe/letter.h"

/*
 * Puts a letter where the daemon will find it when it is back: into tmp/ of
 * the spool, and from there, when it is on disk, into new/. The format is
 * told in serve/spool.h. The directory and both folders are the daemon's to
 * make. True: it is durable.
 */
bool nx_spool_keep(const char *directory, const struct nx_letter *letter,
                   struct nx_why *why);

#endif
