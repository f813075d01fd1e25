/* SPDX-License-Identifier: ISC */
#include "pipe/pipe_message.h"

#include "sys/tempfail_exit.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
	FIRST_ROOM = 64 * 1024,
	HEAD = 256 * 1024, /* part in which headers are searched */
	WHOLE = 1024,      /* an address with its extension */
	SENDER = 900 /* octets of a sender: LMTP has room for them, quoted */
};

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

bool nx_pipe_error(struct nx_pipe_error *err, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(err->text, sizeof(err->text), format, arguments);
	va_end(arguments);
	for (char *c = err->text; *c; c++)
		if (is_control(*c) || (unsigned char)*c > 0x7e)
			*c = '?';
	return false;
}

/* --- the message ---------------------------------------------------------- */

static bool grow(struct nx_pipe_message *message, size_t *room)
{
	size_t more = *room ? 2 * *room : (size_t)FIRST_ROOM;
	char *bytes = realloc(message->bytes, more);
	if (!bytes)
		return false;
	message->bytes = bytes;
	*room = more;
	return true;
}

static bool read_kept(struct nx_pipe_message *message,
                      struct nx_pipe_error *err)
{
	size_t room = 0;
	while (message->size < NX_PIPE_MESSAGE_BYTES) {
		if (message->size == room && !grow(message, &room))
			return nx_pipe_error(err, "out of memory");
		ssize_t got = read(STDIN_FILENO, message->bytes + message->size,
		                   room - message->size);
		if (got < 0)
			return nx_pipe_error(err, "stdin: %s", strerror(errno));
		if (got == 0)
			break;
		message->size += (size_t)got;
	}
	return true;
}

bool nx_pipe_message_read(struct nx_pipe_message *message,
                          struct nx_pipe_error *err)
{
	bool done = read_kept(message, err);
	if (!done || message->size == NX_PIPE_MESSAGE_BYTES)
		nx_tempfail_exit_drain();
	if (done && message->size == 0)
		return nx_pipe_error(err, "stdin: there is no message");
	return done;
}

/* --- the envelope --------------------------------------------------------- */

static const char *copy(struct nx_pipe_message *message, const char *text,
                        size_t size)
{
	char *made = message->words + message->used;
	if (size >= sizeof(message->words) - message->used) {
		message->overflown = true;
		return "";
	}
	memcpy(made, text, size);
	made[size] = '\0';
	for (char *c = made; c < made + size; c++)
		if (is_control(*c))
			*c = '?';
	message->used += size + 1;
	return made;
}

/* Without blanks at the ends and angle brackets around it. */
static const char *address(struct nx_pipe_message *message, const char *text,
                           size_t size)
{
	const char *end = text + size;
	while (text < end && strchr(" \t\r<", *text))
		text++;
	while (text < end && strchr(" \t\r>", end[-1]))
		end--;
	return copy(message, text, (size_t)(end - text));
}

/* What Sendmail, and Postfix unless configured otherwise, write for the null
 * sender. */
static bool is_daemon(const char *text)
{
	static const char daemon[] = "MAILER-DAEMON";
	const char *behind = text + sizeof(daemon) - 1;
	return strncasecmp(text, daemon, sizeof(daemon) - 1) == 0 &&
	       (*behind == '\0' || *behind == '@');
}

void nx_pipe_message_sender(struct nx_pipe_message *message, const char *text)
{
	const char *sender = address(message, text, strnlen(text, SENDER));
	message->sender = is_daemon(sender) ? "" : sender;
	message->sender_known = true;
}

static void add_recipient(struct nx_pipe_message *message,
                          const char *recipient)
{
	if (!*recipient)
		return;
	if (message->recipients < NX_PIPE_MESSAGE_RECIPIENTS)
		message->recipient[message->recipients++] = recipient;
	else
		message->overflown = true;
}

void nx_pipe_message_recipient(struct nx_pipe_message *message,
                               const char *text)
{
	add_recipient(message, address(message, text, strlen(text)));
}

void nx_pipe_message_original(struct nx_pipe_message *message, const char *text)
{
	message->original_recipient = address(message, text, strlen(text));
}

void nx_pipe_message_queue_id(struct nx_pipe_message *message, const char *text)
{
	message->queue_id = copy(message, text, strlen(text));
}

/* The first header of that name at the start of the message, or "". */
static const char *header(struct nx_pipe_message *message, const char *name)
{
	const size_t length = strlen(name);
	const char *line = message->bytes;
	const char *end = line + (message->size < HEAD ? message->size : HEAD);
	while (line < end && *line != '\n' && *line != '\r') {
		const char *feed = memchr(line, '\n', (size_t)(end - line));
		const char *stop = feed ? feed : end;
		if ((size_t)(stop - line) > length && line[length] == ':' &&
		    strncasecmp(line, name, length) == 0)
			return address(message, line + length + 1,
			               (size_t)(stop - line) - length - 1);
		line = feed ? feed + 1 : end;
	}
	return "";
}

/* An MTA that looked up an alias may give in EXTENSION what it cut off. */
static void add_extension(struct nx_pipe_message *message)
{
	const char *extension = getenv("EXTENSION");
	const char *recipient = message->recipient[0];
	const char *at = strrchr(recipient, '@');
	char whole[WHOLE];
	if (!extension || !*extension || !at || strstr(recipient, extension))
		return;
	int size = snprintf(whole, sizeof(whole), "%.*s+%s%s",
	                    (int)(at - recipient), recipient, extension, at);
	if (size > 0 && size < WHOLE)
		nx_pipe_message_original(message, whole);
}

static void complete_from_environment(struct nx_pipe_message *message)
{
	const char *sender = getenv("SENDER");
	const char *recipient = getenv("RECIPIENT");
	const char *original = getenv("ORIGINAL_RECIPIENT");
	const char *id = getenv("MESSAGE_ID");
	const bool told = message->recipients > 0;
	if (sender && !message->sender_known)
		nx_pipe_message_sender(message, sender);
	if (recipient && !told)
		nx_pipe_message_recipient(message, recipient);
	if (original && !told && !*message->original_recipient)
		nx_pipe_message_original(message, original);
	if (message->recipients == 1 && !*message->original_recipient)
		add_extension(message);
	if (id && !*message->queue_id)
		nx_pipe_message_queue_id(message, id);
}

static void complete_from_headers(struct nx_pipe_message *message)
{
	static const char *const names[] = {"Delivered-To", "Envelope-To",
	                                    "X-Original-To"};
	if (!message->sender_known)
		message->sender = header(message, "Return-Path");
	for (size_t i = 0; i < 3 && message->recipients == 0; i++)
		add_recipient(message, header(message, names[i]));
	/* every MTA has one, and there must be a recipient */
	if (message->recipients == 0)
		add_recipient(message, "postmaster");
}

bool nx_pipe_message_complete(struct nx_pipe_message *message,
                              struct nx_pipe_error *err)
{
	complete_from_environment(message);
	complete_from_headers(message);
	if (message->recipients > 1)
		message->original_recipient = "";
	return !message->overflown ||
	       nx_pipe_error(err, "too long an envelope");
}
