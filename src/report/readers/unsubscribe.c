/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "mail/address.h"
#include "mail/address_find.h"
#include "report/conditions/fold.h"
#include "report/lines.h"
#include "report/ours.h"
#include "report/readers/readers.h"
#include "report/readers/unsubscribe_text.h"

#include <string.h>

/* Mail to the mailto address of List-Unsubscribe (RFC 2369): what mail programs
 * send when their user presses the button, and what people write themselves. */

enum { OWN_ADDRESSES = 3, FRONT = 20 /* bytes of a subject */ };

struct link_request {
	TALLOC_CTX *ctx;
	struct nx_report *report;
	const struct nx_unsubscribe_rules *rules;
	const char *own[OWN_ADDRESSES]; /* that it was sent to */
	bool is_to_us; /* an address of ours that is made for unsubscribing */
	struct nx_unsubscribe_address to;
	bool is_to_server; /* to the commands of a list server */
	struct nx_own_text own_text;
	struct nx_wish wish;
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
	for (size_t i = 0; i < OWN_ADDRESSES && !request->is_to_us; i++) {
		const char *local =
		        talloc_strndup(ctx, own[i], strcspn(own[i], "@"));

		request->is_to_us = nx_unsubscribe_text_of_address(
		        ctx, request->rules, own[i], &request->to);
		request->is_to_server |= nx_phrases_hit(
		        &request->rules->servers, nx_text_lower(ctx, local));
	}
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
	        nx_text_equal(request->wish.list, who) ? ""
	                                               : request->wish.list,
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

/* A mail without a subject may be one, too. */
static bool is_answer(TALLOC_CTX *ctx, const struct nx_message *message)
{
	const char *subject = nx_message_header(message, "Subject");

	return !*subject || nx_fields_has(&message->headers, "In-Reply-To") ||
	       nx_fold_subject_is_answer(nx_fold(ctx, subject, FRONT));
}

/* "unsubscribe choir": a command, and choir a list, where commands are sent to,
 * where nothing else is said, and where the author is named behind it. */
static bool names_any_list(const struct link_request *request)
{
	const struct nx_message *message = request->report->message;
	const char *subject = nx_message_header(message, "Subject");
	const char *who = writer(request->ctx, message);

	return request->is_to_server || !*subject ||
	       (*who && (nx_text_find(subject, who) ||
	                 nx_text_find(request->own_text.text, who)));
}

/* The wish names an address that is neither the author's nor at a domain of
 * ours: who is to be removed is somebody else, or from another list. */
static bool is_for_others(const struct link_request *request)
{
	TALLOC_CTX *ctx = request->ctx;
	const char *said = request->wish.said;
	const char *named = nx_address_find(ctx, said, NULL);

	if (!*named ||
	    nx_text_equal(named, writer(ctx, request->report->message)))
		return false;
	for (size_t i = 0; i < OWN_ADDRESSES; i++)
		if (*request->own[i] &&
		    nx_text_equal(nx_address_domain(ctx, named),
		                  nx_address_domain(ctx, request->own[i])))
			return false;
	return true;
}

/* A word by itself counts in a subject above little text, and in an answer:
 * elsewhere it may be meant for some program. */
static bool says_so(struct link_request *request)
{
	TALLOC_CTX *ctx = request->ctx;
	const struct nx_message *message = request->report->message;
	const struct nx_detectors *detectors = request->report->detectors;
	struct nx_own_text *own = &request->own_text;
	struct nx_wish *wish = &request->wish;

	nx_own_text(ctx, &request->rules->quotes, request->report->explanation,
	            own);

	const bool any_list = names_any_list(request);

	if (nx_wish_of_subject(ctx, detectors,
	                       nx_message_header(message, "Subject"), any_list,
	                       wish) &&
	    (own->is_short || (own->is_whole && !wish->is_bare)))
		return !is_for_others(request);
	return nx_wish_of_text(ctx, detectors, own, any_list, wish) &&
	       (!wish->is_bare || request->is_to_us || any_list ||
	        is_answer(ctx, message)) &&
	       !is_for_others(request);
}

static bool is_report(const struct link_request *request)
{
	const struct nx_report *report = request->report;
	const struct nx_message *message = report->message;
	return *message->report_type ||
	       nx_envelope_is_null(&message->envelope) ||
	       nx_report_is_from_system(report);
}

static bool is_automatic(const struct link_request *request)
{
	const struct nx_report *report = request->report;

	return nx_view_holds(report->view, request->rules->unless) ||
	       nx_detectors_find(report->detectors, report->view,
	                         NX_DETECTOR_LATE) != NULL;
}

/* Automatic mail is not a request, unless it says so to the address for it. */
static bool is_manual(struct link_request *request)
{
	if (is_report(request))
		return false;
	if (request->is_to_us)
		return says_so(request) ||
		       (request->own_text.is_short && !is_automatic(request));
	return !is_automatic(request) && says_so(request);
}

bool nx_reader_unsubscribe(TALLOC_CTX *ctx, struct nx_report *report)
{
	struct link_request request = {
	        .ctx = ctx,
	        .report = report,
	        .rules = &report->detectors->unsubscribe,
	        .to = {"", ""},
	        .wish = {.said = "", .list = ""},
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
