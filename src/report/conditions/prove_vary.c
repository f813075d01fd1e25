/* SPDX-License-Identifier: ISC */
#include "report/conditions/prove_vary.h"
#include "base/text.h"
#include "report/lines.h"
#include "report/readers/readers.h"

#include <string.h>

/*
 * Every sample is read again with its addresses made longer, and with other
 * people's addresses inserted: none of these may become a recipient.
 */
const struct nx_report *nx_prove_vary_read(TALLOC_CTX *ctx,
                                           const struct nx_proven *proven,
                                           const struct nx_message *sample)
{
	struct nx_report *report = nx_report_new(
	        ctx, proven->formats, proven->detectors, NULL, sample);

	nx_reader_format(report, report);
	return report;
}

static const char *replaced(TALLOC_CTX *ctx, const char *text, const char *old,
                            const char *new)
{
	char *out = talloc_strdup(ctx, "");
	for (const char *at; (at = strstr(text, old));
	     text = at + strlen(old)) {
		out = talloc_strndup_append_buffer(out, text,
		                                   (size_t)(at - text));
		out = talloc_strdup_append_buffer(out, new);
	}
	return talloc_strdup_append_buffer(out, text);
}

/* The sample with another text. */
static struct nx_message *with_text(TALLOC_CTX *ctx,
                                    const struct nx_message *sample,
                                    const char *text)
{
	struct nx_message *message = talloc_memdup(ctx, sample, sizeof *sample);
	struct nx_part *part =
	        talloc_memdup(ctx, sample->part, sizeof *sample->part);
	part->text = text;
	message->part = part;
	return message;
}

/* The sample with another address in all places. */
static struct nx_message *with_address(TALLOC_CTX *ctx,
                                       const struct nx_message *sample,
                                       const char *old, const char *new)
{
	const struct nx_fields *headers = &sample->headers;
	struct nx_message *message = with_text(
	        ctx, sample, replaced(ctx, sample->part->text, old, new));
	struct nx_field *field =
	        talloc_array(ctx, struct nx_field, headers->count);
	for (size_t i = 0; i < headers->count; i++)
		field[i] = (struct nx_field){
		        headers->item[i].name,
		        replaced(ctx, headers->item[i].value, old, new)};
	message->headers = (struct nx_fields){field, headers->count};
	return message;
}

/* The recipient that is a part of the text and not all of it, or NULL. */
static const struct nx_recipient *part_of(TALLOC_CTX *ctx,
                                          const struct nx_report *report,
                                          const char *text)
{
	if (strchr(text, '@') == NULL)
		text = replaced(ctx, text, "(a)", "@");
	for (size_t i = 0; i < report->recipients; i++) {
		const struct nx_recipient *recipient = &report->recipient[i];
		if (*recipient->address && strstr(text, recipient->address) &&
		    strcmp(text, recipient->address) != 0)
			return recipient;
	}
	return NULL;
}

static bool prove_longer(const struct nx_proven *proven,
                         const struct nx_sample *sample, const char *address,
                         const char *longer, struct nx_error *err)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const struct nx_report *report = nx_prove_vary_read(
	        ctx, proven,
	        with_address(ctx, sample->message, address, longer));
	const struct nx_recipient *part = part_of(ctx, report, longer);
	if (part)
		nx_yaml_error(err, sample->node,
		              "format %s takes \"%.200s\" out of \"%.200s\": "
		              "a pattern for addresses has to be bounded on "
		              "both sides",
		              report->format, part->address, longer);
	talloc_free(ctx);
	return !part;
}

/* Spelled as X.400 spells it, or unchanged. */
static const char *spelled(TALLOC_CTX *ctx, const struct nx_message *sample,
                           const char *address)
{
	const char *x400 = replaced(ctx, address, "@", "(a)");
	return strstr(sample->part->text, x400) ? x400 : address;
}

bool nx_prove_vary_address(const struct nx_proven *proven,
                           const struct nx_sample *sample, const char *address,
                           bool prose, struct nx_error *err)
{
	static const char *const around[][2] = {
	        {"jan ", ""}, /* first: left out in prose */
	        {"jan,", ""},   {"jan(x)", ""},     {"j\xc3\xb6", ""},
	        {"", ".au"},    {"", "-online.de"}, {"", "x"},
	        {"", "_x.com"}, {"", "@x"},
	};
	const size_t count = sizeof around / sizeof *around;
	TALLOC_CTX *ctx = talloc_new(NULL);
	const char *is = spelled(ctx, sample->message, address);
	bool is_there = strstr(sample->message->part->text, is);
	bool right = true;
	for (size_t i = prose; is_there && right && i < count; i++) {
		const char *longer = talloc_asprintf(
		        ctx, "%s%s%s", around[i][0], is, around[i][1]);
		right = prove_longer(proven, sample, is, longer, err);
	}
	talloc_free(ctx);
	return right;
}

/* --- other people --------------------------------------------------------- */

static const char *const others[] = {
        "A message sent by\n\n  other@ours.example\n\ncould not be delivered\n",
        "Sender: other@ours.example\n",
        "  From: News <other@ours.example>\n",
        "If you have questions, please contact other@ours.example for help.\n",
        "Please forward this notice to <other@ours.example>.\n",
        "Questions? Write to\nother@ours.example\n",
        "Contact: <mailto:other@ours.example>\n",
};

static bool prove_other(const struct nx_proven *proven,
                        const struct nx_sample *sample, size_t place,
                        const char *lines, struct nx_error *err)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const char *text = sample->message->part->text;
	const char *with = talloc_asprintf(ctx, "%.*s%s%s", (int)place, text,
	                                   lines, text + place);
	const struct nx_report *report = nx_prove_vary_read(
	        ctx, proven, with_text(ctx, sample->message, with));
	const struct nx_recipient *other =
	        part_of(ctx, report, "<other@ours.example>");
	if (other)
		nx_yaml_error(err, sample->node,
		              "format %s takes a recipient out of \"%.200s\"",
		              report->format, lines);
	talloc_free(ctx);
	return !other;
}

bool nx_prove_vary_others(const struct nx_proven *proven,
                          const struct nx_sample *sample, struct nx_error *err)
{
	const char *text = sample->message->part->text;
	for (const char *at = text;; at = nx_line_after(nx_line_at(at))) {
		size_t place = (size_t)(at - text);
		for (size_t i = 0; i < sizeof others / sizeof *others; i++)
			if (!prove_other(proven, sample, place, others[i], err))
				return false;
		if (!*at)
			return true;
	}
}
