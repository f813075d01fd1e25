/* SPDX-License-Identifier: ISC */
#include "proto/lmtp_session.h"

#include <string.h>

enum { FIRST_ROOM = 8 * 1024 };

void nx_lmtp_data_begin(struct nx_lmtp_data *data)
{
	*data = (struct nx_lmtp_data){.bytes = NULL};
}

static bool make_room(struct nx_lmtp_data *data, struct nx_lmtp *session,
                      size_t wanted)
{
	const size_t most = session->options.keep;
	size_t room = data->room > 0 ? data->room : FIRST_ROOM;
	while (room < wanted)
		room *= 2;
	if (room > most)
		room = most;
	if (!nx_lmtp_hold(session, room - data->room))
		return false;
	data->bytes =
	        talloc_realloc(session->transaction, data->bytes, char, room);
	data->room = room;
	return true;
}

/* What is lost is only counted: the client will offer it again. */
static void keep(struct nx_lmtp_data *data, struct nx_lmtp *session,
                 const char *bytes, size_t size)
{
	const struct nx_lmtp_options *options = &session->options;
	const size_t left = options->keep - data->size;
	const size_t more = left < size ? left : size;
	data->total += size;
	if (data->size + more > data->room && !data->lost)
		data->lost = !make_room(data, session, data->size + more);
	if (data->lost)
		return;
	if (more > 0)
		memcpy(data->bytes + data->size, bytes, more);
	data->size += more;
	if (more < size && options->beyond != NULL)
		options->beyond(options->user, bytes + more, size - more);
}

static enum nx_lmtp_place after(char c)
{
	return c == '\r' ? NX_LMTP_AFTER_CR : NX_LMTP_IN_LINE;
}

/* Handles lines up to one that starts with a dot, as many as there are. */
static size_t in_line(struct nx_lmtp_data *data, struct nx_lmtp *session,
                      const char *bytes, size_t size)
{
	const char *const end = bytes + size;
	const char *at = bytes;
	data->place = NX_LMTP_IN_LINE;
	while (data->place == NX_LMTP_IN_LINE) {
		const char *cr = memchr(at, '\r', (size_t)(end - at));
		if (cr == NULL) {
			at = end;
			break;
		}
		at = cr + 1;
		if (end - at < 2)
			data->place = NX_LMTP_AFTER_CR;
		else if (at[0] == '\n' && at[1] == '.') {
			at++;
			data->place = NX_LMTP_LINE_START;
		}
	}
	keep(data, session, bytes, (size_t)(at - bytes));
	return (size_t)(at - bytes);
}

static void after_cr(struct nx_lmtp_data *data, struct nx_lmtp *session, char c)
{
	keep(data, session, &c, 1);
	data->place = c == '\n' ? NX_LMTP_LINE_START : after(c);
}

/* The dot at the start of a line was stuffing, or the end follows. */
static void after_dot(struct nx_lmtp_data *data, struct nx_lmtp *session,
                      char c)
{
	if (c == '\r') {
		data->place = NX_LMTP_AFTER_DOT_CR;
		return;
	}
	keep(data, session, &c, 1);
	data->place = NX_LMTP_IN_LINE;
}

static void after_dot_cr(struct nx_lmtp_data *data, struct nx_lmtp *session,
                         char c)
{
	data->ended = c == '\n';
	if (data->ended)
		return;
	keep(data, session, "\r", 1);
	keep(data, session, &c, 1);
	data->place = after(c);
}

size_t nx_lmtp_data_feed(struct nx_lmtp_data *data, struct nx_lmtp *session,
                         const char *bytes, size_t size)
{
	size_t used = 0;
	while (used < size && !data->ended) {
		const char c = bytes[used];
		if (data->place == NX_LMTP_IN_LINE ||
		    (data->place == NX_LMTP_LINE_START && c != '.')) {
			used += in_line(data, session, bytes + used,
			                size - used);
			continue;
		}
		used++;
		switch (data->place) {
		case NX_LMTP_IN_LINE:
		case NX_LMTP_LINE_START:
			data->place = NX_LMTP_AFTER_DOT;
			break;
		case NX_LMTP_AFTER_CR:
			after_cr(data, session, c);
			break;
		case NX_LMTP_AFTER_DOT:
			after_dot(data, session, c);
			break;
		case NX_LMTP_AFTER_DOT_CR:
			after_dot_cr(data, session, c);
			break;
		}
	}
	return used;
}
