/* SPDX-License-Identifier: ISC */
#include "serve/http.h"

#include "api/route.h"
#include "mail/address.h"
#include "serve/http_intake.h"
#include "serve/log.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	KEPT = 8,
	MEMORY =
	        20 * 1024, /* octets of a connection: a header has most of it */
};

/* --- the library ---------------------------------------------------------- */

static struct { /* all NULL until it is loaded */
	__typeof__(MHD_add_connection) *add_connection;
	__typeof__(MHD_add_response_header) *add_response_header;
	__typeof__(MHD_create_response_from_buffer)
	        *create_response_from_buffer;
	__typeof__(MHD_destroy_response) *destroy_response;
	__typeof__(MHD_get_connection_info) *get_connection_info;
	__typeof__(MHD_get_connection_values) *get_connection_values;
	__typeof__(MHD_queue_response) *queue_response;
	__typeof__(MHD_resume_connection) *resume_connection;
	__typeof__(MHD_start_daemon) *start_daemon;
	__typeof__(MHD_stop_daemon) *stop_daemon;
	__typeof__(MHD_suspend_connection) *suspend_connection;
} mhd;

static const struct {
	const char *name;
	void *to;
} functions[] = {
        {"MHD_add_connection", &mhd.add_connection},
        {"MHD_add_response_header", &mhd.add_response_header},
        {"MHD_create_response_from_buffer", &mhd.create_response_from_buffer},
        {"MHD_destroy_response", &mhd.destroy_response},
        {"MHD_get_connection_info", &mhd.get_connection_info},
        {"MHD_get_connection_values", &mhd.get_connection_values},
        {"MHD_queue_response", &mhd.queue_response},
        {"MHD_resume_connection", &mhd.resume_connection},
        {"MHD_start_daemon", &mhd.start_daemon},
        {"MHD_stop_daemon", &mhd.stop_daemon},
        {"MHD_suspend_connection", &mhd.suspend_connection},
};

static bool take_functions(void *library, struct nx_error *err)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
		void *found = dlsym(library, functions[i].name);
		if (found == NULL)
			return nx_error_set(err, NX_ERROR_CONFIG, "http: %s",
			                    dlerror());
		memcpy(functions[i].to, &found, sizeof(found));
	}
	return true;
}

bool nx_http_load(struct nx_error *err)
{
	static bool is_loaded;
	if (is_loaded)
		return true;
	void *library = dlopen(NIXIE_MICROHTTPD, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL)
		return nx_error_set(err, NX_ERROR_CONFIG, "http: %s",
		                    dlerror());
	is_loaded = take_functions(library, err);
	return is_loaded;
}

/* --- what is kept --------------------------------------------------------- */

struct nx_http_listener {
	uv_loop_t *loop;
	struct nx_http_desk *desk;
	struct nx_http_connections *all;
	struct MHD_Daemon *daemon; /* NULL: nobody has come yet */
	int64_t refused;
	struct { /* answers that are always the same */
		const char *body;
		struct MHD_Response *response;
	} kept[KEPT];
	size_t kepts;
};

/* --- the answer ----------------------------------------------------------- */

static bool is_write(const struct nx_http_connection *connection)
{
	const struct nx_api_route *route = connection->call->route;
	return connection->wrote ||
	       (route != NULL && route->scope >= NX_SCOPE_WRITE);
}

/* Also what was refused. */
static void log_write(const struct nx_http_connection *connection)
{
	const struct nx_api_call *call = connection->call;
	struct nx_log log;
	nx_log_init(talloc_new(NULL), &log,
	            connection->settings->full_addresses);
	nx_log_begin(&log, "http");
	nx_log_text(&log, "method", nx_api_route_method(call->route));
	nx_log_text(&log, "path", call->route->path);
	const char *subject = nx_address_subject(log.ctx, call->operand);
	if (*subject != '\0')
		nx_log_address(&log, "address", subject);
	nx_log_text(&log, "token",
	            call->token != NULL ? call->token->name : "");
	nx_log_number(&log, "status", call->answer.status);
	nx_log_end(&log);
	nx_log_flush(&log);
	talloc_free(log.ctx);
}

