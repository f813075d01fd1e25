/* SPDX-License-Identifier: ISC */
#include "api/entry.h"
#include "api/routes.h"

struct nx_question nx_api_question(const struct nx_api_call *call,
                                   const char *stream)
{
	const struct nx_api_settings *settings = call->settings;
	return nx_question_of(settings->streams,
	                      *stream != '\0' ? stream : settings->stream);
}

bool nx_api_entry_json(struct nx_json_out *object, struct nx_store *store,
                       const struct nx_subject_state *state, int64_t now,
                       struct nx_error *err)
{
	struct nx_state_maker maker;
	if (!nx_store_act(object, store, state->act, &maker.who, &maker.note,
	                  err))
		return false;
	nx_json_out_whole(object, "address", state->address);
	nx_state_json(object, state, now, &maker);
	nx_json_out_number(object, "rung",
	                   state->standing.cause != NX_CAUSE_NONE
	                           ? state->standing.rung + 1
	                           : 0);
	return true;
}

/* --- one address ---------------------------------------------------------- */

static bool answer_standings(struct nx_api_call *call,
                             const struct nx_response *response,
                             struct nx_error *err)
{
	struct nx_json_out *object = nx_json_out_new(call);
	nx_json_out_whole(object, "address", response->address);
	nx_json_out_bool(object, "suppressed", true);
	nx_json_out_array(object, "standings");
	for (size_t i = 0; i < response->blocking; i++) {
		nx_json_out_object(object, NULL);
		if (!nx_api_entry_json(object, call->store, &response->state[i],
		                       call->now, err))
			return false;
		nx_json_out_end(object);
	}
	nx_json_out_end(object);
	nx_api_answer_json(call, 200, object);
	return true;
}

bool nx_route_read_suppression(struct nx_api_call *call, struct nx_error *err)
{
	struct nx_response response;
	const struct nx_question question =
	        nx_api_question(call, nx_api_query(call, "stream"));
	const char *subject = nx_api_subject(call, "address", call->operand);
	if (subject == NULL)
		return true;
	if (!nx_store_ask(call, call->store, &question, subject, call->now,
	                  &response, err))
		return false;
	if (response.blocking > 0)
		return answer_standings(call, &response, err);
	(void)nx_api_problem(call, 404, "not-suppressed", "",
	                     "%s may be mailed", subject);
	return true;
}
