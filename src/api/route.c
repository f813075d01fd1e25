/* SPDX-License-Identifier: ISC */
#include "api/route.h"

#include "api/routes.h"
#include "base/text.h"
#include "mail/prescan.h"

#include <string.h>

static const char json[] = "application/json";
static const char message[] = "message/rfc822";

static const char *const no_names[] = {NULL};
static const char *const look_names[] = {"stream", NULL};
static const char *const release_names[] = {"class", "note", "stream", NULL};
static const char *const list_names[] = {
        "class", "reason",        "domain", "stream", "since",
        "until", "include_ended", "limit",  "cursor", NULL};
static const char *const event_names[] = {"address", "class",  "since", "until",
                                          "limit",   "cursor", NULL};
static const char *const page_names[] = {"limit", "cursor", NULL};
static const char *const message_names[] = {"recipient", "sender", NULL};

static const struct nx_api_route table[] = {
        {.method = NX_API_GET,
         .path = "/v1/suppressions",
         .scope = NX_SCOPE_READ,
         .way = NX_API_READS,
         .query = list_names,
         .prepare = nx_route_prepare_list,
         .read = nx_route_read_list},
        {.method = NX_API_GET,
         .path = "/v1/suppressions/{}",
         .scope = NX_SCOPE_READ,
         .way = NX_API_READS,
         .checks = true,
         .query = look_names,
         .prepare = nx_route_address,
         .read = nx_route_read_suppression},
        {.method = NX_API_PUT,
         .path = "/v1/suppressions/{}",
         .scope = NX_SCOPE_WRITE,
         .way = NX_API_WRITES,
         .media_type = json,
         .prepare = nx_route_prepare_put,
         .write = nx_route_write_put},
        {.method = NX_API_DELETE,
         .path = "/v1/suppressions/{}",
         .scope = NX_SCOPE_WRITE,
         .way = NX_API_WRITES,
         .query = release_names,
         .prepare = nx_route_prepare_delete,
         .write = nx_route_write_delete},
        {.method = NX_API_POST,
         .path = "/v1/check",
         .scope = NX_SCOPE_READ,
         .way = NX_API_READS,
         .checks = true,
         .media_type = json,
         .prepare = nx_route_prepare_check,
         .read = nx_route_read_check,
         .write = nx_route_write_check},
        {.method = NX_API_POST,
         .path = "/v1/delivered",
         .scope = NX_SCOPE_WRITE,
         .way = NX_API_WRITES,
         .media_type = json,
         .prepare = nx_route_prepare_delivered,
         .write = nx_route_write_delivered},
        {.method = NX_API_POST,
         .path = "/v1/sent",
         .scope = NX_SCOPE_WRITE,
         .way = NX_API_WRITES,
         .media_type = json,
         .prepare = nx_route_prepare_sent,
         .write = nx_route_write_sent},
        {.method = NX_API_GET,
         .path = "/v1/events",
         .scope = NX_SCOPE_READ,
         .way = NX_API_READS,
         .query = event_names,
         .prepare = nx_route_prepare_events,
         .read = nx_route_read_events},
        {.method = NX_API_GET,
         .path = "/v1/changes",
         .scope = NX_SCOPE_READ,
         .way = NX_API_READS,
         .query = page_names,
         .prepare = nx_route_prepare_changes,
         .read = nx_route_read_changes},
        {.method = NX_API_GET,
         .path = "/v1/held",
         .scope = NX_SCOPE_READ,
         .way = NX_API_READS,
         .query = page_names,
         .prepare = nx_route_prepare_held,
         .read = nx_route_read_held},
        {.method = NX_API_GET,
         .path = "/v1/blocks",
         .scope = NX_SCOPE_READ,
         .way = NX_API_READS,
         .query = page_names,
         .prepare = nx_route_prepare_blocks,
         .read = nx_route_read_blocks},
        {.method = NX_API_POST,
         .path = "/v1/messages",
         .scope = NX_SCOPE_WRITE,
         .way = NX_API_SUBMITS,
         .media_type = message,
         .query = message_names,
         .prepare = nx_route_prepare_message,
         .submitted = nx_route_submitted},
        {.method = NX_API_GET, .path = "/healthz", .prepare = nx_route_health},
        {.method = NX_API_GET,
         .path = "/readyz",
         .way = NX_API_DAEMON,
         .write = nx_route_write_ready},
        {.method = NX_API_GET,
         .path = "/metrics",
         .scope = NX_SCOPE_READ,
         .way = NX_API_DAEMON},
        {.method = NX_API_GET,
         .path = "/openapi.json",
         .prepare = nx_route_openapi},
};

enum { ROUTES = sizeof(table) / sizeof(*table) };

/* --- which route ---------------------------------------------------------- */

static size_t path_size(const char *target)
{
	return strcspn(target, "?");
}

/* The operand is what stands for "{}": one segment that is not empty. */
static bool is_path(const char *pattern, const char *path, size_t size,
                    const char **operand, size_t *operand_size)
{
	const char *hole = strstr(pattern, "{}");
	const size_t before =
	        hole != NULL ? (size_t)(hole - pattern) : strlen(pattern);
	*operand = path + before;
	*operand_size = size - before;
	if (size < before || memcmp(pattern, path, before) != 0)
		return false;
	if (hole == NULL)
		return size == before;
	return size > before && memchr(*operand, '/', *operand_size) == NULL;
}

const char *nx_api_route_method(const struct nx_api_route *route)
{
	static const char *const names[] = {"", "GET", "PUT", "POST", "DELETE"};
	return names[route->method];
}

