/* SPDX-License-Identifier: ISC */
#include "serve/server.h"

#include "serve/log.h"
#include "serve/server_parts.h"
#include "sys/clock.h"

#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum {
	LARGE = 128 * 1024, /* bytes; from this size on, an allocation has its
	                       own mapping */
	TICK_MS = 1000,
	DRAIN_MS = 20,
	GRACE_MS = 30000, /* for messages that are still being received */
	LAST_MS = 33000   /* for answers */
};

/* --- reading the configuration -------------------------------------------- */

static bool configure(struct nx_server *server, TALLOC_CTX *ctx,
                      struct nx_config *out, struct nx_error *err)
{
	const struct nx_server_source *source = server->source;
	if (!source->configure(source->user, ctx, out, err))
		return false;
	nx_config_complete(ctx, out);
	return true;
}

/* --- again ---------------------------------------------------------------- */

/* These are opened only once. */
static bool has_moved(const char *key, const char *now, const char *then,
                      struct nx_error *err)
{
	return strcmp(now, then) != 0 &&
	       !nx_error_set(err, NX_ERROR_CONFIG, "%s: %s wants a restart",
	                     key, now);
}

static bool load_again(struct nx_server *server, TALLOC_CTX *ctx,
                       struct nx_config *config, struct nx_error *err)
{
	if (!configure(server, ctx, config, err))
		return false;
	const struct nx_config *old = &server->config;
	if (has_moved("store", config->store, old->store, err) ||
	    has_moved("status", config->status, old->status, err) ||
	    has_moved("spool", config->spool, old->spool, err))
		return false;
	if (!nx_http_settings_load(server, config, ctx, &server->http_settings,
	                           err))
		return false;
	if (nx_server_open_listeners(server, config, err)) {
		if (nx_pipeline_load(server->pipeline, config, ctx, err))
			return true;
		nx_server_keep_listeners(server, &server->config);
	}
	talloc_free(server->http_settings);
	return false;
}

/* All or nothing: an invalid configuration never replaces a valid one. */
static void reload(struct nx_server *server)
{
	struct nx_error err;
	struct nx_config config;
	TALLOC_CTX *ctx = talloc_new(server);
	nx_notify_reloading();
	if (load_again(server, ctx, &config, &err)) {
		nx_server_keep_listeners(server, &config);
		TALLOC_CTX *old = server->config_ctx;
		server->config_ctx = ctx;
		server->config = config;
		nx_server_configure_services(server);
		talloc_unlink(server, old);
		server->loaded = nx_clock_now();
		server->reload_failed = false;
		nx_log_event("reload", "result", "done", NX_LOG_END);
	} else {
		talloc_free(ctx);
		nx_log_event("reload", "result", "failed", "error", err.text,
		             NX_LOG_END);
		server->reload_failed = true;
		server->reload_error = err;
	}
	nx_notify("READY=1");
}

/* --- the end -------------------------------------------------------------- */

static void close_own(void *handle)
{
	if (uv_handle_get_type(handle) != UV_UNKNOWN_HANDLE)
		uv_close(handle, NULL);
}

/* The parts close their own handles: the pipeline only when it has written. */
static void finish(struct nx_server *server)
{
	nx_server_parts_close(server);
	close_own(&server->clock);
	close_own(&server->drain);
	for (int i = 0; i < NX_SERVER_SIGNALS; i++)
		close_own(&server->signal[i]);
}

/* Waits until everything is answered, but no longer than the service manager
 * waits for us. */
static void drain(uv_timer_t *timer)
{
	struct nx_server *server = timer->data;
	const int64_t since =
	        (int64_t)uv_now(&server->loop) - server->stopping_since;
	if (nx_server_is_drained(server) &&
	    nx_pipeline_pending(server->pipeline) == 0 &&
	    nx_spool_pending(server->spool) == 0) {
		uv_timer_stop(timer);
		finish(server);
		return;
	}
	if (since > GRACE_MS)
		nx_server_drain_services(server, true);
	if (since > LAST_MS) {
		server->given_up = true;
		uv_stop(&server->loop);
	}
}

static void stop(struct nx_server *server)
{
	if (server->stopping)
		return;
	server->stopping = true;
	server->stopping_since = (int64_t)uv_now(&server->loop);
	nx_notify("STOPPING=1");
	nx_spool_stop(server->spool);
	nx_server_drain_services(server, false);
	uv_timer_start(&server->drain, drain, 0, DRAIN_MS);
}

