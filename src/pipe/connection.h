/* SPDX-License-Identifier: ISC */
#ifndef NX_PIPE_CONNECTION_H
#define NX_PIPE_CONNECTION_H

#include "pipe/pipe_message.h"

#include <stdint.h>

/*
 * A connection to a unix socket: lines in, bytes out, all before a deadline. A
 * failure is final: every later call fails too.
 */
struct nx_connection {
	int descriptor;
	int64_t deadline; /* milliseconds, monotonic */
	char in[4096];
	size_t first, end; /* of in: not consumed yet */
	char out[64 * 1024];
	size_t filled; /* of out: not sent yet */
	struct nx_pipe_error *err;
	bool broken;
};

bool nx_connection_open(struct nx_connection *connection, const char *path,
                        int seconds, struct nx_pipe_error *err);

/* Sent when there is enough, or by nx_connection_flush. */
bool nx_connection_put(struct nx_connection *connection, const char *bytes,
                       size_t size);
bool nx_connection_flush(struct nx_connection *connection);

/* The next line without its end, cut to fit. */
bool nx_connection_line(struct nx_connection *connection, char *line,
                        size_t room);

#endif
