/* SPDX-License-Identifier: ISC */
#include "report/report.h"

#include "base/room.h"
#include "base/text.h"
#include "mail/encoded_word.h"
#include "report/conditions/detectors.h"
#include "report/conditions/fold.h"
#include "report/explanation.h"
#include "report/notice.h"

#include <string.h>

/* --- names ---------------------------------------------------------------- */

#define COUNT(names) (sizeof(names) / sizeof(*(names)))

static const char *const kinds[] = {
        [NX_KIND_UNPARSED] = "unparsed",
        [NX_KIND_OTHER] = "other",
        [NX_KIND_DELIVERY_REPORT] = "delivery-report",
        [NX_KIND_FEEDBACK_REPORT] = "feedback-report",
        [NX_KIND_UNSUBSCRIBE] = "unsubscribe",
        [NX_KIND_AUTO_REPLY] = "auto-reply",
};

static const char *const actions[] = {
        [NX_ACTION_NONE] = "",           [NX_ACTION_FAILED] = "failed",
        [NX_ACTION_DELAYED] = "delayed", [NX_ACTION_DELIVERED] = "delivered",
        [NX_ACTION_RELAYED] = "relayed", [NX_ACTION_EXPANDED] = "expanded",
};

static const char *const ours_names[] = {
        [NX_OURS_NOT] = "",
        [NX_OURS_RETURN_PATH] = "return-path",
        [NX_OURS_SENDER] = "sender",
        [NX_OURS_BOUNCES] = "bounces",
        [NX_OURS_MAIL_SYSTEM] = "mail-system",
        [NX_OURS_POSTMASTER] = "postmaster",
        [NX_OURS_LIST] = "list",
        [NX_OURS_PROTECTED] = "protected",
};

/* A value without a name counts as the first, in each list. */
static size_t number_of(const char *name, const char *const *names,
                        size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, names[i]) == 0)
			return i;
	return 0;
}

const char *nx_kind_name(enum nx_kind kind)
{
	return kinds[kind];
}

const char *nx_action_name(enum nx_action action)
{
	return actions[action];
}

enum nx_kind nx_kind_of_name(const char *name)
{
	return (enum nx_kind)number_of(name, kinds, COUNT(kinds));
}

enum nx_action nx_action_of_name(const char *name)
{
	return (enum nx_action)number_of(name, actions, COUNT(actions));
}

const char *nx_ours_name(enum nx_ours ours)
{
	return ours_names[ours];
}

enum nx_ours nx_ours_of_name(const char *name)
{
	return (enum nx_ours)number_of(name, ours_names, COUNT(ours_names));
}

/* --- recipients ----------------------------------------------------------- */

struct nx_recipient nx_recipient_empty(void)
{
	return (struct nx_recipient){
	        .address = "",
	        .original_recipient = "",
	        .final_recipient = "",
	        .actual_recipient = "",
	        .remote_mta = "",
	        .diagnostic_type = "",
	        .diagnostic = "",
	        .reply = {.text = "", .front = ""},
	        .final_log_id = "",
	};
}

struct nx_recipient *nx_report_add_recipient(TALLOC_CTX *ctx,
                                             struct nx_report *report)
{
	if (report->recipients == NX_REPORT_RECIPIENTS) {
		report->truncated = true;
		return NULL;
	}
	size_t count = report->recipients;
	report->recipient =
	        NX_ROOM(ctx, report->recipient, struct nx_recipient, count);
	struct nx_recipient *recipient = &report->recipient[count];
	report->recipients = count + 1;
	*recipient = nx_recipient_empty();
	return recipient;
}

struct nx_recipient *nx_report_find_recipient(const struct nx_report *report,
                                              const char *address)
{
	for (size_t i = 0; i < report->recipients; i++)
		if (nx_text_equal(report->recipient[i].address, address))
			return &report->recipient[i];
	return NULL;
}

/* --- a new one ------------------------------------------------------------ */

/* "text/rfc822-header" is a common misspelling. */
static bool is_header_text(const char *type)
{
	return strcmp(type, "text/rfc822-headers") == 0 ||
	       strcmp(type, "text/rfc822-header") == 0 ||
	       strcmp(type, "message/global-headers") == 0;
}

static struct nx_fields headers_of(TALLOC_CTX *ctx, const struct nx_part *part)
{
	if (!is_header_text(part->type))
		return part->headers;
	/* headers that came as text are not decoded yet */
	const char *text = part->text + strspn(part->text, " \t\n");
	return nx_encoded_word_fields(ctx, nx_fields_parse(ctx, text, NULL));
}

static struct nx_fields returned_headers(TALLOC_CTX *ctx,
                                         const struct nx_message *message)
{
	struct nx_fields headers = {NULL, 0};
	for (size_t i = 0; i < message->parts && headers.count == 0; i++)
		headers = headers_of(ctx, &message->part[i]);
	return headers;
}

struct nx_original nx_original_of(struct nx_fields headers)
{
	return (struct nx_original){
	        .message_id = nx_fields_get(&headers, "Message-ID"),
	        .return_path = nx_fields_get(&headers, "Return-Path"),
	        .from = nx_fields_get(&headers, "From"),
	        .to = nx_fields_get(&headers, "To"),
	        .subject = nx_fields_get(&headers, "Subject"),
	        .date = nx_fields_get(&headers, "Date"),
	        .list_id = nx_fields_get(&headers, "List-Id"),
	        .list_unsubscribe = nx_fields_get(&headers, "List-Unsubscribe"),
	        .feedback_id = nx_fields_get(&headers, "Feedback-ID"),
	        .headers = headers,
	};
}

struct nx_report *nx_report_new(TALLOC_CTX *ctx,
                                const struct nx_formats *formats,
                                const struct nx_detectors *detectors,
                                const struct nx_site *site,
                                const struct nx_message *message)
{
	static const struct nx_site unknown;
	static const struct nx_detectors none;
	struct nx_report *report = talloc_zero(ctx, struct nx_report);

	report->kind = NX_KIND_OTHER;
	report->format = "";
	report->original_envelope_id = "";
	report->reporting_mta = "";
	report->dsn_gateway = "";
	report->received_from_mta = "";
	report->list = "";
	report->message = message;
	report->formats = formats;
	report->detectors = detectors ? detectors : &none;
	report->site = site ? site : &unknown;
	report->own = talloc_zero(report, struct nx_own);
	report->explanation = nx_explanation_text(report, message);
	report->notice = nx_notice_new(report, formats, report->explanation);
	report->original = nx_original_of(returned_headers(report, message));
	report->view = nx_view_new(report, message, report->notice,
	                           &report->detectors->names, NULL);
	return report;
}

/* --- what it is like ------------------------------------------------------ */

const char *nx_report_notice(const struct nx_report *report)
{
	return nx_notice_text(report->notice);
}

bool nx_report_is_from_system(const struct nx_report *report)
{
	return nx_detectors_is_system(report->detectors, report->view);
}

bool nx_report_is_answer(const struct nx_report *report)
{
	enum { FRONT = 32 };
	const char *subject = nx_message_header(report->message, "Subject");
	char *front = nx_fold(NULL, subject, FRONT);
	const bool is_answer =
	        nx_phrases_behind(&report->detectors->wording.answers, front);

	talloc_free(front);
	return is_answer && !nx_report_is_from_system(report);
}
