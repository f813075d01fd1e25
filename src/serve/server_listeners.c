/* SPDX-License-Identifier: ISC */
#include "serve/log.h"
#include "serve/server_parts.h"

#include <string.h>

struct wanted {
	const struct nx_listen *listen;
	size_t count;
};

/* --- which are wanted ----------------------------------------------------- */

static const struct nx_listen usual = {
        .name = "unix:/run/nixie/lmtp.sock",
        .path = "/run/nixie/lmtp.sock",
        .host = "",
        .owner = "",
        .group = "",
        .mode = 0660,
};

/* If none is named for LMTP, the default one, unless sockets were passed to
 * us. */
static struct wanted wanted_of(const struct nx_server *server,
                               enum nx_service service,
                               const struct nx_config *config)
{
	if (service == NX_SERVICE_ASK)
		return (struct wanted){config->ask, config->asks};
	if (service == NX_SERVICE_BLOCKED)
		return (struct wanted){config->blocked, config->doors};
	if (service == NX_SERVICE_HTTP)
		return (struct wanted){config->http, config->https};
	if (config->lmtps == 0 &&
	    !nx_listen_set_has_adopted(server->listen_set[service]))
		return (struct wanted){&usual, 1};
	return (struct wanted){config->lmtp, config->lmtps};
}

bool nx_server_open_listeners(struct nx_server *server,
                              const struct nx_config *config,
                              struct nx_error *err)
{
	if (config->https > 0 && !nx_http_load(err))
		return false;
	for (int i = 0; i < NX_SERVICES; i++) {
		const struct wanted wanted =
		        wanted_of(server, (enum nx_service)i, config);
		if (nx_listen_set_open(server->listen_set[i], wanted.listen,
		                       wanted.count, err))
			continue;
		nx_server_keep_listeners(server, &server->config);
		return false;
	}
	return true;
}

void nx_server_keep_listeners(struct nx_server *server,
                              const struct nx_config *config)
{
	for (int i = 0; i < NX_SERVICES; i++) {
		const struct wanted wanted =
		        wanted_of(server, (enum nx_service)i, config);
		nx_listen_set_keep(server->listen_set[i], wanted.listen,
		                   wanted.count);
	}
}

/* --- those that were passed to us ----------------------------------------- */

static const char *const names[NX_SERVICES] = {"lmtp", "ask", "blocked",
                                               "http"};

/* Of a name that begins with one of a service; one without a name is LMTP's. */
static enum nx_service service_of(const char *name)
{
	int i = 0;
	if (*name == '\0')
		return NX_SERVICE_LMTP;
	while (i < NX_SERVICES &&
	       strncmp(name, names[i], strlen(names[i])) != 0)
		i++;
	return (enum nx_service)i;
}

static bool adopt(struct nx_server *server, enum nx_service service,
                  const struct nx_inherited *one, struct nx_error *err)
{
	struct nx_asked asked;
	if (service == NX_SERVICE_ASK && !nx_asked_of_passed(one->name, &asked))
		return nx_error_set(err, NX_ERROR_CONFIG,
		                    "a socket was passed as %s: ask-socketmap, "
		                    "ask-tcp_table or ask-policy is wanted",
		                    one->name);
	if (service == NX_SERVICE_HTTP && !nx_http_load(err))
		return false;
	return nx_listen_set_adopt(server->listen_set[service], one->descriptor,
	                           one->name, err);
}

/* Sockets for protocols that we do not speak are left alone. */
bool nx_server_adopt_listeners(struct nx_server *server, struct nx_error *err)
{
	for (size_t i = 0; i < server->inherited_count; i++) {
		const struct nx_inherited *one = &server->inherited[i];
		const enum nx_service service = service_of(one->name);
		if (service == NX_SERVICES)
			nx_log_event("listen", "ignored", one->name,
			             NX_LOG_END);
		else if (!adopt(server, service, one, err))
			return false;
	}
	return true;
}

/* --- all services --------------------------------------------------------- */

void nx_server_start_services(struct nx_server *server)
{
	server->lmtp_listener =
	        nx_lmtp_listener_new(server, &server->loop, server->pipeline,
	                             &server->config, false);
	server->door = nx_lmtp_listener_new(
	        server, &server->loop, server->pipeline, &server->config, true);
	server->ask_listener = nx_ask_listener_new(
	        server, &server->loop, server->pipeline, &server->config);
	struct nx_http_desk *desk = nx_http_desk_new(
	        server, &server->loop, server->pipeline, &server->config);
	nx_http_desk_set_daemon(desk, nx_server_answer, server);
	server->http = nx_http_listener_new(server, &server->loop, desk,
	                                    server->http_settings);
	const struct nx_listen_service service[NX_SERVICES] = {
	        {.accept = nx_lmtp_listener_accept,
	         .user = server->lmtp_listener},
	        {.accept = nx_ask_listener_accept,
	         .user = server->ask_listener},
	        {.accept = nx_lmtp_listener_accept, .user = server->door},
	        {.accept = nx_http_listener_accept, .user = server->http},
	};
	for (int i = 0; i < NX_SERVICES; i++) {
		struct nx_listen_service named = service[i];
		named.name = names[i];
		server->listen_set[i] =
		        nx_listen_set_new(server, &server->loop, &named);
	}
}

void nx_server_configure_services(struct nx_server *server)
{
	nx_lmtp_listener_configure(server->lmtp_listener, &server->config);
	nx_lmtp_listener_configure(server->door, &server->config);
	nx_ask_listener_configure(server->ask_listener, &server->config);
	nx_http_listener_use(server->http, server->http_settings);
}

void nx_server_drain_services(struct nx_server *server, bool at_once)
{
	for (int i = 0; i < NX_SERVICES; i++)
		nx_listen_set_close(server->listen_set[i]);
	nx_lmtp_listener_drain(server->lmtp_listener, at_once);
	nx_ask_listener_drain(server->ask_listener, at_once);
	nx_lmtp_listener_drain(server->door, at_once);
	nx_http_listener_drain(server->http, at_once);
}

bool nx_server_is_drained(const struct nx_server *server)
{
	for (int i = 0; i < NX_SERVICES; i++)
		if (!nx_listen_set_is_empty(server->listen_set[i]))
			return false;
	return nx_lmtp_listener_is_empty(server->lmtp_listener) &&
	       nx_ask_listener_is_empty(server->ask_listener) &&
	       nx_lmtp_listener_is_empty(server->door) &&
	       nx_http_listener_is_empty(server->http);
}
