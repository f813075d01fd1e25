/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_LISTEN_H
#define NX_SERVE_LISTEN_H

#include "config/config.h"

#include <sys/types.h>
#include <talloc.h>

/*
 * Listening sockets, as plain descriptors: opened as the configuration says, or
 * passed by a service manager.
 */
struct nx_listener {
	const char *wanted; /* the name in the configuration */
	const char *name;   /* "unix:PATH" or "HOST:PORT", with the real port */
	const char *path;   /* the socket's file, which we must remove, or "" */
	const char *passed_as; /* the name under which it was passed to us, or
	                          "" */
	dev_t device;          /* of that file, when we made it */
	ino_t inode;
	uid_t owner;
	gid_t group;
	int descriptor;
	bool is_unix;
};

/* A file that is in the way is removed only when it is a socket, our own, and
 * no process answers there. */
NX_MUST_USE bool nx_listen_open(TALLOC_CTX *ctx, const struct nx_listen *wanted,
                                struct nx_listener *out, struct nx_error *err);

/* Examines a socket that was passed to us under that name; false when it is not
 * a listening one, or one that others than ours could connect to: it must be of
 * a loopback address, or a file that not everybody may write to. */
NX_MUST_USE bool nx_listen_adopt(TALLOC_CTX *ctx, int descriptor,
                                 const char *name, struct nx_listener *out,
                                 struct nx_error *err);

/* Opens a unix socket that only this user can connect to. */
NX_MUST_USE bool nx_listen_private(TALLOC_CTX *ctx, const char *path,
                                   struct nx_listener *out,
                                   struct nx_error *err);

/* The file was removed: no client finds it any more. */
bool nx_listen_is_gone(const struct nx_listener *listener);

/* Gives the socket's file the owner, group and mode that are wanted now; what
 * is not given stays as we made it. A listener without a file of ours stays as
 * it is. */
NX_MUST_USE bool nx_listen_dress(const struct nx_listener *listener,
                                 const struct nx_listen *wanted,
                                 struct nx_error *err);

/* Removes the file, if it is still the one we made. The descriptor is the
 * caller's to close. */
void nx_listen_remove(const struct nx_listener *listener);

#endif
