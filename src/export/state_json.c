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

void nx_state_json(struct nx_json_out *object,
                   const struct nx_subject_state *state, int64_t now,
                   const struct nx_state_maker *maker)
{
	const struct nx_standing *standing = &state->standing;
	const struct nx_mail *mail = &state->mail;
	const char *stream = mail->reach == NX_REACH_STREAM ? mail->name : "";

	nx_json_out_bool(object, "suppressed",
	                 nx_standing_holds(standing, now));
	nx_json_out_whole(object, "class", nx_cause_name(standing->cause));
	nx_json_out_whole(object, "reason", standing->reason);
	nx_json_time(object, "since", standing->since);
	nx_json_time(object, "until", standing->until);
	nx_json_out_whole(object, "holds_for", nx_reach_name(mail->reach));
	nx_json_out_whole(object, "stream", stream);
	nx_json_out_whole(object, "sending_domain",
	                  mail->reach == NX_REACH_DOMAIN ? mail->name : "");
	nx_json_out_whole(object, "scope", stream);
	nx_json_out_whole(object, "who", maker->who);
	nx_json_out_whole(object, "note", maker->note);
}
