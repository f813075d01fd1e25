/* SPDX-License-Identifier: ISC */
#include "record.h"

#include "base/date.h"
#include "base/json.h"
#include "base/json_out.h"
#include "base/text.h"
#include "classify/explain.h"
#include "mail/written.h"

#include <assert.h>
#include <string.h>

/* Limits in bytes of the texts in a record. The whole line has a cap of its
 * own; these keep one hostile field from displacing the rest. */
enum {
	SHORT_SIZE = 256,
	FIELD_SIZE = 512,
	LONG_SIZE = 1024,
	DIAGNOSTIC_SIZE = 2048,
	DIAGNOSTIC_LEAST = 32,
	ORIGINAL_LEAST = 128,
	FEEDBACK_FIELDS = 40,
	INCIDENTS = 1000 * 1000
};

static void add_date(struct nx_json_out *out, const char *name, int64_t time)
{
	char buffer[NX_DATE_SIZE];
	nx_json_out_text(out, name, time != 0 ? nx_date_text(time, buffer) : "",
	                 SHORT_SIZE);
}

static void add_reply(struct nx_json_out *out, int code)
{
	if (code == 0)
		nx_json_out_null(out, "reply");
	else
		nx_json_out_number(out, "reply", code);
}

/* --- writing -------------------------------------------------------------- */

static void add_recipient(struct nx_json_out *out,
                          const struct nx_recipient *recipient,
                          const struct nx_verdict *verdict, size_t size)
{
	char status[NX_STATUS_SIZE];
	nx_json_out_object(out, NULL);
	nx_json_out_text(out, "address", recipient->address, FIELD_SIZE);
	nx_json_out_text(out, "class", nx_class_name(verdict->class),
	                 SHORT_SIZE);
	if (verdict->confirm_days > 0)
		nx_json_out_number(out, "confirm", verdict->confirm_days);
	nx_json_out_text(out, "reason", verdict->reason, SHORT_SIZE);
	nx_json_out_text(out, "fault", nx_fault_name(verdict->fault),
	                 SHORT_SIZE);
	nx_json_out_text(out, "action", nx_action_name(recipient->action),
	                 SHORT_SIZE);
	nx_json_out_text(out, "status",
	                 nx_status_text(recipient->status, status), SHORT_SIZE);
	add_reply(out, recipient->reply.code);
	nx_json_out_text(out, "diagnostic", recipient->diagnostic, size);
	nx_json_out_text(out, "remote_mta", recipient->remote_mta, SHORT_SIZE);
	nx_json_out_text(out, "rule", verdict->rule, SHORT_SIZE);
	nx_json_out_text(out, "basis", nx_verdict_basis_name(verdict->basis),
	                 SHORT_SIZE);
	nx_json_out_text(out, "matched", verdict->matched, SHORT_SIZE);
	nx_json_out_text(out, "advice", verdict->advice, SHORT_SIZE);
	nx_json_out_text(out, "original_recipient",
	                 recipient->original_recipient, FIELD_SIZE);
	nx_json_out_text(out, "final_recipient", recipient->final_recipient,
	                 FIELD_SIZE);
	if (recipient->redacted)
		nx_json_out_bool(out, "redacted", true);
	nx_json_out_end(out);
}

static void add_original(struct nx_json_out *out,
                         const struct nx_original *original, size_t limit)
{
	const struct {
		const char *name;
		const char *text;
		size_t size;
	} member[] = {
	        {"message_id", original->message_id, FIELD_SIZE},
	        {"from", original->from, FIELD_SIZE},
	        {"to", original->to, LONG_SIZE},
	        {"subject", original->subject, LONG_SIZE},
	        {"list_id", original->list_id, FIELD_SIZE},
	        {"list_unsubscribe", original->list_unsubscribe, LONG_SIZE},
	        {"feedback_id", original->feedback_id, FIELD_SIZE},
	        {"return_path", original->return_path, FIELD_SIZE},
	};
	nx_json_out_object(out, "original");
	for (size_t i = 0; i < sizeof member / sizeof *member; i++)
		nx_json_out_text(out, member[i].name, member[i].text,
		                 member[i].size < limit ? member[i].size
		                                        : limit);
	nx_json_out_end(out);
}

