/* SPDX-License-Identifier: ISC */
#include "serve/server_parts.h"

#include "serve/log.h"
#include "sys/clock.h"

#include <string.h>
#include <unistd.h>

/* Messages of the spool at a time, and bytes of them unless one is larger: they
 * are processed between those of clients. */
enum { SPOOLED = 32, SPOOLED_BYTES = 1024 * 1024 };

/* --- listeners ------------------------------------------------------------ */

static const struct nx_listen usual = {
        .name = "unix:/run/nixie/lmtp.sock",
        .path = "/run/nixie/lmtp.sock",
        .host = "",
        .owner = "",
        .group = "",
        .mode = 0660,
};

static bool is_lmtp(const struct nx_inherited *inherited)
{
	return *inherited->name == '\0' ||
	       strncmp(inherited->name, "lmtp", 4) == 0;
}

static bool has_inherited(const struct nx_server *server)
{
	for (size_t i = 0; i < server->inherited_count; i++)
		if (is_lmtp(&server->inherited[i]))
			return true;
	return false;
}

/* The listeners that a configuration wants; if it names none, the default one,
 * unless sockets were passed to us. */
static const struct nx_listen *wanted_of(const struct nx_server *server,
                                         const struct nx_config *config,
                                         size_t *count)
{
	*count = config->lmtps;
	if (config->lmtps > 0 || has_inherited(server))
		return config->lmtp;
	*count = 1;
	return &usual;
}

static bool is_another(void *user, const char *name)
{
	return strcmp(user, name) != 0;
}

static bool open_listener(struct nx_server *server,
                          const struct nx_listen *wanted, struct nx_error *err)
{
	struct nx_listener listener;
	const struct nx_listener *there =
	        nx_lmtp_listener_find(server->lmtp_listener, wanted->name);
	if (there != NULL && !nx_listen_is_gone(there))
		return nx_listen_dress(there, wanted, err);
	if (there != NULL)
		nx_lmtp_listener_close_others(server->lmtp_listener, is_another,
		                              (void *)wanted->name);
	TALLOC_CTX *ctx = talloc_new(NULL);
	const bool done =
	        nx_listen_open(ctx, wanted, &listener, err) &&
	        nx_lmtp_listener_open(server->lmtp_listener, &listener, err);
	if (done)
		nx_log_event("listen", "lmtp", listener.name, NX_LOG_END);
	talloc_free(ctx);
	return done;
}

bool nx_server_open_listeners(struct nx_server *server,
                              const struct nx_config *config,
                              struct nx_error *err)
{
	size_t count;
	const struct nx_listen *wanted = wanted_of(server, config, &count);
	for (size_t i = 0; i < count; i++) {
		if (open_listener(server, &wanted[i], err))
			continue;
		nx_server_restore_listeners(server);
		return false;
	}
	return true;
}

struct keeping {
	const struct nx_server *server;
	const struct nx_config *config;
};

static bool is_handed_over(const struct nx_server *server, const char *name)
{
	for (size_t i = 0; i < server->inherited_count; i++) {
		struct nx_listener listener;
		struct nx_error ignored;
		TALLOC_CTX *ctx = talloc_new(NULL);
		const bool same =
		        nx_listen_adopt(ctx, server->inherited[i].descriptor,
		                        &listener, &ignored) &&
		        strcmp(listener.name, name) == 0;
		talloc_free(ctx);
		if (same)
			return true;
	}
	return false;
}

static bool keeps(void *user, const char *name)
{
	const struct keeping *keeping = user;
	size_t count;
	const struct nx_listen *wanted =
	        wanted_of(keeping->server, keeping->config, &count);
	for (size_t i = 0; i < count; i++)
		if (strcmp(wanted[i].name, name) == 0)
			return true;
	return is_handed_over(keeping->server, name);
}

void nx_server_close_listeners(struct nx_server *server,
                               const struct nx_config *config)
{
	struct keeping keeping = {server, config};
	nx_lmtp_listener_close_others(server->lmtp_listener, keeps, &keeping);
}

void nx_server_restore_listeners(struct nx_server *server)
{
	size_t count;
	const struct nx_listen *wanted =
	        wanted_of(server, &server->config, &count);
	nx_server_close_listeners(server, &server->config);
	for (size_t i = 0; i < count; i++) {
		struct nx_error ignored;
		const struct nx_listener *there = nx_lmtp_listener_find(
		        server->lmtp_listener, wanted[i].name);
		if (there != NULL)
			(void)!nx_listen_dress(there, &wanted[i], &ignored);
	}
}

/* Sockets for protocols that we do not speak are left alone. */
static bool adopt_all(struct nx_server *server, struct nx_error *err)
{
	for (size_t i = 0; i < server->inherited_count; i++) {
		const struct nx_inherited *one = &server->inherited[i];
		struct nx_listener listener;
		if (!is_lmtp(one)) {
			nx_log_event("listen", "ignored", one->name,
			             NX_LOG_END);
			continue;
		}
		if (!nx_listen_adopt(server, one->descriptor, &listener, err) ||
		    !nx_lmtp_listener_open(server->lmtp_listener, &listener,
		                           err))
			return false;
		nx_log_event("listen", "lmtp", listener.name, NX_LOG_END);
	}
	return true;
}

/* --- the spool ------------------------------------------------------------ */

