/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "report/readers/places.h"
#include "report/readers/readers.h"

#include <string.h>

/*
 * Recipients that only the text for people reports as failed, and that the part
 * for machines leaves out. A text may name another address of a recipient in
 * that part, and then names nobody more: it counts only when it contains all
 * addresses of the part.
 */

/* Some line begins with an address that the fields do not have: false for most
 * reports. */
static bool names_more(const struct nx_places *places, const char *text)
{
	const char *at = strchr(text, '@');

	while (at) {
		struct nx_line line = nx_line_around(text, at);

		if (nx_places_begins_new(places, line))
			return true;
		at = strchr(line.end, '@');
	}
	return false;
}

static struct nx_report read_text(TALLOC_CTX *ctx,
                                  const struct nx_report *report)
{
	struct nx_report text = *report;

	text.recipient = NULL;
	text.recipients = 0;
	nx_reader_format(ctx, &text);
	return text;
}

static bool is_in(const struct nx_places *places, const char *address)
{
	struct nx_line spelling = nx_places_span(address);

	return spelling.start < spelling.end &&
	       nx_places_is_known(places, spelling);
}

static bool has_all(TALLOC_CTX *ctx, const struct nx_report *text,
                    const struct nx_report *report)
{
	const struct nx_places *places = nx_places_find(ctx, text, "");

	for (size_t i = 0; i < report->recipients; i++) {
		const struct nx_recipient *one = &report->recipient[i];

		if (!is_in(places, one->address) &&
		    !is_in(places, one->final_recipient))
			return false;
	}
	return true;
}

void nx_report_add_left_out(TALLOC_CTX *ctx, struct nx_report *report)
{
	if (!report->formats || !strchr(report->explanation, '@'))
		return;
	const struct nx_places *places = nx_places_find(ctx, report, "");

	if (!names_more(places, report->explanation))
		return;
	struct nx_report text = read_text(ctx, report);

	if (text.recipients <= report->recipients ||
	    !has_all(ctx, &text, report))
		return;
	for (size_t i = 0; i < text.recipients; i++) {
		const struct nx_recipient *told = &text.recipient[i];
		struct nx_recipient *more;

		if (told->reply.code < 400 || is_in(places, told->address) ||
		    is_in(places, told->final_recipient))
			continue;
		more = nx_report_add_recipient(ctx, report);
		if (more)
			*more = *told;
	}
}