static void add_headers(struct MHD_Response *response,
                        const struct nx_api_answer *answer, bool ends)
{
	mhd.add_response_header(response, "Content-Type", answer->type);
	if (*answer->allow != '\0')
		mhd.add_response_header(response, "Allow", answer->allow);
	if (answer->status == 401)
		mhd.add_response_header(response, "WWW-Authenticate", "Bearer");
	if (answer->retry_after > 0) {
		char seconds[16];
		snprintf(seconds, sizeof(seconds), "%d", answer->retry_after);
		mhd.add_response_header(response, "Retry-After", seconds);
	}
	if (ends)
		mhd.add_response_header(response, "Connection", "close");
}

/* The body lives until the request is over. */
static struct MHD_Response *response_of(const struct nx_api_answer *answer,
                                        bool ends)
{
	struct MHD_Response *response = mhd.create_response_from_buffer(
	        answer->size, (void *)answer->body, MHD_RESPMEM_PERSISTENT);
	if (response != NULL)
		add_headers(response, answer, ends);
	return response;
}

/* Constants are made once, up to so many of them. */
static struct MHD_Response *kept_response(struct nx_http_listener *listener,
                                          const struct nx_api_answer *answer)
{
	size_t i = 0;
	while (i < listener->kepts && listener->kept[i].body != answer->body)
		i++;
	if (i == KEPT)
		return NULL;
	if (i < listener->kepts)
		return listener->kept[i].response;
	listener->kept[i].body = answer->body;
	listener->kept[i].response = response_of(answer, false);
	listener->kepts += listener->kept[i].response != NULL;
	return listener->kept[i].response;
}

static enum MHD_Result send_answer(struct nx_http_listener *listener,
                                   struct nx_http_connection *connection)
{
	const struct nx_api_answer *answer = &connection->call->answer;
	const bool ends = answer->ends || connection->all->draining;
	if (is_write(connection))
		log_write(connection);
	if (connection->is_done)
		nx_http_connection_enter(connection, NX_HTTP_ANSWERING);
	struct MHD_Response *kept = answer->is_constant && !ends
	                                    ? kept_response(listener, answer)
	                                    : NULL;
	struct MHD_Response *response =
	        kept != NULL ? kept : response_of(answer, ends);
	if (response == NULL)
		return MHD_NO;
	const enum MHD_Result queued = mhd.queue_response(
	        connection->peer, (unsigned)answer->status, response);
	if (kept == NULL)
		mhd.destroy_response(response);
	return queued;
}

/* --- what comes ----------------------------------------------------------- */

static enum MHD_Result take_field(void *user, enum MHD_ValueKind kind,
                                  const char *name, const char *value)
{
	(void)kind;
	nx_http_intake_field(user, name, value != NULL ? value : "");
	return MHD_YES;
}

/* What is refused is answered when its body is over, so that the client reads
 * why. */
static enum MHD_Result begin(struct nx_http_listener *listener,
                             struct nx_http_connection *connection,
                             const char *method, const char *version)
{
	nx_http_connection_begin(connection);
	struct nx_http_header header =
	        nx_http_intake_begin(connection, method, version);
	mhd.get_connection_values(connection->peer, MHD_HEADER_KIND, take_field,
	                          &header);
	return nx_http_intake_header_end(connection, &header)
	               ? MHD_YES
	               : send_answer(listener, connection);
}

/* --- the whole request ---------------------------------------------------- */

static void came_back(struct nx_http_errand *errand)
{
	struct nx_http_connection *connection =
	        (struct nx_http_connection *)errand;
	connection->is_done = true;
	mhd.resume_connection(connection->peer);
}

static enum MHD_Result answer_call(struct nx_http_listener *listener,
                                   struct nx_http_connection *connection)
{
	nx_http_desk_count(listener->desk, &connection->errand);
	return send_answer(listener, connection);
}

