/* SPDX-License-Identifier: ISC */
#ifndef NX_CONFIG_SOCKETS_H
#define NX_CONFIG_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

/* Sockets to listen on, and what is particular about those of some services. */

struct nx_listen {
	const char *name; /* as written: "unix:PATH" or "HOST:PORT" */
	const char *path; /* of a unix socket, or "" */
	const char *host; /* a number; loopback, unless clients show
	                     tokens */
	int port;
	const char *owner; /* of the socket's file, by name or number, or "" */
	const char *group; /* the same */
	int mode;          /* of the socket's file */
};

struct nx_door {            /* mail that is sent to suppressed recipients */
	const char *name;   /* of its socket, as in struct nx_listen */
	bool swallows;      /* it goes nowhere; else it is refused */
	const char *stream; /* whose mail it is, or "" */
};

struct nx_http {                  /* where applications ask by HTTP */
	const char *const *token; /* paths of files; none: whoever connects may
	                             do everything */
	size_t tokens;
};

#endif