static void add_envelope(struct nx_json_out *out,
                         const struct nx_envelope *envelope)
{
	nx_json_out_object(out, "envelope");
	nx_json_out_text(out, "sender", envelope->sender, FIELD_SIZE);
	nx_json_out_text(out, "recipient", envelope->recipient, FIELD_SIZE);
	nx_json_out_text(out, "original_recipient",
	                 envelope->original_recipient, FIELD_SIZE);
	nx_json_out_text(out, "queue_id", envelope->queue_id, SHORT_SIZE);
	nx_json_out_end(out);
}

/* Fields that may be repeated, and those that no RFC defines. */
static void add_feedback_fields(struct nx_json_out *out,
                                const struct nx_fields *fields, size_t left)
{
	static const char *const told[] = {
	        "Feedback-Type", "User-Agent",    "Version",
	        "Arrival-Date",  "Received-Date", "Original-Envelope-Id",
	        "Source-IP",     "Source-Port",   "Original-Mail-From",
	        "Incidents",     "Reporting-MTA", NULL,
	};
	nx_json_out_array(out, "fields");
	for (size_t i = 0; i < fields->count && left > 0; i++) {
		const struct nx_field *field = &fields->item[i];
		const char *const *name = told;
		while (*name != NULL && !nx_text_equal(*name, field->name))
			name++;
		if (*name != NULL)
			continue;
		nx_json_out_object(out, NULL);
		nx_json_out_text(out, "name", field->name, SHORT_SIZE);
		nx_json_out_text(out, "value", field->value, FIELD_SIZE);
		nx_json_out_end(out);
		left--;
	}
	nx_json_out_end(out);
}

static void add_clues(struct nx_json_out *out, const struct nx_fields *clues)
{
	nx_json_out_array(out, "clues");
	for (size_t i = 0; i < clues->count; i++) {
		nx_json_out_object(out, NULL);
		nx_json_out_text(out, "name", clues->item[i].name, SHORT_SIZE);
		nx_json_out_text(out, "value", clues->item[i].value,
		                 FIELD_SIZE);
		nx_json_out_end(out);
	}
	nx_json_out_end(out);
}

static void add_feedback(struct nx_json_out *out,
                         const struct nx_feedback *feedback, size_t fields)
{
	nx_json_out_object(out, "feedback");
	nx_json_out_text(out, "feedback_type", feedback->feedback_type,
	                 SHORT_SIZE);
	nx_json_out_text(out, "user_agent", feedback->user_agent, SHORT_SIZE);
	nx_json_out_text(out, "version", feedback->version, SHORT_SIZE);
	nx_json_out_text(out, "original_envelope_id",
	                 feedback->original_envelope_id, FIELD_SIZE);
	nx_json_out_text(out, "original_mail_from",
	                 feedback->original_mail_from, FIELD_SIZE);
	add_date(out, "arrival_date", feedback->arrival_date);
	nx_json_out_text(out, "reporting_mta", feedback->reporting_mta,
	                 SHORT_SIZE);
	nx_json_out_text(out, "source_ip", feedback->source_ip, SHORT_SIZE);
	nx_json_out_text(out, "source_port", feedback->source_port, SHORT_SIZE);
	nx_json_out_number(out, "incidents", feedback->incidents);
	add_feedback_fields(out, &feedback->all, fields);
	if (feedback->clues.count > 0 && fields > 0)
		add_clues(out, &feedback->clues);
	nx_json_out_end(out);
}

static void add_verdict(struct nx_json_out *out,
                        const struct nx_verdict *verdict)
{
	nx_json_out_object(out, "verdict");
	nx_json_out_text(out, "class", nx_class_name(verdict->class),
	                 SHORT_SIZE);
	nx_json_out_text(out, "reason", verdict->reason, SHORT_SIZE);
	nx_json_out_text(out, "fault", nx_fault_name(verdict->fault),
	                 SHORT_SIZE);
	nx_json_out_text(out, "rule", verdict->rule, SHORT_SIZE);
	nx_json_out_text(out, "basis", nx_verdict_basis_name(verdict->basis),
	                 SHORT_SIZE);
	nx_json_out_text(out, "matched", verdict->matched, SHORT_SIZE);
	nx_json_out_text(out, "advice", verdict->advice, SHORT_SIZE);
	nx_json_out_end(out);
}

