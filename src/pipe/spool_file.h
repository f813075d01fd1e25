/* SPDX-License-Identifier: ISC */
#ifndef NX_PIPE_SPOOL_FILE_H
#define NX_PIPE_SPOOL_FILE_H

#include "pipe/pipe_message.h"

/*
 * Puts a message where the daemon will find it when it is back: into tmp/ of
 * the spool, and from there, when it is on disk, into new/. serve/spool.h
 * describes the format. The daemon makes the directory and both folders. True:
 * it is durable.
 */
bool nx_spool_file_write(const char *directory,
                         const struct nx_pipe_message *message,
                         struct nx_pipe_error *err);

#endif
