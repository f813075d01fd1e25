/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_LOG_H
#define NX_SERVE_LOG_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <talloc.h>

/*
 * Log lines on stderr: "time=… event=… key=value …", one event per line. A
 * value that is not plain stands in double quotes, with everything escaped that
 * could start a line of its own. Lines are collected in a text and written at
 * once.
 */
struct nx_log {
	TALLOC_CTX *ctx;
	char *text;
	size_t size, room;
	bool full_addresses; /* else u***@example.com */
};

void nx_log_init(TALLOC_CTX *ctx, struct nx_log *log, bool full_addresses);

void nx_log_begin(struct nx_log *log, const char *event);
void nx_log_text(struct nx_log *log, const char *key, const char *value);
void nx_log_number(struct nx_log *log, const char *key, int64_t value);
void nx_log_address(struct nx_log *log, const char *key, const char *address);
void nx_log_end(struct nx_log *log);

/* Writes and forgets the collected lines, in one piece where stderr allows
 * it. */
void nx_log_flush(struct nx_log *log);

/* One line with the keys and values that follow, up to a null pointer. */
void nx_log_event(const char *event, ...) __attribute__((sentinel));
#define NX_LOG_END ((const char *)0)

#endif