static void add_explain(struct nx_json_out *out, const struct nx_result *result,
                        size_t count)
{
	nx_json_out_array(out, "explain");
	for (size_t i = 0; i < count; i++) {
		nx_json_out_object(out, NULL);
		nx_json_out_text(out, "address",
		                 result->report->recipients > 0
		                         ? result->report->recipient[i].address
		                         : "",
		                 FIELD_SIZE);
		nx_explain_write(out, &result->trace[i]);
		nx_json_out_end(out);
	}
	nx_json_out_end(out);
}

/* How much of a result goes into the line. */
struct extent {
	size_t recipients;
	size_t diagnostic; /* bytes, of each */
	size_t original;   /* bytes, of each header of the returned message */
	size_t fields;     /* number of fields of a feedback report */
	bool explain;
};

static bool is_whole(const struct extent *extent,
                     const struct nx_report *report)
{
	return extent->recipients == report->recipients &&
	       extent->diagnostic == DIAGNOSTIC_SIZE && !report->truncated;
}

/* What is needed least is cut first. In the end everything except the
 * recipients is at its minimum and well below the cap. */
static void shrink(struct extent *extent, size_t size)
{
	if (extent->diagnostic > DIAGNOSTIC_LEAST) {
		extent->diagnostic /= 2;
	} else if (extent->original > ORIGINAL_LEAST) {
		extent->original = ORIGINAL_LEAST;
		extent->fields = 0;
		extent->explain = false;
	} else {
		assert(extent->recipients > 0);
		extent->recipients = extent->recipients * NX_RECORD_SIZE / size;
	}
}

/* cause: why nothing could be read, or NULL. */
static struct nx_json_out *write_extent(TALLOC_CTX *ctx,
                                        const struct nx_result *result,
                                        const struct extent *extent,
                                        const char *cause)
{
	const struct nx_report *report = result->report;
	struct nx_json_out *out = nx_json_out_new(ctx);
	nx_json_out_text(out, "kind", nx_kind_name(report->kind), SHORT_SIZE);
	nx_json_out_text(out, "format", report->format, SHORT_SIZE);
	nx_json_out_array(out, "recipients");
	for (size_t i = 0; i < extent->recipients; i++)
		add_recipient(out, &report->recipient[i], &result->verdict[i],
		              extent->diagnostic);
	nx_json_out_end(out);
	add_original(out, &report->original, extent->original);
	nx_json_out_text(out, "reporting_mta", report->reporting_mta,
	                 SHORT_SIZE);
	add_date(out, "arrival_date", report->arrival_date);
	add_date(out, "date", nx_mail_written(&report->message->headers));
	add_envelope(out, &report->message->envelope);
	if (report->feedback == NULL && *report->original_envelope_id != '\0')
		nx_json_out_text(out, "envelope_id",
		                 report->original_envelope_id, FIELD_SIZE);
	if (*report->list != '\0')
		nx_json_out_text(out, "list", report->list, FIELD_SIZE);
	if (report->feedback != NULL)
		add_feedback(out, report->feedback, extent->fields);
	if (report->recipients == 0)
		add_verdict(out, &result->verdict[0]);
	if (result->trace != NULL && extent->explain)
		add_explain(out, result,
		            report->recipients > 0 ? extent->recipients : 1);
	if (cause != NULL)
		nx_json_out_text(out, "cause", cause, FIELD_SIZE);
	else if (!is_whole(extent, report))
		nx_json_out_bool(out, "truncated", true);
	nx_json_out_end(out);
	return out;
}

char *nx_record_write(TALLOC_CTX *ctx, const struct nx_result *result)
{
	struct extent extent = {
	        .recipients = result->report->recipients,
	        .diagnostic = DIAGNOSTIC_SIZE,
	        .original = LONG_SIZE,
	        .fields = FEEDBACK_FIELDS,
	        .explain = true,
	};
	for (;;) {
		struct nx_json_out *line =
		        write_extent(ctx, result, &extent, NULL);
		if (line->size <= NX_RECORD_SIZE)
			return line->text;
		talloc_free(line->text);
		shrink(&extent, line->size);
	}
}

