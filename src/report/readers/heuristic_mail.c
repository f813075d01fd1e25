/* SPDX-License-Identifier: ISC */
#include "report/readers/heuristic_mail.h"

#include "base/text.h"
#include "mail/address_find.h"
#include "report/outcome.h"

#include <string.h>

/* A mail of another type is not a bounce, whatever its text says. */
static bool is_other_report(const struct nx_message *message)
{
	return *message->report_type &&
	       strcmp(message->report_type, "delivery-status") != 0 &&
	       strcmp(message->report_type, "global-delivery-status") != 0;
}

static bool is_from_root(TALLOC_CTX *ctx, const struct nx_report *report)
{
	const char *from = nx_message_header(report->message, "From");

	return nx_text_starts(nx_address_of_header(ctx, from), "root@");
}

bool nx_heuristic_mail_reports(TALLOC_CTX *ctx, const struct nx_report *report)
{
	const char *subject = nx_message_header(report->message, "Subject");

	if (is_other_report(report->message) ||
	    !nx_report_is_from_system(report))
		return false;
	return is_from_root(ctx, report)
	               ? nx_outcome_is_failure(ctx, report, subject)
	               : nx_outcome_told(report) != NX_ACTION_NONE;
}

bool nx_heuristic_mail_refuses(TALLOC_CTX *ctx, const struct nx_report *report)
{
	const char *text = nx_report_notice(report);
	struct nx_reply reply;

	if (is_other_report(report->message) || is_from_root(ctx, report) ||
	    !nx_report_is_from_system(report))
		return false;
	nx_reply_parse(ctx, text, &reply);
	return reply.code >= 500 && reply.status.class == 5;
}

bool nx_heuristic_mail_returns(const struct nx_report *report)
{
	const struct nx_message *message = report->message;

	return nx_envelope_is_null(&message->envelope) &&
	       !is_other_report(message) &&
	       !nx_fields_has(&message->headers, "List-Id") &&
	       !nx_fields_has(&message->headers, "List-Unsubscribe") &&
	       nx_outcome_is_return(report);
}
