/* SPDX-License-Identifier: ISC */
#include "base/date.h"
#include "base/text.h"
#include "mail/address.h"
#include "report/groups.h"
#include "report/readers.h"

#include <stdlib.h>
#include <string.h>

/* Feedback reports, RFC 5965, and the older form of Microsoft's JMRP. */

enum { BLOCKS = 100, HOPS = 20 };

static const struct nx_part *feedback_part(const struct nx_message *message)
{
	bool says_feedback =
	        strcmp(message->report_type, "feedback-report") == 0;
	for (size_t i = 0; i < message->parts; i++) {
		const struct nx_part *part = &message->part[i];
		if (strcmp(part->type, "message/feedback-report") == 0)
			return part;
		if (says_feedback && strcmp(part->type, "text/html") != 0 &&
		    (nx_text_starts(part->text, "Feedback-Type:") ||
		     nx_text_find(part->text, "\nFeedback-Type:") != NULL))
			return part;
	}
	return NULL;
}

/* One group of fields by the RFC; blank lines are passed over. */
static struct nx_fields all_fields(TALLOC_CTX *ctx, const char *text)
{
	size_t blocks;
	const struct nx_fields *block =
	        nx_fields_blocks(ctx, text, BLOCKS, &blocks);
	if (blocks == 1)
		return block[0];
	size_t total = 0;
	for (size_t i = 0; i < blocks; i++)
		total += block[i].count;
	struct nx_field *field = talloc_array(ctx, struct nx_field, total + 1);
	size_t at = 0;
	for (size_t i = 0; i < blocks; i++) {
		for (size_t j = 0; j < block[i].count; j++)
			field[at++] = block[i].item[j];
	}
	return (struct nx_fields){field, total};
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
	const char *value = nx_groups_value(fields, "Original-Mail-From");
	const char *address = nx_address_of_field(ctx, value);
	return *address != '\0' ? address : value;
}

static const char *typed(TALLOC_CTX *ctx, const struct nx_fields *fields,
                         const char *name)
{
	const char *type;
	return nx_fields_typed(ctx, nx_groups_value(fields, name), &type);
}

static const char *plain(TALLOC_CTX *ctx, const struct nx_fields *fields,
                         const char *name)
{
	return nx_fields_uncomment(ctx, nx_groups_value(fields, name));
}

static int64_t read_arrival(const struct nx_fields *fields)
{
	int64_t date =
	        nx_date_parse_mail(nx_groups_value(fields, "Arrival-Date"));
	if (date != 0)
		return date;
	return nx_date_parse_mail(nx_groups_value(fields, "Received-Date"));
}

static struct nx_feedback *read_fields(TALLOC_CTX *ctx, struct nx_fields fields)
{
	struct nx_feedback *feedback = talloc(ctx, struct nx_feedback);
	*feedback = (struct nx_feedback){
	        .feedback_type = nx_text_lower(
	                ctx, plain(ctx, &fields, "Feedback-Type")),
	        .user_agent = nx_groups_value(&fields, "User-Agent"),
	        .version = nx_groups_value(&fields, "Version"),
	        .original_envelope_id =
	                nx_groups_value(&fields, "Original-Envelope-Id"),
	        .original_mail_from = read_mail_from(ctx, &fields),
	        .arrival_date = read_arrival(&fields),
	        .reporting_mta = typed(ctx, &fields, "Reporting-MTA"),
	        .source_ip = plain(ctx, &fields, "Source-IP"),
	        .source_port = plain(ctx, &fields, "Source-Port"),
	        .incidents =
	                read_incidents(nx_groups_value(&fields, "Incidents")),
	        .all = fields,
	};
	return feedback;
}

/* --- whom it is about ------------------------------------------------------
 */

static bool is_masked(const char *text, size_t size)
{
	static const char *const words[] = {
	        "redacted", "[redacted]", "hashed",
	        "removed",  "unknown",    "undisclosed",
	        "hidden",   "anonymous",  "undisclosed-recipients",
	};
	if (size == 0 || strspn(text, "xX*#.-") >= size)
		return true;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strlen(words[i]) == size && nx_text_starts(text, words[i]))
			return true;
	}
	return false;
}

/* A reporter that hides the recipient writes something that looks like an
 * address: "redacted@example.com", "x@x", "****@example.com". */
static bool is_usable(const char *address)
{
	const char *at = strrchr(address, '@');
	if (at == NULL || strchr(address, '*') != NULL)
		return false;
	const char *domain = at + 1;
	return !is_masked(address, (size_t)(at - address)) &&
	       !is_masked(domain, strlen(domain)) &&
	       !nx_text_ends(domain, ".invalid") && strchr(domain, '.') != NULL;
}

static bool is_listed(const struct nx_report *report, const char *address)
{
	for (size_t i = 0; i < report->recipients; i++) {
		if (nx_text_equal(report->recipient[i].address, address))
			return true;
	}
	return false;
}

static void add_address(TALLOC_CTX *ctx, struct nx_report *report,
                        const char *address, const char *told)
{
	if (is_listed(report, address))
		return;
	struct nx_recipient *recipient = nx_report_add_recipient(ctx, report);
	if (recipient == NULL)
		return;
	recipient->address = address;
	recipient->original_recipient = told;
}

