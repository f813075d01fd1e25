/* SPDX-License-Identifier: ISC */
#ifndef NX_FILTER_DAEMON_H
#define NX_FILTER_DAEMON_H

#include "proto/socketmap_reply.h"

#include <poll.h>

/*
 * A connection to the daemon's socketmap that is kept: opened by the first
 * question, and by the next one when it was lost. Nothing here waits.
 */
enum { NX_DAEMON_OUTPUT = 64 * 1024 };

struct nx_daemon {
	const char *path; /* of its socket */
	const char *map;  /* that is asked */
	bool connected;
	int descriptor;
	char output[NX_DAEMON_OUTPUT]; /* not sent yet */
	size_t filled;
	struct nx_socketmap_reply reply;
};

/* Functions that return false hung up; *why says what was wrong. */

bool nx_daemon_ask(struct nx_daemon *daemon, const char *key, size_t size,
                   const char **why);

/* What to wait for; its descriptor is -1 when there is nothing. */
struct pollfd nx_daemon_poll(const struct nx_daemon *daemon);

bool nx_daemon_send(struct nx_daemon *daemon, const char **why);

/* What has come, at most size bytes: *got of them. */
bool nx_daemon_receive(struct nx_daemon *daemon, char *bytes, size_t size,
                       size_t *got, const char **why);

void nx_daemon_hang_up(struct nx_daemon *daemon);

#endif
