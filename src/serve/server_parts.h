/* SPDX-License-Identifier: ISC */
#ifndef NX_SERVE_SERVER_PARTS_H
#define NX_SERVE_SERVER_PARTS_H

#include "serve/ask_listener.h"
#include "serve/http.h"
#include "serve/lmtp_listener.h"
#include "serve/notify.h"
#include "serve/pipeline.h"
#include "serve/server.h"
#include "serve/spool.h"
#include "serve/status_socket.h"

/*
 * What the files of the server share: server.c runs the loop and handles
 * signals, server_parts.c opens and closes what is attached to the loop,
 * server_listeners.c has the services and the sockets that they listen on,
 * server_answers.c what is said by HTTP.
 */
enum { NX_SERVER_SIGNALS = 3 };

enum nx_service {
	NX_SERVICE_LMTP = 0,
	NX_SERVICE_ASK,
	NX_SERVICE_BLOCKED,
	NX_SERVICE_HTTP,
	NX_SERVICES
};

struct nx_server {
	const struct nx_server_source *source;
	uv_loop_t loop;
	TALLOC_CTX *config_ctx; /* owns the texts of config */
	struct nx_config config;
	struct nx_pipeline *pipeline;
	struct nx_listen_set *listen_set[NX_SERVICES];
	struct nx_lmtp_listener *lmtp_listener;
	struct nx_ask_listener *ask_listener;
	struct nx_lmtp_listener *door; /* the same for mail that is blocked */
	struct nx_http_listener *http;
	struct nx_http_settings *http_settings; /* read, not in use yet */
	struct nx_spool *spool;
	size_t spooled_bytes; /* of messages being processed */
	struct nx_status_socket *status_socket;
	struct nx_gauge_reader *gauge_reader;
	struct nx_inherited *inherited; /* from a service manager */
	size_t inherited_count;
	uv_signal_t signal[NX_SERVER_SIGNALS];
	uv_timer_t clock, drain;
	int64_t started, loaded;
	int64_t stopping_since; /* uv_now */
	bool stopping;
	bool given_up; /* something did not end in time */
	bool watched;
	bool reload_failed; /* the last one */
	struct nx_error reload_error;
};

/* Opens the listeners, the status socket and the spool. */
NX_MUST_USE bool nx_server_parts_open(struct nx_server *server,
                                      struct nx_error *err);

/* Makes the services, without a socket yet. */
void nx_server_start_services(struct nx_server *server);

/* Takes the sockets that were passed to us. */
NX_MUST_USE bool nx_server_adopt_listeners(struct nx_server *server,
                                           struct nx_error *err);

/* Opens the listeners that a configuration wants, apart from those that are
 * open already; on failure everything is as before. */
NX_MUST_USE bool nx_server_open_listeners(struct nx_server *server,
                                          const struct nx_config *config,
                                          struct nx_error *err);

/* Closes those that a configuration does not want; the others are as it wants
 * them. */
void nx_server_keep_listeners(struct nx_server *server,
                              const struct nx_config *config);

/* Reads what concerns them from the configuration in use. */
void nx_server_configure_services(struct nx_server *server);

/* No more clients are accepted; those that are there are told to try later,
 * with at_once also those in the middle of something. */
void nx_server_drain_services(struct nx_server *server, bool at_once);

/* For a struct nx_server: an nx_http_daemon. */
void nx_server_answer(void *user, struct nx_api_call *call);

/* Every client has gone and every socket is closed. */
bool nx_server_is_drained(const struct nx_server *server);

/* How things stand is told to the counters; to be called once a second. */
void nx_server_tell_levels(const struct nx_server *server);

void nx_server_parts_close(struct nx_server *server);

#endif
