/* SPDX-License-Identifier: ISC */
#include "pipe/lmtp_client.h"

#include "pipe/connection.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
	LINE = 1024,     /* of a reply that is used */
	COMMAND = 2048,  /* a server takes no longer command */
	PARAMETER = 1000 /* in a command; it may be left out */
};

struct offer { /* extensions offered in the reply to LHLO */
	bool eight_bit, utf8, dsn, ident;
};

struct session {
	struct nx_connection connection;
	const struct nx_pipe_message *message;
	struct offer offer;
	struct nx_pipe_error *err; /* for a refusal */
	bool refused;
};

/* --- replies -------------------------------------------------------------- */

static bool says(const char *line, const char *word)
{
	size_t length = strlen(word);
	return strncasecmp(line, word, length) == 0 &&
	       (line[length] == '\0' || line[length] == ' ');
}

static void note_offer(struct offer *offer, const char *line)
{
	offer->eight_bit |= says(line, "8BITMIME");
	offer->utf8 |= says(line, "SMTPUTF8");
	offer->dsn |= says(line, "DSN");
	offer->ident |=
	        says(line, "XFORWARD") && strcasestr(line, " IDENT") != NULL;
}

/* The code of one line, or 0 when there is none. */
static int code_of(const char *line)
{
	for (int i = 0; i < 3; i++)
		if (line[i] < '0' || line[i] > '9')
			return 0;
	if (line[3] != '-' && line[3] != ' ' && line[3] != '\0')
		return 0;
	return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

/* The code of a whole reply, however many lines; 0 when the connection
 * broke. */
static int read_reply(struct session *session, char line[LINE],
                      struct offer *offer)
{
	for (;;) {
		if (!nx_connection_line(&session->connection, line, LINE))
			return 0;
		int code = code_of(line);
		if (code == 0) {
			nx_pipe_error(session->connection.err,
			              "daemon: speaks no LMTP");
			session->connection.broken = true;
			return 0;
		}
		if (offer && line[3])
			note_offer(offer, line + 4);
		if (line[3] != '-')
			return code;
	}
}

/* Whether the reply is of that class (2: 2xx). The first one that is not is
 * kept as the reason. */
static bool expect(struct session *session, int class, struct offer *offer)
{
	char line[LINE];
	int code = read_reply(session, line, offer);
	if (code / 100 == class)
		return true;
	if (code != 0 && !session->refused) {
		nx_pipe_error(session->err, "daemon said: %s", line);
		session->refused = true;
	}
	return false;
}

/* --- commands ------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static bool say(struct session *session,
                                                      const char *format, ...)
{
	char line[COMMAND];
	va_list arguments;
	va_start(arguments, format);
	int size = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	if (size < 0 || size >= (int)sizeof(line)) {
		nx_pipe_error(session->connection.err,
		              "an address is too long for LMTP");
		return !(session->connection.broken = true);
	}
	return nx_connection_put(&session->connection, line, (size_t)size) &&
	       nx_connection_flush(&session->connection);
}

/* RFC 3461 section 4: "+" and what is not visible as +XX. Empty when there is
 * no room for it. */
static const char *xtext(const char *text, char out[PARAMETER])
{
	size_t length = 0;
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		bool plain = c > ' ' && c < 0x7f && c != '+' && c != '=';
		if (length + 4 > PARAMETER)
			return "";
		length += (size_t)snprintf(out + length, 4,
		                           plain ? "%c" : "+%02X", c);
	}
	out[length] = '\0';
	return out;
}

static bool is_plain(char c)
{
	return (c >= '0' && c <= '9') ||
	       ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c & 0x80) ||
	       strchr("!#$%&'*+-/=?^_`{|}~.", c);
}

/* An MTA gives "a b"@example.org without its quotes. */
static const char *path(const char *address, char out[COMMAND])
{
	const char *at = strrchr(address, '@');
	const char *end = at ? at : address + strlen(address);
	const char *c = address;
	size_t length = 0;
	while (c < end && is_plain(*c))
		c++;
	if (c == end ||
	    (*address == '"' && end > address + 1 && end[-1] == '"'))
		return address;
	out[length++] = '"';
	for (c = address; c < end && length < COMMAND / 2; c++) {
		if (*c == '"' || *c == '\\')
			out[length++] = '\\';
		out[length++] = *c;
	}
	snprintf(out + length, COMMAND - length, "\"%s", end);
	return out;
}

