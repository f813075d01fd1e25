/* SPDX-License-Identifier: ISC */
#include "proto/ask_session.h"

#include "base/text.h"

#include <string.h>

/* --- buffers -------------------------------------------------------------- */

void nx_ask_session_put(struct nx_ask *session, struct nx_ask_buffer *buffer,
                        const char *bytes, size_t size)
{
	const size_t wanted = buffer->size + size + 1;
	if (wanted > buffer->room) {
		buffer->room =
		        wanted > NX_ASK_ROOM / 2 ? 2 * wanted : NX_ASK_ROOM;
		buffer->bytes = talloc_realloc(session, buffer->bytes, char,
		                               buffer->room);
	}
	memcpy(buffer->bytes + buffer->size, bytes, size);
	buffer->size += size;
}

static void empty(struct nx_ask_buffer *buffer)
{
	buffer->size = 0;
	if (buffer->room <= NX_ASK_KEPT)
		return;
	TALLOC_FREE(buffer->bytes);
	buffer->room = 0;
}

const char *nx_ask_output(const struct nx_ask *session, size_t *size)
{
	*size = session->output.size;
	return session->output.bytes;
}

void nx_ask_sent(struct nx_ask *session, size_t size)
{
	struct nx_ask_buffer *output = &session->output;
	output->size -= size;
	if (output->size == 0)
		empty(output);
	else
		memmove(output->bytes, output->bytes + size, output->size);
}

/* --- bytes ---------------------------------------------------------------- */

static void too_long(struct nx_ask *session)
{
	nx_ask_session_break(session, "the request is too long");
}

static void length_byte(struct nx_ask *session, char c)
{
	if (c == ':' && session->digits > 0) {
		session->announced = true;
		if (session->length > NX_ASK_REQUEST)
			too_long(session);
	} else if (!nx_text_is_digit(c)) {
		nx_ask_session_break(session, "this is no netstring");
	} else if (++session->digits > NX_ASK_DIGITS) {
		too_long(session);
	} else {
		session->length = session->length * 10 + (size_t)(c - '0');
	}
}

static size_t feed_netstring(struct nx_ask *session, const char *bytes,
                             size_t size)
{
	struct nx_ask_buffer *input = &session->input;
	size_t used = 0;
	while (used < size && !session->announced &&
	       session->state == NX_ASK_READING)
		length_byte(session, bytes[used++]);
	if (session->state != NX_ASK_READING || !session->announced)
		return used;
	const size_t missing = session->length + 1 - input->size;
	const size_t taken = size - used < missing ? size - used : missing;
	nx_ask_session_put(session, input, bytes + used, taken);
	if (taken == missing)
		nx_ask_read_netstring(session);
	return used + taken;
}

/* A line without its end, which is LF or CR LF, is empty. */
static bool is_blank(const struct nx_ask *session)
{
	const char *line = session->input.bytes + session->line;
	return *line == '\n' || (line[0] == '\r' && line[1] == '\n');
}

static void end_line(struct nx_ask *session)
{
	if (session->protocol == NX_ASK_TCP_TABLE)
		nx_ask_read_get(session);
	else if (is_blank(session))
		nx_ask_read_policy(session);
	else
		session->line = session->input.size;
}

static size_t feed_lines(struct nx_ask *session, const char *bytes, size_t size)
{
	struct nx_ask_buffer *input = &session->input;
	size_t used = 0;
	while (used < size && session->state == NX_ASK_READING) {
		const char *at = bytes + used;
		const char *end = memchr(at, '\n', size - used);
		const size_t taken =
		        end != NULL ? (size_t)(end - at) + 1 : size - used;
		if (input->size + taken > NX_ASK_REQUEST) {
			too_long(session);
			break;
		}
		nx_ask_session_put(session, input, at, taken);
		used += taken;
		if (end != NULL)
			end_line(session);
	}
	return used;
}

size_t nx_ask_feed(struct nx_ask *session, const char *bytes, size_t size)
{
	if (session->state != NX_ASK_READING || size == 0)
		return 0;
	return session->protocol == NX_ASK_SOCKETMAP
	               ? feed_netstring(session, bytes, size)
	               : feed_lines(session, bytes, size);
}

/* --- questions ------------------------------------------------------------ */

const struct nx_ask_question *nx_ask_question(const struct nx_ask *session)
{
	return session->state == NX_ASK_WAITING ? &session->question : NULL;
}

static void forget(struct nx_ask *session)
{
	TALLOC_FREE(session->repaired);
	empty(&session->input);
	session->line = 0;
	session->length = 0;
	session->digits = 0;
	session->announced = false;
}

void nx_ask_answer(struct nx_ask *session, enum nx_ask_answer answer,
                   const char *text)
{
	session->state = nx_ask_write(session, answer, text) ? NX_ASK_READING
	                                                     : NX_ASK_OVER;
	forget(session);
}

void nx_ask_session_break(struct nx_ask *session, const char *text)
{
	(void)nx_ask_write(session, NX_ASK_REFUSED, text);
	session->state = NX_ASK_OVER;
	forget(session);
}

/* --- the session ---------------------------------------------------------- */

struct nx_ask *nx_ask_new(TALLOC_CTX *ctx, enum nx_ask_protocol protocol,
                          const char *map)
{
	struct nx_ask *session = talloc_zero(ctx, struct nx_ask);
	const char *stream = map + strcspn(map, ":/");
	session->protocol = protocol;
	session->map = talloc_strndup(session, map, (size_t)(stream - map));
	session->stream =
	        talloc_strdup(session, stream + (*stream != '\0' ? 1 : 0));
	return session;
}

bool nx_ask_is_idle(const struct nx_ask *session)
{
	return session->state == NX_ASK_READING && session->input.size == 0 &&
	       session->digits == 0 && session->output.size == 0;
}

bool nx_ask_is_over(const struct nx_ask *session)
{
	return session->state == NX_ASK_OVER;
}
