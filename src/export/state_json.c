/* SPDX-License-Identifier: ISC */
#include "export/state_json.h"

#include "base/date.h"

void nx_json_time(struct nx_json_out *object, const char *name, int64_t time)
{
	char date[NX_DATE_SIZE];
	if (time == 0 || time == NX_FOREVER)
		nx_json_out_null(object, name);
	else
		nx_json_out_whole(object, name, nx_date_text(time, date));
}

/* Who made the entry, which mostly is told twice; not knowing it is no reason
 * to say nothing else. */
static void add_act(struct nx_json_out *object,
                    struct nx_state_telling *telling, int64_t act)
{
	struct nx_error err;

	if (act == 0 || act != telling->act) {
		telling->act = act;
		if (!nx_store_act(object, telling->store, act, &telling->who,
		                  &telling->note, &err))
			telling->err = err;
	}
	nx_json_out_whole(object, "who", telling->who);
	nx_json_out_whole(object, "note", telling->note);
}

static const char *stream_of(const struct nx_mail *mail)
{
	return mail->reach == NX_REACH_STREAM ? mail->name : "";
}

void nx_standing_json(struct nx_json_out *object,
                      const struct nx_subject_state *state)
{
	const struct nx_standing *standing = &state->standing;

	nx_json_out_whole(object, "class", nx_cause_name(standing->cause));
	nx_json_out_whole(object, "reason", standing->reason);
	nx_json_time(object, "since", standing->since);
	nx_json_time(object, "until", standing->until);
	nx_json_out_whole(object, "holds_for",
	                  nx_reach_name(state->mail.reach));
	nx_json_out_whole(object, "stream", stream_of(&state->mail));
}

void nx_state_json(struct nx_json_out *object, struct nx_state_telling *telling,
                   const struct nx_subject_state *state)
{
	const struct nx_standing *standing = &state->standing;
	const struct nx_mail *mail = &state->mail;

	nx_json_out_bool(object, "suppressed",
	                 nx_standing_holds(standing, telling->now));
	nx_standing_json(object, state);
	nx_json_out_whole(object, "sending_domain",
	                  mail->reach == NX_REACH_DOMAIN ? mail->name : "");
	if (telling->old_names)
		nx_json_out_whole(object, "scope", stream_of(mail));
	add_act(object, telling, state->act);
	nx_json_out_number(object, "rung",
	                   standing->cause != NX_CAUSE_NONE ? standing->rung + 1
	                                                    : 0);
}

/* --- an answer ------------------------------------------------------------ */

const struct nx_subject_state *nx_state_of_answer(
        const struct nx_response *answer)
{
	static const struct nx_subject_state nothing = {.mail = {.name = ""}};

	if (answer->blocking > 0)
		return answer->state;
	return answer->states > answer->holding
	               ? &answer->state[answer->holding]
	               : &nothing;
}

static void add_list(struct nx_json_out *object,
                     struct nx_state_telling *telling, const char *name,
                     const struct nx_subject_state *state, size_t count)
{
	nx_json_out_array(object, name);
	for (size_t i = 0; i < count; i++) {
		nx_json_out_object(object, NULL);
		nx_json_out_whole(object, "address", state[i].address);
		nx_state_json(object, telling, &state[i]);
		nx_json_out_end(object);
	}
	nx_json_out_end(object);
}

void nx_state_answer_json(struct nx_json_out *object,
                          struct nx_state_telling *telling,
                          const struct nx_response *answer)
{
	nx_json_out_whole(object, "address", answer->address);
	nx_state_json(object, telling, nx_state_of_answer(answer));
	add_list(object, telling, "blocked_by", answer->state,
	         answer->blocking);
	add_list(object, telling, "notes", answer->state + answer->blocking,
	         answer->holding - answer->blocking);
}

/* --- what is held --------------------------------------------------------- */

void nx_hold_json(struct nx_json_out *object, const struct nx_hold *hold)
{
	nx_json_out_whole(object, "domain", hold->domain);
	nx_json_out_number(object, "bounces", hold->bounces);
	nx_json_out_number(object, "addresses", hold->addresses);
	nx_json_out_number(object, "domains", hold->domains);
	nx_json_time(object, "since", hold->since);
	nx_json_time(object, "drops", hold->drops);
	nx_json_time(object, "last_drops", hold->last_drops);
}
