/* SPDX-License-Identifier: ISC */
#include "proto/smtpd_filter.h"

#include <stdio.h>
#include <string.h>

/* --- output --------------------------------------------------------------- */

/* There is room for it: has_room. */
static void say(struct nx_smtpd_filter *filter, const char *text)
{
	const size_t room = sizeof(filter->output) - filter->filled;
	const size_t size = strnlen(text, room);
	memcpy(filter->output + filter->filled, text, size);
	filter->filled += size;
}

/* There is room for an answer to everybody who waits, and to one more. */
static bool has_room(const struct nx_smtpd_filter *filter)
{
	return filter->count < NX_SMTPD_FILTER_WAITING &&
	       filter->filled + (filter->count + 1) * NX_SMTPD_FILTER_ANSWER <
	               sizeof(filter->output);
}

static void say_result(struct nx_smtpd_filter *filter,
                       const struct nx_smtpd_filter_asker *asker,
                       const char *reply)
{
	const size_t end = filter->filled + NX_SMTPD_FILTER_ANSWER - 1;
	say(filter, "filter-result|");
	say(filter, asker->session);
	say(filter, "|");
	say(filter, asker->token);
	say(filter, *reply ? "|reject|" : "|proceed");
	say(filter, reply);
	if (filter->filled > end)
		filter->filled = end;
	say(filter, "\n");
}

const char *nx_smtpd_filter_output(const struct nx_smtpd_filter *filter,
                                   size_t *size)
{
	*size = filter->filled;
	return filter->output;
}

void nx_smtpd_filter_sent(struct nx_smtpd_filter *filter, size_t size)
{
	filter->filled -= size;
	memmove(filter->output, filter->output + size, filter->filled);
}

/* --- lines ---------------------------------------------------------------- */

static bool is_line(const struct nx_smtpd_filter *filter, const char *text)
{
	return filter->size == strlen(text) &&
	       memcmp(filter->line, text, filter->size) == 0;
}

/* One that was not advertised must not be registered for. */
static void read_config(struct nx_smtpd_filter *filter)
{
	if (is_line(filter, "config|subsystem|smtp-in"))
		filter->attached = true;
	if (!is_line(filter, "config|ready") || filter->ready)
		return;
	filter->ready = true;
	if (filter->attached)
		say(filter, "register|filter|smtp-in|rcpt-to\n");
	say(filter, "register|ready\n");
}

struct field {
	const char *text;
	size_t size;
};

/* Takes what stands before the next bar; false when there is none. */
static bool take_field(const char **at, const char *end, struct field *out)
{
	const char *bar = memchr(*at, '|', (size_t)(end - *at));
	if (bar == NULL)
		return false;
	*out = (struct field){*at, (size_t)(bar - *at)};
	*at = bar + 1;
	return true;
}

static bool is_field(const struct field *field, const char *text)
{
	return field->size == strlen(text) &&
	       memcmp(field->text, text, field->size) == 0;
}

/* It comes back in our answer. */
static bool copy_id(char out[NX_SMTPD_FILTER_ID + 1], const struct field *field)
{
	if (field->size == 0 || field->size > NX_SMTPD_FILTER_ID)
		return false;
	for (size_t i = 0; i < field->size; i++)
		if (field->text[i] <= ' ' || field->text[i] > '~')
			return false;
	memcpy(out, field->text, field->size);
	out[field->size] = '\0';
	return true;
}

/* RFC 5321 section 4.1.2: a source route is ignored. */
static const char *behind_route(const char *at, const char *end)
{
	const char *colon = NULL;
	if (at < end && *at == '@')
		colon = memchr(at, ':', (size_t)(end - at));
	return colon != NULL ? colon + 1 : at;
}

enum { STREAM, VERSION, TIME, SUBSYSTEM, PHASE, SESSION, TOKEN, FIELDS };

/* filter|VERSION|TIME|smtp-in|rcpt-to|SESSION|TOKEN|ADDRESS */
static void read_request(struct nx_smtpd_filter *filter)
{
	const char *at = filter->line;
	const char *end = at + filter->size;
	struct nx_smtpd_filter_asker *asker =
	        &filter->waiting[(filter->first + filter->count) %
	                         NX_SMTPD_FILTER_WAITING];
	struct field field[FIELDS];
	for (int i = 0; i < FIELDS; i++)
		if (!take_field(&at, end, &field[i]))
			return;
	if (!is_field(&field[STREAM], "filter") ||
	    !is_field(&field[SUBSYSTEM], "smtp-in") ||
	    !is_field(&field[PHASE], "rcpt-to") ||
	    !copy_id(asker->session, &field[SESSION]) ||
	    !copy_id(asker->token, &field[TOKEN]))
		return;
	if (filter->cut)
		say_result(filter, asker, "");
	else
		filter->recipient = behind_route(at, end);
}

