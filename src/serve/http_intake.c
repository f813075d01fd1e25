/* SPDX-License-Identifier: ISC */
#include "serve/http_intake.h"

#include "api/answer.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum {
	THROW = 16 * 1024 * 1024, /* octets of a body that is refused */
	HEADER = 16 * 1024,       /* octets */
	FIELD_REST = 4,           /* of a field: a colon, a blank, a line end */
	BUSY = 1                  /* seconds */
};

/* --- the header ----------------------------------------------------------- */

static void take_once(struct nx_http_header *header, const char **to,
                      const char *value)
{
	header->is_unclear |= **to != '\0';
	*to = value;
}

/* A name with anything but what RFC 9110 section 5.6.2 calls a token. */
static bool is_odd(const char *name)
{
	const size_t size = strlen(name);
	for (size_t i = 0; i < size; i++)
		if (!nx_text_is_alnum(name[i]) &&
		    strchr("!#$%&'*+-.^_`|~", name[i]) == NULL)
			return true;
	return size == 0;
}

void nx_http_intake_field(struct nx_http_header *header, const char *name,
                          const char *value)
{
	header->size += strlen(name) + strlen(value) + FIELD_REST;
	header->is_unclear |= is_odd(name);
	if (nx_text_equal(name, "host"))
		take_once(header, &header->request->host, value);
	else if (nx_text_equal(name, "authorization"))
		take_once(header, &header->request->authorization, value);
	else if (nx_text_equal(name, "content-type"))
		take_once(header, &header->request->media_type, value);
	else if (nx_text_equal(name, "origin"))
		header->request->has_origin = true;
	else if (nx_text_equal(name, "expect"))
		header->asks_first = true;
	else if (nx_text_equal(name, "transfer-encoding")) {
		header->encodings++;
		header->is_unclear |= !nx_text_equal(value, "chunked");
	} else if (nx_text_equal(name, "content-length")) {
		header->length = value;
		header->lengths++;
	}
}

static enum nx_api_method method_of(const char *method)
{
	if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
		return NX_API_GET;
	if (strcmp(method, "POST") == 0)
		return NX_API_POST;
	if (strcmp(method, "PUT") == 0)
		return NX_API_PUT;
	return strcmp(method, "DELETE") == 0 ? NX_API_DELETE : NX_API_NO_METHOD;
}

/* A socket that a service manager passed may be without any. Of one that is no
 * longer configured nobody knows who might ask by it: no secret has the digest
 * of that token. */
static void take_tokens(const struct nx_http_connection *connection,
                        struct nx_api_request *request)
{
	static const struct nx_bearer NOBODY = {.name = ""};
	const struct nx_http_face *face =
	        nx_http_settings_face(connection->settings, connection->name);
	if (face != NULL) {
		request->token = face->token;
		request->tokens = face->tokens;
	} else if (!connection->is_passed) {
		request->token = &NOBODY;
		request->tokens = 1;
	}
}

struct nx_http_header nx_http_intake_begin(
        struct nx_http_connection *connection, const char *method,
        const char *version)
{
	struct nx_api_request *request = &connection->call->request;
	request->method = method_of(method);
	request->target = connection->target;
	request->is_tcp = !connection->is_unix;
	take_tokens(connection, request);
	return (struct nx_http_header){
	        .request = request,
	        .length = "",
	        .wants_host = strcmp(version, "HTTP/1.0") != 0};
}

/* Where a body ends must be beyond doubt: somebody in between may have read it
 * otherwise. */
static bool is_clear(struct nx_http_connection *connection,
                     const struct nx_http_header *header)
{
	struct nx_api_call *call = connection->call;
	if (header->size + strlen(call->request.target) > HEADER)
		(void)nx_api_problem(call, 431, "", "",
		                     "the header is larger than %d octets",
		                     HEADER);
	else if (header->is_unclear || header->lengths + header->encodings > 1)
		(void)nx_api_problem(call, 400, "", "",
		                     "the header may be read in two ways");
	else if (header->wants_host && *call->request.host == '\0')
		(void)nx_api_problem(call, 400, "", "", "there is no Host");
	else
		return true;
	call->answer.ends = true;
	return false;
}