static void add_fields(TALLOC_CTX *ctx, struct nx_report *report,
                       const struct nx_fields *fields, const char *name)
{
	for (size_t i = 0; i < fields->count; i++) {
		const struct nx_field *field = &fields->item[i];
		if (!nx_text_equal(field->name, name))
			continue;
		const char *address = nx_address_of_field(ctx, field->value);
		if (is_usable(address))
			add_address(ctx, report, address, address);
	}
}

/* "Received: from … by … for <a@b>; date". */
static const char *received_for(TALLOC_CTX *ctx, const struct nx_fields *fields)
{
	int hops = 0;
	for (size_t i = 0; i < fields->count && hops < HOPS; i++) {
		const struct nx_field *field = &fields->item[i];
		if (!nx_text_equal(field->name, "Received"))
			continue;
		hops++;
		const char *at = strstr(field->value, " for <");
		if (at == NULL)
			continue;
		at += strlen(" for ");
		const char *text = talloc_strndup(ctx, at, strcspn(at, "; "));
		const char *address = nx_address_of_field(ctx, text);
		if (is_usable(address))
			return address;
	}
	return "";
}

/* Headers of the last hop alone tell whom it delivered to; what an earlier hop
 * wrote, below a Received header, may be the address of a list. */
static struct nx_fields last_hop(const struct nx_fields *headers)
{
	size_t count = 0;
	while (count < headers->count &&
	       !nx_text_equal(headers->item[count].name, "Received"))
		count++;
	return (struct nx_fields){headers->item, count};
}

static const char *recover_from(TALLOC_CTX *ctx, const struct nx_report *report,
                                const struct nx_fields *headers,
                                const char *name)
{
	const char *address =
	        nx_report_only_address(ctx, nx_groups_value(headers, name));
	return is_usable(address) && !nx_report_is_ours(ctx, report, address)
	               ? address
	               : "";
}

/* What the complained message itself tells, surest first. */
static const char *recover(TALLOC_CTX *ctx, const struct nx_report *report)
{
	static const char *const names[] = {"X-Original-To", "Delivered-To",
	                                    "Envelope-To", "X-Envelope-To"};
	const struct nx_fields *headers = &report->original.headers;
	const struct nx_fields hop = last_hop(headers);
	const char *address =
	        recover_from(ctx, report, headers, "X-HmXmrOriginalRecipient");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (*address == '\0')
			address = recover_from(ctx, report, &hop, names[i]);
	}
	if (*address == '\0')
		address = recover_from(ctx, report, headers, "To");
	return *address != '\0' ? address : received_for(ctx, headers);
}

/* There is always an entry: a complaint counts, whoever complained. */
static void read_recipients(TALLOC_CTX *ctx, struct nx_report *report)
{
	const struct nx_fields *fields = &report->feedback->all;
	add_fields(ctx, report, fields, "Original-Rcpt-To");
	if (report->recipients == 0)
		add_fields(ctx, report, fields, "Removal-Recipient");
	if (report->recipients == 0)
		add_address(ctx, report, recover(ctx, report),
		            nx_groups_value(fields, "Original-Rcpt-To"));
}

/* --- the older JMRP form ----------------------------------------------------
 */

static bool is_jmrp(TALLOC_CTX *ctx, const struct nx_message *message,
                    const struct nx_original *original)
{
	const char *from =
	        nx_address_of_field(ctx, nx_message_header(message, "From"));
	return (nx_text_equal(from, "staff@hotmail.com") ||
	        nx_text_equal(from, "complaints@email-abuse.amazonses.com")) &&
	       nx_text_find(nx_message_header(message, "Subject"),
	                    "complaint about message from") != NULL &&
	       original->headers.count > 0;
}

/* Nothing but the returned message, and our address in the subject. */
static struct nx_feedback *read_jmrp(TALLOC_CTX *ctx,
                                     const struct nx_message *message)
{
	struct nx_feedback *feedback =
	        read_fields(ctx, (struct nx_fields){NULL, 0});
	feedback->feedback_type = "abuse";
	const char *subject = nx_message_header(message, "Subject");
	const char *ip = strrchr(subject, ' ');
	if (ip != NULL)
		feedback->source_ip = talloc_strdup(ctx, ip + 1);
	return feedback;
}

bool nx_report_feedback(TALLOC_CTX *ctx, const struct nx_message *message,
                        struct nx_report *report)
{
	const struct nx_part *part = feedback_part(message);
	if (part != NULL) {
		report->format = "rfc5965";
		report->feedback =
		        read_fields(ctx, all_fields(ctx, part->text));
	} else if (is_jmrp(ctx, message, &report->original)) {
		report->format = "jmrp";
		report->feedback = read_jmrp(ctx, message);
	} else {
		return false;
	}
	report->kind = NX_KIND_FEEDBACK_REPORT;
	report->original_envelope_id = report->feedback->original_envelope_id;
	report->reporting_mta = report->feedback->reporting_mta;
	report->arrival_date = report->feedback->arrival_date;
	read_recipients(ctx, report);
	return true;
}