static void spooled_done(void *user, const enum nx_lmtp_answer *answer)
{
	struct nx_spooled *message = user;
	struct nx_server *server = message->user;
	bool committed = true;
	for (size_t i = 0; i < message->submission.recipients; i++)
		committed = committed && (answer[i] == NX_LMTP_TAKEN ||
		                          answer[i] == NX_LMTP_KNOWN);
	server->spooled_bytes -= message->submission.size;
	nx_spool_done(message, committed);
}

static bool has_room(void *user)
{
	const struct nx_server *server = user;
	return !server->stopping && nx_spool_pending(server->spool) < SPOOLED &&
	       server->spooled_bytes < SPOOLED_BYTES;
}

static bool take_spooled(void *user, struct nx_spooled *message)
{
	struct nx_server *server = user;
	server->spooled_bytes += message->submission.size;
	message->user = server;
	nx_pipeline_submit(server->pipeline, &message->submission, spooled_done,
	                   message);
	return true;
}

static void spool_trouble(void *user, const char *text)
{
	(void)user;
	nx_log_event("spool", "error", text, NX_LOG_END);
}

static bool open_spool(struct nx_server *server, struct nx_error *err)
{
	const struct nx_spool_options options = {
	        .loop = &server->loop,
	        .directory = server->config.spool,
	        .has_room = has_room,
	        .take = take_spooled,
	        .trouble = spool_trouble,
	        .user = server,
	};
	return nx_spool_open(server, &options, &server->spool, err);
}

/* --- status --------------------------------------------------------------- */

static void tell_tally(struct nx_json_out *out,
                       const struct nx_pipeline_tally *tally)
{
	nx_json_out_number(out, "messages", tally->messages);
	nx_json_out_number(out, "bytes", tally->bytes);
	nx_json_out_number(out, "events", tally->events);
	nx_json_out_number(out, "suppressed", tally->suppressed);
	nx_json_out_number(out, "held", tally->held);
	nx_json_out_number(out, "duplicates", tally->known);
	nx_json_out_number(out, "quarantined", tally->quarantined);
	nx_json_out_number(out, "unparsed", tally->unparsed);
	nx_json_out_number(out, "truncated", tally->truncated);
	nx_json_out_number(out, "left_out", tally->left_out);
	nx_json_out_number(out, "cut", tally->cut);
	nx_json_out_number(out, "deferred", tally->deferred);
	nx_json_out_number(out, "commits", tally->batches);
	nx_json_out_number(out, "blocks", tally->blocks);
	nx_json_out_number(out, "clock_step", tally->clock_step);
}

static void tell_trouble(struct nx_json_out *out,
                         const struct nx_server *server)
{
	int64_t time;
	const char *trouble = nx_pipeline_trouble(server->pipeline, &time);
	nx_json_out_text(out, "last_error", trouble,
	                 sizeof(server->reload_error.text));
	nx_json_out_number(out, "last_error_time", time);
	nx_json_out_text(out, "reload_error", server->reload_error.text,
	                 sizeof(server->reload_error.text));
}

static void tell(void *user, struct nx_json_out *out)
{
	const struct nx_server *server = user;
	const size_t unread = nx_pipeline_unread(server->pipeline);
	const size_t pending = nx_pipeline_pending(server->pipeline);
	nx_json_out_text(out, "version", NIXIE_VERSION, 64);
	nx_json_out_number(out, "pid", getpid());
	nx_json_out_number(out, "started", server->started);
	nx_json_out_number(out, "uptime", nx_clock_now() - server->started);
	nx_json_out_number(out, "loaded", server->loaded);
	nx_json_out_bool(out, "stopping", server->stopping);
	nx_json_out_number(
	        out, "sessions",
	        (int64_t)nx_lmtp_listener_sessions(server->lmtp_listener));
	nx_json_out_number(out, "refused",
	                   nx_lmtp_listener_refused(server->lmtp_listener));
	nx_json_out_number(out, "workers",
	                   nx_pipeline_workers(server->pipeline));
	nx_json_out_number(out, "unread", (int64_t)unread);
	nx_json_out_number(out, "unwritten", (int64_t)(pending - unread));
	nx_json_out_number(out, "spooled",
	                   (int64_t)nx_spool_waiting(server->spool));
	nx_json_out_number(out, "last_minute",
	                   nx_pipeline_last_minute(server->pipeline));
	tell_tally(out, nx_pipeline_tally(server->pipeline));
	tell_trouble(out, server);
}

static bool open_status(struct nx_server *server, struct nx_error *err)
{
	struct nx_listener listener;
	const struct nx_status_socket_options options = {
	        .loop = &server->loop, .tell = tell, .user = server};
	return nx_listen_private(server, server->config.status, &listener,
	                         err) &&
	       nx_status_socket_open(server, &options, &listener,
	                             &server->status_socket, err);
}

/* --- all ------------------------------------------------------------------ */

/* The status socket first: it shows whether another process serves this
 * store. */
bool nx_server_parts_open(struct nx_server *server, struct nx_error *err)
{
	return open_status(server, err) && open_spool(server, err) &&
	       adopt_all(server, err) &&
	       nx_server_open_listeners(server, &server->config, err);
}

void nx_server_parts_close(struct nx_server *server)
{
	nx_spool_close(server->spool);
	nx_status_socket_close(server->status_socket);
	nx_pipeline_close(server->pipeline);
}