static void end_line(struct nx_smtpd_filter *filter)
{
	if (filter->size > 0 && filter->line[filter->size - 1] == '\r')
		filter->size--;
	if (filter->ready)
		read_request(filter);
	else if (!filter->cut)
		read_config(filter);
}

static void begin_line(struct nx_smtpd_filter *filter)
{
	filter->size = 0;
	filter->cut = false;
}

static void put(struct nx_smtpd_filter *filter, const char *bytes, size_t size)
{
	const size_t room = sizeof(filter->line) - filter->size;
	filter->cut |= size > room;
	memcpy(filter->line + filter->size, bytes, size < room ? size : room);
	filter->size += size < room ? size : room;
}

size_t nx_smtpd_filter_feed(struct nx_smtpd_filter *filter, const char *bytes,
                            size_t size)
{
	size_t used = 0;
	while (used < size && filter->recipient == NULL && has_room(filter)) {
		const char *at = bytes + used;
		const char *end = memchr(at, '\n', size - used);
		const size_t taken =
		        end != NULL ? (size_t)(end - at) : size - used;
		put(filter, at, taken);
		used += taken;
		if (end == NULL)
			break;
		used++;
		end_line(filter);
		if (filter->recipient == NULL)
			begin_line(filter);
	}
	return used;
}

/* --- questions ------------------------------------------------------------ */

const char *nx_smtpd_filter_recipient(const struct nx_smtpd_filter *filter,
                                      size_t *size)
{
	*size = 0;
	if (filter->recipient != NULL)
		*size = (size_t)(filter->line + filter->size -
		                 filter->recipient);
	return filter->recipient;
}

void nx_smtpd_filter_wait(struct nx_smtpd_filter *filter, int64_t until)
{
	filter->waiting[(filter->first + filter->count) %
	                NX_SMTPD_FILTER_WAITING]
	        .until = until;
	filter->count++;
	filter->recipient = NULL;
	begin_line(filter);
}

bool nx_smtpd_filter_is_waiting(const struct nx_smtpd_filter *filter,
                                int64_t *until)
{
	*until = filter->waiting[filter->first].until;
	return filter->count > 0;
}

void nx_smtpd_filter_answer(struct nx_smtpd_filter *filter, const char *reply)
{
	if (filter->count == 0)
		return;
	say_result(filter, &filter->waiting[filter->first], reply);
	filter->first = (filter->first + 1) % NX_SMTPD_FILTER_WAITING;
	filter->count--;
}

/* --- replies -------------------------------------------------------------- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* RFC 5321 section 4.2, and only what refuses. */
static bool has_code(const char *value)
{
	return (value[0] == '4' || value[0] == '5') && is_digit(value[1]) &&
	       is_digit(value[2]) && (value[3] == ' ' || value[3] == '\0');
}

/* RFC 3463 section 2 */
static bool has_status(const char *text)
{
	return is_digit(text[0]) && text[1] == '.';
}

/* What stands behind the word; NULL when the value does not begin with it. */
static const char *behind(const char *value, const char *word)
{
	const size_t size = strlen(word);
	if (strncmp(value, word, size) != 0)
		return NULL;
	if (value[size] == '\0')
		return value + size;
	return value[size] == ' ' ? value + size + 1 : NULL;
}

static void write_reply(char out[NX_SMTPD_FILTER_REPLY], const char *before,
                        const char *text)
{
	snprintf(out, NX_SMTPD_FILTER_REPLY, "%s%s", before, text);
	for (char *c = out; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

bool nx_smtpd_filter_reply_of(const char *value,
                              char out[NX_SMTPD_FILTER_REPLY])
{
	const char *text = behind(value, "REJECT");
	if (text != NULL && *text == '\0')
		write_reply(out, "550 5.7.1 ", "the recipient is suppressed");
	else if (text != NULL)
		write_reply(out, has_status(text) ? "550 " : "550 5.7.1 ",
		            text);
	else if (has_code(value))
		write_reply(out, "", value);
	else if (behind(value, "DUNNO") != NULL)
		write_reply(out, "", "");
	else
		return false;
	return true;
}
