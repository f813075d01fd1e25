/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"
#include "export/state_json.h"

#include "base/text.h"
#include "mail/address.h"
#include "mail/naming.h"
#include "mail/prescan.h"
#include "store/held.h"
#include "store/history.h"
#include "store/original.h"
#include "store/sent.h"

#include <string.h>

/* All that is stored of an address, for the person whose it is. */

struct export
{
	struct nx_cli *cli;
	struct nx_json_out *json;
	const char *address;
	const struct nx_naming *naming;
	struct nx_error *err;
	uint8_t(*message)[NX_DIGEST_SIZE]; /* that told of the address */
	size_t messages;
};

/* --- standings ------------------------------------------------------------ */

static bool add_standing(struct export *run,
                         const struct nx_subject_state *state)
{
	const char *who, *note;
	struct nx_json_out *json = run->json;
	const struct nx_standing *standing = &state->standing;

	if (!nx_store_act(run->cli, run->cli->store, state->act, &who, &note,
	                  run->err))
		return false;
	nx_json_out_object(json, NULL);
	nx_json_out_whole(json, "kept_as", state->address);
	nx_json_out_bool(json, "suppressed",
	                 nx_standing_holds(standing, run->cli->now));
	nx_json_out_whole(json, "holds_for", nx_reach_name(state->mail.reach));
	nx_json_out_whole(json, "mail", state->mail.name);
	nx_json_out_whole(json, "class", nx_cause_name(standing->cause));
	nx_json_out_whole(json, "reason", standing->reason);
	nx_json_time(json, "since", standing->since);
	nx_json_time(json, "until", standing->until);
	nx_json_out_array(json, "strikes");
	for (int i = 0; i < standing->strikes; i++)
		nx_json_time(json, NULL, standing->strike[i]);
	for (int i = 0; i < standing->unconfirmed_count; i++)
		nx_json_time(json, NULL, standing->unconfirmed[i]);
	nx_json_out_end(json);
	nx_json_out_whole(json, "who", who);
	nx_json_out_whole(json, "note", note);
	nx_json_out_end(json);
	return true;
}

static bool add_standings(struct export *run)
{
	static const struct nx_question ANY = {.stream = ""};
	struct nx_cli *cli = run->cli;
	struct nx_response answer;

	if (!nx_store_ask(cli, cli->store, &ANY, run->address, cli->now,
	                  &answer, run->err))
		return false;
	nx_json_out_array(run->json, "standings");
	for (size_t i = 0; i < answer.states; i++)
		if (!add_standing(run, &answer.state[i]))
			return false;
	nx_json_out_end(run->json);
	return true;
}

static bool add_held(struct export *run)
{
	struct nx_hold hold;
	struct nx_cli *cli = run->cli;

	if (!nx_held_of(cli, cli->store, run->address, cli->now, &hold,
	                run->err))
		return false;
	if (!hold.domain)
		return true;
	nx_json_out_object(run->json, "held");
	nx_hold_json(run->json, &hold);
	nx_json_out_end(run->json);
	return true;
}

/* --- what was sent -------------------------------------------------------- */

static void add_mail(void *user, int64_t time, const char *stream)
{
	struct export *run = user;

	nx_json_out_object(run->json, NULL);
	nx_json_time(run->json, "time", time);
	nx_json_out_whole(run->json, "stream", stream);
	nx_json_out_end(run->json);
}

static bool add_sent(struct export *run)
{
	nx_json_out_array(run->json, "sent");
	const bool done = nx_store_sent_to(run->cli->store, run->address,
	                                   add_mail, run, run->err);
	nx_json_out_end(run->json);
	return done;
}

/* --- history -------------------------------------------------------------- */

static void add_event(struct export *run, const struct nx_history *history)
{
	char hex[2 * NX_DIGEST_SIZE + 1];
	struct nx_json_out *json = run->json;
	const struct nx_event *event = &history->event;
	const struct nx_verdict *verdict = &event->verdict;

	nx_json_out_whole(json, "message",
	                  nx_digest_hex(event->message, NX_DIGEST_SIZE, hex));
	nx_json_out_whole(json, "source", history->source);
	nx_json_out_whole(json, "kind", nx_kind_name(event->kind));
	nx_json_out_whole(json, "feedback_type", history->feedback_type);
	nx_json_out_whole(json, "stream", event->stream);
	nx_json_out_whole(json, "sending_domain", event->sending_domain);
	nx_json_out_whole(json, "class", nx_class_name(verdict->class));
	nx_json_out_whole(json, "fault", nx_fault_name(verdict->fault));
	nx_json_out_whole(json, "advice", verdict->advice);
	nx_json_out_whole(json, "rule", verdict->rule);
	nx_json_out_whole(json, "matched", verdict->matched);
	nx_json_out_whole(json, "trust", nx_trust_name(event->trust));
	nx_json_out_whole(json, "action", nx_action_name(event->action));
	nx_json_out_whole(json, "status", event->status);
	nx_json_out_number(json, "reply", event->reply);
	nx_json_out_whole(json, "diagnostic", event->diagnostic);
	nx_json_out_whole(json, "remote_mta", event->remote_mta);
	nx_json_out_whole(json, "reporting_mta", event->reporting_mta);
	nx_json_out_whole(json, "message_id", event->message_id);
	nx_json_out_whole(json, "list_id", event->list_id);
	nx_json_out_number(json, "incidents", event->incidents);
}