static enum MHD_Result finish(struct nx_http_listener *listener,
                              struct nx_http_connection *connection)
{
	struct nx_api_call *call = connection->call;
	connection->errand.begun = uv_hrtime();
	nx_http_intake_body_end(connection);
	call->request.body = connection->body != NULL ? connection->body : "";
	call->request.size = connection->size;
	call->request.whole = connection->whole;
	if (connection->is_refused || !nx_api_prepare(call) ||
	    call->way == NX_API_ANSWERED)
		return send_answer(listener, connection);
	if (call->way == NX_API_READS) {
		nx_http_desk_read(listener->desk, call);
		return answer_call(listener, connection);
	}
	connection->wrote = call->way == NX_API_WRITES;
	connection->errand.done = came_back;
	nx_http_connection_enter(connection, NX_HTTP_BUSY);
	mhd.suspend_connection(connection->peer);
	nx_http_desk_give(listener->desk, &connection->errand);
	return MHD_YES;
}

/* --- what libmicrohttpd calls --------------------------------------------- */

static enum MHD_Result on_request(void *user, struct MHD_Connection *peer,
                                  const char *url, const char *method,
                                  const char *version, const char *bytes,
                                  size_t *size, void **context)
{
	struct nx_http_listener *listener = user;
	struct nx_http_connection *connection = *context;
	(void)url;
	if (connection == NULL)
		return MHD_NO;
	connection->peer = peer;
	if (connection->call == NULL)
		return begin(listener, connection, method, version);
	if (*size > 0) {
		const bool goes_on =
		        nx_http_intake_body(connection, bytes, *size);
		*size = 0;
		return goes_on ? MHD_YES : MHD_NO;
	}
	return connection->is_done ? answer_call(listener, connection)
	                           : finish(listener, connection);
}