static bool is_too_large(struct nx_http_connection *connection, size_t size)
{
	struct nx_api_call *call = connection->call;
	const size_t most = nx_api_most(call);
	if (size <= most)
		return false;
	(void)nx_api_problem(call, most > 0 ? 413 : 400, "", "",
	                     most > 0 ? "the body is larger than %zu octets"
	                              : "no body is taken here",
	                     most);
	return true;
}

static bool has_room(struct nx_http_connection *connection, size_t size)
{
	struct nx_http_connections *all = connection->all;
	const int64_t more = (int64_t)(size - connection->granted);
	if (all->held + more > connection->settings->limits.memory) {
		(void)nx_api_problem(connection->call, 503, "busy", "",
		                     "too much is being received");
		connection->call->answer.retry_after = BUSY;
		return false;
	}
	all->held += more;
	connection->granted = size;
	return true;
}

/* What is kept of a body, and the mark in place of the rest. */
static size_t room_for(const struct nx_api_call *call, size_t whole)
{
	const size_t kept = nx_api_kept(call);
	return whole <= kept ? whole : kept + NX_LARGE_MESSAGE_MARK;
}

bool nx_http_intake_header_end(struct nx_http_connection *connection,
                               const struct nx_http_header *header)
{
	struct nx_api_call *call = connection->call;
	const size_t size = (size_t)strtoull(header->length, NULL, 10);
	if (!is_clear(connection, header))
		return false;
	connection->is_refused =
	        !nx_api_admit(call) || is_too_large(connection, size) ||
	        (size > 0 && !has_room(connection, room_for(call, size)));
	if (!connection->is_refused || (size <= THROW && !header->asks_first))
		return true;
	call->answer.ends = true;
	return false;
}

/* --- the body ------------------------------------------------------------- */

static void add_body(struct nx_http_connection *connection, const char *bytes,
                     size_t size)
{
	const size_t wanted = connection->size + size + 1;
	if (wanted > connection->room) {
		connection->room = 2 * connection->room;
		if (connection->room < wanted)
			connection->room = wanted;
		if (connection->room <= connection->granted)
			connection->room = connection->granted + 1;
		connection->body =
		        talloc_realloc(connection->call, connection->body, char,
		                       connection->room);
	}
	memcpy(connection->body + connection->size, bytes, size);
	connection->size += size;
	connection->body[connection->size] = '\0';
}

static bool may_take(struct nx_http_connection *connection, size_t whole)
{
	const size_t wanted = room_for(connection->call, whole);
	return !is_too_large(connection, whole) &&
	       (wanted <= connection->granted || has_room(connection, wanted));
}

static void take(struct nx_http_connection *connection, const char *bytes,
                 size_t size)
{
	const size_t room = nx_api_kept(connection->call) - connection->size;
	const size_t kept = size < room ? size : room;
	connection->whole += size;
	if (kept > 0)
		add_body(connection, bytes, kept);
	if (size > kept)
		nx_large_message_add(&connection->large, bytes + kept,
		                     size - kept);
}

bool nx_http_intake_body(struct nx_http_connection *connection,
                         const char *bytes, size_t size)
{
	if (!connection->is_refused)
		connection->is_refused =
		        !may_take(connection, connection->whole + size);
	if (!connection->is_refused) {
		take(connection, bytes, size);
		return true;
	}
	connection->thrown += size;
	return connection->thrown <= THROW;
}

void nx_http_intake_body_end(struct nx_http_connection *connection)
{
	char mark[NX_LARGE_MESSAGE_MARK];
	const size_t size = nx_large_message_end(&connection->large, mark);
	if (size > 0)
		add_body(connection, mark, size);
}