/* --- signals and time ----------------------------------------------------- */

static void on_signal(uv_signal_t *signal, int number)
{
	struct nx_server *server = signal->data;
	if (number != SIGHUP)
		stop(server);
	else if (!server->stopping)
		reload(server);
}

/* If their worker host has died, another one can be started. */
static void look_after_workers(struct nx_server *server)
{
	if (server->stopping || !nx_pipeline_is_lost(server->pipeline))
		return;
	struct nx_error err;
	if (nx_pipeline_load(server->pipeline, &server->config,
	                     server->config_ctx, &err))
		nx_log_event("workers", "result", "again", NX_LOG_END);
	else
		nx_log_event("workers", "result", "lost", "error", err.text,
		             NX_LOG_END);
}

static void tick(uv_timer_t *timer)
{
	struct nx_server *server = timer->data;
	nx_lmtp_listener_tick(server->lmtp_listener);
	nx_ask_listener_tick(server->ask_listener);
	nx_lmtp_listener_tick(server->door);
	nx_http_listener_tick(server->http);
	look_after_workers(server);
	nx_server_tell_levels(server);
	if (server->watched)
		nx_notify("WATCHDOG=1");
}

static void start_clock(struct nx_server *server)
{
	const int64_t watchdog = nx_notify_watchdog();
	uint64_t period = TICK_MS;
	if (watchdog > 0 && watchdog / 2000 < TICK_MS)
		period = (uint64_t)(watchdog / 2000) + 1;
	server->watched = watchdog > 0;
	uv_timer_init(&server->loop, &server->clock);
	uv_timer_init(&server->loop, &server->drain);
	server->clock.data = server;
	server->drain.data = server;
	uv_timer_start(&server->clock, tick, period, period);
}

static void start_signals(struct nx_server *server)
{
	static const int numbers[NX_SERVER_SIGNALS] = {SIGHUP, SIGTERM, SIGINT};
	for (int i = 0; i < NX_SERVER_SIGNALS; i++) {
		uv_signal_init(&server->loop, &server->signal[i]);
		server->signal[i].data = server;
		uv_signal_start(&server->signal[i], on_signal, numbers[i]);
	}
}

/* --- the beginning -------------------------------------------------------- */

/* A socket each for many clients, one thread, and no SIGPIPE when a client
 * disconnects. */
static void prepare_process(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	/* these come back as failed writes */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	umask(077);
}

static bool start(struct nx_server *server, struct nx_error *err)
{
	if (!configure(server, server->config_ctx, &server->config, err) ||
	    !nx_pipeline_open(server, &server->loop, &server->config,
	                      &server->pipeline, err) ||
	    !nx_pipeline_load(server->pipeline, &server->config,
	                      server->config_ctx, err) ||
	    !nx_http_settings_load(server, &server->config, server->config_ctx,
	                           &server->http_settings, err))
		return false;
	nx_server_start_services(server);
	start_clock(server);
	return nx_server_parts_open(server, err);
}

static bool run(struct nx_server *server, struct nx_error *err)
{
	if (!start(server, err)) {
		if (server->lmtp_listener != NULL)
			nx_server_drain_services(server, true);
		finish(server);
		uv_run(&server->loop, UV_RUN_DEFAULT);
		return false;
	}
	start_signals(server);
	server->loaded = server->started = nx_clock_now();
	nx_server_tell_levels(server);
	nx_log_event("start", "result", "ready", NX_LOG_END);
	nx_notify("READY=1");
	uv_run(&server->loop, UV_RUN_DEFAULT);
	nx_log_event("stop", "result", server->given_up ? "given up" : "done",
	             NX_LOG_END);
	return true;
}

bool nx_server_run(const struct nx_server_source *source, struct nx_error *err)
{
	struct nx_server *server = talloc_zero(NULL, struct nx_server);
	server->source = source;
	server->config_ctx = talloc_new(server);
	prepare_process();
	/* Memory of a large message is returned to the system when it is
	 * answered. */
	mallopt(M_MMAP_THRESHOLD, LARGE);
	server->inherited =
	        nx_notify_inherited(server, &server->inherited_count);
	bool done = uv_loop_init(&server->loop) == 0
	                    ? run(server, err)
	                    : nx_error_set(err, NX_ERROR_TEMPORARY,
	                                   "no event loop");
	if (server->given_up)
		return done; /* sessions still refer to it */
	uv_loop_close(&server->loop);
	talloc_free(server);
	return done;
}
