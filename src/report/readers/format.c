/* SPDX-License-Identifier: ISC */
#include "report/readers/format.h"

#include "base/text.h"
#include "report/notice.h"
#include "report/readers/machine.h"
#include "report/readers/readers.h"

#include <string.h>

/* Finds the format of a message. */

bool nx_report_is_answer(TALLOC_CTX *ctx, const struct nx_report *report)
{
	static const char *const prefixes[] = {
	        "Re:", "Fw:", "Fwd:", "Aw:",  "Wg:",  "Tr:",     "Rv:",
	        "Sv:", "Vs:", "R:",   "Odp:", "Enc:", "Doorst:",
	};
	const char *subject = nx_message_header(report->message, "Subject");
	bool is_answer = false;

	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		is_answer |= nx_text_starts(subject, prefixes[i]);
	return is_answer && !nx_report_is_from_system(ctx, report);
}

/* An answer, or a newsletter that describes bounces: written by a person, and
 * about no recipient of ours. */
static bool is_passed_on(TALLOC_CTX *ctx, const struct nx_report *report)
{
	const struct nx_fields *headers = &report->message->headers;
	bool is_list = nx_fields_has(headers, "List-Unsubscribe") ||
	               nx_fields_has(headers, "List-Post");

	return nx_report_is_answer(ctx, report) ||
	       (is_list && !nx_report_is_from_system(ctx, report));
}

/* Puts what the line machine has read into the report. */
static void settle(TALLOC_CTX *ctx, const struct nx_format *format,
                   struct nx_report *report)
{
	report->format = format->name;
	report->kind = format->nobody ? NX_KIND_OTHER : NX_KIND_DELIVERY_REPORT;
	if (!*format->feedback)
		return;
	report->kind = NX_KIND_FEEDBACK_REPORT;
	report->feedback = nx_report_feedback_of(ctx, format->feedback);
}

/* The text that may have markers: the headers of the returned message are kept,
 * its body is not. */
static char *without_message(TALLOC_CTX *ctx, const char *text, const char *end)
{
	size_t size = (size_t)(nx_notice_headers_end(end) - text);

	return talloc_strndup(ctx, text, size);
}

char *nx_formats_cut(TALLOC_CTX *ctx, const struct nx_formats *formats,
                     const char *text, const uint64_t **of_text)
{
	const char *end = nx_notice_end(text);
	char *notice = without_message(ctx, text, end);
	struct nx_format_view view = nx_format_look(ctx, formats, NULL, notice);
	const struct nx_patterns *markers = &formats->markers;
	struct nx_patterns some = {
	        talloc_array(ctx, const struct nx_pattern *, markers->count),
	        0,
	};

	for (size_t i = 0; i < markers->count; i++)
		if (nx_format_may_match(view.of_text, i))
			some.item[some.count++] = markers->item[i];
	*of_text = view.of_text;
	char *cut = nx_machine_cut(ctx, &some, notice);
	size_t size =
	        (size_t)(cut == notice ? end - text : nx_notice_end(cut) - cut);

	cut[size] = '\0';
	return cut;
}

/* The text is of this format, and names a recipient unless the format never
 * does. */
static bool reads_as(TALLOC_CTX *ctx, const struct nx_formats *formats,
                     const struct nx_format *format, char *explanation,
                     struct nx_report *report)
{
	struct nx_machine machine = {
	        .ctx = ctx,
	        .formats = formats,
	        .format = format,
	        .report = report,
	        .pending = nx_recipient_empty(),
	        .alias = "",
	};

	if (format->nobody ||
	    nx_machine_read(&machine, nx_machine_cut(ctx, &format->original,
	                                             explanation)))
		return true;
	report->recipients = 0;
	return false;
}

bool nx_report_format(TALLOC_CTX *ctx, const struct nx_formats *formats,
                      const struct nx_message *message,
                      struct nx_report *report)
{
	if (!*nx_report_notice(report))
		return false;
	bool passed_on = is_passed_on(ctx, report);
	struct nx_format_view view =
	        nx_format_look(ctx, formats, message, NULL);
	char *explanation = talloc_strdup(ctx, nx_report_notice(report));

	view.text = explanation;
	view.of_text = nx_notice_hits(report);

	for (size_t i = 0; i < formats->count; i++) {
		const struct nx_format *format = formats->item[i];

		if ((passed_on && !format->answers) ||
		    !nx_format_holds(format->when, &view) ||
		    nx_format_holds(format->unless, &view) ||
		    !reads_as(ctx, formats, format, explanation, report))
			continue;
		settle(ctx, format, report);
		return true;
	}
	return false;
}
