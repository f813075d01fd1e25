/* SPDX-License-Identifier: ISC */
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

void nx_server_answer(void *user, struct nx_api_call *call)
{
	answer_ready(user, call);
}