static bool is_ascii(const char *text)
{
	while (*text && !(*text & 0x80))
		text++;
	return *text == '\0';
}

static bool needs_utf8(const struct nx_pipe_message *message)
{
	bool ascii = is_ascii(message->sender);
	for (size_t i = 0; i < message->recipients; i++)
		ascii = ascii && is_ascii(message->recipient[i]);
	return !ascii;
}

static bool say_mail(struct session *session)
{
	char quoted[COMMAND];
	const struct offer *offer = &session->offer;
	return say(session, "MAIL FROM:<%s>%s%s\r\n",
	           path(session->message->sender, quoted),
	           offer->eight_bit ? " BODY=8BITMIME" : "",
	           offer->utf8 && needs_utf8(session->message) ? " SMTPUTF8"
	                                                       : "") &&
	       expect(session, 2, NULL);
}

static bool say_recipient(struct session *session, const char *recipient)
{
	char quoted[COMMAND];
	char original[PARAMETER];
	const char *text = "";
	if (session->offer.dsn)
		text = xtext(session->message->original_recipient, original);
	return say(session, "RCPT TO:<%s>%s%s\r\n", path(recipient, quoted),
	           *text ? " ORCPT=rfc822;" : "", text) &&
	       expect(session, 2, NULL);
}

/* The queue id is only for the log: a refusal of it does not matter. */
static bool say_queue_id(struct session *session)
{
	char ident[PARAMETER];
	char reply[LINE];
	const char *id = xtext(session->message->queue_id, ident);
	if (!session->offer.ident || !*id)
		return true;
	return say(session, "XFORWARD IDENT=%s\r\n", id) &&
	       read_reply(session, reply, NULL) != 0;
}

static bool greet(struct session *session)
{
	return expect(session, 2, NULL) && say(session, "LHLO localhost\r\n") &&
	       expect(session, 2, &session->offer) && say_queue_id(session);
}

/* Returns how many recipients the server accepts. */
static size_t say_envelope(struct session *session)
{
	const struct nx_pipe_message *message = session->message;
	size_t taken = 0;
	if (!greet(session) || !say_mail(session))
		return 0;
	for (size_t i = 0; i < message->recipients; i++)
		taken += say_recipient(session, message->recipient[i]);
	return taken;
}

/* --- the message ---------------------------------------------------------- */

/* Lines end with CRLF, and a dot at the start is doubled (RFC 5321 section
 * 4.5.2). A bare CR is not a line end. */
static void put_lines(struct nx_connection *connection, const char *bytes,
                      size_t size)
{
	const char *end = bytes + size;
	while (bytes < end && !connection->broken) {
		const char *feed = memchr(bytes, '\n', (size_t)(end - bytes));
		const char *stop = feed ? feed : end;
		if (stop > bytes && stop[-1] == '\r' && feed)
			stop--;
		if (*bytes == '.')
			nx_connection_put(connection, ".", 1);
		nx_connection_put(connection, bytes, (size_t)(stop - bytes));
		nx_connection_put(connection, "\r\n", 2);
		bytes = feed ? feed + 1 : end;
	}
	nx_connection_put(connection, ".\r\n", 3);
}

static bool say_data(struct session *session, size_t recipients)
{
	const struct nx_pipe_message *message = session->message;
	struct nx_connection *connection = &session->connection;
	if (!say(session, "DATA\r\n") || !expect(session, 3, NULL))
		return false;
	put_lines(connection, message->bytes, message->size);
	if (!nx_connection_flush(connection))
		return false;
	for (size_t i = 0; i < recipients && !connection->broken; i++)
		(void)expect(session, 2, NULL);
	if (connection->broken)
		return false;
	/* its reply changes nothing */
	(void)say(session, "QUIT\r\n");
	return true;
}

enum nx_hand_over nx_lmtp_client_send(const char *socket,
                                      const struct nx_pipe_message *message,
                                      int seconds, struct nx_pipe_error *err)
{
	static struct session session;
	session.message = message;
	session.err = err;
	if (!nx_connection_open(&session.connection, socket, seconds, err))
		return NX_HAND_OVER_AWAY;
	size_t taken = say_envelope(&session);
	bool done = taken > 0 && say_data(&session, taken);
	close(session.connection.descriptor);
	if (session.refused)
		return NX_HAND_OVER_REFUSED;
	return done ? NX_HAND_OVER_TAKEN : NX_HAND_OVER_AWAY;
}
