/* SPDX-License-Identifier: ISC */
#include "report/conditions/view.h"
#include "report/readers/machine.h"
#include "report/readers/readers.h"

#include <string.h>

/* Finds the format of a message. */

/* An answer, or a newsletter that describes bounces: written by a person, and
 * about no recipient of ours. */
static bool is_passed_on(const struct nx_report *report)
{
	const struct nx_fields *headers = &report->message->headers;
	bool is_list = nx_fields_has(headers, "List-Unsubscribe") ||
	               nx_fields_has(headers, "List-Post");

	return nx_report_is_answer(report) ||
	       (is_list && !nx_report_is_from_system(report));
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
	    nx_machine_read(&machine, nx_patterns_cut(ctx, &format->original,
	                                              explanation)))
		return true;
	report->recipients = 0;
	return false;
}

bool nx_reader_format(TALLOC_CTX *ctx, struct nx_report *report)
{
	const struct nx_formats *formats = report->formats;

	if (!formats || !*nx_report_notice(report))
		return false;
	bool passed_on = is_passed_on(report);
	struct nx_view *view =
	        nx_view_new(ctx, report->message, report->notice,
	                    &formats->names, formats->of_headers);
	char *explanation = talloc_strdup(ctx, nx_report_notice(report));

	for (size_t i = 0; i < formats->count; i++) {
		const struct nx_format *format = formats->item[i];

		if ((passed_on && !format->answers) ||
		    !nx_view_holds(view, format->when) ||
		    nx_view_holds(view, format->unless) ||
		    !reads_as(ctx, formats, format, explanation, report))
			continue;
		settle(ctx, format, report);
		return true;
	}
	return false;
}
