/* SPDX-License-Identifier: ISC */
#include "serve/server_parts.h"

#include "serve/gauge_reader.h"
#include "serve/log.h"
#include "store/known.h"
#include "sys/clock.h"

#include <unistd.h>

/* Messages of the spool at a time, and bytes of them unless one is larger: they
 * are processed between those of clients. */
enum { SPOOLED = 32, SPOOLED_BYTES = 1024 * 1024 };

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
	nx_json_out_number(out, "attempts", tally->attempts);
	nx_json_out_number(out, "attempts_lost", tally->attempts_lost);
	nx_json_out_number(out, "blocks", tally->blocks);
	nx_json_out_number(out, "clock_step", tally->clock_step);
}

static void tell_asked(struct nx_json_out *out,
                       const struct nx_ask_tally *tally, size_t known)
{
	nx_json_out_number(out, "ask_sessions", tally->clients);
	nx_json_out_number(out, "ask_refused", tally->refused);
	nx_json_out_number(out, "questions", tally->questions);
	nx_json_out_number(out, "blocked", tally->blocked);
	nx_json_out_number(out, "known", (int64_t)known);
}

static void tell_trouble(struct nx_json_out *out,
                         const struct nx_server *server)
{
	int64_t time;
	const char *trouble = nx_pipeline_trouble(server->pipeline, &time);
	nx_json_out_text(out, "last_error", trouble,
	                 sizeof(server->reload_error.text));
	nx_json_out_number(out, "last_error_time", time);
	nx_json_out_bool(out, "reload_failed", server->reload_failed);
	nx_json_out_text(out, "reload_error", server->reload_error.text,
	                 sizeof(server->reload_error.text));
}

static void tell_volume(struct nx_json_out *out, const char *name,
                        const struct nx_volume *volume)
{
	if (volume->size == 0)
		return;
	nx_json_out_object(out, name);
	nx_json_out_number(out, "free", volume->free);
	nx_json_out_number(out, "size", volume->size);
	nx_json_out_end(out);
}

static void tell_watched(struct nx_json_out *out,
                         const struct nx_gauges *gauges,
                         const struct nx_lately *lately)
{
	const struct nx_store_gauges *store = &gauges->store;
	nx_json_out_number(out, "deferred_hour", lately->deferred);
	nx_json_out_number(out, "store_errors_hour", lately->store_errors);
	if (gauges->is_known)
		nx_json_out_bool(out, "store_readable", gauges->is_read);
	nx_json_out_number(out, "quarantine_reports", store->reports.messages);
	nx_json_out_number(out, "quarantine_ordinary",
	                   store->ordinary.messages);
	nx_json_out_number(out, "quarantine_hour", store->lately);
	nx_json_out_number(out, "held_now", store->held);
	nx_json_out_number(out, "held_domains", store->holds);
	tell_volume(out, "store_disk", &gauges->store_volume);
	tell_volume(out, "spool_disk", &gauges->spool_volume);
}

void nx_server_tell_levels(const struct nx_server *server)
{
	const struct nx_pipeline *pipeline = server->pipeline;
	const struct nx_ask_tally *ask =
	        nx_ask_listener_tally(server->ask_listener);
	const struct nx_http_tally http = nx_http_listener_tally(server->http);
	const int64_t unread = (int64_t)nx_pipeline_unread(pipeline);
	const struct nx_levels levels = {
	        .started = server->started,
	        .loaded = server->loaded,
	        .is_stopping = server->stopping,
	        .reload_failed = server->reload_failed,
	        .lmtp_sessions = (int64_t)nx_lmtp_listener_sessions(
	                server->lmtp_listener),
	        .door_sessions =
	                (int64_t)nx_lmtp_listener_sessions(server->door),
	        .ask_sessions = ask->clients,
	        .http_sessions = http.clients,
	        .lmtp_refused = nx_lmtp_listener_refused(server->lmtp_listener),
	        .door_refused = nx_lmtp_listener_refused(server->door),
	        .ask_refused = ask->refused,
	        .http_refused = http.refused,
	        .http_requests = http.requests,
	        .workers = nx_pipeline_workers(pipeline),
	        .unread = unread,
	        .unwritten = (int64_t)nx_pipeline_pending(pipeline) - unread,
	        .spooled = (int64_t)nx_spool_waiting(server->spool),
	        .known = (int64_t)nx_known_count(nx_pipeline_known(pipeline)),
	        .attempts_waiting = (int64_t)nx_pipeline_attempts(pipeline),
	        .attempts_lost = nx_pipeline_tally(pipeline)->attempts_lost};

	nx_counters_set_levels(nx_pipeline_counters(pipeline), &levels);
}

static void tell(void *user, struct nx_json_out *out)
{
	const struct nx_server *server = user;
	const size_t unread = nx_pipeline_unread(server->pipeline);
	const size_t pending = nx_pipeline_pending(server->pipeline);
	struct nx_counters *counters = nx_pipeline_counters(server->pipeline);
	const struct nx_gauges gauges = nx_counters_gauges(counters);
	const struct nx_lately lately = nx_counters_lately(counters);
	nx_json_out_text(out, "version", NIXIE_VERSION, 64);
	nx_json_out_number(out, "pid", getpid());
	nx_json_out_number(out, "started", server->started);
	nx_json_out_number(out, "uptime", nx_clock_now() - server->started);
	nx_json_out_number(out, "loaded", server->loaded);
	nx_json_out_bool(out, "stopping", server->stopping);
	nx_json_out_number(
	        out, "sessions",
	        (int64_t)(nx_lmtp_listener_sessions(server->lmtp_listener) +
	                  nx_lmtp_listener_sessions(server->door)));
	nx_json_out_number(out, "refused",
	                   nx_lmtp_listener_refused(server->lmtp_listener) +
	                           nx_lmtp_listener_refused(server->door));
	tell_asked(out, nx_ask_listener_tally(server->ask_listener),
	           nx_known_count(nx_pipeline_known(server->pipeline)));
	nx_json_out_number(out, "workers",
	                   nx_pipeline_workers(server->pipeline));
	nx_json_out_number(out, "unread", (int64_t)unread);
	nx_json_out_number(out, "unwritten", (int64_t)(pending - unread));
	nx_json_out_number(out, "spooled",
	                   (int64_t)nx_spool_waiting(server->spool));
	nx_json_out_number(out, "last_minute", lately.messages);
	tell_tally(out, nx_pipeline_tally(server->pipeline));
	tell_watched(out, &gauges, &lately);
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
	if (!open_status(server, err) || !open_spool(server, err))
		return false;
	server->gauge_reader = nx_gauge_reader_start(
	        server, nx_pipeline_counters(server->pipeline),
	        server->config.store, server->config.spool);
	return nx_server_adopt_listeners(server, err) &&
	       nx_server_open_listeners(server, &server->config, err);
}

void nx_server_parts_close(struct nx_server *server)
{
	nx_gauge_reader_stop(server->gauge_reader);
	nx_spool_close(server->spool);
	nx_ask_listener_close(server->ask_listener);
	nx_http_listener_close(server->http);
	nx_status_socket_close(server->status_socket);
	nx_pipeline_close(server->pipeline);
}
