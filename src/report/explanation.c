/* SPDX-License-Identifier: ISC */
#include "report/explanation.h"

#include "base/json.h"
#include "base/text.h"
#include "mail/address_find.h"
#include "mail/html.h"
#include "mail/rejoin.h"
#include "report/lines.h"

#include <string.h>

enum { WORD = 3 /* letters in a row that make a word */ };

/* A type that ends in "/" stands for all that begin with it. */
static const struct nx_part *part_of(const struct nx_message *message,
                                     const char *type)
{
	bool is_class = type[strlen(type) - 1] == '/';

	for (size_t i = 0; i < message->parts; i++) {
		const struct nx_part *part = &message->part[i];

		if ((is_class ? nx_text_starts(part->type, type)
		              : strcmp(part->type, type) == 0) &&
		    part->text[strspn(part->text, " \t\n")])
			return part;
	}
	return NULL;
}

/* "Your mail reader cannot show HTML": the HTML says whom it is about, this
 * text does not. */
static bool is_stub(const struct nx_message *message,
                    const struct nx_part *plain, const struct nx_part *html)
{
	const struct nx_part *around = &message->part[plain->parent];
	return html->parent == plain->parent &&
	       strcmp(around->type, "multipart/alternative") == 0 &&
	       strchr(plain->text, '@') == NULL;
}

const struct nx_part *nx_explanation_part(const struct nx_message *message)
{
	const struct nx_part *plain = part_of(message, "text/plain");
	const struct nx_part *html = part_of(message, "text/html");
	if (plain && (!html || !is_stub(message, plain, html)))
		return plain;
	/* a multipart without parts has the text itself */
	return html ? html : part_of(message, "multipart/");
}

/* A notice in JSON may be a text within another (Amazon SNS). */
static const char *innermost(TALLOC_CTX *ctx, const char *text)
{
	const struct nx_json *outer;
	struct nx_error err;
	text = nx_rejoin_lines(ctx, nx_rejoin_json(ctx, text));
	if (*text != '{' ||
	    !nx_json_parse(ctx, text, strcspn(text, "\n"), &outer, &err))
		return text;
	const char *inner = nx_json_text(outer, "Message");
	return *inner == '{' ? nx_rejoin_json(ctx, inner) : text;
}

const char *nx_explanation_text(TALLOC_CTX *ctx,
                                const struct nx_message *message)
{
	const struct nx_part *part = nx_explanation_part(message);
	if (!part)
		return "";
	if (strcmp(part->type, "text/plain") == 0)
		return innermost(ctx, part->text);
	return strcmp(part->type, "text/html") == 0
	               ? nx_html_text(ctx, part->text)
	               : part->text;
}

const char *nx_explanation_only_address(TALLOC_CTX *ctx,
                                        const char *explanation)
{
	const char *found = "";

	for (struct nx_line line = nx_line_at(explanation); *line.start;
	     line = nx_line_next(line)) {
		struct nx_line content = nx_line_trim(line);
		const char *close =
		        memchr(content.start, '>', nx_line_size(content));

		if (*content.start != '<' || !close || close[1] != ':')
			continue;
		content.end = close + 1;
		const char *address =
		        nx_address_of_field(ctx, nx_line_text(ctx, content));

		if (*found && !nx_text_equal(found, address))
			return "";
		if (*address)
			found = address;
	}
	return found;
}

bool nx_explanation_has_words(const char *text)
{
	size_t letters = 0;

	for (; *text && letters < WORD; text++)
		letters =
		        nx_text_is_alpha(*text) || (unsigned char)*text >= 0x80
		                ? letters + 1
		                : 0;
	return letters == WORD;
}
