/* SPDX-License-Identifier: ISC */
#include "report/readers/xarf.h"

#include "base/json.h"
#include "base/text.h"
#include "mail/address_find.h"
#include "mail/charset.h"
#include "mail/encoded_word.h"
#include "mail/rejoin.h"
#include "mail/transfer.h"
#include "report/any.h"
#include "report/ours.h"
#include "report/readers/recipient_fields.h"

#include <string.h>

enum { FIELDS = 7, VALUE = 1024 };

/* Version 3 has the members in "Report", version 4 at the top. */
static const struct nx_json *body_of(const struct nx_json *root)
{
	const struct nx_json *report = nx_json_member(root, "Report");

	return report ? report : root;
}

/* The first that is not empty: the versions name the same thing differently. */
static const char *either(const struct nx_json *object, const char *name,
                          const char *other)
{
	const char *text = nx_json_text(object, name);

	return *text ? text : nx_json_text(object, other);
}

/* --- the part ------------------------------------------------------------- */

static bool is_xarf(const struct nx_json *root)
{
	return (*nx_json_text(root, "xarf_version") ||
	        nx_json_member(root, "ReporterInfo")) &&
	       *either(body_of(root), "ReportType", "type");
}

static const struct nx_json *parse(TALLOC_CTX *ctx, const struct nx_part *part)
{
	const struct nx_json *root;
	struct nx_error err;

	if (!strstr(part->type, "json") &&
	    !nx_text_ends(part->file_name, ".json"))
		return NULL;
	const char *text = nx_rejoin_json(ctx, part->text);

	if (!nx_json_parse(ctx, text, strcspn(text, "\n"), &root, &err))
		return NULL;
	return is_xarf(root) ? root : NULL;
}

/* What does not call itself a report may be one that a person passes on. */
static const struct nx_json *find(TALLOC_CTX *ctx,
                                  const struct nx_report *report)
{
	const struct nx_message *message = report->message;
	const struct nx_json *root = NULL;

	if (*message->report_type ? !strstr(message->report_type, "feedback")
	                          : nx_report_is_answer(report))
		return NULL;
	for (size_t i = 0; i < message->parts && !root; i++)
		root = parse(ctx, &message->part[i]);
	return root;
}

/* --- the sample ----------------------------------------------------------- */

static const char *payload_in(const struct nx_json *samples)
{
	for (size_t i = 0; i < nx_json_count(samples); i++) {
		const struct nx_json *item = nx_json_item(samples, i);
		const char *type = either(item, "ContentType", "content_type");
		const char *payload = either(item, "Payload", "payload");

		if (nx_text_starts(type, "message/") ||
		    nx_text_starts(type, "text/rfc822"))
			return *payload ? payload : nx_json_text(item, "Data");
	}
	return "";
}

/* Headers have colons, base64 has none. */
static struct nx_fields sample_of(TALLOC_CTX *ctx, const struct nx_json *body)
{
	static const char *const names[] = {"Samples", "Attachment",
	                                    "evidence"};
	const char *payload = "";
	bool cut;

	for (size_t i = 0; i < sizeof names / sizeof *names && !*payload; i++)
		payload = payload_in(nx_json_member(body, names[i]));
	size_t size = strlen(payload);

	payload = nx_transfer_read(ctx,
	                           strchr(payload, ':') ? NX_TRANSFER_NONE
	                                                : NX_TRANSFER_BASE64,
	                           payload, &size, NX_MESSAGE_PART_TEXT, &cut);
	payload = nx_charset_text(ctx, "", payload, size, NX_MESSAGE_PART_TEXT);
	return nx_encoded_word_fields(ctx, nx_fields_parse(ctx, payload, NULL));
}

/* --- the fields ----------------------------------------------------------- */

/* Unwanted mail is "abuse". Every other type is about a host or an account and
 * says nothing of a recipient: it keeps its name, with its class in front, so
 * that "content/phishing" is not the "phishing" of a person who got it. So does
 * what was no mail: "messaging/spam/sms". */