static struct nx_http_connection *connection_of(struct MHD_Connection *peer)
{
	const union MHD_ConnectionInfo *info = mhd.get_connection_info(
	        peer, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	return info->socket_context;
}

/* The request line is there; the text does not last. */
static void *on_target(void *user, const char *target,
                       struct MHD_Connection *peer)
{
	struct nx_http_connection *connection = connection_of(peer);
	(void)user;
	if (connection == NULL)
		return NULL;
	connection->target = talloc_strdup(connection->pool, target);
	return connection;
}

static void on_completed(void *user, struct MHD_Connection *peer,
                         void **context, enum MHD_RequestTerminationCode why)
{
	struct nx_http_connection *connection = *context;
	(void)user;
	(void)peer;
	(void)why;
	if (connection != NULL && connection->call != NULL)
		nx_http_connection_end(connection);
	*context = NULL;
}

static void on_connection(void *user, struct MHD_Connection *peer,
                          void **context,
                          enum MHD_ConnectionNotificationCode what)
{
	struct nx_http_listener *listener = user;
	struct nx_http_connection *connection = *context;
	switch (what) {
	case MHD_CONNECTION_NOTIFY_STARTED:
		*context = nx_http_connection_find(
		        listener->all,
		        mhd.get_connection_info(
		                   peer, MHD_CONNECTION_INFO_CONNECTION_FD)
		                ->connect_fd);
		break;
	case MHD_CONNECTION_NOTIFY_CLOSED:
		if (connection != NULL)
			nx_http_connection_remove(connection);
		break;
	}
}

/* Targets are taken apart by the API. */
static size_t leave_escaped(void *user, struct MHD_Connection *peer, char *text)
{
	(void)user;
	(void)peer;
	return strlen(text);
}

static struct MHD_Daemon *start(struct nx_http_listener *listener)
{
	return mhd.start_daemon(
	        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_NO_LISTEN_SOCKET |
	                MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME,
	        0, NULL, NULL, on_request, listener,
	        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY,
	        MHD_OPTION_CONNECTION_LIMIT, (unsigned)(UINT16_MAX),
	        MHD_OPTION_URI_LOG_CALLBACK, on_target, listener,
	        MHD_OPTION_NOTIFY_COMPLETED, on_completed, listener,
	        MHD_OPTION_NOTIFY_CONNECTION, on_connection, listener,
	        MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, listener,
	        MHD_OPTION_END);
}

/* --- clients -------------------------------------------------------------- */

static void free_peer(uv_handle_t *handle)
{
	talloc_free(handle->data);
}

/* The client's socket, apart from the loop; -1: there is none. */
static int take_client(struct nx_http_listener *listener, uv_stream_t *from,
                       bool is_unix)
{
	uv_os_fd_t descriptor;
	int out = -1;
	union nx_peer *peer = talloc_zero(listener, union nx_peer);
	if (nx_listen_accept(listener->loop, from, is_unix, peer) == 0 &&
	    uv_fileno(&peer->handle, &descriptor) == 0)
		out = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
	peer->handle.data = peer;
	uv_close(&peer->handle, free_peer);
	return out;
}

static void turn_away(struct nx_http_listener *listener, int descriptor)
{
	static const char text[] = "HTTP/1.1 503 Service Unavailable\r\n"
	                           "Content-Length: 0\r\n"
	                           "Retry-After: 1\r\n"
	                           "Connection: close\r\n\r\n";
	listener->refused++;
	(void)!send(descriptor, text, sizeof(text) - 1,
	            MSG_NOSIGNAL | MSG_DONTWAIT);
	close(descriptor);
}

void nx_http_listener_accept(void *user, uv_stream_t *from,
                             const struct nx_listener *listening)
{
	struct nx_http_listener *listener = user;
	struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
	socklen_t size = sizeof(address);
	const int descriptor = take_client(listener, from, listening->is_unix);
	if (descriptor < 0)
		return;
	if (listener->daemon == NULL)
		listener->daemon = start(listener);
	struct nx_http_connection *connection =
	        listener->daemon != NULL
	                ? nx_http_connection_add(listener->all, descriptor,
	                                         listening)
	                : NULL;
	if (connection == NULL) {
		turn_away(listener, descriptor);
		return;
	}
	(void)getpeername(descriptor, (struct sockaddr *)&address, &size);
	if (mhd.add_connection(listener->daemon, descriptor,
	                       (struct sockaddr *)&address, size) != MHD_YES)
		nx_http_connection_remove(connection);
}

/* --- the listener --------------------------------------------------------- */

struct nx_http_listener *nx_http_listener_new(TALLOC_CTX *ctx, uv_loop_t *loop,
                                              struct nx_http_desk *desk,
                                              struct nx_http_settings *settings)
{
	struct nx_http_listener *listener =
	        talloc_zero(ctx, struct nx_http_listener);
	listener->loop = loop;
	listener->desk = desk;
	listener->all = nx_http_connections_new(listener, settings);
	return listener;
}

void nx_http_listener_use(struct nx_http_listener *listener,
                          struct nx_http_settings *settings)
{
	nx_http_connections_use(listener->all, settings);
}

void nx_http_listener_drain(struct nx_http_listener *listener, bool at_once)
{
	nx_http_connections_drain(listener->all, at_once);
}

void nx_http_listener_tick(struct nx_http_listener *listener)
{
	nx_http_connections_tick(listener->all);
	nx_http_desk_tick(listener->desk);
}

struct nx_http_tally nx_http_listener_tally(struct nx_http_listener *listener)
{
	struct nx_http_connections *all = listener->all;
	uv_mutex_lock(&all->lock);
	const struct nx_http_tally tally = {.clients = (int64_t)all->count,
	                                    .refused = listener->refused,
	                                    .requests = all->requests};
	uv_mutex_unlock(&all->lock);
	return tally;
}

bool nx_http_listener_is_empty(struct nx_http_listener *listener)
{
	return nx_http_listener_tally(listener).clients == 0;
}

void nx_http_listener_close(struct nx_http_listener *listener)
{
	if (listener == NULL)
		return;
	if (listener->daemon != NULL)
		mhd.stop_daemon(listener->daemon);
	for (size_t i = 0; i < listener->kepts; i++)
		mhd.destroy_response(listener->kept[i].response);
	nx_http_desk_close(listener->desk);
	nx_http_connections_close(listener->all);
}