char *nx_record_unparsed(TALLOC_CTX *ctx, const char *cause)
{
	static const struct nx_message message = {
	        .envelope = {"", false, "", "", ""}};
	static const struct nx_report report = {
	        .kind = NX_KIND_UNPARSED,
	        .message = &message,
	        .format = "",
	        .original_envelope_id = "",
	        .reporting_mta = "",
	        .list = "",
	        .original = {"", "", "", "", "", "", "", "", "", {NULL, 0}}};
	static const struct nx_verdict verdict = {
	        .reason = "", .advice = "none", .rule = "", .matched = ""};
	static const struct nx_result result = {&report, &verdict, 1, NULL};
	const struct extent extent = {.original = LONG_SIZE};
	return write_extent(ctx, &result, &extent, cause)->text;
}

/* --- reading: the input is not trusted ------------------------------------ */

/* The size of text, but at most limit bytes, in whole characters. */
static size_t bounded_size(const char *text, size_t limit)
{
	size_t size = strnlen(text, limit + 1);
	if (size <= limit)
		return size;
	size = limit;
	while (size > 0 && nx_text_continues(text[size]))
		size--;
	return size;
}

static const char *read_text(TALLOC_CTX *ctx, const struct nx_json *object,
                             const char *name, size_t limit)
{
	if (object == NULL)
		return "";
	const char *text = nx_json_text(object, name);
	size_t size = bounded_size(text, limit);
	return text[size] == '\0' ? text : talloc_strndup(ctx, text, size);
}

static int64_t read_number(const struct nx_json *object, const char *name,
                           int64_t low, int64_t high, int64_t fallback)
{
	int64_t number =
	        object == NULL ? fallback : nx_json_number(object, name);
	return number >= low && number <= high ? number : fallback;
}

static enum nx_basis read_basis(const char *name)
{
	for (int i = NX_BASIS_NONE; i <= NX_BASIS_ADDRESS; i++) {
		if (strcmp(nx_verdict_basis_name((enum nx_basis)i), name) == 0)
			return (enum nx_basis)i;
	}
	return NX_BASIS_NONE;
}

static struct nx_verdict read_verdict(TALLOC_CTX *ctx,
                                      const struct nx_json *object)
{
	struct nx_verdict verdict = {
	        .confirm_days = (int)read_number(object, "confirm", 2,
	                                         NX_CONFIRM_DAYS, 0),
	        .reason = read_text(ctx, object, "reason", SHORT_SIZE),
	        .advice = read_text(ctx, object, "advice", SHORT_SIZE),
	        .rule = read_text(ctx, object, "rule", SHORT_SIZE),
	        .basis =
	                read_basis(read_text(ctx, object, "basis", SHORT_SIZE)),
	        .matched = read_text(ctx, object, "matched", SHORT_SIZE),
	};
	if (!nx_class_of_name(read_text(ctx, object, "class", SHORT_SIZE),
	                      &verdict.class))
		verdict.class = NX_CLASS_NONE;
	if (!nx_fault_of_name(read_text(ctx, object, "fault", SHORT_SIZE),
	                      &verdict.fault))
		verdict.fault = NX_FAULT_UNKNOWN;
	return verdict;
}

static const char *read_status(TALLOC_CTX *ctx, const struct nx_json *object)
{
	const char *text = read_text(ctx, object, "status", SHORT_SIZE);
	struct nx_status status;
	size_t size = nx_status_parse(text, &status);
	return size > 0 && text[size] == '\0' ? text : "";
}

static struct nx_record_recipient read_recipient(TALLOC_CTX *ctx,
                                                 const struct nx_json *object)
{
	return (struct nx_record_recipient){
	        .address = read_text(ctx, object, "address", FIELD_SIZE),
	        .original_recipient = read_text(
	                ctx, object, "original_recipient", FIELD_SIZE),
	        .final_recipient =
	                read_text(ctx, object, "final_recipient", FIELD_SIZE),
	        .action = nx_action_of_name(
	                read_text(ctx, object, "action", SHORT_SIZE)),
	        .status = read_status(ctx, object),
	        .reply = (int)read_number(object, "reply", 200, 599, 0),
	        .diagnostic =
	                read_text(ctx, object, "diagnostic", DIAGNOSTIC_SIZE),
	        .remote_mta = read_text(ctx, object, "remote_mta", SHORT_SIZE),
	        .verdict = read_verdict(ctx, object),
	};
}

