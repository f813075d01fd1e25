/* SPDX-License-Identifier: ISC */
#include "report/conditions/detectors.h"
#include "report/notice.h"

#include "base/text.h"
#include "report/conditions/detectors_rules.h"
#include "report/conditions/fold.h"
#include "report/conditions/subjects.h"
#include "report/readers/readers.h"

#include <string.h>

enum { TEXT_SIZE = 1024 }; /* first words of the text for people */

/* Cheap, and good enough for names of headers: many begin alike ("X-Auto"), but
 * their sizes and ends differ. */
size_t nx_detectors_hash(const char *name)
{
	size_t size = strlen(name);
	if (size == 0)
		return 0;
	size_t middle = (unsigned char)nx_text_to_lower(name[size / 2]);
	size_t last = (unsigned char)nx_text_to_lower(name[size - 1]);
	return (size * 7 + middle * 3 + last) % NX_DETECTOR_BUCKETS;
}

size_t nx_detectors_header(const struct nx_detectors *detectors,
                           const char *name)
{
	size_t at = detectors->bucket[nx_detectors_hash(name)];
	while (at > 0 && !nx_text_equal(detectors->header[at - 1], name))
		at = detectors->chain[at - 1];
	return at > 0 ? at - 1 : NX_DETECTOR_HEADERS;
}

struct nx_message_view *nx_message_view_new(
        TALLOC_CTX *ctx, const struct nx_detectors *detectors,
        const struct nx_report *report)
{
	if (detectors == NULL)
		return NULL;
	struct nx_message_view *view = talloc_zero(ctx, struct nx_message_view);
	view->detectors = detectors;
	view->report = report;
	return view;
}

static void look(struct nx_message_view *view)
{
	const struct nx_fields *headers = &view->report->message->headers;
	if (view->looked)
		return;
	view->looked = true;
	for (size_t i = 0; i < headers->count; i++) {
		const struct nx_field *field = &headers->item[i];
		size_t at = nx_detectors_header(view->detectors, field->name);
		if (at < NX_DETECTOR_HEADERS && view->value[at] == NULL)
			view->value[at] = nx_fold(view, field->value,
			                          NX_DETECTOR_HEADER_SIZE);
	}
	const char *subject = view->value[NX_DETECTOR_SUBJECT];
	view->subject = subject != NULL ? nx_subject_words(subject) : "";
}

static bool type_holds(const struct nx_phrases *phrases,
                       const struct nx_message *message)
{
	for (size_t i = 0; i < message->parts; i++) {
		const struct nx_part *part = &message->part[i];
		if (nx_phrases_hit(phrases, part->type))
			return true;
	}
	return false;
}

static bool body_holds(const struct nx_phrases *phrases,
                       struct nx_message_view *view)
{
	if (view->text == NULL)
		view->text = nx_fold(view, nx_report_notice(view->report),
		                     TEXT_SIZE);
	return nx_phrases_hit(phrases, view->text);
}

static bool condition_holds(const struct nx_detector_condition *condition,
                            struct nx_message_view *view)
{
	const struct nx_message *message = view->report->message;
	const char *value;
	switch (condition->kind) {
	case NX_DETECTOR_CONDITION_HEADER:
		value = view->value[condition->header];
		return value != NULL &&
		       nx_phrases_hit(&condition->phrases, value);
	case NX_DETECTOR_CONDITION_FRONT:
		return nx_phrases_behind(&condition->phrases, view->subject) !=
		       NULL;
	case NX_DETECTOR_CONDITION_TYPE:
		return type_holds(&condition->phrases, message);
	case NX_DETECTOR_CONDITION_REPORT_TYPE:
		return *message->report_type != '\0' &&
		       nx_phrases_hit(&condition->phrases,
		                      message->report_type);
	case NX_DETECTOR_CONDITION_NULL_SENDER:
		return message->envelope.sender_known &&
		       *message->envelope.sender == '\0';
	case NX_DETECTOR_CONDITION_BODY:
		return body_holds(&condition->phrases, view);
	}
	return false;
}

static bool group_holds(const struct nx_detector_group *group,
                        struct nx_message_view *view)
{
	size_t held = 0;
	size_t left = group->conditions;
	for (const struct nx_detector_condition *condition = group->first;
	     condition != NULL; condition = condition->next) {
		if (held + left < group->needed)
			return false;
		left--;
		held += condition_holds(condition, view);
		if (held == group->needed)
			return true;
	}
	return false;
}

bool nx_detectors_rules_hold(const struct nx_detector_group *group,
                             struct nx_message_view *view)
{
	look(view);
	for (; group != NULL; group = group->next) {
		if (group_holds(group, view))
			return true;
	}
	return false;
}

static bool is_seen(const struct nx_detector *detector,
                    struct nx_message_view *view)
{
	return nx_detectors_rules_hold(detector->when, view) &&
	       (detector->with == NULL ||
	        nx_detectors_rules_hold(detector->with, view)) &&
	       !nx_detectors_rules_hold(detector->unless, view);
}

const struct nx_detector *nx_detectors_find(struct nx_message_view *view,
                                            enum nx_detector_stage stage)
{
	if (view == NULL)
		return NULL;
	const struct nx_detectors *detectors = view->detectors;
	look(view);
	for (size_t i = 0; i < detectors->count; i++) {
		const struct nx_detector *detector = detectors->item[i];
		if (detector->stage == stage && is_seen(detector, view) &&
		    (detector->system ||
		     !nx_report_is_from_system(view, view->report)))
			return detector;
	}
	return NULL;
}

bool nx_detectors_is_bounce(struct nx_message_view *view)
{
	if (view == NULL)
		return false;
	look(view);
	return nx_phrases_behind(&view->detectors->bounces, view->subject) !=
	       NULL;
}

size_t nx_detectors_count(const struct nx_detectors *detectors)
{
	return detectors->count;
}
