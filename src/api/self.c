/* SPDX-License-Identifier: ISC */
#include "api/routes.h"

#include <string.h>

extern const char *const nx_openapi_text[]; /* the document, in pieces */

static bool answer(struct nx_api_call *call, const char *type, const char *body)
{
	call->answer = (struct nx_api_answer){.status = 200,
	                                      .type = type,
	                                      .body = body,
	                                      .size = strlen(body),
	                                      .allow = "",
	                                      .is_constant = true};
	call->way = NX_API_ANSWERED;
	return false;
}

bool nx_route_health(struct nx_api_call *call)
{
	return answer(call, "application/json", "{\"status\":\"ok\"}\n");
}

/* That there was a group to run in is the answer. */
bool nx_route_write_ready(struct nx_api_call *call,
                          const struct nx_api_writing *writing,
                          struct nx_error *err)
{
	(void)writing;
	(void)err;
	(void)answer(call, "application/json", "{\"status\":\"ready\"}\n");
	return true;
}

bool nx_route_openapi(struct nx_api_call *call)
{
	if (nx_openapi_text[0] == NULL)
		return nx_api_problem(call, 404, "", "",
		                      "it was built without the document");
	return answer(call, "application/json", nx_openapi_text[0]);
}
