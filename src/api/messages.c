/* SPDX-License-Identifier: ISC */
#include "api/routes.h"

#include "mail/address.h"

#include <string.h>

enum { AGAIN = 60 }; /* seconds */

static bool check_address(struct nx_api_call *call, const char *name)
{
	const char *text = nx_api_query(call, name);
	return *text == '\0' || nx_address_is_valid(call, text) ||
	       nx_api_problem(call, 400, "", name, "%s: not an address", name);
}

bool nx_route_prepare_message(struct nx_api_call *call)
{
	const struct nx_api_request *request = &call->request;
	struct nx_envelope *envelope = talloc_zero(call, struct nx_envelope);
	if (!check_address(call, "recipient") || !check_address(call, "sender"))
		return false;
	if (request->size == 0)
		return nx_api_problem(call, 400, "", "", "there is no message");
	*envelope = (struct nx_envelope){
	        .sender = nx_api_query(call, "sender"),
	        .sender_known = nx_api_has_query(call, "sender"),
	        .recipient = nx_api_query(call, "recipient"),
	        .original_recipient = "",
	        .queue_id = ""};
	call->submission = (struct nx_submission){.bytes = request->body,
	                                          .size = request->size,
	                                          .whole = request->whole,
	                                          .envelope = envelope,
	                                          .recipients = 1,
	                                          .source = "http"};
	return true;
}

/* It was not taken, and is to come again. */
static void defer(struct nx_api_call *call)
{
	(void)nx_api_problem(call, 503, "", "",
	                     "the message is not recorded: it is to be sent "
	                     "again later");
	call->answer.retry_after = AGAIN;
}

void nx_route_submitted(struct nx_api_call *call,
                        const enum nx_lmtp_answer *answer)
{
	if (*answer != NX_LMTP_TAKEN && *answer != NX_LMTP_KNOWN) {
		defer(call);
		return;
	}
	const struct nx_reading *reading = call->submission.reading;
	struct nx_json_out *object = nx_json_out_new(call);
	nx_json_out_bool(object, "known", *answer == NX_LMTP_KNOWN);
	nx_json_out_number(object, "events", (int64_t)reading->outcome.added);
	nx_json_out_number(object, "suppressed",
	                   (int64_t)reading->outcome.suppressed);
	nx_json_out_number(object, "held", (int64_t)reading->outcome.held);
	nx_json_out_bool(object, "quarantined",
	                 reading->why != NX_QUARANTINE_NOT);
	nx_api_answer_json(call, 200, object);
}
