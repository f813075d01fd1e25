/* SPDX-License-Identifier: ISC */
#include "proto/lmtp_path.h"

#include "base/text.h"

#include <string.h>

/* The ">" that ends the path: one outside a quoted local part. */
static const char *path_end(const char *text)
{
	bool quoted = false;
	for (; *text != '\0'; text++) {
		if (*text == '\\' && quoted && text[1] != '\0')
			text++;
		else if (*text == '"')
			quoted = !quoted;
		else if (*text == '>' && !quoted)
			return text;
	}
	return NULL;
}

static bool is_clean(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	return true;
}

static bool take_parameter(const struct nx_lmtp_path_reader *reader,
                           const char *text, size_t size)
{
	char *name = talloc_strndup(NULL, text, size);
	char *value = strchr(name, '=');
	if (value != NULL)
		*value++ = '\0';
	const bool known =
	        reader->take(reader->user, name, value != NULL ? value : "");
	talloc_free(name);
	return known;
}

static const char *take_parameters(const struct nx_lmtp_path_reader *reader,
                                   const char *text)
{
	if (*text != '\0' && *text != ' ')
		return "501 5.5.4 a blank stands behind the address";
	while (*(text += strspn(text, " ")) != '\0') {
		const size_t size = strcspn(text, " ");
		if (!is_clean(text, size) ||
		    !take_parameter(reader, text, size))
			return "555 5.5.4 unknown parameter";
		text += size;
	}
	return NULL;
}

const char *nx_lmtp_path_parse(TALLOC_CTX *ctx, const char *text,
                               const struct nx_lmtp_path_reader *reader,
                               const char **address)
{
	text += strspn(text, " ");
	if (!nx_text_starts(text, reader->label))
		return "501 5.5.4 syntax: MAIL FROM:<a>, RCPT TO:<a>";
	text += strlen(reader->label);
	text += strspn(text, " ");
	const char *end = *text == '<' ? path_end(text + 1) : NULL;
	if (end == NULL)
		return "501 5.1.3 an address stands in angle brackets";
	const size_t size = (size_t)(end - text) - 1;
	if (size > NX_LMTP_PATH || !is_clean(text + 1, size))
		return "501 5.1.3 no usable address";
	if (text[1] == '@')
		return "501 5.1.3 no source routes";
	*address = talloc_strndup(ctx, text + 1, size);
	return take_parameters(reader, end + 1);
}
