/* SPDX-License-Identifier: ISC */
#include "serve/counters.h"
#include "serve/server_parts.h"

#include "api/answer.h"

#include <string.h>

/* What the daemon says of itself by HTTP, on the loop. */

/* The store can be written if the next group can; what waits in the spool goes
 * there as long as there are workers. */
static void answer_ready(const struct nx_server *server,
                         struct nx_api_call *call)
{
	if (server->stopping || nx_pipeline_is_lost(server->pipeline))
		(void)nx_api_away(call);
	else
		call->way = NX_API_WRITES;
}

static void answer_metrics(const struct nx_server *server,
                           struct nx_api_call *call)
{
	struct nx_counters *counters = nx_pipeline_counters(server->pipeline);

	nx_server_tell_levels(server);
	const char *text =
	        nx_metrics_text(call, nx_counters_copy(call, counters));
	call->answer = (struct nx_api_answer){.status = 200,
	                                      .type = NX_METRICS_TYPE,
	                                      .body = text,
	                                      .size = strlen(text),
	                                      .allow = ""};
}

void nx_server_answer(void *user, struct nx_api_call *call)
{
	if (strcmp(call->route->path, "/metrics") == 0)
		answer_metrics(user, call);
	else
		answer_ready(user, call);
}
