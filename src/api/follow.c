/* SPDX-License-Identifier: ISC */
#include "store/changes.h"

#include "api/entry.h"
#include "api/page.h"
#include "api/routes.h"

#include <inttypes.h>
#include <stdio.h>

/* What became otherwise, for copies. */

bool nx_route_prepare_changes(struct nx_api_call *call)
{
	size_t *limit = talloc(call, size_t);
	call->prepared = limit;
	return nx_api_limit(call, limit);
}

static void add_state(struct nx_json_out *object,
                      struct nx_state_telling *telling,
                      const struct nx_change *change)
{
	const struct nx_subject_state state = {.address = change->address,
	                                       .mail = change->mail,
	                                       .standing = change->standing,
	                                       .evidence = change->evidence,
	                                       .act = change->act};
	if (change->gone) {
		nx_json_out_null(object, "state");
		return;
	}
	nx_json_out_object(object, "state");
	nx_api_entry_json(object, telling, &state);
	nx_json_out_end(object);
}

static void add_change(struct nx_json_out *object,
                       struct nx_state_telling *telling,
                       const struct nx_change *change)
{
	char id[sizeof("0123456789abcdef")];
	snprintf(id, sizeof(id), "%016" PRIx64, (uint64_t)change->id);
	nx_json_out_object(object, NULL);
	nx_json_out_whole(object, "id", id);
	if (*change->address != '\0')
		nx_json_out_whole(object, "address", change->address);
	else
		nx_json_out_null(object, "address");
	nx_json_out_whole(object, "holds_for",
	                  nx_reach_name(change->mail.reach));
	nx_json_out_whole(object, "stream", change->mail.name);
	nx_json_out_bool(object, "by_hand", change->mail.by_hand);
	add_state(object, telling, change);
	nx_json_out_end(object);
}

static void answer(struct nx_api_call *call, struct nx_state_telling *telling,
                   const struct nx_changes *changes)
{
	struct nx_json_out *object = nx_api_page_begin(call);
	for (size_t i = 0; i < changes->count; i++)
		add_change(object, telling, &changes->change[i]);
	nx_api_page_end(call, object, changes->next);
}

bool nx_route_read_changes(struct nx_api_call *call, struct nx_error *err)
{
	struct nx_changes changes;
	const size_t *limit = call->prepared;
	struct nx_state_telling telling = {.store = call->store,
	                                   .now = call->now};
	const char *cursor = nx_api_query(call, "cursor");
	const bool wrong = nx_api_has_query(call, "cursor") && *cursor == '\0';
	if (wrong || !nx_changes_read(call, call->store, cursor, *limit,
	                              &changes, err)) {
		if (!wrong && err->kind != NX_ERROR_USAGE)
			return false;
		(void)nx_api_wrong_cursor(call);
		return true;
	}
	if (changes.lost)
		(void)nx_api_problem(call, 410, "cursor-too-old", "cursor",
		                     "begin again without a cursor");
	else
		answer(call, &telling, &changes);
	*err = telling.err;
	return err->kind == NX_ERROR_NONE;
}
