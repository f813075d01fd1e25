/* SPDX-License-Identifier: ISC */
#include "proto/ask_session.h"

#include "base/text.h"

#include <string.h>

static const struct nx_ask_question nothing = {
        .map = "",
        .stream = "",
        .address = "",
        .sender = "",
        .login = "",
        .instance = "",
        .queue_id = "",
        .client = "",
        .state = "",
};

static bool is_plain(unsigned char c)
{
	return c > 0 && c < 0x80 && c != '\r';
}

/* Bytes of the input as text. The one after them is the end of a line, of a
 * name or of the netstring, and becomes the NUL. */
static const char *text_of(struct nx_ask *session, char *bytes, size_t size)
{
	bool plain = true;
	for (size_t i = 0; i < size; i++)
		plain &= is_plain((unsigned char)bytes[i]);
	if (plain) {
		bytes[size] = '\0';
		return bytes;
	}
	if (session->repaired == NULL)
		session->repaired = talloc_new(session);
	return nx_text_repair(session->repaired, bytes, size, size);
}

static void begin(struct nx_ask *session)
{
	session->question = nothing;
	session->question.map = session->map;
	session->question.stream = session->stream;
	session->state = NX_ASK_WAITING;
}

/* Where the line ends; *next is where the next begins. */
static char *end_of_line(char *line, const char *end, char **next)
{
	char *stop = memchr(line, '\n', (size_t)(end - line));
	*next = stop + 1;
	return stop > line && stop[-1] == '\r' ? stop - 1 : stop;
}

/* --- socketmap ------------------------------------------------------------ */

static void read_name(struct nx_ask *session, char *name, size_t size)
{
	struct nx_ask_question *question = &session->question;
	size_t before = 0;
	while (before < size && name[before] != ':' && name[before] != '/')
		before++;
	question->stream = before < size ? text_of(session, name + before + 1,
	                                           size - before - 1)
	                                 : "";
	question->map = text_of(session, name, before);
}

/* The key may have blanks, in a local part in quotes; the name has none. */
void nx_ask_read_netstring(struct nx_ask *session)
{
	char *text = session->input.bytes;
	const size_t size = session->length;
	char *blank = memchr(text, ' ', size);
	if (text[size] != ',') {
		nx_ask_session_break(session, "this is no netstring");
		return;
	}
	if (blank == NULL) {
		nx_ask_session_break(session, "the request has no key");
		return;
	}
	begin(session);
	const size_t name = (size_t)(blank - text);
	session->question.address =
	        text_of(session, blank + 1, size - name - 1);
	read_name(session, text, name);
}

/* --- tcp_table ------------------------------------------------------------ */

/* In place. A percent sign without two digits stands for itself. */
static size_t decode(char *text, size_t size)
{
	size_t kept = 0;
	for (size_t i = 0; i < size; i++) {
		const int byte = text[i] == '%' ? nx_text_hex_byte(text + i + 1,
		                                                   size - i - 1)
		                                : -1;
		if (byte >= 0) {
			text[kept++] = (char)byte;
			i += 2;
		} else {
			text[kept++] = text[i];
		}
	}
	return kept;
}

void nx_ask_read_get(struct nx_ask *session)
{
	static const char get[] = "get ";
	const size_t word = strlen(get);
	char *line = session->input.bytes;
	char *next;
	const char *end = end_of_line(line, line + session->input.size, &next);
	const size_t size = (size_t)(end - line);
	if (size < word || memcmp(line, get, word) != 0) {
		nx_ask_session_break(session, "only get is known");
		return;
	}
	begin(session);
	session->question.address =
	        text_of(session, line + word, decode(line + word, size - word));
}

/* --- policy --------------------------------------------------------------- */

struct attributes {
	struct nx_ask_question question;
	const char *request;
};

static const struct attribute {
	const char *name;
	size_t at; /* in struct attributes */
} known[] = {
        {"request", offsetof(struct attributes, request)},
        {"recipient", offsetof(struct attributes, question.address)},
        {"sender", offsetof(struct attributes, question.sender)},
        {"sasl_username", offsetof(struct attributes, question.login)},
        {"instance", offsetof(struct attributes, question.instance)},
        {"queue_id", offsetof(struct attributes, question.queue_id)},
        {"client_address", offsetof(struct attributes, question.client)},
        {"protocol_state", offsetof(struct attributes, question.state)},
};

/* The place of its value, or NULL. */
static const char **place_of(struct attributes *read, const char *name,
                             size_t size)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (*known[i].name == *name && strlen(known[i].name) == size &&
		    memcmp(known[i].name, name, size) == 0)
			return (const char **)((char *)read + known[i].at);
	return NULL;
}

static void read_attribute(struct nx_ask *session, struct attributes *read,
                           char *line, size_t size)
{
	char *value = memchr(line, '=', size);
	const char **place =
	        value != NULL ? place_of(read, line, (size_t)(value - line))
	                      : NULL;
	if (place != NULL)
		*place = text_of(session, value + 1,
		                 size - (size_t)(value - line) - 1);
}

void nx_ask_read_policy(struct nx_ask *session)
{
	char *next = session->input.bytes;
	const char *end = next + session->input.size;
	begin(session);
	struct attributes read = {session->question, ""};
	while (next < end) {
		char *line = next;
		const char *stop = end_of_line(line, end, &next);
		read_attribute(session, &read, line, (size_t)(stop - line));
	}
	session->question = read.question;
	if (strcmp(read.request, "smtpd_access_policy") != 0)
		nx_ask_session_break(session, "");
}
