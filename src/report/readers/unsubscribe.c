/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "mail/address.h"
#include "mail/address_find.h"
#include "report/lines.h"
#include "report/ours.h"
#include "report/readers/readers.h"
#include "report/readers/unsubscribe_text.h"

#include <string.h>

/* Mail to the mailto address of List-Unsubscribe (RFC 2369): what mail programs
 * send when their user presses the button, and what people write themselves. */

enum { OWN_ADDRESSES = 3 };

struct link_request {
	TALLOC_CTX *ctx;
	struct nx_report *report;
	const struct nx_unsubscribe_phrases *phrases;
	const char *own[OWN_ADDRESSES]; /* that it was sent to */
	bool is_to_us; /* an address of ours that is made for unsubscribing */
	struct nx_unsubscribe_address to;
	bool is_short;    /* little own text */
	const char *list; /* named by the words */
};

/* --- the address that it was sent to -------------------------------------- */

static void find_address(struct link_request *request)
{
	TALLOC_CTX *ctx = request->ctx;
	const struct nx_message *message = request->report->message;
	const struct nx_envelope *envelope = &message->envelope;
	const char **own = request->own;

	own[0] = nx_address_of_header(ctx, envelope->original_recipient);
	own[1] = nx_address_of_header(ctx, envelope->recipient);
	own[2] = nx_report_only_address(ctx, nx_message_header(message, "To"));
	for (size_t i = 0; i < OWN_ADDRESSES && !request->is_to_us; i++)
		request->is_to_us = nx_unsubscribe_text_of_address(
		        ctx, request->phrases, own[i], &request->to);
}

/* --- the author ----------------------------------------------------------- */

/* "anna=example.com", the last piece of "news+anna=example.com". */
static const char *tagged(TALLOC_CTX *ctx, const char *tag)
{
	const char *plus = strrchr(tag, '+');
	const char *piece = plus ? plus + 1 : tag;
	const char *equals = strrchr(piece, '=');
	if (!equals || equals == piece || strchr(equals, '.') == NULL)
		return "";
	const char *address = talloc_asprintf(
	        ctx, "%.*s@%s", (int)(equals - piece), piece, equals + 1);
	return nx_address_is_valid(ctx, address) ? address : "";
}

static const char *writer(TALLOC_CTX *ctx, const struct nx_message *message)
{
	const char *from =
	        nx_address_of_header(ctx, nx_message_header(message, "From"));
	if (*from)
		return from;
	return nx_address_of_header(ctx, message->envelope.sender);
}

/* The mail was sent from one of our own addresses. */
static bool is_own(const struct link_request *request, const char *address)
{
	for (size_t i = 0; i < OWN_ADDRESSES; i++)
		if (*request->own[i] && nx_text_equal(request->own[i], address))
			return true;
	return false;
}

/* --- from which list ------------------------------------------------------ */

static const char *list_id(TALLOC_CTX *ctx, const char *value)
{
	const char *open = strchr(value, '<');
	if (!open)
		return value;
	return talloc_strndup(ctx, open + 1, strcspn(open + 1, ">"));
}

/* "> List-Id: News <news.example.org>", in a quoted mail. */
static const char *quoted_list(TALLOC_CTX *ctx, const char *explanation)
{
	static const char name[] = "List-Id:";
	for (struct nx_line line = nx_line_at(explanation); *line.start;
	     line = nx_line_next(line)) {
		const char *text = line.start + strspn(line.start, "> \t|");
		if (!nx_text_starts(text, name))
			continue;
		text += strlen(name);
		const char *value =
		        talloc_strndup(ctx, text, (size_t)(line.end - text));
		return nx_text_trim(ctx, list_id(ctx, value));
	}
	return "";
}

/* A tag without the user that it may hold: a list or a token. */
static const char *plain_tag(TALLOC_CTX *ctx, const char *tag)
{
	if (*tagged(ctx, tag) == '\0')
		return tag;
	const char *plus = strrchr(tag, '+');
	return !plus ? "" : talloc_strndup(ctx, tag, (size_t)(plus - tag));
}

static const char *list_of(const struct link_request *request, const char *who)
{
	TALLOC_CTX *ctx = request->ctx;
	const struct nx_report *report = request->report;
	const char *by_rank[] = {
	        nx_text_equal(request->list, who) ? "" : request->list,
	        request->to.list,
	        list_id(ctx, report->original.list_id),
	        quoted_list(ctx, report->explanation),
	        plain_tag(ctx, request->to.tag),
	};
	for (size_t i = 0; i < sizeof by_rank / sizeof *by_rank; i++)
		if (*by_rank[i])
			return by_rank[i];
	return "";
}

/* --- the request ---------------------------------------------------------- */

/* The text counts in an answer, and where there is no subject. */
static bool is_answer(const struct nx_message *message)
{
	const char *subject = nx_message_header(message, "Subject");
	return !*subject || nx_text_starts(subject, "Re:") ||
	       nx_fields_has(&message->headers, "In-Reply-To");
}

/* Expensive tests last: most mail has another subject and is not an answer. */
static bool says_so(struct link_request *request)
{
	TALLOC_CTX *ctx = request->ctx;
	const struct nx_report *report = request->report;
	const struct nx_unsubscribe_phrases *phrases = request->phrases;
	const char *subject = nx_message_header(report->message, "Subject");
	bool in_subject = nx_unsubscribe_text_in_subject(ctx, phrases, subject,
	                                                 &request->list);
	if (!in_subject && !request->is_to_us && !is_answer(report->message))
		return false;
	struct nx_own_text own;
	nx_own_text(ctx, phrases, report->explanation, &own);
	request->is_short = own.is_short;
	return own.is_short &&
	       (in_subject || nx_unsubscribe_text_in_body(ctx, phrases, &own,
	                                                  &request->list));
}

static bool is_report(const struct link_request *request)
{
	const struct nx_report *report = request->report;
	const struct nx_message *message = report->message;
	const struct nx_envelope *envelope = &message->envelope;
	return *message->report_type ||
	       (envelope->sender_known && !*envelope->sender) ||
	       nx_report_is_from_system(report);
}

/* Automatic mail is not a request, unless it says so to the address for it. */
static bool is_manual(struct link_request *request)
{
	const struct nx_report *report = request->report;

	if (is_report(request))
		return false;
	bool says = says_so(request);
	if (says && request->is_to_us)
		return true;
	return (says || (request->is_to_us && request->is_short)) &&
	       !nx_view_holds(report->view, request->phrases->unless) &&
	       !nx_detectors_find(report->detectors, report->view,
	                          NX_DETECTOR_LATE);
}

bool nx_reader_unsubscribe(TALLOC_CTX *ctx, struct nx_report *report)
{
	struct link_request request = {
	        .ctx = ctx,
	        .report = report,
	        .phrases = &report->detectors->unsubscribe,
	        .to = {"", ""},
	        .list = "",
	};
	find_address(&request);
	const struct nx_detector *detector = nx_detectors_find(
	        report->detectors, report->view, NX_DETECTOR_UNSUBSCRIBE);
	if (!detector && !is_manual(&request))
		return false;
	const char *who = tagged(ctx, request.to.tag);
	if (!*who)
		who = writer(ctx, report->message);
	if (!*who || is_own(&request, who))
		return false;
	report->kind = NX_KIND_UNSUBSCRIBE;
	report->format = detector ? detector->format : "unsubscribe";
	report->list = list_of(&request, who);
	nx_report_add_recipient(ctx, report)->address = who;
	return true;
}
