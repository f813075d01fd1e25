/* SPDX-License-Identifier: ISC */
#include "api/route.h"

#include "base/text.h"

#include <string.h>

/* --- pages in a browser --------------------------------------------------- */

static bool is_local(const char *host)
{
	static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const size_t size = strlen(names[i]);
		if (nx_text_starts(host, names[i]) &&
		    (host[size] == '\0' || host[size] == ':'))
			return true;
	}
	return false;
}

/* Whoever may connect may do everything, where there are no tokens: so might a
 * page that somebody on this host looks at. */
bool nx_api_is_ours(struct nx_api_call *call)
{
	const struct nx_api_request *request = &call->request;
	if (request->tokens > 0)
		return true;
	if (request->has_origin)
		return nx_api_problem(call, 403, "", "",
		                      "a request with an Origin is not taken "
		                      "without a token");
	return !request->is_tcp || is_local(request->host) ||
	       nx_api_problem(call, 403, "", "",
	                      "the Host must be localhost, 127.0.0.1 or "
	                      "[::1] where no tokens are configured");
}

/* --- tokens --------------------------------------------------------------- */

static const char *secret_of(const char *authorization)
{
	static const char scheme[] = "Bearer ";
	if (!nx_text_starts(authorization, scheme))
		return "";
	authorization += sizeof(scheme) - 1;
	return authorization + strspn(authorization, " ");
}

bool nx_api_has_scope(struct nx_api_call *call, enum nx_scope scope)
{
	const struct nx_api_request *request = &call->request;
	if (request->tokens == 0 || scope == NX_SCOPE_NONE)
		return true;
	if (call->token == NULL)
		call->token =
		        nx_bearer_of_secret(request->token, request->tokens,
		                            secret_of(request->authorization));
	if (call->token == NULL)
		return nx_api_problem(call, 401, "", "", "a token is needed");
	return call->token->scope >= scope ||
	       nx_api_problem(call, 403, "", "",
	                      "the token's scope is %s, and this needs %s",
	                      nx_scope_name(call->token->scope),
	                      nx_scope_name(scope));
}

const char *nx_api_who(const struct nx_api_call *call)
{
	return call->token != NULL ? call->token->name : "http";
}
