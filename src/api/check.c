/* SPDX-License-Identifier: ISC */
#include "api/entry.h"
#include "api/routes.h"
#include "store/attempt.h"

enum { ROOM = 128 * 1024 }; /* for the texts of what is asked, at first */

struct check {
	struct nx_api_addresses all;
	struct nx_question question;
};

bool nx_route_prepare_check(struct nx_api_call *call)
{
	static const struct nx_api_member members[] = {
	        {"addresses", NX_JSON_ARRAY, true},
	        {"stream", NX_JSON_TEXT, false},
	        {"attempt", NX_JSON_BOOL, false}};
	struct check *check = talloc_zero(call, struct check);
	call->prepared = check;
	if (!nx_api_members(call, call->json, members, 3) ||
	    !nx_api_addresses_read(call, true, &check->all))
		return false;
	check->question =
	        nx_api_question(call, nx_json_text(call->json, "stream"));
	if (!nx_json_is_true(call->json, "attempt"))
		return true;
	call->way = NX_API_WRITES;
	return nx_api_has_scope(call, NX_SCOPE_WRITE);
}

/* --- the answer ----------------------------------------------------------- */

static void add_error(struct nx_json_out *object, const char *given)
{
	nx_json_out_object(object, NULL);
	nx_json_out_whole(object, "address", given);
	nx_json_out_whole(object, "error", "not an address");
	nx_json_out_end(object);
}

static void add_result(struct nx_json_out *object,
                       const struct nx_response *response)
{
	nx_json_out_object(object, NULL);
	nx_json_out_whole(object, "address", response->address);
	nx_json_out_bool(object, "suppressed", response->blocking > 0);
	nx_standing_json(object, nx_state_of_answer(response));
	nx_json_out_end(object);
}

struct check_asking {
	TALLOC_CTX *texts; /* of one address */
	struct nx_store *store;
	const struct nx_policy *policy; /* NULL: it is no attempt */
	int64_t now;
};

static bool ask(const struct check_asking *asking,
                const struct nx_question *question, const char *subject,
                struct nx_response *out, struct nx_error *err)
{
	const struct nx_attempt attempt = {.question = question,
	                                   .address = subject,
	                                   .source = "http",
	                                   .sender = "",
	                                   .queue_id = ""};
	return asking->policy == NULL
	               ? nx_store_ask(asking->texts, asking->store, question,
	                              subject, asking->now, out, err)
	               : nx_store_attempt(asking->texts, asking->store,
	                                  asking->policy, &attempt, asking->now,
	                                  out, err);
}

static bool answer(struct nx_api_call *call, const struct check_asking *asking,
                   struct nx_error *err)
{
	const struct check *check = call->prepared;
	struct nx_json_out *object = nx_json_out_new(call);
	size_t suppressed = 0, asked = 0;
	nx_json_out_array(object, "results");
	for (size_t i = 0; i < check->all.count; i++) {
		struct nx_response response;
		if (check->all.subject[i] == NULL) {
			add_error(object, check->all.given[i]);
			continue;
		}
		if (!ask(asking, &check->question, check->all.subject[i],
		         &response, err))
			return false;
		add_result(object, &response);
		asked++;
		suppressed += response.blocking > 0;
		talloc_free_children(asking->texts);
	}
	nx_json_out_end(object);
	call->checked.suppressed = suppressed;
	call->checked.free = asked - suppressed;
	nx_api_answer_json(call, 200, object);
	return true;
}

bool nx_route_read_check(struct nx_api_call *call, struct nx_error *err)
{
	const struct check_asking asking = {.texts = talloc_pool(call, ROOM),
	                                    .store = call->store,
	                                    .now = call->now};
	return answer(call, &asking, err);
}

bool nx_route_write_check(struct nx_api_call *call,
                          const struct nx_api_writing *writing,
                          struct nx_error *err)
{
	const struct check_asking asking = {.texts = talloc_pool(call, ROOM),
	                                    .store = writing->store,
	                                    .policy = writing->policy,
	                                    .now = writing->now};
	return answer(call, &asking, err);
}
