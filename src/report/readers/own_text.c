/* SPDX-License-Identifier: ISC */
#include "report/readers/own_text.h"

#include "base/text.h"
#include "report/conditions/fold.h"
#include "report/lines.h"

#include <string.h>

enum {
	SHORT_SIZE = 400, /* bytes */
	SHORT_LINES = 10,
	WHOLE_SIZE = 1000,
	WHOLE_LINES = 24,
	MARGIN = 50, /* a line with fewer bytes was not broken by the margin */
	FIELD_NAME = 30,
	FIELDS = 3, /* lines in a row that are the headers of a mail */
	DATE_DIGITS = 4
};

/* --- where the quotation begins ------------------------------------------- */

static const char *folded(TALLOC_CTX *ctx, struct nx_line line)
{
	line = nx_line_cut(line, WHOLE_SIZE);
	return nx_fold(ctx, nx_line_text(ctx, line), WHOLE_SIZE);
}

static struct nx_line behind_blank(struct nx_line line)
{
	while (*line.start && nx_line_is_blank(line))
		line = nx_line_next(line);
	return line;
}

static size_t digits(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += nx_text_is_digit(*text);
	return count;
}

/* Marks of the direction of writing may follow. */
static bool ends_with_colon(const char *text)
{
	size_t size = strlen(text);

	while (size > 0 && (unsigned char)text[size - 1] >= 0x80)
		size--;
	return size > 0 && text[size - 1] == ':' && strlen(text) - size <= 6;
}

/* "On 3 March 2025 at 10:00, Ada <ada@example.com> wrote:" */
static bool is_attribution(const char *text)
{
	const char *open = strchr(text, '<');

	return ends_with_colon(text) &&
	       (digits(text) >= DATE_DIGITS ||
	        (open != NULL && strchr(open, '@') != NULL));
}

/* The same, broken at the margin. */
static bool begins_attribution(TALLOC_CTX *ctx, const char *text,
                               const char *next)
{
	return digits(text) >= DATE_DIGITS &&
	       strchr(".!?:", text[strlen(text) - 1]) == NULL &&
	       is_attribution(talloc_asprintf(ctx, "%s %s", text, next));
}

/* "From: Ada", "*Gesendet:* heute", "De : Ada" */
static bool is_field(const char *text)
{
	size_t size = strcspn(text, ":.,!?");
	const char *value = text + size + 1;

	if (size == 0 || size > FIELD_NAME || text[size] != ':')
		return false;
	return *value == ' ' || (*value == '*' && value[1] == ' ');
}

static bool begins_headers(TALLOC_CTX *ctx, struct nx_line line)
{
	size_t fields = 0;

	while (fields < FIELDS && is_field(folded(ctx, line))) {
		fields++;
		line = behind_blank(nx_line_next(line));
	}
	return fields == FIELDS;
}

static bool is_quotation(TALLOC_CTX *ctx, const struct nx_phrases *quotes,
                         const char *text, struct nx_line line)
{
	return *text == '>' || *text == '|' || nx_phrases_hit(quotes, text) ||
	       is_attribution(text) ||
	       begins_attribution(ctx, text, folded(ctx, nx_line_next(line))) ||
	       begins_headers(ctx, line);
}

/* --- what stands above it ------------------------------------------------- */

/* What joins a line to the next one. */
static const char *joint(struct nx_line line)
{
	bool is_end = nx_line_size(line) < MARGIN ||
	              nx_line_is_blank(nx_line_next(line));

	return is_end ? " | " : " ";
}

void nx_own_text(TALLOC_CTX *ctx, const struct nx_phrases *quotes,
                 const char *text, struct nx_own_text *out)
{
	char *own = talloc_strdup(ctx, "");
	size_t size = 0;

	*out = (struct nx_own_text){.first = "", .is_whole = true};
	for (struct nx_line line = behind_blank(nx_line_at(text));
	     *line.start && out->is_whole;
	     line = behind_blank(nx_line_next(line))) {
		const char *words = folded(ctx, line);

		if (is_quotation(ctx, quotes, words, line))
			break;
		if (out->lines++ == 0)
			out->first = words;
		size += strlen(words);
		own = talloc_asprintf_append_buffer(own, "%s%s", words,
		                                    joint(line));
		out->is_whole = size < WHOLE_SIZE && out->lines <= WHOLE_LINES;
	}
	out->text = own;
	out->is_short = size < SHORT_SIZE && out->lines <= SHORT_LINES;
}
