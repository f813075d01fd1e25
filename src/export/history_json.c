/* SPDX-License-Identifier: ISC */
#include "export/history_json.h"

#include "export/state_json.h"

#include <string.h>

bool nx_history_is_event(const struct nx_history *history)
{
	return strcmp(history->what, "event") == 0;
}

static bool is_attempt(const struct nx_history *history)
{
	return strcmp(history->what, "attempt") == 0;
}

const char *nx_history_class(const struct nx_history *history)
{
	if (nx_history_is_event(history))
		return nx_class_name(history->event.verdict.class);
	if (is_attempt(history))
		return nx_cause_name(history->standing.cause);
	return "";
}

const char *nx_history_stream(const struct nx_history *history)
{
	if (nx_history_is_event(history))
		return history->event.stream;
	return history->mail.reach == NX_REACH_STREAM ? history->mail.name : "";
}

void nx_report_json(struct nx_json_out *object,
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
	nx_report_json(object, history);
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

void nx_history_json(struct nx_json_out *object,
                     const struct nx_history *history)
{
	nx_json_time(object, "time", history->time);
	nx_json_out_whole(object, "what", history->what);
	nx_json_out_whole(object, "stream", nx_history_stream(history));
	nx_json_out_whole(object, "class", nx_history_class(history));
	nx_json_out_whole(object, "reason", history->reason);
	if (nx_history_is_event(history)) {
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