static void note_message(struct export *run, const struct nx_event *event)
{
	run->message = talloc_realloc_size(
	        run->cli, run->message, (run->messages + 1) * NX_DIGEST_SIZE);
	memcpy(run->message[run->messages++], event->message, NX_DIGEST_SIZE);
}

static bool add_history(void *user, const struct nx_history *history)
{
	struct export *run = user;
	struct nx_json_out *json = run->json;

	nx_json_out_object(json, NULL);
	nx_json_time(json, "time", history->time);
	nx_json_out_whole(json, "what", history->what);
	nx_json_out_whole(json, "reason", history->reason);
	if (strcmp(history->what, "event") == 0) {
		note_message(run, &history->event);
		add_event(run, history);
	} else {
		nx_json_out_whole(json, "holds_for",
		                  nx_reach_name(history->mail.reach));
		nx_json_out_whole(json, "mail", history->mail.name);
		nx_json_out_whole(json, "asked", history->asked);
		nx_json_out_whole(json, "source", history->source);
		nx_json_out_whole(json, "sender", history->reporter);
		nx_json_out_whole(json, "queue_id", history->queue_id);
		nx_json_out_whole(json, "class",
		                  nx_cause_name(history->standing.cause));
		nx_json_out_whole(json, "who", history->who);
		nx_json_out_whole(json, "note", history->note);
	}
	nx_json_out_end(json);
	return true;
}

/* --- messages ------------------------------------------------------------- */

static bool has_told(const struct export *run,
                     const uint8_t digest[NX_DIGEST_SIZE])
{
	for (size_t i = 0; i < run->messages; i++)
		if (memcmp(run->message[i], digest, NX_DIGEST_SIZE) == 0)
			return true;
	return false;
}

static bool is_about(const struct export *run,
                     const struct nx_quarantined *message)
{
	return has_told(run, message->digest) ||
	       nx_naming_is_in_mail(run->naming, &message->envelope,
	                            message->bytes, message->kept);
}

static bool add_message(void *user, const struct nx_quarantined *message)
{
	char hex[2 * NX_DIGEST_SIZE + 1];
	const struct export *run = user;
	const struct nx_envelope *envelope = &message->envelope;
	struct nx_json_out *json = run->json;

	if (!is_about(run, message))
		return true;
	char *bytes = nx_text_base64_of(NULL, message->bytes, message->kept);
	nx_json_out_object(json, NULL);
	nx_json_out_whole(json, "id",
	                  nx_digest_hex(message->digest, NX_DIGEST_SIZE, hex));
	nx_json_time(json, "time", message->time);
	nx_json_out_whole(json, "why", nx_quarantine_why_name(message->why));
	nx_json_out_whole(json, "sender", envelope->sender);
	nx_json_out_whole(json, "recipient", envelope->recipient);
	nx_json_out_whole(json, "original_recipient",
	                  envelope->original_recipient);
	nx_json_out_whole(json, "queue_id", envelope->queue_id);
	nx_json_out_number(json, "size", message->size);
	nx_json_out_whole(json, "base64", bytes);
	nx_json_out_end(json);
	talloc_free(bytes);
	return true;
}

static bool add_original(void *user, const struct nx_kept_original *original)
{
	struct nx_quarantined message = {.time = original->time,
	                                 .envelope = original->envelope,
	                                 .size = original->size,
	                                 .bytes = original->bytes,
	                                 .kept = original->kept};

	memcpy(message.digest, original->digest, NX_DIGEST_SIZE);
	return add_message(user, &message);
}

static bool add_messages(struct export *run)
{
	struct nx_store *store = run->cli->store;

	nx_json_out_array(run->json, "originals");
	if (!nx_original_walk(store, add_original, run, run->err))
		return false;
	nx_json_out_end(run->json);
	nx_json_out_array(run->json, "quarantine");
	if (!nx_quarantine_list(store, NX_PRESCAN_BYTES, add_message, run,
	                        run->err))
		return false;
	nx_json_out_end(run->json);
	return true;
}

/* -------------------------------------------------------------------------- */

static bool add_all(struct export *run)
{
	struct nx_json_out *json = run->json;

	nx_json_out_whole(json, "address", run->address);
	nx_json_time(json, "time", run->cli->now);
	if (!add_standings(run) || !add_held(run) || !add_sent(run))
		return false;
	nx_json_out_array(json, "history");
	if (!nx_store_history(run->cli->store, run->address, add_history, run,
	                      run->err))
		return false;
	nx_json_out_end(json);
	return add_messages(run);
}

bool nx_command_subject_export(struct nx_cli *cli, struct nx_error *err)
{
	struct export run = {.cli = cli,
	                     .json = nx_json_out_new(cli),
	                     .address =
	                             nx_address_subject(cli, cli->operand[0]),
	                     .err = err};

	if (*run.address == '\0' || *run.address == '@')
		return nx_error_set(err, NX_ERROR_USAGE, "%s: not an address",
		                    cli->operand[0]);
	run.naming = nx_naming_new(cli, run.address);
	if (!nx_cli_store(cli, NX_STORE_READ, err) || !add_all(&run))
		return false;
	nx_cli_print_json(run.json);
	return true;
}
