/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_LISTEN_H
#define NX_SERVE_LISTEN_H

#include "config/config.h"

#include <sys/types.h>
#include <talloc.h>

/*
 * Sockets that listen, as plain descriptors: made as the configuration says,
 * or handed over by a service manager.
 */
struct nx_listener {
	const char *wanted; /* the name in the configuration */
	const char *name;   /* "unix:PATH" or "HOST:PORT", the port as it is */
	const char *path;   /* of the file that is ours to remove, or "" */
	dev_t device;       /* that file, as we made it */
	ino_t inode;
	uid_t owner;
	gid_t group;
	int descriptor;
	bool is_unix;
};

/* A file in the way is removed only when it is a socket, our own, and nobody
 * answers there. */
NX_MUST_USE bool nx_listen_open(TALLOC_CTX *ctx, const struct nx_listen *wanted,
                                struct nx_listener *out, struct nx_error *err);

/* What a socket that was handed over is; false when it is none that listens. */
NX_MUST_USE bool nx_listen_adopt(TALLOC_CTX *ctx, int descriptor,
                                 struct nx_listener *out, struct nx_error *err);

/* A unix socket that only this user reaches. */
NX_MUST_USE bool nx_listen_private(TALLOC_CTX *ctx, const char *path,
                                   struct nx_listener *out,
                                   struct nx_error *err);

/* Somebody removed the file: no client finds it any more. */
bool nx_listen_is_gone(const struct nx_listener *listener);

/* Gives the file the owner, group and mode that are wanted now; what is not
 * told is as we made it. What has no file of ours stays as it is. */
NX_MUST_USE bool nx_listen_dress(const struct nx_listener *listener,
                                 const struct nx_listen *wanted,
                                 struct nx_error *err);

/* Removes the file, if it is still the one we made. The descriptor is the
 * caller's to close. */
void nx_listen_remove(const struct nx_listener *listener);

#endif
