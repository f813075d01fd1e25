/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "mail/address_find.h"
#include "report/conditions/detectors_rules.h"
#include "report/readers/readers.h"

#include <string.h>

/* Mail that a program wrote in somebody's absence, or for its operator: the
 * detectors of rules/automatic.yaml. None names a recipient. */

static const char *local_part(TALLOC_CTX *ctx, const char *address)
{
	const char *at = strrchr(address, '@');
	return at == NULL
	               ? ""
	               : talloc_strndup(ctx, address, (size_t)(at - address));
}

/* The names that mail systems give themselves, with or without a mailbox of
 * that name. */
static bool is_system_name(const char *from)
{
	static const char *const names[] = {
	        "daemon",
	        "mail delivery s",
	        "mail.delivery.s",
	        "mail deliver ",
	        "postmaster@",
	        "post_master@",
	        "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e@",
	        "mail administrator",
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (nx_text_find(from, names[i]) != NULL)
			return true;
	}
	return false;
}

static bool is_from_system(TALLOC_CTX *ctx, const struct nx_report *report)
{
	const struct nx_message *message = report->message;
	const char *from = nx_message_header(message, "From");
	const char *local = local_part(ctx, nx_address_of_header(ctx, from));
	if (is_system_name(from) || nx_text_equal(local, "postmaster") ||
	    nx_text_equal(local, "root"))
		return true;
	bool is_null = message->envelope.sender_known &&
	               *message->envelope.sender == '\0';
	return is_null && nx_detectors_is_bounce(report->view);
}

bool nx_report_is_from_system(TALLOC_CTX *ctx, const struct nx_report *report)
{
	struct nx_message_view *view = report->view;
	if (view == NULL)
		return is_from_system(ctx, report);
	if (view->system == NX_SYSTEM_UNKNOWN)
		view->system = is_from_system(ctx, report) ? NX_SYSTEM_YES
		                                           : NX_SYSTEM_NO;
	return view->system == NX_SYSTEM_YES;
}

static bool read_detector(const struct nx_detector *detector,
                          struct nx_report *report)
{
	if (detector == NULL)
		return false;
	report->kind = detector->kind;
	report->format = detector->format;
	return true;
}

bool nx_reader_disguised(struct nx_report *report)
{
	return read_detector(nx_detectors_find(report->view, NX_DETECTOR_EARLY),
	                     report);
}

bool nx_reader_automatic(struct nx_report *report)
{
	return read_detector(nx_detectors_find(report->view, NX_DETECTOR_LATE),
	                     report);
}
