/* SPDX-License-Identifier: ISC */
#include "pipe/letter.h"

#include "sys/guard.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
	FIRST_ROOM = 64 * 1024,
	HEAD = 256 * 1024, /* where headers are looked for */
	WHOLE = 1024,      /* an address with its extension */
	SENDER = 900       /* octets of one: LMTP has room for them, quoted */
};

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

bool nx_why(struct nx_why *why, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(why->text, sizeof(why->text), format, arguments);
	va_end(arguments);
	for (char *c = why->text; *c; c++)
		if (is_control(*c) || (unsigned char)*c > 0x7e)
			*c = '?';
	return false;
}

/* --- the message ---------------------------------------------------------- */

static bool grow(struct nx_letter *letter, size_t *room)
{
	size_t more = *room ? 2 * *room : (size_t)FIRST_ROOM;
	char *bytes = realloc(letter->bytes, more);
	if (!bytes)
		return false;
	letter->bytes = bytes;
	*room = more;
	return true;
}

static bool read_kept(struct nx_letter *letter, struct nx_why *why)
{
	size_t room = 0;
	while (letter->size < NX_LETTER_BYTES) {
		if (letter->size == room && !grow(letter, &room))
			return nx_why(why, "out of memory");
		ssize_t got = read(STDIN_FILENO, letter->bytes + letter->size,
		                   room - letter->size);
		if (got < 0)
			return nx_why(why, "stdin: %s", strerror(errno));
		if (got == 0)
			break;
		letter->size += (size_t)got;
	}
	return true;
}

bool nx_letter_read(struct nx_letter *letter, struct nx_why *why)
{
	bool done = read_kept(letter, why);
	if (!done || letter->size == NX_LETTER_BYTES)
		nx_guard_drain();
	if (done && letter->size == 0)
		return nx_why(why, "stdin: there is no message");
	return done;
}

/* --- the envelope --------------------------------------------------------- */

static const char *copy(struct nx_letter *letter, const char *text, size_t size)
{
	char *made = letter->words + letter->used;
	if (size >= sizeof(letter->words) - letter->used) {
		letter->overflown = true;
		return "";
	}
	memcpy(made, text, size);
	made[size] = '\0';
	for (char *c = made; c < made + size; c++)
		if (is_control(*c))
			*c = '?';
	letter->used += size + 1;
	return made;
}

/* Without blanks at the ends and angle brackets around. */
static const char *address(struct nx_letter *letter, const char *text,
                           size_t size)
{
	const char *end = text + size;
	while (text < end && strchr(" \t\r<", *text))
		text++;
	while (text < end && strchr(" \t\r>", end[-1]))
		end--;
	return copy(letter, text, (size_t)(end - text));
}

/* What Postfix, unless told not to, and Sendmail write for the null sender. */
static bool is_daemon(const char *text)
{
	static const char daemon[] = "MAILER-DAEMON";
	const char *behind = text + sizeof(daemon) - 1;
	return strncasecmp(text, daemon, sizeof(daemon) - 1) == 0 &&
	       (*behind == '\0' || *behind == '@');
}

void nx_letter_sender(struct nx_letter *letter, const char *text)
{
	const char *sender = address(letter, text, strnlen(text, SENDER));
	letter->sender = is_daemon(sender) ? "" : sender;
	letter->sender_known = true;
}

static void add_recipient(struct nx_letter *letter, const char *recipient)
{
	if (!*recipient)
		return;
	if (letter->recipients < NX_LETTER_RECIPIENTS)
		letter->recipient[letter->recipients++] = recipient;
	else
		letter->overflown = true;
}

void nx_letter_recipient(struct nx_letter *letter, const char *text)
{
	add_recipient(letter, address(letter, text, strlen(text)));
}

void nx_letter_original(struct nx_letter *letter, const char *text)
{
	letter->original_recipient = address(letter, text, strlen(text));
}

void nx_letter_queue_id(struct nx_letter *letter, const char *text)
{
	letter->queue_id = copy(letter, text, strlen(text));
}

/* The first header of that name in front of the message, or "". */
static const char *header(struct nx_letter *letter, const char *name)
{
	const size_t length = strlen(name);
	const char *line = letter->bytes;
	const char *end = line + (letter->size < HEAD ? letter->size : HEAD);
	while (line < end && *line != '\n' && *line != '\r') {
		const char *feed = memchr(line, '\n', (size_t)(end - line));
		const char *stop = feed ? feed : end;
		if ((size_t)(stop - line) > length && line[length] == ':' &&
		    strncasecmp(line, name, length) == 0)
			return address(letter, line + length + 1,
			               (size_t)(stop - line) - length - 1);
		line = feed ? feed + 1 : end;
	}
	return "";
}

/* An MTA that looked up an alias may tell in EXTENSION what it cut off. */
static void add_extension(struct nx_letter *letter)
{
	const char *extension = getenv("EXTENSION");
	const char *recipient = letter->recipient[0];
	const char *at = strrchr(recipient, '@');
	char whole[WHOLE];
	if (!extension || !*extension || !at || strstr(recipient, extension))
		return;
	int size = snprintf(whole, sizeof(whole), "%.*s+%s%s",
	                    (int)(at - recipient), recipient, extension, at);
	if (size > 0 && size < WHOLE)
		nx_letter_original(letter, whole);
}

static void complete_from_environment(struct nx_letter *letter)
{
	const char *sender = getenv("SENDER");
	const char *recipient = getenv("RECIPIENT");
	const char *original = getenv("ORIGINAL_RECIPIENT");
	const char *id = getenv("MESSAGE_ID");
	const bool told = letter->recipients > 0;
	if (sender && !letter->sender_known)
		nx_letter_sender(letter, sender);
	if (recipient && !told)
		nx_letter_recipient(letter, recipient);
	if (original && !told && !*letter->original_recipient)
		nx_letter_original(letter, original);
	if (letter->recipients == 1 && !*letter->original_recipient)
		add_extension(letter);
	if (id && !*letter->queue_id)
		nx_letter_queue_id(letter, id);
}

static void complete_from_headers(struct nx_letter *letter)
{
	static const char *const names[] = {"Delivered-To", "Envelope-To",
	                                    "X-Original-To"};
	if (!letter->sender_known)
		letter->sender = header(letter, "Return-Path");
	for (size_t i = 0; i < 3 && letter->recipients == 0; i++)
		add_recipient(letter, header(letter, names[i]));
	/* every MTA has one; a recipient there must be */
	if (letter->recipients == 0)
		add_recipient(letter, "postmaster");
}

bool nx_letter_complete(struct nx_letter *letter, struct nx_why *why)
{
	complete_from_environment(letter);
	complete_from_headers(letter);
	if (letter->recipients > 1)
		letter->original_recipient = "";
	return !letter->overflown || nx_why(why, "too long an envelope");
}
