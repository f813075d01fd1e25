/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_SERVER_PARTS_H
#define NX_SERVE_SERVER_PARTS_H

#include "serve/lmtp_listener.h"
#include "serve/notify.h"
#include "serve/pipeline.h"
#include "serve/server.h"
#include "serve/spool.h"
#include "serve/status_socket.h"

/*
 * What the files of the server share: server.c lives through its signals,
 * server_parts.c opens and closes what hangs on the loop.
 */
enum { NX_SERVER_SIGNALS = 3 };

struct nx_server {
	const struct nx_server_source *source;
	uv_loop_t loop;
	TALLOC_CTX *config_ctx; /* owns the texts of: */
	struct nx_config config;
	struct nx_host_spawner *spawner;
	struct nx_pipeline *pipeline;
	struct nx_lmtp_listener *lmtp_listener;
	struct nx_spool *spool;
	size_t spooled_bytes; /* under way */
	struct nx_status_socket *status_socket;
	struct nx_inherited *inherited; /* sockets handed over */
	size_t inherited_count;
	uv_signal_t signal[NX_SERVER_SIGNALS];
	uv_timer_t clock, drain;
	int64_t started, loaded;
	int64_t stopping_since; /* uv_now */
	bool stopping;
	bool given_up; /* something would not end */
	bool watched;
	bool failed; /* ends because of err */
	struct nx_error err;
	struct nx_error reload_error;
};

/* Listeners, status socket and spool. */
NX_MUST_USE bool nx_server_parts_open(struct nx_server *server,
                                      struct nx_error *err);

/* The listeners as a configuration wants them, those that are there and those
 * that are not yet; on failure all is as before. */
NX_MUST_USE bool nx_server_open_listeners(struct nx_server *server,
                                          const struct nx_config *config,
                                          struct nx_error *err);

/* Those that a configuration does not want. */
void nx_server_close_listeners(struct nx_server *server,
                               const struct nx_config *config);

/* As the configuration in use wants them, after another one was tried. */
void nx_server_restore_listeners(struct nx_server *server);

/* Nothing new comes in but from clients. */
void nx_server_parts_stop(struct nx_server *server);

/* Messages that are not answered. */
size_t nx_server_pending(const struct nx_server *server);

void nx_server_parts_close(struct nx_server *server);

#endif
