/* SPDX-License-Identifier: ISC */
#include "proto/lmtp_path.h"

#include "base/text.h"

#include <string.h>

/* The ">" that ends the path: one outside a quoted local part or, when a
 * quotation does not end, the last one. */
static const char *closing(const char *text)
{
	bool quoted = false;
	for (const char *at = text; *at != '\0'; at++) {
		if (*at == '\\' && quoted && at[1] != '\0')
			at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (*at == '>' && !quoted)
			return at;
	}
	return strrchr(text, '>');
}

/* What the path contains, and what follows it. */
static const char *take_path(TALLOC_CTX *ctx, const char *text,
                             const char **rest)
{
	const char *end = *text == '<' ? closing(text + 1) : NULL;
	*rest = end != NULL ? end + 1 : text + strcspn(text, " ");
	text += *text == '<';
	if (end == NULL)
		end = *rest;
	const size_t size = end > text ? (size_t)(end - text) : 0;
	return nx_text_repair(ctx, text, size, size);
}

static void take_parameter(const struct nx_lmtp_path_reader *reader,
                           const char *text, size_t size)
{
	char *name = talloc_strndup(NULL, text, size);
	char *value = strchr(name, '=');
	if (value != NULL)
		*value++ = '\0';
	reader->take(reader->user, name, value != NULL ? value : "");
	talloc_free(name);
}

bool nx_lmtp_path_parse(TALLOC_CTX *ctx, const char *text,
                        const struct nx_lmtp_path_reader *reader,
                        const char **address)
{
	text += strspn(text, " ");
	if (!nx_text_starts(text, reader->label))
		return false;
	text += strlen(reader->label);
	*address = take_path(ctx, text + strspn(text, " "), &text);
	while (*(text += strspn(text, " ")) != '\0') {
		const size_t size = strcspn(text, " ");
		take_parameter(reader, text, size);
		text += size;
	}
	return true;
}
