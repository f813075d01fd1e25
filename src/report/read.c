/* SPDX-License-Identifier: ISC */
#include "report/read.h"

#include "base/text.h"
#include "mail/address_find.h"
#include "mail/prescan.h"
#include "report/any.h"
#include "report/explanation.h"
#include "report/ours.h"
#include "report/readers/readers.h"

#include <string.h>

static bool is_silent(const struct nx_report *report)
{
	return !report->explanation[strspn(report->explanation, " \t\n")];
}

/* Who sends the report on decides: a mail system, or a program with the null
 * sender that adds no text of its own. A person has a sender address and adds
 * text. */
static bool is_handed_on(const struct nx_report *outer)
{
	return nx_report_is_from_system(outer) ||
	       (nx_envelope_is_null(&outer->message->envelope) &&
	        is_silent(outer));
}

/* The only message that is attached, or NULL. */
static const struct nx_part *attached(const struct nx_message *message)
{
	const struct nx_part *found = NULL;

	for (size_t i = 0; i < message->parts; i++) {
		if (message->part[i].raw_size == 0)
			continue;
		if (found)
			return NULL;
		found = &message->part[i];
	}
	return found;
}

/* What was encoded has not been pre-scanned. */
static const struct nx_message *parse_part(TALLOC_CTX *ctx,
                                           const struct nx_part *part,
                                           const struct nx_envelope *envelope)
{
	struct nx_prescan prescan;

	nx_prescan_message(ctx, part->raw, part->raw_size, &prescan);
	return nx_message_read(ctx, &prescan, NX_MESSAGE_PART_TEXT, envelope);
}

static struct nx_report *inner_of(struct nx_report *outer,
                                  const struct nx_part *part)
{
	return nx_report_new(
	        outer, outer->formats, outer->detectors, outer->site,
	        parse_part(outer, part, &outer->message->envelope));
}

/* A delivery report that is attached to a mail that says nothing else, or to
 * several nested ones. */
static struct nx_report *unwrap(struct nx_report *outer)
{
	enum { WRAPS = 3 };
	struct nx_report *report = outer;

	for (int i = 0; i < WRAPS && is_handed_on(report); i++) {
		const struct nx_part *part = attached(report->message);

		if (!part)
			return outer;
		report = inner_of(outer, part);
		if (nx_reader_delivery(report, report))
			return report;
	}
	return outer;
}

/* The feedback report that is attached, if no other report is. */
static const struct nx_part *attached_feedback(const struct nx_message *message)
{
	const struct nx_part *found = NULL;
	size_t reports = 0;

	for (size_t i = 0; i < message->parts; i++) {
		const struct nx_part *part = &message->part[i];
		const char *type =
		        nx_fields_get(&part->headers, "Content-Type");

		if (!nx_text_starts(type, "multipart/report") &&
		    strcmp(part->type, "multipart/report") != 0)
			continue;
		reports++;
		if (nx_text_find(type, "feedback-report"))
			found = part;
	}
	return reports == 1 ? found : NULL;
}

/* By who sends it, whatever the subject. */
static bool is_by_program(struct nx_report *outer)
{
	static const char *const names[] = {"abuse",    "complaint", "fbl",
	                                    "feedback", "no-reply",  "noreply",
	                                    NULL};
	const struct nx_message *message = outer->message;
	const char *from = nx_message_header(message, "From");

	return nx_envelope_is_null(&message->envelope) ||
	       nx_text_starts(nx_message_header(message, "Auto-Submitted"),
	                      "auto") ||
	       nx_any_starts(nx_address_of_header(outer, from), names);
}

/* A feedback report that a mailing service sends on to its customer. Unlike a
 * delivery report it comes with words, which the service adds for people. */
static struct nx_report *passed_feedback(struct nx_report *outer)
{
	const struct nx_part *part = attached_feedback(outer->message);

	if (!part || (nx_report_is_answer(outer) && !is_by_program(outer)))
		return NULL;
	struct nx_report *inner = inner_of(outer, part);

	return nx_reader_feedback(inner, inner) ? inner : NULL;
}

/* The text for people continues, and so may the account: no returned message
 * begins in what was read of it. */
static bool prose_is_cut(const struct nx_report *report)
{
	const struct nx_part *part = nx_explanation_part(report->message);

	if (!part || !part->cut)
		return false;
	return strlen(nx_report_notice(report)) == strlen(report->explanation);
}

/* Fields that say that a recipient failed but not why. */
static bool lacks_words(const struct nx_report *report)
{
	for (size_t i = 0; i < report->recipients; i++)
		if (!*report->recipient[i].diagnostic)
			return true;
	return false;
}

static void note_cut(struct nx_report *report, bool is_prose)
{
	bool cut = prose_is_cut(report);

	report->truncated |= cut || report->message->truncated;
	report->wants_prose = cut && (is_prose || lacks_words(report)) &&
	                      (report->kind == NX_KIND_DELIVERY_REPORT ||
	                       report->kind == NX_KIND_FEEDBACK_REPORT);
}

static bool read_fields(struct nx_report *report)
{
	if (!nx_reader_feedback(report, report) &&
	    !nx_reader_disguised(report) && !nx_reader_delivery(report, report))
		return false;
	if (report->kind == NX_KIND_DELIVERY_REPORT)
		nx_report_add_left_out(report, report);
	return true;
}

static bool read_words(struct nx_report *report)
{
	return nx_reader_format(report, report) ||
	       nx_reader_heuristic(report, report);
}

/* The attached report is the result; of its cover it keeps only whether that
 * was cut. */
static struct nx_report *uncovered(const struct nx_report *cover,
                                   struct nx_report *inner)
{
	note_cut(inner, false);
	inner->truncated |= cover->truncated;
	return inner;
}

/* Tries what no reader of reports recognises: a cover around a report, an
 * unsubscribe request, an automatic answer, and last a failure that names no
 * recipient. A cover without a text has no meaning of its own. */
static struct nx_report *read_rest(struct nx_report *report)
{
	struct nx_report *feedback = passed_feedback(report);

	if (feedback)
		return uncovered(report, feedback);
	bool is_silent_cover = is_silent(report);
	struct nx_report *inner = is_silent_cover ? unwrap(report) : report;
	bool is_known =
	        inner == report && (nx_reader_unsubscribe(report, report) ||
	                            nx_reader_returned(report, report) ||
	                            nx_reader_automatic(report));

	note_cut(report, true);
	if (!is_silent_cover && !is_known)
		inner = unwrap(report);
	if (inner != report)
		return uncovered(report, inner);
	if (!is_known && !nx_reader_passed_on(report, report))
		nx_reader_unnamed(report, report);
	return report;
}

struct nx_report *nx_report_read(TALLOC_CTX *ctx,
                                 const struct nx_formats *formats,
                                 const struct nx_detectors *detectors,
                                 const struct nx_site *site,
                                 const struct nx_message *message)
{
	struct nx_report *report =
	        nx_report_new(ctx, formats, detectors, site, message);

	bool by_fields = read_fields(report);

	if (by_fields || read_words(report))
		note_cut(report, !by_fields);
	else
		report = read_rest(report);
	nx_report_mark_ours(report, report);
	return report;
}
