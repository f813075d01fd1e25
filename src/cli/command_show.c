/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"

#include "base/date.h"
#include "mail/address.h"
#include "store/held.h"
#include "store/history.h"

#include <string.h>

struct show {
	struct nx_cli *cli;
	struct nx_json_out *json; /* NULL: for people */
};

static void print_member(TALLOC_CTX *ctx, const char *name, const char *value)
{
	if (*value)
		printf("    %-14s %s\n", name, nx_cli_escape(ctx, value));
}

static void print_event(TALLOC_CTX *ctx, const struct nx_event *event)
{
	print_member(ctx, "status", event->status);
	if (event->reply)
		printf("    %-14s %d\n", "reply", event->reply);
	print_member(ctx, "diagnostic", event->diagnostic);
	print_member(ctx, "remote mta", event->remote_mta);
	print_member(ctx, "reporting mta", event->reporting_mta);
	print_member(ctx, "message-id", event->message_id);
	print_member(ctx, "list-id", event->list_id);
	print_member(ctx, "rule", event->verdict.rule);
	print_member(ctx, "matched", event->verdict.matched);
	print_member(ctx, "advice", event->verdict.advice);
	print_member(ctx, "trust", nx_trust_name(event->trust));
	print_member(ctx, "stream", event->stream);
	print_member(ctx, "sent from", event->sending_domain);
}

static bool is_event(const struct nx_history *history)
{
	return strcmp(history->what, "event") == 0;
}

static const char *class_of(const struct nx_history *history)
{
	if (is_event(history))
		return nx_class_name(history->event.verdict.class);
	if (strcmp(history->what, "attempt") == 0)
		return nx_cause_name(history->standing.cause);
	return "";
}

static void print_text(TALLOC_CTX *ctx, const struct nx_history *history)
{
	char date[NX_DATE_SIZE];
	printf("  %s  %s  %s %s\n", nx_date_text(history->time, date),
	       nx_cli_escape(ctx, history->what), class_of(history),
	       nx_cli_escape(ctx, history->reason));
	if (is_event(history))
		print_event(ctx, &history->event);
	else if (history->mail.reach != NX_REACH_ALL)
		print_member(ctx, "for", nx_cli_mail_text(ctx, &history->mail));
	print_member(ctx, "by", history->who);
	print_member(ctx, "note", history->note);
}

static void add_event(struct nx_json_out *object, const struct nx_event *event)
{
	nx_json_out_whole(object, "fault", nx_fault_name(event->verdict.fault));
	nx_json_out_whole(object, "kind", nx_kind_name(event->kind));
	nx_json_out_whole(object, "action", nx_action_name(event->action));
	nx_json_out_whole(object, "status", event->status);
	nx_json_out_number(object, "reply", event->reply);
	nx_json_out_whole(object, "diagnostic", event->diagnostic);
	nx_json_out_whole(object, "remote_mta", event->remote_mta);
	nx_json_out_whole(object, "reporting_mta", event->reporting_mta);
	nx_json_out_whole(object, "message_id", event->message_id);
	nx_json_out_whole(object, "list_id", event->list_id);
	nx_json_out_whole(object, "rule", event->verdict.rule);
	nx_json_out_whole(object, "matched", event->verdict.matched);
	nx_json_out_whole(object, "advice", event->verdict.advice);
	nx_json_out_whole(object, "trust", nx_trust_name(event->trust));
	nx_json_out_whole(object, "sending_domain", event->sending_domain);
}

/* Of an event the stream of the mail that it is about. */
static const char *stream_of(const struct nx_history *history)
{
	if (is_event(history))
		return history->event.stream;
	return history->mail.reach == NX_REACH_STREAM ? history->mail.name : "";
}

static void add_members(struct nx_json_out *object,
                        const struct nx_history *history)
{
	nx_cli_add_time(object, "time", history->time);
	nx_json_out_whole(object, "what", history->what);
	nx_json_out_whole(object, "stream", stream_of(history));
	nx_json_out_whole(object, "scope", stream_of(history));
	nx_json_out_whole(object, "class", class_of(history));
	nx_json_out_whole(object, "reason", history->reason);
	if (is_event(history)) {
		add_event(object, &history->event);
		return;
	}
	nx_json_out_whole(object, "holds_for",
	                  nx_reach_name(history->mail.reach));
	nx_json_out_whole(object, "who", history->who);
	nx_json_out_whole(object, "note", history->note);
}

static bool on_row(void *user, const struct nx_history *history)
{
	struct show *run = user;
	if (run->json) {
		nx_json_out_object(run->json, NULL);
		add_members(run->json, history);
		nx_json_out_end(run->json);
		return true;
	}
	TALLOC_CTX *ctx = talloc_new(NULL);
	print_text(ctx, history);
	talloc_free(ctx);
	return !ferror(stdout);
}

static void print_states(struct nx_cli *cli, const struct nx_response *answer)
{
	if (answer->states == 0)
		nx_cli_print_answer(cli, answer);
	for (size_t i = 0; i < answer->states; i++)
		puts(nx_cli_state_text(cli, answer->address, &answer->state[i],
		                       cli->now));
	if (answer->states > 0 && answer->hold)
		nx_cli_print_hold(cli, answer->hold);
}

/* The standings first, which most people want to know. */
bool nx_command_show(struct nx_cli *cli, struct nx_error *err)
{
	struct show run = {.cli = cli};
	struct nx_response answer;
	struct nx_hold hold;
	const struct nx_question question = nx_cli_question(cli);
	const char *address = nx_cli_address(cli, cli->operand[0]);
	if (!*address)
		return nx_error_set(err, NX_ERROR_USAGE, "%s: not an address",
		                    cli->operand[0]);
	if (!nx_cli_store(cli, NX_STORE_READ, err) ||
	    !nx_store_ask(cli, cli->store, &question, address, cli->now,
	                  &answer, err) ||
	    !nx_held_of(cli, cli->store, address, cli->now, &hold, err))
		return false;
	answer.hold = hold.domain ? &hold : NULL;
	if (nx_cli_has(cli, NX_OPTION_JSON)) {
		run.json = nx_json_out_new(cli);
		nx_cli_answer_json(cli, run.json, &answer);
		nx_json_out_array(run.json, "history");
	} else {
		print_states(cli, &answer);
	}
	if (!nx_store_history(cli->store, address, on_row, &run, err))
		return false;
	if (run.json) {
		nx_json_out_end(run.json);
		nx_cli_print_json(run.json);
	}
	return true;
}
