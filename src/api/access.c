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
		return nx_api_problem(call, 403, "from-a-page", "",
		                      "a request with an Origin is not taken "
		                      "without a token");
	return !request->is_tcp || is_local(request->host) ||
	       nx_api_problem(call, 403, "from-a-page", "",
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

bool nx_api_is_allowed(struct nx_api_call *call)
{
	const struct nx_api_request *request = &call->request;
	if (request->tokens == 0 || call->route->scope == NX_SCOPE_NONE)
		return true;
	const struct nx_token *token =
	        nx_token_of_secret(request->token, request->tokens,
	                           secret_of(request->authorization));
	if (token == NULL)
		return nx_api_problem(call, 401, "", "",
		                      "a bearer token is wanted");
	call->token_name = token->name;
	return token->scope >= call->route->scope ||
	       nx_api_problem(call, 403, "scope", "",
	                      "the token %s has the scope %s, and this "
	                      "wants %s",
	                      token->name, nx_scope_name(token->scope),
	                      nx_scope_name(call->route->scope));
}
