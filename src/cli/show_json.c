/* SPDX-License-Identifier: ISC */
#include "cli/show.h"
#include "export/history_json.h"

/* The same for programs: never folded, the history oldest first. */

/* What a standing rests on. */
static void add_standing(const struct nx_show *show, struct nx_json_out *object,
                         const struct nx_subject_state *state)
{
	const struct nx_standing *standing = &state->standing;
	const struct nx_history *origin = nx_show_origin(show, state);
	nx_json_out_whole(object, "address", state->address);
	nx_show_state_json(show->cli, object, state);
	nx_json_out_bool(object, "prolonged", nx_show_is_prolonged(standing));
	nx_json_out_number(object, "strikes", standing->strikes);
	nx_json_out_whole(object, "evidence", nx_trust_name(state->evidence));
	if (!origin)
		return;
	nx_json_out_object(object, "said");
	nx_json_time(object, "time", origin->time);
	nx_report_json(object, origin);
	nx_json_out_whole(object, "diagnostic", origin->event.diagnostic);
	nx_json_out_end(object);
}

void nx_show_json(const struct nx_show *show)
{
	const struct nx_response *answer = &show->answer;
	struct nx_json_out *object = nx_json_out_new(show->cli);
	nx_cli_answer_json(show->cli, object, answer);
	nx_json_out_array(object, "standings");
	for (size_t i = 0; i < answer->states; i++) {
		nx_json_out_object(object, NULL);
		add_standing(show, object, &answer->state[i]);
		nx_json_out_end(object);
	}
	nx_json_out_end(object);
	nx_json_out_array(object, "history");
	for (size_t i = 0; i < show->rows; i++) {
		nx_json_out_object(object, NULL);
		nx_history_json(object, &show->history[i]);
		nx_json_out_whole(object, "scope",
		                  nx_history_stream(&show->history[i]));
		nx_json_out_end(object);
	}
	nx_json_out_end(object);
	nx_cli_print_json(object);
}
