/* SPDX-License-Identifier: ISC */
#include "api/routes.h"

extern const char *const nx_openapi_text[]; /* the document */

static bool answer(struct nx_api_call *call, const char *body)
{
	nx_api_answer_constant(call, 200, "application/json", body);
	return false;
}

bool nx_route_health(struct nx_api_call *call)
{
	return answer(call, "{\"status\":\"ok\"}\n");
}

/* That there was a group to run in is the answer. */
bool nx_route_write_ready(struct nx_api_call *call,
                          const struct nx_api_writing *writing,
                          struct nx_error *err)
{
	(void)writing;
	(void)err;
	(void)answer(call, "{\"status\":\"ready\"}\n");
	return true;
}

bool nx_route_openapi(struct nx_api_call *call)
{
	return answer(call, nx_openapi_text[0]);
}
