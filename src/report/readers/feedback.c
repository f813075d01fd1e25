/* SPDX-License-Identifier: ISC */
#include "base/date.h"
#include "base/text.h"
#include "mail/address_find.h"
#include "report/readers/feedback_recipient.h"
#include "report/readers/readers.h"
#include "report/readers/recipient_fields.h"
#include "report/readers/xarf.h"

#include <stdlib.h>
#include <string.h>

/* Feedback reports, RFC 5965, also as XARF, and the older form of Microsoft's
 * JMRP. */

enum { BLOCKS = 100 };

/* "message/feedback-report" and its misspellings. */
static bool is_feedback_type(const char *type)
{
	return strstr(type, "feedback-report") ||
	       strstr(type, "feedback_report") ||
	       strstr(type, "feedbackreport");
}

static const struct nx_part *feedback_part(const struct nx_message *message)
{
	bool says_feedback = is_feedback_type(message->report_type);
	for (size_t i = 0; i < message->parts; i++) {
		const struct nx_part *part = &message->part[i];
		if (is_feedback_type(part->type))
			return part;
		if (says_feedback && strcmp(part->type, "text/html") != 0 &&
		    (nx_text_starts(part->text, "Feedback-Type:") ||
		     nx_text_find(part->text, "\nFeedback-Type:")))
			return part;
	}
	return NULL;
}

/* The RFC has one group of fields; blank lines are skipped. */
static struct nx_fields all_fields(TALLOC_CTX *ctx, const char *text, bool *cut)
{
	size_t blocks;
	const struct nx_fields *block =
	        nx_fields_blocks(ctx, text, BLOCKS, &blocks);

	*cut |= blocks == BLOCKS;
	return nx_recipient_fields_join(ctx, block, blocks);
}

/* --- the fields, RFC 5965 section 3 --------------------------------------- */

static int64_t read_incidents(const char *value)
{
	char *end;
	long number = strtol(value, &end, 10);
	return end != value && number > 0 ? number : 1;
}

static const char *read_mail_from(TALLOC_CTX *ctx,
                                  const struct nx_fields *fields)
{
	const char *value = nx_fields_value(fields, "Original-Mail-From");
	const char *address = nx_address_of_field(ctx, value);
	return *address ? address : value;
}

static const char *plain(TALLOC_CTX *ctx, const struct nx_fields *fields,
                         const char *name)
{
	return nx_fields_uncomment(ctx, nx_fields_value(fields, name));
}

static int64_t read_arrival(const struct nx_fields *fields)
{
	const char *arrival = nx_fields_value(fields, "Arrival-Date");
	int64_t date = nx_date_parse_mail(arrival);

	if (!date && nx_date_parse(arrival, &date) && date < 0)
		date = 0;
	return date ? date
	            : nx_date_parse_mail(
	                      nx_fields_value(fields, "Received-Date"));
}

/* "Abuse", "not spam", "auth_failure; x": spelled as in the registry. */
static const char *read_type(TALLOC_CTX *ctx, const struct nx_fields *fields)
{
	char *type = nx_text_lower(ctx, plain(ctx, fields, "Feedback-Type"));
	type[strcspn(type, ";,")] = '\0';
	type = nx_text_trim(ctx, type);
	for (char *at = type; *at; at++)
		if (*at == ' ' || *at == '_')
			*at = '-';
	return type;
}

static struct nx_feedback *read_fields(TALLOC_CTX *ctx, struct nx_fields fields)
{
	struct nx_feedback *feedback = talloc(ctx, struct nx_feedback);
	*feedback = (struct nx_feedback){
	        .feedback_type = read_type(ctx, &fields),
	        .user_agent = nx_fields_value(&fields, "User-Agent"),
	        .version = nx_fields_value(&fields, "Version"),
	        .original_envelope_id =
	                nx_fields_value(&fields, "Original-Envelope-Id"),
	        .original_mail_from = read_mail_from(ctx, &fields),
	        .arrival_date = read_arrival(&fields),
	        .reporting_mta = nx_recipient_fields_typed(ctx, &fields,
	                                                   "Reporting-MTA"),
	        .source_ip = plain(ctx, &fields, "Source-IP"),
	        .source_port = plain(ctx, &fields, "Source-Port"),
	        .incidents =
	                read_incidents(nx_fields_value(&fields, "Incidents")),
	        .all = fields,
	};
	return feedback;
}

