/* SPDX-License-Identifier: ISC */
#include "base/date.h"
#include "base/text.h"
#include "report/outcome.h"
#include "report/readers/readers.h"
#include "report/readers/recipient.h"
#include "report/readers/recipient_fields.h"
#include "report/returned.h"

#include <string.h>

/* Delivery status notifications, RFC 3464 and RFC 6533. */

/* "message/delivery-status" and its misspellings: compares the letters
 * alone. */
static bool is_status_type(const char *type)
{
	static const char words[] = "deliverystatus";
	size_t found = 0;
	for (; *type && words[found]; type++) {
		if (*type == words[found])
			found++;
		else if (found > 0 && strchr("-_. ", *type) == NULL)
			found = *type == *words;
	}
	return !words[found];
}

static bool has_report(const struct nx_message *message)
{
	for (size_t i = 0; i < message->parts; i++)
		if (strcmp(message->part[i].type, "multipart/report") == 0)
			return true;
	return false;
}

/* In a multipart/report without report-type the parts decide. */
static bool says_delivery_status(const struct nx_message *message)
{
	return strcmp(message->report_type, "delivery-status") == 0 ||
	       strcmp(message->report_type, "global-delivery-status") == 0 ||
	       (!*message->report_type && has_report(message));
}

/* A text with the fields of a recipient that say what happened to it. */
static bool holds_status_fields(TALLOC_CTX *ctx, const char *text)
{
	if (nx_text_find(text, "-Recipient:") == NULL)
		return false;
	struct nx_recipient_fields groups =
	        nx_recipient_fields_parse(ctx, text, 1);
	if (groups.count == 0)
		return false;
	const struct nx_fields *group = groups.group;
	return nx_recipient_fields_name_address(group) &&
	       (nx_fields_has(group, "Action") ||
	        nx_fields_has(group, "Status"));
}

/* A text that is nothing else: a quoted one has other words before it. */
static bool begins_with_status_fields(TALLOC_CTX *ctx, const char *text)
{
	text += strspn(text, " \t\n");
	struct nx_fields first = nx_fields_parse(ctx, text, NULL);
	return first.count > 0 && nx_text_starts(text, first.item[0].name) &&
	       !nx_fields_has(&first, "From") &&
	       !nx_fields_has(&first, "Received") &&
	       (nx_fields_has(&first, "Reporting-MTA") ||
	        nx_recipient_fields_name_address(&first));
}

/* The fields are in a part of the wrong type: usually the second, the first
 * when the report was flattened. If the mail does not call itself a report, it
 * is one only when the part has nothing but fields and the mail system sent
 * it. */
static const struct nx_part *mislabelled(TALLOC_CTX *ctx,
                                         const struct nx_report *report)
{
	const struct nx_message *message = report->message;
	bool is_declared = says_delivery_status(message);
	const struct nx_part *first = NULL;
	if (!is_declared && !nx_report_is_from_system(report))
		return NULL;
	for (size_t i = 0; i < message->parts; i++) {
		const struct nx_part *part = &message->part[i];
		if (!*part->text || strcmp(part->type, "text/html") == 0)
			continue;
		if (!first)
			first = part;
		else if (holds_status_fields(ctx, part->text) &&
		         (is_declared ||
		          begins_with_status_fields(ctx, part->text)))
			return part;
	}
	return is_declared && first && holds_status_fields(ctx, first->text)
	               ? first
	               : NULL;
}

/* --- the per-message fields, RFC 3464 section 2.2 ------------------------- */

static void set_once(const char **text, const char *value)
{
	if (!**text)
		*text = value;
}

static void read_message_fields(TALLOC_CTX *ctx, const struct nx_fields *fields,
                                struct nx_report *report)
{
	set_once(&report->original_envelope_id,
	         nx_fields_value(fields, "Original-Envelope-Id"));
	set_once(&report->reporting_mta,
	         nx_recipient_fields_typed(ctx, fields, "Reporting-MTA"));
	set_once(&report->dsn_gateway,
	         nx_recipient_fields_typed(ctx, fields, "DSN-Gateway"));
	set_once(&report->received_from_mta,
	         nx_recipient_fields_typed(ctx, fields, "Received-From-MTA"));
	if (report->arrival_date == 0)
		report->arrival_date = nx_date_parse_mail(
		        nx_fields_value(fields, "Arrival-Date"));
}

/* --- the whole ------------------------------------------------------------ */

static bool is_too_long(const struct nx_fields *group)
{
	return strlen(nx_fields_value(group, "Diagnostic-Code")) >
	       NX_RECIPIENT_DIAGNOSTIC;
}