/* The returned message's list, else the one that an unsubscribe names. */
static const char *read_list(TALLOC_CTX *ctx, const struct nx_json *root,
                             const struct nx_json *original)
{
	const char *id = read_text(ctx, original, "list_id", FIELD_SIZE);
	return *id != '\0' ? id : read_text(ctx, root, "list", FIELD_SIZE);
}

static const char *read_envelope_id(TALLOC_CTX *ctx, const struct nx_json *root,
                                    const struct nx_json *feedback)
{
	const char *id =
	        read_text(ctx, feedback, "original_envelope_id", FIELD_SIZE);
	return *id != '\0' ? id
	                   : read_text(ctx, root, "envelope_id", FIELD_SIZE);
}

static void read_recipients(TALLOC_CTX *ctx, const struct nx_json *array,
                            struct nx_record *out)
{
	size_t count = array == NULL ? 0 : nx_json_count(array);
	if (count > NX_REPORT_RECIPIENTS) {
		count = NX_REPORT_RECIPIENTS;
		out->truncated = true;
	}
	struct nx_record_recipient *recipient =
	        talloc_array(ctx, struct nx_record_recipient, count + 1);
	for (size_t i = 0; i < count; i++)
		recipient[i] = read_recipient(ctx, nx_json_item(array, i));
	out->recipient = recipient;
	out->recipients = count;
}

static int64_t read_date(const struct nx_json *object, const char *name)
{
	int64_t time;
	return nx_date_parse(nx_json_text(object, name), &time) ? time : 0;
}

bool nx_record_read(TALLOC_CTX *ctx, const char *line, size_t size,
                    struct nx_record *out, struct nx_error *err)
{
	if (size > NX_RECORD_SIZE)
		return nx_error_set(err, NX_ERROR_DATA, "record too long");
	const struct nx_json *root;
	if (!nx_json_parse(ctx, line, size, &root, err))
		return false;
	if (size == 0 || line[strspn(line, " \t\r\n")] != '{')
		return nx_error_set(err, NX_ERROR_DATA,
		                    "record is no JSON object");
	const struct nx_json *original = nx_json_member(root, "original");
	const struct nx_json *envelope = nx_json_member(root, "envelope");
	const struct nx_json *feedback = nx_json_member(root, "feedback");
	*out = (struct nx_record){
	        .kind = nx_kind_of_name(nx_json_text(root, "kind")),
	        .format = read_text(ctx, root, "format", SHORT_SIZE),
	        .reporting_mta =
	                read_text(ctx, root, "reporting_mta", SHORT_SIZE),
	        .feedback_type =
	                read_text(ctx, feedback, "feedback_type", SHORT_SIZE),
	        .incidents =
	                read_number(feedback, "incidents", 1, INCIDENTS, 1),
	        .arrival_date = read_date(root, "arrival_date"),
	        .date = read_date(root, "date"),
	        .sender = read_text(ctx, envelope, "sender", FIELD_SIZE),
	        .envelope_recipient =
	                read_text(ctx, envelope, "recipient", FIELD_SIZE),
	        .queue_id = read_text(ctx, envelope, "queue_id", SHORT_SIZE),
	        .message_id =
	                read_text(ctx, original, "message_id", FIELD_SIZE),
	        .from = read_text(ctx, original, "from", FIELD_SIZE),
	        .envelope_id = read_envelope_id(ctx, root, feedback),
	        .list_id = read_list(ctx, root, original),
	        .verdict = read_verdict(ctx, nx_json_member(root, "verdict")),
	        .cause = read_text(ctx, root, "cause", FIELD_SIZE),
	        .truncated = nx_json_is_true(root, "truncated"),
	};
	read_recipients(ctx, nx_json_member(root, "recipients"), out);
	return true;
}