static const char *allowed(TALLOC_CTX *ctx, const char *path, size_t size)
{
	const char *operand;
	size_t operand_size;
	char *methods = talloc_strdup(ctx, "");
	for (size_t i = 0; i < ROUTES; i++) {
		if (!is_path(table[i].path, path, size, &operand,
		             &operand_size))
			continue;
		methods = talloc_asprintf_append(
		        methods, "%s%s%s", *methods != '\0' ? ", " : "",
		        nx_api_route_method(&table[i]),
		        table[i].method == NX_API_GET ? ", HEAD" : "");
	}
	return methods;
}

static bool no_route(struct nx_api_call *call, const char *path, size_t size)
{
	const char *allow = allowed(call, path, size);
	if (*allow == '\0')
		return nx_api_problem(call, 404, "", "",
		                      "there is no such path");
	(void)nx_api_problem(call, 405, "", "", "this path takes %s", allow);
	call->answer.allow = allow;
	return false;
}

static bool find(struct nx_api_call *call)
{
	const char *path = call->request.target, *operand;
	const size_t size = path_size(path);
	size_t operand_size;
	for (size_t i = 0; i < ROUTES; i++) {
		if (table[i].method != call->request.method ||
		    !is_path(table[i].path, path, size, &operand,
		             &operand_size))
			continue;
		call->route = &table[i];
		call->way = table[i].way;
		if (operand_size == 0)
			return true;
		call->operand =
		        nx_api_decode(call, operand, operand_size, NX_API_PATH);
		return call->operand != NULL ||
		       nx_api_problem(call, 400, "", "address",
		                      "the path is not percent-encoded UTF-8");
	}
	return no_route(call, path, size);
}

/* --- the body ------------------------------------------------------------- */

/* It may have parameters, as "; charset=utf-8". */
static bool is_media(const char *given, const char *wanted)
{
	if (!nx_text_starts(given, wanted))
		return false;
	given += strlen(wanted);
	given += strspn(given, " \t");
	return *given == '\0' || *given == ';';
}

static bool check_media(struct nx_api_call *call)
{
	const char *wanted = call->route->media_type;
	return wanted == NULL || is_media(call->request.media_type, wanted) ||
	       nx_api_problem(call, 415, "", "", "%s is wanted", wanted);
}

size_t nx_api_most(const struct nx_api_call *call)
{
	const char *type = call->route->media_type;
	if (type == NULL)
		return 0;
	return type == json ? (size_t)NX_API_BODY
	                    : call->settings->message_size;
}

size_t nx_api_kept(const struct nx_api_call *call)
{
	const size_t most = nx_api_most(call);
	return most < NX_PRESCAN_BYTES ? most : NX_PRESCAN_BYTES;
}

/* --- the steps ------------------------------------------------------------ */

struct nx_api_call *nx_api_call_new(TALLOC_CTX *ctx,
                                    const struct nx_api_settings *settings)
{
	struct nx_api_call *call = talloc(ctx, struct nx_api_call);
	*call = (struct nx_api_call){.settings = settings,
	                             .request = {.target = "",
	                                         .media_type = "",
	                                         .authorization = "",
	                                         .host = "",
	                                         .body = ""},
	                             .operand = "",
	                             .answer = {.allow = ""}};
	return call;
}

/* In the form that proxies are asked in (RFC 9112 section 3.2.2), too. */
static void strip_host(struct nx_api_request *request)
{
	static const char scheme[] = "http://";
	if (!nx_text_starts(request->target, scheme))
		return;
	request->target += sizeof(scheme) - 1;
	request->target += strcspn(request->target, "/?");
}

bool nx_api_admit(struct nx_api_call *call)
{
	strip_host(&call->request);
	return nx_api_is_ours(call) && find(call) &&
	       nx_api_has_scope(call, call->route->scope) && check_media(call);
}

static bool read_body(struct nx_api_call *call)
{
	struct nx_error err;
	if (call->route->media_type != json)
		return true;
	if (!nx_json_parse(call, call->request.body, call->request.size,
	                   &call->json, &err))
		return nx_api_problem(call, 400, "", "", "the body: %s",
		                      err.text);
	return nx_json_is_object(call->json) ||
	       nx_api_problem(call, 400, "", "",
	                      "the body must be one JSON object");
}

static bool check_query(struct nx_api_call *call)
{
	const char *const *known = call->route->query;
	if (known == NULL)
		known = no_names;
	for (size_t i = 0; i < call->queries; i++) {
		const char *name = call->query[i].name;
		size_t at = 0;
		while (known[at] != NULL && strcmp(known[at], name) != 0)
			at++;
		if (known[at] == NULL)
			return nx_api_problem(call, 400, "", name,
			                      "%s: unknown parameter", name);
		for (size_t j = 0; j < i; j++)
			if (strcmp(call->query[j].name, name) == 0)
				return nx_api_problem(call, 400, "", name,
				                      "%s: given twice", name);
	}
	return true;
}

bool nx_api_prepare(struct nx_api_call *call)
{
	return nx_api_parse_query(call) && check_query(call) &&
	       read_body(call) &&
	       (call->route->prepare == NULL || call->route->prepare(call));
}

void nx_api_read(struct nx_api_call *call)
{
	struct nx_error err;
	if (!call->route->read(call, &err))
		(void)nx_api_away(call);
}

bool nx_api_write(struct nx_api_call *call,
                  const struct nx_api_writing *writing, struct nx_error *err)
{
	call->answer = (struct nx_api_answer){.allow = ""};
	return call->route->write(call, writing, err);
}

void nx_api_submitted(struct nx_api_call *call,
                      const enum nx_lmtp_answer *answer)
{
	call->route->submitted(call, answer);
}