static void read_part(TALLOC_CTX *ctx, const char *text,
                      struct nx_report *report)
{
	struct nx_recipient_fields groups =
	        nx_recipient_fields_parse(ctx, text, NX_REPORT_RECIPIENTS);
	report->truncated |= groups.truncated;
	read_message_fields(ctx, &groups.all, report);
	for (size_t i = 0; i < groups.count; i++) {
		const struct nx_fields *group = &groups.group[i];
		if (!nx_recipient_fields_name_one(group))
			continue;
		struct nx_recipient *recipient =
		        nx_report_add_recipient(ctx, report);
		if (!recipient)
			return;
		nx_recipient_read(ctx, group, recipient);
		report->truncated |= is_too_long(group);
	}
}

/* A report that was turned into one text, part headers included. It is trusted
 * only from the mail system: people quote bounces in their mail. */
static const char *flattened(TALLOC_CTX *ctx, const struct nx_report *report,
                             const char *text)
{
	const char *at =
	        nx_text_find(text, "\nContent-Type: message/delivery-status");
	if (!at || !nx_report_is_from_system(report))
		return "";
	at += strcspn(at + 1, "\n") + 1;
	const char *end = strstr(at, "\n--");
	return !end ? at : talloc_strndup(ctx, at, (size_t)(end - at));
}

/* The part for machines is there but empty: one recipient failed, and only the
 * returned message can tell which. */
static void read_empty(TALLOC_CTX *ctx, struct nx_report *report)
{
	const char *subject = nx_message_header(report->message, "Subject");
	if (nx_report_is_from_system(report) &&
	    nx_outcome_is_failure(ctx, report, subject) &&
	    *nx_returned_recipient(ctx, report) != '\0')
		nx_report_add_recipient(ctx, report);
}

static void read_without_part(TALLOC_CTX *ctx, struct nx_report *report)
{
	const struct nx_part *part = mislabelled(ctx, report);
	const char *text =
	        part ? part->text
	             : flattened(ctx, report, nx_report_notice(report));
	read_part(ctx, text, report);
}

static void read_parts(TALLOC_CTX *ctx, struct nx_report *report)
{
	const struct nx_message *message = report->message;
	bool any = false;
	bool is_empty = true;
	report->format = "rfc3464";
	for (size_t i = 0; i < message->parts; i++) {
		const struct nx_part *part = &message->part[i];
		if (!is_status_type(part->type))
			continue;
		any = true;
		is_empty &= !part->text[strspn(part->text, " \t\n")];
		if (strstr(part->type, "global"))
			report->format = "rfc6533";
		read_part(ctx, part->text, report);
	}
	if (!any)
		read_without_part(ctx, report);
	else if (is_empty)
		read_empty(ctx, report);
}

/* The text for people is read once, on first use. */
static void complete_all(TALLOC_CTX *ctx, struct nx_report *report)
{
	enum nx_action told = NX_ACTION_NONE;
	bool is_asked = false;
	struct nx_accounts *accounts = nx_accounts_new(ctx, report);
	for (size_t i = 0; i < report->recipients; i++) {
		struct nx_recipient *recipient = &report->recipient[i];
		if (recipient->action == NX_ACTION_NONE && !is_asked) {
			told = nx_outcome_told(report);
			is_asked = true;
		}
		nx_recipient_complete(ctx, report, accounts, recipient, told);
	}
}

static bool settle(TALLOC_CTX *ctx, const struct nx_report *found,
                   struct nx_report *report)
{
	if (found->recipients == 0)
		return false;
	*report = *found;
	report->kind = NX_KIND_DELIVERY_REPORT;
	complete_all(ctx, report);
	return true;
}

/* Mail programs attach the parts of a report that a person forwards one by one:
 * without the multipart/report around them they come from that person, not from
 * the mail system. */
static bool is_passed_on(const struct nx_report *report)
{
	const struct nx_message *message = report->message;
	const struct nx_envelope *envelope = &message->envelope;

	return envelope->sender_known && *envelope->sender &&
	       !has_report(message) && nx_report_is_answer(report);
}

bool nx_reader_delivery(TALLOC_CTX *ctx, struct nx_report *report)
{
	struct nx_report found = *report;
	if (is_passed_on(report))
		return false;
	read_parts(ctx, &found);
	return settle(ctx, &found, report);
}

bool nx_reader_passed_on(TALLOC_CTX *ctx, struct nx_report *report)
{
	struct nx_report found = *report;
	found.format = "rfc3464";
	read_part(ctx, flattened(ctx, report, report->explanation), &found);
	return settle(ctx, &found, report);
}