static const char *type_of(TALLOC_CTX *ctx, const struct nx_json *body)
{
	static const char *const unwanted[] = {
	        "messaging/spam",
	        "messaging/bulk_messaging",
	        "activity/spam",
	        "/spam",
	        NULL,
	};
	const char *class = either(body, "ReportClass", "category");
	const char *protocol = either(body, "Protocol", "protocol");
	const char *type = talloc_asprintf(
	        ctx, "%s/%s", *class ? class : nx_json_text(body, "class"),
	        either(body, "ReportType", "type"));

	if (!nx_any_is(type, unwanted))
		return type;
	return !*protocol || nx_text_equal(protocol, "smtp")
	               ? "abuse"
	               : talloc_asprintf(ctx, "%s/%s", type, protocol);
}

static const char *source_name(const char *source)
{
	const char *digits = strchr(source, ':') ? "0123456789abcdefABCDEF.:"
	                                         : "0123456789.";

	if (!source[strspn(source, digits)])
		return "Source-IP";
	return strstr(source, "://") ? "Reported-URI" : "Reported-Domain";
}

static const char *port_of(TALLOC_CTX *ctx, const struct nx_json *body,
                           const struct nx_json *place)
{
	int64_t port = nx_json_number(body, "SourcePort");

	if (!port)
		port = nx_json_number(body, "source_port");
	if (!port)
		port = nx_json_number(place, "Port");
	return port > 0 ? talloc_asprintf(ctx, "%lld", (long long)port) : "";
}

/* Some reporters name the sender here, or whom they write to; who reports mail
 * to themselves is meant. */
static const char *recipient_of(TALLOC_CTX *ctx, const struct nx_report *report,
                                const char *told, const char *from)
{
	const char *address = nx_address_of_field(ctx, told);
	const char *reporter = nx_address_of_header(
	        ctx, nx_message_header(report->message, "From"));

	if (nx_text_equal(address, nx_address_of_field(ctx, from)))
		return "";
	return nx_report_is_ours(ctx, report, address) &&
	                       !nx_text_equal(address, reporter)
	               ? ""
	               : told;
}

static struct nx_fields fields_of(TALLOC_CTX *ctx,
                                  const struct nx_report *report,
                                  const struct nx_json *root)
{
	const struct nx_json *body = body_of(root);
	const struct nx_json *place = nx_json_member(body, "Source");
	const char *source = either(body, "SourceIp", "source_identifier");
	const char *from = either(body, "SmtpMailFromAddress", "smtp_from");
	const char *to = either(body, "SmtpRcptToAddress", "smtp_to");

	source = *source ? source : nx_json_text(place, "IP");
	const struct nx_field all[FIELDS] = {
	        {"Feedback-Type", type_of(ctx, body)},
	        {"Version", either(root, "xarf_version", "Version")},
	        {"Arrival-Date", either(body, "Date", "timestamp")},
	        {source_name(source), source},
	        {"Source-Port", port_of(ctx, body, place)},
	        {"Original-Mail-From", from},
	        {"Original-Rcpt-To", recipient_of(ctx, report, to, from)},
	};
	struct nx_field *item = talloc_array(ctx, struct nx_field, FIELDS);
	size_t count = 0;

	for (size_t i = 0; i < FIELDS; i++)
		if (*all[i].value)
			item[count++] = (struct nx_field){
			        all[i].name,
			        nx_text_squeeze(ctx, all[i].value, VALUE)};
	return (struct nx_fields){item, count};
}

/* The sample first: it tells which addresses are ours. */
bool nx_xarf_read(TALLOC_CTX *ctx, struct nx_report *report,
                  struct nx_fields *fields)
{
	const struct nx_json *root = find(ctx, report);

	if (!root)
		return false;
	if (report->original.headers.count == 0)
		report->original =
		        nx_original_of(sample_of(ctx, body_of(root)));
	const struct nx_fields both[] = {fields_of(ctx, report, root), *fields};

	*fields = nx_recipient_fields_join(ctx, both, 2);
	return true;
}
