/* SPDX-License-Identifier: ISC */
#include "api/entry.h"

#include "mail/address.h"

struct nx_question nx_api_question(const struct nx_api_call *call,
                                   const char *stream)
{
	const struct nx_api_settings *settings = call->settings;
	return nx_question_of(settings->streams,
	                      *stream != '\0' ? stream : settings->stream);
}

void nx_api_entry_json(struct nx_json_out *object,
                       struct nx_state_telling *telling,
                       const struct nx_subject_state *state)
{
	nx_json_out_whole(object, "address", state->address);
	nx_state_json(object, telling, state);
}

/* --- addresses of a body -------------------------------------------------- */

static bool read_one(struct nx_api_call *call, const struct nx_json *list,
                     size_t index, bool may_be_bad,
                     struct nx_api_addresses *out)
{
	const char *text = nx_json_item_text(list, index);
	if (text != NULL && may_be_bad) {
		const char *subject = nx_address_subject(out->given, text);
		out->given[index] = text;
		out->subject[index] = *subject != '\0' ? subject : NULL;
		return true;
	}
	const char *field = talloc_asprintf(call, "addresses[%zu]", index);
	if (text == NULL)
		return nx_api_problem(call, 400, "", field, "%s: not a text",
		                      field);
	out->given[index] = text;
	out->subject[index] = nx_api_subject(call, field, text);
	return out->subject[index] != NULL;
}

bool nx_api_addresses_read(struct nx_api_call *call, bool may_be_bad,
                           struct nx_api_addresses *out)
{
	const struct nx_json *list = nx_json_member(call->json, "addresses");
	out->count = nx_json_count(list);
	if (out->count > NX_API_ITEMS)
		return nx_api_problem(call, 400, "", "addresses",
		                      "addresses: more than %d", NX_API_ITEMS);
	out->given = talloc_array(call, const char *, out->count);
	out->subject = talloc_array(call, const char *, out->count);
	for (size_t i = 0; i < out->count; i++)
		if (!read_one(call, list, i, may_be_bad, out))
			return false;
	return true;
}
