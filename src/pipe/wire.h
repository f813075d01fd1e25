/* SPDX-License-Identifier: ISC */
#ifndef NX_PIPE_WIRE_H
#define NX_PIPE_WIRE_H

#include "pipe/letter.h"

#include <stdint.h>

/*
 * A connection to a unix socket: lines in, bytes out, all before a deadline.
 * A failure is for good: every later call fails too.
 */
struct nx_wire {
	int descriptor;
	int64_t deadline; /* milliseconds, monotonic */
	char in[4096];
	size_t first, end; /* of in: not read yet */
	char out[64 * 1024];
	size_t filled; /* of out: not sent yet */
	struct nx_why *why;
	bool broken;
};

bool nx_wire_open(struct nx_wire *wire, const char *path, int seconds,
                  struct nx_why *why);

/* Sent when there is enough, or with nx_wire_flush. */
bool nx_wire_put(struct nx_wire *wire, const char *bytes, size_t size);
bool nx_wire_flush(struct nx_wire *wire);

/* The next line without its end, cut to fit. */
bool nx_wire_line(struct nx_wire *wire, char *line, size_t room);

#endif
