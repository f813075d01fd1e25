/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_NOTIFY_H
#define NX_SERVE_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <talloc.h>

/*
 * Talks to a service manager and takes sockets from it (sd_notify(3),
 * sd_listen_fds(3)), without its library. Without a service manager all of this
 * does nothing.
 */

/* Sends "READY=1", "STOPPING=1", "WATCHDOG=1", …; several lines are one
 * message. */
void nx_notify(const char *text);

/* Sends "RELOADING=1" with the time that belongs to it. */
void nx_notify_reloading(void);

/* Microseconds within which a WATCHDOG=1 must be sent, or 0. */
int64_t nx_notify_watchdog(void);

struct nx_inherited { /* a socket that is already listening */
	int descriptor;
	const char *name; /* as FileDescriptorName= says, or "" */
};

/* The sockets that were passed to us; removes them from the environment. */
struct nx_inherited *nx_notify_inherited(TALLOC_CTX *ctx, size_t *count);

#endif
