/* SPDX-License-Identifier: ISC */
#include "cli/commands.h"
#include "cli/show.h"

#include "base/date.h"
#include "mail/address.h"
#include "store/held.h"

#include <string.h>

/* --- who said so ---------------------------------------------------------- */

const char *nx_show_evidence(enum nx_trust trust)
{
	return trust == NX_TRUST_CLAIMED ? "unverified" : nx_trust_name(trust);
}

const char *nx_show_reporter(const struct nx_history *history)
{
	const char *mta = history->event.reporting_mta;
	return *mta != '\0' ? mta : history->reporter;
}

static bool is_about(const struct nx_history *history,
                     const struct nx_mail *mail)
{
	switch (mail->reach) {
	case NX_REACH_ALL:
	case NX_REACH_BULK:
		return true;
	case NX_REACH_DOMAIN:
		return strcmp(history->event.sending_domain, mail->name) == 0;
	case NX_REACH_STREAM:
		break;
	}
	return strcmp(history->event.stream, mail->name) == 0;
}

/* Texts that a flood limit cut may have named the mail. */
static bool rests_on(const struct nx_subject_state *state,
                     const struct nx_history *history)
{
	const struct nx_standing *standing = &state->standing;
	return nx_history_is_event(history) &&
	       history->time < standing->until &&
	       strcmp(history->reason, standing->reason) == 0 &&
	       (history->cut || is_about(history, &state->mail));
}

const struct nx_history *nx_show_origin(const struct nx_show *show,
                                        const struct nx_subject_state *state)
{
	const struct nx_history *history = show->history + show->rows;
	if (state->standing.cause == NX_CAUSE_NONE || state->mail.by_hand ||
	    state->act != 0)
		return NULL;
	while (history > show->history)
		if (rests_on(state, --history))
			return history;
	return NULL;
}

static const char *date_of(TALLOC_CTX *ctx, int64_t time)
{
	char date[NX_DATE_SIZE];
	return time == 0 ? "" : talloc_strdup(ctx, nx_date_text(time, date));
}

static void print_origin(TALLOC_CTX *ctx, const struct nx_history *origin,
                         const struct nx_subject_state *state)
{
	const struct nx_event *event = &origin->event;
	const char *reporter = nx_show_reporter(origin);
	nx_show_member(ctx, "said by", *reporter ? reporter : "unknown");
	nx_show_member(ctx, "evidence", nx_show_evidence(state->evidence));
	nx_show_member(ctx, "reported", date_of(ctx, origin->came));
	nx_show_member(ctx, "dated", date_of(ctx, origin->written));
	nx_show_member(ctx, "queue id", origin->queue_id);
	nx_show_member(ctx, "rule", event->verdict.rule);
	nx_show_member(ctx, "said", event->diagnostic);
}

static bool print_act(struct nx_cli *cli, TALLOC_CTX *ctx, int64_t act,
                      struct nx_error *err)
{
	const char *who, *note;
	if (!nx_store_act(ctx, cli->store, act, &who, &note, err))
		return false;
	nx_show_member(ctx, "by", who);
	nx_show_member(ctx, "note", note);
	return true;
}

/* --- until when, and why so long ------------------------------------------ */

bool nx_show_is_prolonged(const struct nx_standing *standing)
{
	return standing->until != NX_FOREVER && standing->bounced_until != 0 &&
	       standing->until > standing->bounced_until;
}

static const char *end_text(TALLOC_CTX *ctx, const struct nx_standing *standing)
{
	if (standing->cause == NX_CAUSE_NONE)
		return "";
	if (standing->until == NX_FOREVER)
		return talloc_asprintf(ctx, "by hand only: release --class %s",
		                       nx_cause_name(standing->cause));
	return talloc_asprintf(
	        ctx, "by itself; step %d of its ladder%s", standing->rung + 1,
	        nx_show_is_prolonged(standing) ? ", prolonged by attempts"
	                                       : "");
}

/* Bounces that are not enough yet. */
static const char *strikes_text(TALLOC_CTX *ctx,
                                const struct nx_standing *standing)
{
	if (standing->strikes == 0)
		return "";
	return talloc_asprintf(ctx, "%d, the last %s", standing->strikes,
	                       date_of(ctx, standing->strike[0]));
}

static bool print_state(const struct nx_show *show,
                        const struct nx_subject_state *state,
                        struct nx_error *err)
{
	struct nx_cli *cli = show->cli;
	const struct nx_standing *standing = &state->standing;
	const struct nx_history *origin = nx_show_origin(show, state);
	bool done = true;
	TALLOC_CTX *ctx = talloc_new(NULL);
	puts(nx_cli_state_text(ctx, show->address, state, cli->now));
	if (nx_standing_holds(standing, cli->now))
		nx_show_member(ctx, "ends", end_text(ctx, standing));
	nx_show_member(ctx, "bounces", strikes_text(ctx, standing));
	if (origin)
		print_origin(ctx, origin, state);
	else if (state->act != 0)
		done = print_act(cli, ctx, state->act, err);
	talloc_free(ctx);
	return done;
}

static bool print_states(const struct nx_show *show, struct nx_error *err)
{
	const struct nx_response *answer = &show->answer;
	bool done = true;
	if (answer->states == 0)
		nx_cli_print_answer(show->cli, answer);
	for (size_t i = 0; done && i < answer->states; i++)
		done = print_state(show, &answer->state[i], err);
	if (answer->states > 0 && answer->hold)
		nx_cli_print_hold(show->cli, answer->hold);
	return done;
}

/* -------------------------------------------------------------------------- */

static bool print(const struct nx_show *show, struct nx_error *err)
{
	if (nx_cli_has(show->cli, NX_OPTION_MESSAGE))
		return nx_show_message(show, err);
	if (nx_cli_has(show->cli, NX_OPTION_JSON)) {
		nx_show_json(show);
		return true;
	}
	if (!print_states(show, err))
		return false;
	nx_show_history(show);
	return true;
}

static bool is_asked_well(const struct nx_cli *cli, const char *address,
                          struct nx_error *err)
{
	if (!*address)
		return nx_error_set(err, NX_ERROR_USAGE, "%s: not an address",
		                    cli->operand[0]);
	return !nx_cli_has(cli, NX_OPTION_MESSAGE) ||
	       !nx_cli_has(cli, NX_OPTION_JSON) ||
	       nx_error_set(err, NX_ERROR_USAGE,
	                    "--message prints what came, not JSON");
}

/* The standings first, which most people want to know. */
bool nx_command_show(struct nx_cli *cli, struct nx_error *err)
{
	struct nx_hold hold;
	struct nx_show show = {
	        .cli = cli,
	        .address = nx_address_subject(cli, cli->operand[0])};
	const struct nx_question question = nx_cli_question(cli);
	if (!is_asked_well(cli, show.address, err) ||
	    !nx_cli_store(cli, NX_STORE_READ, err) ||
	    !nx_store_ask(cli, cli->store, &question, show.address, cli->now,
	                  &show.answer, err) ||
	    !nx_held_of(cli, cli->store, show.address, cli->now, &hold, err) ||
	    !nx_history_read(cli, cli->store, show.address, &show.history,
	                     &show.rows, err))
		return false;
	show.answer.hold = hold.domain ? &hold : NULL;
	return print(&show, err);
}
