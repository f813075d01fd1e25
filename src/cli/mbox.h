/* SPDX-License-Identifier: ISC */
#ifndef NX_CLI_MBOX_H
#define NX_CLI_MBOX_H

#include <stdbool.h>
#include <stddef.h>

/* The mbox format: messages one after the other, each begun by a line "From
 * SENDER DATE" after a blank line. */

bool nx_mbox_is(const char *bytes, size_t size);

/* Where the message that begins at start ends: at the next "From " line with
 * something like a year or a time of day in it, or at the end. */
size_t nx_mbox_end(const char *bytes, size_t size, size_t start);

#endif
