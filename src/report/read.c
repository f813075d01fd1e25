/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "mail/address_find.h"
#include "mail/prescan.h"
#include "report/conditions/detectors.h"
#include "report/explanation.h"
#include "report/notice.h"
#include "report/ours.h"
#include "report/own.h"
#include "report/readers/format.h"
#include "report/readers/readers.h"
#include "report/readers/recipient.h"

#include <string.h>

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

struct nx_recipient *nx_report_add_recipient(TALLOC_CTX *ctx,
                                             struct nx_report *report)
{
	if (report->recipients == NX_REPORT_RECIPIENTS) {
		report->truncated = true;
		return NULL;
	}
	/* room doubles: 1, 2, 4, … */
	size_t count = report->recipients;
	if ((count & (count - 1)) == 0)
		report->recipient = talloc_realloc(ctx, report->recipient,
		                                   struct nx_recipient,
		                                   count == 0 ? 1 : count * 2);
	struct nx_recipient *recipient = &report->recipient[count];
	report->recipients = count + 1;
	*recipient = nx_recipient_empty();
	return recipient;
}

const char *nx_report_only_address(TALLOC_CTX *ctx, const char *value)
{
	size_t at;
	const char *address = nx_address_find(ctx, value, &at);
	if (*address == '\0' || *nx_address_of_field(ctx, value) == '\0')
		return ""; /* else it is the end of a broken address */
	/* a second "@" after the first address may be a second address */
	const char *rest = value + at + strlen(address);
	return strchr(rest, '@') == NULL ? address : "";
}

struct nx_report *nx_report_new(TALLOC_CTX *ctx,
                                const struct nx_formats *formats,
                                const struct nx_detectors *detectors,
                                const struct nx_site *site,
                                const struct nx_message *message)
{
	static const struct nx_site unknown;
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
	report->site = site != NULL ? site : &unknown;
	report->own = nx_own_new(report);
	report->explanation = nx_explanation_text(report, message);
	report->notice = nx_notice_new(report, formats, report->explanation);
	nx_report_original(report, message, &report->original);
	report->view = nx_message_view_new(report, detectors, report);
	return report;
}

static bool is_silent(const struct nx_report *report)
{
	return report->explanation[strspn(report->explanation, " \t\n")] ==
	       '\0';
}

/* Who sends the report on decides: a mail system, or a program with the null
 * sender that adds no text of its own. A person has a sender address and adds
 * text. */
static bool is_handed_on(TALLOC_CTX *ctx, const struct nx_report *outer)
{
	const struct nx_envelope *envelope = &outer->message->envelope;
	bool is_null = envelope->sender_known && *envelope->sender == '\0';

	return nx_report_is_from_system(ctx, outer) ||
	       (is_null && is_silent(outer));
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

/* A delivery report that is attached to a mail that says nothing else, or to
 * several nested ones. */
static struct nx_report *unwrap(struct nx_report *outer,
                                const struct nx_detectors *detectors)
{
	enum { WRAPS = 3 };
	struct nx_report *report = outer;

	for (int i = 0; i < WRAPS && is_handed_on(outer, report); i++) {
		const struct nx_part *part = attached(report->message);

		if (!part)
			return outer;
		report = nx_report_new(
		        outer, outer->formats, detectors, outer->site,
		        parse_part(outer, part, &outer->message->envelope));
		if (nx_reader_delivery(report, report->message, report))
			return report;
	}
	return outer;
}

/* The text for people continues, and so may the account: no returned message
 * begins in what was read of it. */
static bool prose_is_cut(const struct nx_report *report)
{
	const struct nx_part *part = nx_explanation_part(report->message);

	if (part == NULL || !part->cut)
		return false;
	return strlen(nx_report_notice(report)) == strlen(report->explanation);
}

/* Fields that say that a recipient failed but not why. */
static bool lacks_words(const struct nx_report *report)
{
	for (size_t i = 0; i < report->recipients; i++)
		if (*report->recipient[i].diagnostic == '\0')
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
	const struct nx_message *message = report->message;

	if (!nx_reader_feedback(report, message, report) &&
	    !nx_reader_disguised(report) &&
	    !nx_reader_delivery(report, message, report))
		return false;
	if (report->kind == NX_KIND_DELIVERY_REPORT)
		nx_report_add_left_out(report, report->formats, report);
	return true;
}

static bool read_words(struct nx_report *report)
{
	return (report->formats && nx_report_format(report, report->formats,
	                                            report->message, report)) ||
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
static struct nx_report *read_rest(struct nx_report *report,
                                   const struct nx_detectors *detectors)
{
	bool is_silent_cover = is_silent(report);
	struct nx_report *inner =
	        is_silent_cover ? unwrap(report, detectors) : report;
	bool is_known =
	        inner == report && (nx_reader_unsubscribe(report, report) ||
	                            nx_reader_automatic(report));

	note_cut(report, true);
	if (!is_silent_cover && !is_known)
		inner = unwrap(report, detectors);
	if (inner != report)
		return uncovered(report, inner);
	if (!is_known && !nx_reader_passed_on(report, report))
		nx_reader_unnamed(report, report);
	return report;
}

/* Tries the readers in order until one recognises the message. */
static struct nx_report *read_one(struct nx_report *report,
                                  const struct nx_detectors *detectors)
{
	bool by_fields = read_fields(report);

	if (!by_fields && !read_words(report))
		return read_rest(report, detectors);
	note_cut(report, !by_fields);
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

	report = read_one(report, detectors);
	nx_report_mark_ours(report, report);
	return report;
}
