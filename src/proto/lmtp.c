/* SPDX-License-Identifier: ISC */
#include "proto/lmtp_session.h"

#include <stdarg.h>
#include <string.h>

/* --- output --------------------------------------------------------------- */

void nx_lmtp_put(struct nx_lmtp *session, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	char *text = talloc_vasprintf(session, format, arguments);
	va_end(arguments);
	const size_t size = strlen(text);
	const size_t wanted = session->output_size + size + 2;
	if (wanted > session->output_room) {
		session->output_room = 2 * wanted;
		session->output = talloc_realloc(session, session->output, char,
		                                 session->output_room);
	}
	memcpy(session->output + session->output_size, text, size);
	memcpy(session->output + session->output_size + size, "\r\n", 2);
	session->output_size = wanted;
	talloc_free(text);
}

const char *nx_lmtp_refused(struct nx_lmtp *session, const char *reply)
{
	session->errors++;
	return reply;
}

const char *nx_lmtp_output(const struct nx_lmtp *session, size_t *size)
{
	*size = session->output_size;
	return session->output;
}

void nx_lmtp_sent(struct nx_lmtp *session, size_t size)
{
	session->output_size -= size;
	memmove(session->output, session->output + size, session->output_size);
}

void nx_lmtp_shut(struct nx_lmtp *session, const char *text)
{
	nx_lmtp_put(session, "421 %s", text);
	session->state = NX_LMTP_OVER;
}

/* --- the transaction ------------------------------------------------------ */

/* XFORWARD is about one message. */
void nx_lmtp_forget(struct nx_lmtp *session)
{
	TALLOC_FREE(session->transaction);
	TALLOC_FREE(session->queue_id);
	session->message = (struct nx_lmtp_message){0};
	session->recipient = NULL;
	session->recipient_room = 0;
	session->held = 0;
	session->data = (struct nx_lmtp_data){0};
	if (session->state != NX_LMTP_OVER)
		session->state = NX_LMTP_READY;
}

bool nx_lmtp_hold(struct nx_lmtp *session, size_t more)
{
	const struct nx_lmtp_options *options = &session->options;
	if (options->room != NULL && !options->room(options->user, more))
		return false;
	session->held += more;
	return true;
}

size_t nx_lmtp_held(const struct nx_lmtp *session)
{
	return session->held;
}

static const char *answer_text(enum nx_lmtp_answer answer)
{
	switch (answer) {
	case NX_LMTP_TAKEN:
		return "250 2.0.0 taken";
	case NX_LMTP_KNOWN:
		return "250 2.0.0 duplicate";
	case NX_LMTP_TROUBLE:
		break;
	case NX_LMTP_FULL:
		return "452 4.3.1 no room, try again";
	}
	return "451 4.3.0 trouble here, try again";
}

const struct nx_lmtp_message *nx_lmtp_message(const struct nx_lmtp *session)
{
	return session->state == NX_LMTP_WAITING ? &session->message : NULL;
}

void nx_lmtp_append(struct nx_lmtp *session, const char *bytes, size_t size)
{
	struct nx_lmtp_data *data = &session->data;
	data->bytes = talloc_realloc(session->transaction, data->bytes, char,
	                             data->size + size);
	memcpy(data->bytes + data->size, bytes, size);
	data->size += size;
	session->message.bytes = data->bytes;
	session->message.size = data->size;
}

TALLOC_CTX *nx_lmtp_context(const struct nx_lmtp *session)
{
	return session->transaction;
}

void nx_lmtp_answer(struct nx_lmtp *session, const enum nx_lmtp_answer *answer)
{
	for (size_t i = 0; i < session->message.recipients; i++)
		nx_lmtp_put(session, "%s", answer_text(answer[i]));
	nx_lmtp_forget(session);
}

static void put_door_answer(struct nx_lmtp *session,
                            const struct nx_lmtp_door_answer *answer)
{
	switch (answer->answer) {
	case NX_LMTP_DOOR_REFUSED:
		nx_lmtp_put(session, "550 %s", answer->text);
		return;
	case NX_LMTP_DOOR_SWALLOWED:
		nx_lmtp_put(session, "250 2.0.0 suppressed, goes nowhere");
		return;
	case NX_LMTP_DOOR_FREE:
		nx_lmtp_put(session, "451 4.7.1 not suppressed now, try again");
		return;
	case NX_LMTP_DOOR_TROUBLE:
		break;
	}
	nx_lmtp_put(session, "%s", answer_text(NX_LMTP_TROUBLE));
}

