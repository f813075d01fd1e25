/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_HTTP_CONNECTION_H
#define NX_SERVE_HTTP_CONNECTION_H

#include "deliver/large_message.h"
#include "serve/http_desk.h"
#include "serve/http_settings.h"
#include "serve/listen.h"

#include <stdatomic.h>

/*
 * Connections of HTTP, and until when each may take: what the loop and the
 * thread that speaks HTTP both look at, under one lock. That thread has the
 * rest of a connection for itself.
 */
enum nx_http_phase {
	NX_HTTP_ARRIVED = 0, /* libmicrohttpd has not seen it yet */
	NX_HTTP_WAITING,     /* for the header of a request */
	NX_HTTP_BODY,        /* and, when nothing is waited for, its answer */
	NX_HTTP_BUSY,        /* the loop has it */
	NX_HTTP_ANSWERING
};

struct nx_http_connection {
	struct nx_http_errand errand; /* first */
	struct nx_http_connections *all;
	struct nx_http_connection *next, **back;
	int descriptor;
	enum nx_http_phase phase;
	int64_t until; /* of the clock of all: it is ended then; 0: never
	                */
	/* of the thread alone */
	const char *name; /* of its socket, as in struct nx_listen */
	bool is_unix;
	bool is_passed;                    /* by a service manager */
	TALLOC_CTX *pool;                  /* for a call and what comes of it */
	char *target;                      /* of the request */
	struct nx_http_settings *settings; /* while there is a request */
	struct nx_api_call *call;          /* the same */
	void *peer;                        /* libmicrohttpd's */
	char *body;
	size_t size, room;
	size_t whole;                  /* octets that came */
	struct nx_large_message large; /* those that are not kept */
	size_t granted;                /* of all->held */
	size_t thrown;                 /* octets of a body that nobody wants */
	bool is_refused; /* it is answered when the body is over */
	bool wrote;      /* it is a write, whatever its route */
	bool is_done;    /* it has come back from the loop */
};

struct nx_http_connections {
	uv_mutex_t lock;
	struct nx_http_connection *first;
	size_t count;
	atomic_bool draining;
	struct nx_http_settings *settings; /* in use, then older ones */
	int64_t now; /* of nx_clock_milliseconds, when it last ticked */
	int64_t requests;
	int64_t held; /* octets of bodies; of the thread alone */
};

struct nx_http_connections *nx_http_connections_new(
        TALLOC_CTX *ctx, struct nx_http_settings *settings);
void nx_http_connections_close(struct nx_http_connections *all);

/* On the loop: these from now on; owns them. */
void nx_http_connections_use(struct nx_http_connections *all,
                             struct nx_http_settings *settings);

/* On the loop. NULL: there are too many. */
struct nx_http_connection *nx_http_connection_add(
        struct nx_http_connections *all, int descriptor,
        const struct nx_listener *listening);
/* By the thread: the one that has come with that descriptor, or NULL. */
struct nx_http_connection *nx_http_connection_find(
        struct nx_http_connections *all, int descriptor);
void nx_http_connection_remove(struct nx_http_connection *connection);

/* A request begins and ends: has a call meanwhile, and settings. */
void nx_http_connection_begin(struct nx_http_connection *connection);
void nx_http_connection_end(struct nx_http_connection *connection);

void nx_http_connection_enter(struct nx_http_connection *connection,
                              enum nx_http_phase phase);

/* On the loop: ends what has taken too long; frees settings that are no longer
 * used. */
void nx_http_connections_tick(struct nx_http_connections *all);
void nx_http_connections_drain(struct nx_http_connections *all, bool at_once);

#endif
