/* SPDX-License-Identifier: ISC */
#include "cli/show.h"

#include <string.h>

/* The same for programs: never folded, the history oldest first. */

static void add_report(struct nx_json_out *object,
                       const struct nx_history *history)
{
	char hex[2 * NX_DIGEST_SIZE + 1];
	nx_json_out_whole(
	        object, "message",
	        nx_digest_hex(history->event.message, NX_DIGEST_SIZE, hex));
	nx_json_out_whole(object, "reporting_mta",
	                  history->event.reporting_mta);
	nx_json_out_whole(object, "report_from", history->reporter);
	nx_json_out_whole(object, "queue_id", history->queue_id);
	nx_json_time(object, "reported", history->came);
	nx_json_time(object, "dated", history->written);
	nx_json_out_whole(object, "rule", history->event.verdict.rule);
	nx_json_out_bool(object, "cut", history->cut);
}

static void add_event(struct nx_json_out *object,
                      const struct nx_history *history)
{
	const struct nx_event *event = &history->event;
	nx_json_out_whole(object, "fault", nx_fault_name(event->verdict.fault));
	nx_json_out_whole(object, "kind", nx_kind_name(event->kind));
	nx_json_out_whole(object, "action", nx_action_name(event->action));
	nx_json_out_whole(object, "status", event->status);
	nx_json_out_number(object, "reply", event->reply);
	nx_json_out_whole(object, "diagnostic", event->diagnostic);
	nx_json_out_whole(object, "remote_mta", event->remote_mta);
	add_report(object, history);
	nx_json_out_whole(object, "message_id", event->message_id);
	nx_json_out_whole(object, "list_id", event->list_id);
	nx_json_out_whole(object, "matched", event->verdict.matched);
	nx_json_out_whole(object, "advice", event->verdict.advice);
	nx_json_out_whole(object, "trust", nx_trust_name(event->trust));
	nx_json_out_whole(object, "sending_domain", event->sending_domain);
}

static void add_attempt(struct nx_json_out *object,
                        const struct nx_history *history)
{
	nx_json_out_whole(object, "asked", history->asked);
	nx_json_out_whole(object, "source", history->source);
	nx_json_out_whole(object, "sender", history->reporter);
	nx_json_out_whole(object, "queue_id", history->queue_id);
}

static void add_row(struct nx_json_out *object,
                    const struct nx_history *history)
{
	nx_json_time(object, "time", history->time);
	nx_json_out_whole(object, "what", history->what);
	nx_json_out_whole(object, "stream", nx_show_stream_of(history));
	nx_json_out_whole(object, "scope", nx_show_stream_of(history));
	nx_json_out_whole(object, "class", nx_show_class_of(history));
	nx_json_out_whole(object, "reason", history->reason);
	if (nx_show_is_event(history)) {
		add_event(object, history);
		return;
	}
	nx_json_out_whole(object, "holds_for",
	                  nx_reach_name(history->mail.reach));
	nx_json_out_whole(object, "who", history->who);
	nx_json_out_whole(object, "note", history->note);
	if (strcmp(history->what, "attempt") == 0)
		add_attempt(object, history);
}

/* What a standing rests on. */
static void add_standing(const struct nx_show *show, struct nx_json_out *object,
                         const struct nx_subject_state *state)
{
	const struct nx_standing *standing = &state->standing;
	const struct nx_history *origin = nx_show_origin(show, state);
	nx_json_out_whole(object, "address", state->address);
	nx_show_state_json(show->cli, object, state);
	nx_json_out_number(object, "rung",
	                   standing->cause != NX_CAUSE_NONE ? standing->rung + 1
	                                                    : 0);
	nx_json_out_bool(object, "prolonged", nx_show_is_prolonged(standing));
	nx_json_out_number(object, "strikes", standing->strikes);
	nx_json_out_whole(object, "evidence", nx_trust_name(state->evidence));
	if (!origin)
		return;
	nx_json_out_object(object, "said");
	nx_json_time(object, "time", origin->time);
	add_report(object, origin);
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
		add_row(object, &show->history[i]);
		nx_json_out_end(object);
	}
	nx_json_out_end(object);
	nx_cli_print_json(object);
}