void nx_lmtp_answer_door(struct nx_lmtp *session,
                         const struct nx_lmtp_door_answer *answer)
{
	static const struct nx_lmtp_door_answer trouble = {.text = ""};
	for (size_t i = 0; i < session->message.recipients; i++)
		put_door_answer(session, session->options.is_door ? &answer[i]
		                                                  : &trouble);
	nx_lmtp_forget(session);
}

/* --- bytes ---------------------------------------------------------------- */

static void end_line(struct nx_lmtp *session)
{
	const bool bad = session->line_bad;
	session->line[session->line_size] = '\0';
	session->line_size = 0;
	session->line_bad = false;
	nx_lmtp_put(session, "%s",
	            bad ? nx_lmtp_refused(session, "500 5.5.2 line too long")
	                : nx_lmtp_session_command(session, session->line));
	if (session->errors >= NX_LMTP_ERRORS)
		nx_lmtp_shut(session, "4.7.0 too many errors");
}

/* A NUL, or a lone CR or LF, is never part of a command: it may be an attempt
 * to make two readers see different lines. */
static void command_byte(struct nx_lmtp *session, char c)
{
	const bool after_cr = session->line_size > 0 &&
	                      session->line[session->line_size - 1] == '\r';
	if (after_cr && c == '\n') {
		session->line_size--;
		end_line(session);
		return;
	}
	if (after_cr || c == '\n' || c == '\0') {
		nx_lmtp_put(session, "500 5.5.2 NUL, bare CR or bare LF");
		session->state = NX_LMTP_OVER;
		return;
	}
	if (session->line_size == sizeof(session->line) - 1) {
		session->line_bad = true;
		session->line_size = 0;
	}
	session->line[session->line_size++] = c;
}

static size_t feed_data(struct nx_lmtp *session, const char *bytes, size_t size)
{
	struct nx_lmtp_data *data = &session->data;
	const size_t used = nx_lmtp_data_feed(data, session, bytes, size);
	if (!data->ended)
		return used;
	session->message.recipient = session->recipient;
	session->message.bytes = data->bytes != NULL ? data->bytes : "";
	session->message.size = data->size;
	session->message.total = data->total;
	session->message.lost = data->lost;
	session->state = NX_LMTP_WAITING;
	return used;
}

/* Content that was sent before it was requested: a client that does not wait
 * for 354 could also hide commands in it. The client keeps the message, which
 * it would drop after a 5xx. */
static void refuse_early_data(struct nx_lmtp *session)
{
	session->output_size -= strlen(NX_LMTP_GO_AHEAD "\r\n");
	nx_lmtp_shut(session, "4.5.0 data before 354");
}

size_t nx_lmtp_feed(struct nx_lmtp *session, const char *bytes, size_t size)
{
	size_t used = 0;
	while (used < size && session->state < NX_LMTP_WAITING) {
		if (session->state == NX_LMTP_DATA) {
			used += feed_data(session, bytes + used, size - used);
			continue;
		}
		command_byte(session, bytes[used++]);
		if (session->state == NX_LMTP_DATA && used < size)
			refuse_early_data(session);
	}
	return used;
}

/* --- the session ---------------------------------------------------------- */

struct nx_lmtp *nx_lmtp_new(TALLOC_CTX *ctx,
                            const struct nx_lmtp_options *options)
{
	struct nx_lmtp *session = talloc_zero(ctx, struct nx_lmtp);
	session->options = *options;
	nx_lmtp_put(session, "220 %s LMTP nixie", options->host);
	return session;
}

bool nx_lmtp_is_over(const struct nx_lmtp *session)
{
	return session->state == NX_LMTP_OVER;
}

bool nx_lmtp_is_in_data(const struct nx_lmtp *session)
{
	return session->state == NX_LMTP_DATA;
}

bool nx_lmtp_has_quit(const struct nx_lmtp *session)
{
	return session->quit;
}

size_t nx_lmtp_total(const struct nx_lmtp *session)
{
	return session->data.total;
}

void nx_lmtp_turn_away(struct nx_lmtp *session, const char *text)
{
	session->output_size = 0;
	nx_lmtp_shut(session, text);
}
