/* SPDX-License-Identifier: ISC */
#include "mail/redact.h"

#include "base/text.h"
#include "mail/naming.h"

#include <string.h>

static const char AROUND[] = " \t\r\n<>()[]{}\"',;:|";

static bool has_at(const char *word, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (word[i] == '@' ||
		    (i + 2 < size && (word[i] == '%' || word[i] == '=') &&
		     word[i + 1] == '4' && word[i + 2] == '0'))
			return true;
	return false;
}

static const char *without_addresses(TALLOC_CTX *ctx, const char *text)
{
	char *out = talloc_strdup(ctx, "");

	while (*text != '\0') {
		const size_t around = strspn(text, AROUND);
		const size_t word = strcspn(text + around, AROUND);

		out = talloc_strndup_append_buffer(out, text, around);
		text += around;
		if (has_at(text, word))
			out = talloc_strdup_append_buffer(out, "[address]");
		else
			out = talloc_strndup_append_buffer(out, text, word);
		text += word;
	}
	return out;
}

const char *nx_redact_named(TALLOC_CTX *ctx, const char *text,
                            const char *address)
{
	if (*text == '\0' || *address == '\0')
		return text;
	const struct nx_naming *naming = nx_naming_new(ctx, address);
	return nx_naming_is_in(naming, text, strlen(text)) ? "" : text;
}

const char *nx_redact(TALLOC_CTX *ctx, const char *text, const char *address)
{
	if (has_at(text, strlen(text)))
		text = without_addresses(ctx, text);
	return nx_redact_named(ctx, text, address);
}
