/* SPDX-License-Identifier: ISC */
#include "api/entry.h"
#include "api/routes.h"

#include <string.h>

/* --- reading -------------------------------------------------------------- */

/* The answer to most who ask, which must cost little. */
static const char FREE[] = "{\"type\":\"urn:nixie:problem:not-suppressed\","
                           "\"title\":\"Not suppressed\",\"status\":404,"
                           "\"detail\":\"it may be mailed\"}\n";

bool nx_route_address(struct nx_api_call *call)
{
	call->prepared = (void *)nx_api_subject(call, "address", call->operand);
	return call->prepared != NULL;
}

bool nx_route_read_suppression(struct nx_api_call *call, struct nx_error *err)
{
	struct nx_response response;
	struct nx_state_telling telling = {.store = call->store,
	                                   .now = call->now};
	const struct nx_question question =
	        nx_api_question(call, nx_api_query(call, "stream"));
	if (!nx_store_ask(call, call->store, &question, call->prepared,
	                  call->now, &response, err))
		return false;
	call->checked.suppressed = response.blocking > 0;
	call->checked.free = response.blocking == 0;
	if (response.blocking == 0) {
		nx_api_answer_constant(call, 404, "application/problem+json",
		                       FREE);
		return true;
	}
	struct nx_json_out *object = nx_json_out_new(call);
	nx_state_answer_json(object, &telling, &response);
	nx_api_answer_json(call, 200, object);
	*err = telling.err;
	return err->kind == NX_ERROR_NONE;
}

/* --- acts by hand --------------------------------------------------------- */

struct act {
	const char *subject;
	struct nx_manual_action said;
};

static bool read_class(struct nx_api_call *call, const char *name,
                       enum nx_cause *out)
{
	return (*name != '\0' && nx_cause_of_name(name, out) &&
	        *out != NX_CAUSE_NONE) ||
	       nx_api_problem(call, 400, "", "class",
	                      "class %s: not hard, soft, complaint, "
	                      "unsubscribe or manual",
	                      name);
}

static struct nx_mail mail_of(const char *stream)
{
	return (struct nx_mail){.reach = *stream != '\0' ? NX_REACH_STREAM
	                                                 : NX_REACH_ALL,
	                        .name = stream};
}

/* Who may write may not silence a whole domain with one slip. */
static bool may_act_on(struct nx_api_call *call, const char *subject)
{
	return *subject != '@' || nx_api_has_scope(call, NX_SCOPE_ADMIN);
}

/* The subject is NULL when the call is answered. */
static struct act *act_new(struct nx_api_call *call, const char *stream,
                           const char *note)
{
	struct act *act = talloc_zero(call, struct act);
	act->said = (struct nx_manual_action){.mail = mail_of(stream),
	                                      .who = nx_api_who(call),
	                                      .note = note,
	                                      .reason = ""};
	act->subject = nx_api_subject(call, "address", call->operand);
	if (act->subject != NULL && !may_act_on(call, act->subject))
		act->subject = NULL;
	call->prepared = act;
	return act;
}

static bool is_missing(struct nx_api_call *call, const char *name,
                       const char *value)
{
	return *value == '\0' &&
	       !nx_api_problem(call, 400, "", name, "%s: is missing", name);
}

/* --- PUT ------------------------------------------------------------------ */

bool nx_route_prepare_put(struct nx_api_call *call)
{
	static const struct nx_api_member members[] = {
	        {"class", NX_JSON_TEXT, false},
	        {"reason", NX_JSON_TEXT, false},
	        {"stream", NX_JSON_TEXT, false},
	        {"note", NX_JSON_TEXT, true}};
	const struct nx_json *body = call->json;
	if (!nx_api_members(call, body, members, 4))
		return false;
	const char *note = nx_json_text(body, "note");
	const char *class = nx_json_text(body, "class");
	const char *reason = nx_json_text(body, "reason");
	struct act *act = act_new(call, nx_json_text(body, "stream"), note);
	if (act->subject == NULL || is_missing(call, "note", note) ||
	    (nx_json_kind(body, "class") == NX_JSON_TEXT &&
	     !read_class(call, class, &act->said.cause)))
		return false;
	if (strchr(act->subject, '*') != NULL)
		return nx_api_problem(call, 400, "", "address",
		                      "%s: wildcards are not taken",
		                      act->subject);
	act->said.reason = *reason != '\0' ? reason : "manual";
	return true;
}

