/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "mail/address.h"
#include "report/readers.h"
#include "report/subjects.h"

#include <string.h>

/* Mail that a program wrote in somebody's absence: RFC 3834 replies, vacation
 * notices, read receipts (RFC 8098), challenges. None tells of a recipient. */

static bool has_header(const struct nx_message *message, const char *name)
{
	return nx_fields_has(&message->headers, name);
}

static const char *local_part(TALLOC_CTX *ctx, const char *address)
{
	const char *at = strrchr(address, '@');
	return at == NULL
	               ? ""
	               : talloc_strndup(ctx, address, (size_t)(at - address));
}

bool nx_report_is_from_system(TALLOC_CTX *ctx, const struct nx_message *message)
{
	const char *from = nx_message_header(message, "From");
	const char *local = local_part(ctx, nx_address_of_field(ctx, from));
	if (nx_text_find(from, "mailer-daemon") != NULL ||
	    nx_text_equal(local, "postmaster") || nx_text_equal(local, "root"))
		return true;
	bool is_null = message->envelope.sender_known &&
	               *message->envelope.sender == '\0';
	return is_null &&
	       nx_subject_is_bounce(nx_message_header(message, "Subject"));
}

bool nx_report_is_challenge(const struct nx_message *message)
{
	const char *from = nx_message_header(message, "From");
	const char *subject = nx_message_header(message, "Subject");
	if (nx_text_find(from, "@boxbe.com") != NULL &&
	    nx_text_find(subject, "(Action Required)") != NULL)
		return true;
	return has_header(message, "X-Bluebottle-Request") ||
	       nx_text_find(from, "@spamarrest.com") != NULL ||
	       nx_text_find(from, "@mailinblack.com") != NULL;
}

static bool is_receipt(const struct nx_message *message)
{
	if (strcmp(message->report_type, "disposition-notification") == 0 ||
	    strcmp(message->report_type, "global-disposition-notification") ==
	            0)
		return true;
	for (size_t i = 0; i < message->parts; i++) {
		const struct nx_part *part = &message->part[i];
		if (strcmp(part->type, "message/disposition-notification") == 0)
			return true;
	}
	return false;
}

/* Headers that only automatic replies carry. */
static bool has_reply_header(const struct nx_message *message)
{
	static const char *const names[] = {
	        "X-Autoreply",      "X-Auto-Reply",
	        "X-Autorespond",    "X-Autoresponder",
	        "X-Mail-Autoreply", "X-Vacation",
	        "X-AutoReply-From", "X-MS-Exchange-Inbox-Rules-Loop",
	};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = nx_message_header(message, names[i]);
		if (*value != '\0' && !nx_text_equal(value, "no"))
			return true;
	}
	const char *precedence = nx_message_header(message, "Precedence");
	return nx_text_equal(precedence, "auto_reply") ||
	       nx_text_equal(precedence, "auto-reply") ||
	       nx_text_equal(nx_message_header(message, "X-Apple-Action"),
	                     "VACATION");
}

/* RFC 3834 section 5, RFC 5436. "auto-generated" is said by newsletters and
 * cron as well: it counts with another sign only. */
static bool is_auto_submitted(const struct nx_message *message)
{
	const char *value = nx_message_header(message, "Auto-Submitted");
	if (nx_text_starts(value, "auto-replied") ||
	    nx_text_starts(value, "auto-notified"))
		return true;
	return nx_text_starts(value, "auto-generated") &&
	       (has_header(message, "X-Auto-Response-Suppress") ||
	        has_header(message, "In-Reply-To"));
}

static const char *format_of(TALLOC_CTX *ctx, const struct nx_message *message)
{
	if (nx_report_is_challenge(message))
		return "challenge";
	if (is_receipt(message))
		return "rfc8098";
	if (nx_report_is_from_system(ctx, message))
		return "";
	if (is_auto_submitted(message))
		return "rfc3834";
	if (has_reply_header(message) ||
	    nx_subject_is_vacation(nx_message_header(message, "Subject")))
		return "vacation";
	return "";
}

bool nx_report_automatic(TALLOC_CTX *ctx, const struct nx_message *message,
                         struct nx_report *report)
{
	const char *format = format_of(ctx, message);
	if (*format == '\0')
		return false;
	report->kind = NX_KIND_AUTO_REPLY;
	report->format = format;
	return true;
}
