/* SPDX-License-Identifier: ISC */
#include "mail/fields.h"

#include "base/text.h"

#include <string.h>

/* The end of the line that starts at text: at its LF or at the NUL. */
static char *line_end(const char *text)
{
	const char *lf = strchr(text, '\n');
	return (char *)(lf != NULL ? lf : text + strlen(text));
}

static bool is_blank_line(const char *from, const char *to)
{
	while (from < to && nx_text_is_blank(*from))
		from++;
	return from == to;
}

/* Bytes before the first blank line; *used is set to where the next block
 * starts. */
static size_t block_size(const char *text, size_t *used)
{
	const char *line = text;
	while (*line != '\0') {
		const char *end = line_end(line);
		const char *next = *end == '\n' ? end + 1 : end;
		if (is_blank_line(line, end)) {
			*used = (size_t)(next - text);
			return (size_t)(line - text);
		}
		line = next;
	}
	*used = (size_t)(line - text);
	return *used;
}

size_t nx_fields_name_size(const char *line, const char *end,
                           const char **colon)
{
	const char *at = line;
	while (at<end && * at> ' ' && *at < 0x7f && *at != ':')
		at++;
	size_t size = (size_t)(at - line);
	while (at < end && nx_text_is_fold(*at))
		at++;
	*colon = at;
	return at < end && *at == ':' ? size : 0;
}

/* Joins the lines of a field's body in place; returns what follows. */
static char *unfold(char *body, const char **value)
{
	char *from = body;
	char *to = body;
	for (;;) {
		while (nx_text_is_fold(*from) || *from == '\r')
			from++;
		char *end = line_end(from);
		char *next = *end == '\n' ? end + 1 : end;
		if (to > body && end > from)
			*to++ = ' ';
		memmove(to, from, (size_t)(end - from));
		to += end - from;
		while (to > body && nx_text_is_blank(to[-1]))
			to--;
		from = next;
		if (!nx_text_is_fold(*next))
			break;
	}
	if (to != from)
		*to = '\0';
	*value = body;
	return from;
}

static void add(TALLOC_CTX *ctx, struct nx_field **item, size_t *count,
                struct nx_field field)
{
	size_t room = *item == NULL ? 0 : talloc_array_length(*item);
	if (*count == room)
		*item = talloc_realloc(ctx, *item, struct nx_field,
		                       room == 0 ? 16 : room * 2);
	(*item)[(*count)++] = field;
}

struct nx_fields nx_fields_parse(TALLOC_CTX *ctx, const char *text,
                                 size_t *used)
{
	size_t taken = 0;
	size_t size = block_size(text, &taken);
	if (used != NULL)
		*used = taken;
	if (size == 0)
		return (struct nx_fields){0};
	char *at = talloc_strndup(ctx, text, size);
	struct nx_field *item = NULL;
	size_t count = 0;
	while (*at != '\0') {
		const char *colon;
		char *end = line_end(at);
		size_t name = nx_fields_name_size(at, end, &colon);
		struct nx_field field = {.name = at};
		if (name == 0) {
			at = end + (*end == '\n');
			continue;
		}
		at = unfold((char *)colon + 1, &field.value);
		((char *)field.name)[name] = '\0';
		add(ctx, &item, &count, field);
	}
	return (struct nx_fields){.item = item, .count = count};
}

const struct nx_fields *nx_fields_blocks(TALLOC_CTX *ctx, const char *text,
                                         size_t limit, size_t *count)
{
	struct nx_fields *block = NULL;
	size_t room = 0;
	*count = 0;
	while (*text != '\0' && *count < limit) {
		size_t used = 0;
		struct nx_fields one = nx_fields_parse(ctx, text, &used);
		text += used;
		if (one.count == 0)
			continue;
		if (*count == room) {
			room = room == 0 ? 4 : room * 2;
			block = talloc_realloc(ctx, block, struct nx_fields,
			                       room);
		}
		block[(*count)++] = one;
	}
	return block;
}

static const struct nx_field *find(const struct nx_fields *fields,
                                   const char *name)
{
	for (size_t i = 0; i < fields->count; i++)
		if (nx_text_equal(fields->item[i].name, name))
			return &fields->item[i];
	return NULL;
}

const char *nx_fields_get(const struct nx_fields *fields, const char *name)
{
	const struct nx_field *field = find(fields, name);
	return field != NULL ? field->value : "";
}

const char *nx_fields_value(const struct nx_fields *fields, const char *name)
{
	for (size_t i = 0; i < fields->count; i++) {
		const struct nx_field *field = &fields->item[i];
		if (*field->value != '\0' && nx_text_equal(field->name, name))
			return field->value;
	}
	return "";
}

bool nx_fields_has(const struct nx_fields *fields, const char *name)
{
	return find(fields, name) != NULL;
}

struct nx_fields nx_fields_of_last_hop(const struct nx_fields *fields)
{
	size_t count = 0;
	while (count < fields->count &&
	       !nx_text_equal(fields->item[count].name, "Received"))
		count++;
	return (struct nx_fields){fields->item, count};
}

static bool is_type_char(char c)
{
	return nx_text_is_word(c) || c == '-' || c == '.' || c == '/';
}

const char *nx_fields_typed(TALLOC_CTX *ctx, const char *value,
                            const char **type)
{
	while (nx_text_is_blank(*value))
		value++;
	const char *end = value;
	while (is_type_char(*end))
		end++;
	const char *semicolon = end;
	while (nx_text_is_blank(*semicolon))
		semicolon++;
	*type = "";
	if (end == value || nx_text_is_digit(*value) || *semicolon != ';')
		return nx_text_trim(ctx, value);
	const char *name = talloc_strndup(ctx, value, (size_t)(end - value));
	*type = nx_text_lower(ctx, name);
	return nx_text_trim(ctx, semicolon + 1);
}

const char *nx_fields_uncomment(TALLOC_CTX *ctx, const char *value)
{
	char *out = talloc_strdup(ctx, value);
	char *to = out;
	int depth = 0;
	bool quoted = false;
	for (const char *at = value; *at != '\0'; at++) {
		bool escaped = *at == '\\' && at[1] != '\0';
		if (*at == '"' && depth == 0)
			quoted = !quoted;
		if (*at == '(' && !quoted)
			depth++;
		if (depth == 0)
			*to++ = *at;
		if (escaped && depth == 0)
			*to++ = at[1];
		if (*at == ')' && !quoted && depth > 0)
			depth--;
		at += escaped;
	}
	*to = '\0';
	return nx_text_trim(ctx, out);
}