/* --- complaints without fields -------------------------------------------- */

struct nx_feedback *nx_report_feedback_of(TALLOC_CTX *ctx, const char *type)
{
	struct nx_feedback *feedback = read_fields(ctx, (struct nx_fields){0});

	feedback->feedback_type = type;
	return feedback;
}

/* --- the older JMRP form -------------------------------------------------- */

static const char JMRP_SUBJECT[] = "complaint about message from";
static const char JMRP_RECIPIENT[] = "X-HmXmrOriginalRecipient";

/* Only the returned message, with its recipient in a header of its own; some of
 * it comes through Amazon SES. What is returned may not be a report. */
static bool is_jmrp(TALLOC_CTX *ctx, const struct nx_message *message,
                    const struct nx_original *original)
{
	const char *subject = nx_message_header(message, "Subject");
	subject += strspn(subject, " \t");
	if (original->headers.count == 0 ||
	    !nx_text_starts(subject, JMRP_SUBJECT) ||
	    nx_text_find(nx_fields_get(&original->headers, "Content-Type"),
	                 "feedback-report"))
		return false;
	const char *from =
	        nx_address_of_header(ctx, nx_message_header(message, "From"));
	return nx_text_equal(from, "staff@hotmail.com") ||
	       nx_text_ends(from, "@email-abuse.amazonses.com") ||
	       nx_fields_has(&original->headers, JMRP_RECIPIENT);
}

/* Our address is in the subject. */
static struct nx_feedback *read_jmrp(TALLOC_CTX *ctx,
                                     const struct nx_message *message)
{
	struct nx_feedback *feedback = nx_report_feedback_of(ctx, "abuse");
	const char *ip = nx_text_find(nx_message_header(message, "Subject"),
	                              JMRP_SUBJECT) +
	                 strlen(JMRP_SUBJECT);
	ip += strspn(ip, " [(<");
	feedback->source_ip =
	        talloc_strndup(ctx, ip, strspn(ip, "0123456789abcdefABCDEF.:"));
	return feedback;
}

static struct nx_feedback *read_feedback(TALLOC_CTX *ctx,
                                         struct nx_report *report)
{
	const struct nx_message *message = report->message;
	const struct nx_part *part = feedback_part(message);
	struct nx_fields fields = {0};
	if (part) {
		report->format = "rfc5965";
		fields = all_fields(ctx, part->text, &report->truncated);
	}
	bool is_xarf = nx_xarf_read(ctx, report, &fields);
	if (is_xarf)
		report->format = "xarf";
	if (part || is_xarf)
		return read_fields(ctx, fields);
	if (!is_jmrp(ctx, message, &report->original))
		return NULL;
	report->format = "jmrp";
	return read_jmrp(ctx, message);
}

bool nx_reader_feedback(TALLOC_CTX *ctx, struct nx_report *report)
{
	struct nx_feedback *feedback = read_feedback(ctx, report);
	if (!feedback)
		return false;
	report->kind = NX_KIND_FEEDBACK_REPORT;
	report->feedback = feedback;
	report->original_envelope_id = feedback->original_envelope_id;
	report->reporting_mta = feedback->reporting_mta;
	report->arrival_date = feedback->arrival_date;
	nx_feedback_recipient_read(ctx, report);
	if (report->recipient->redacted)
		feedback->clues = nx_feedback_recipient_clues(
		        ctx, &report->original.headers);
	return true;
}