static bool is_declared(struct nx_api_call *call,
                        const struct nx_policy *policy, const char *reason)
{
	const struct nx_tables *tables = nx_policy_tables(policy);
	return tables == NULL || nx_tables_reason(tables, reason) != NULL ||
	       strcmp(reason, "manual") == 0 ||
	       nx_api_problem(call, 400, "", "reason",
	                      "reason %s: not declared in reasons.yaml",
	                      reason);
}

/* What is remembered by hand of exactly that. */
static const struct nx_subject_state *entry_of(
        const struct nx_response *response, const struct act *act)
{
	struct nx_mail mail = act->said.mail;
	mail.by_hand = true;
	for (size_t i = 0; i < response->states; i++) {
		const struct nx_subject_state *state = &response->state[i];
		if (strcmp(state->address, act->subject) == 0 &&
		    nx_mail_is_same(&state->mail, &mail))
			return state;
	}
	return nx_state_of_answer(response);
}

bool nx_route_write_put(struct nx_api_call *call,
                        const struct nx_api_writing *writing,
                        struct nx_error *err)
{
	static const struct nx_question ANY = {.stream = ""};
	struct nx_response response;
	struct act *act = call->prepared;
	struct nx_state_telling telling = {.store = writing->store,
	                                   .now = writing->now};
	act->said.now = writing->now;
	if (!is_declared(call, writing->policy, act->said.reason))
		return true;
	if (!nx_store_suppress(writing->store, writing->policy, &act->said,
	                       &act->subject, 1, err) ||
	    !nx_store_ask(call, writing->store, &ANY, act->subject,
	                  writing->now, &response, err))
		return false;
	struct nx_json_out *object = nx_json_out_new(call);
	nx_api_entry_json(object, &telling, entry_of(&response, act));
	nx_api_answer_json(call, 200, object);
	*err = telling.err;
	return err->kind == NX_ERROR_NONE;
}

/* --- DELETE --------------------------------------------------------------- */

bool nx_route_prepare_delete(struct nx_api_call *call)
{
	const char *class = nx_api_query(call, "class");
	const char *note = nx_api_query(call, "note");
	struct act *act = act_new(call, nx_api_query(call, "stream"), note);
	return act->subject != NULL && !is_missing(call, "class", class) &&
	       !is_missing(call, "note", note) &&
	       read_class(call, class, &act->said.cause);
}

static void add_list(struct nx_json_out *object,
                     struct nx_state_telling *telling, const char *name,
                     const struct nx_response *response)
{
	nx_json_out_array(object, name);
	for (size_t i = 0; i < response->holding; i++) {
		nx_json_out_object(object, NULL);
		nx_api_entry_json(object, telling, &response->state[i]);
		nx_json_out_end(object);
	}
	nx_json_out_end(object);
}

bool nx_route_write_delete(struct nx_api_call *call,
                           const struct nx_api_writing *writing,
                           struct nx_error *err)
{
	struct nx_response released, left;
	struct act *act = call->prepared;
	struct nx_state_telling telling = {.store = writing->store,
	                                   .now = writing->now};
	act->said.now = writing->now;
	if (!nx_store_release(call, writing->store, writing->policy, &act->said,
	                      act->subject, &released, &left, err))
		return false;
	if (released.holding + left.holding == 0) {
		(void)nx_api_problem(call, 404, "not-suppressed", "",
		                     "%s: nothing to release", act->subject);
		return true;
	}
	struct nx_json_out *object = nx_json_out_new(call);
	add_list(object, &telling, "released", &released);
	add_list(object, &telling, "left", &left);
	nx_api_answer_json(call, 200, object);
	*err = telling.err;
	return err->kind == NX_ERROR_NONE;
}

/* --- delivered ------------------------------------------------------------ */

bool nx_route_prepare_delivered(struct nx_api_call *call)
{
	static const struct nx_api_member members[] = {
	        {"addresses", NX_JSON_ARRAY, true}};
	struct nx_api_addresses *all = talloc(call, struct nx_api_addresses);
	call->prepared = all;
	return nx_api_members(call, call->json, members, 1) &&
	       nx_api_addresses_read(call, false, all);
}

bool nx_route_write_delivered(struct nx_api_call *call,
                              const struct nx_api_writing *writing,
                              struct nx_error *err)
{
	const struct nx_api_addresses *all = call->prepared;
	int64_t changes = 0;
	for (size_t i = 0; i < all->count; i++) {
		bool changed;
		if (!nx_store_delivered(writing->store, writing->policy,
		                        all->subject[i], writing->now, &changed,
		                        err))
			return false;
		changes += changed;
	}
	struct nx_json_out *object = nx_json_out_new(call);
	nx_json_out_number(object, "changed", changes);
	nx_api_answer_json(call, 200, object);
	return true;
}
