/* SPDX-License-Identifier: ISC */
#include "report/signs.h"
#include "report/notice.h"

#include "base/text.h"
#include "report/fold.h"
#include "report/readers.h"
#include "report/signs_rules.h"
#include "report/subjects.h"

#include <string.h>

enum { TEXT_SIZE = 1024 }; /* of the text for people: its first words */

/* Cheap, and good enough for names of headers: what they begin with is often
 * the same ("X-Auto"), their sizes and ends differ. */
size_t nx_signs_hash(const char *name)
{
	size_t size = strlen(name);
	if (size == 0)
		return 0;
	size_t middle = (unsigned char)nx_text_to_lower(name[size / 2]);
	size_t last = (unsigned char)nx_text_to_lower(name[size - 1]);
	return (size * 7 + middle * 3 + last) % NX_SIGN_BUCKETS;
}

size_t nx_signs_header(const struct nx_signs *signs, const char *name)
{
	size_t at = signs->bucket[nx_signs_hash(name)];
	while (at > 0 && !nx_text_equal(signs->header[at - 1], name))
		at = signs->chain[at - 1];
	return at > 0 ? at - 1 : NX_SIGN_HEADERS;
}

struct nx_sight *nx_sight_new(TALLOC_CTX *ctx, const struct nx_signs *signs,
                              const struct nx_report *report)
{
	if (signs == NULL)
		return NULL;
	struct nx_sight *sight = talloc_zero(ctx, struct nx_sight);
	sight->signs = signs;
	sight->report = report;
	return sight;
}

static void look(struct nx_sight *sight)
{
	const struct nx_fields *headers = &sight->report->message->headers;
	if (sight->looked)
		return;
	sight->looked = true;
	for (size_t i = 0; i < headers->count; i++) {
		const struct nx_field *field = &headers->item[i];
		size_t at = nx_signs_header(sight->signs, field->name);
		if (at < NX_SIGN_HEADERS && sight->value[at] == NULL)
			sight->value[at] = nx_fold(sight, field->value,
			                           NX_SIGN_HEADER_SIZE);
	}
	const char *subject = sight->value[NX_SIGN_SUBJECT];
	sight->subject = subject != NULL ? nx_subject_words(subject) : "";
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

static bool body_holds(const struct nx_phrases *phrases, struct nx_sight *sight)
{
	if (sight->text == NULL)
		sight->text = nx_fold(sight, nx_report_notice(sight->report),
		                      TEXT_SIZE);
	return nx_phrases_hit(phrases, sight->text);
}

static bool mark_holds(const struct nx_mark *mark, struct nx_sight *sight)
{
	const struct nx_message *message = sight->report->message;
	const char *value;
	switch (mark->kind) {
	case NX_MARK_HEADER:
		value = sight->value[mark->header];
		return value != NULL && nx_phrases_hit(&mark->phrases, value);
	case NX_MARK_FRONT:
		return nx_phrases_behind(&mark->phrases, sight->subject) !=
		       NULL;
	case NX_MARK_TYPE:
		return type_holds(&mark->phrases, message);
	case NX_MARK_REPORT_TYPE:
		return *message->report_type != '\0' &&
		       nx_phrases_hit(&mark->phrases, message->report_type);
	case NX_MARK_NULL_SENDER:
		return message->envelope.sender_known &&
		       *message->envelope.sender == '\0';
	case NX_MARK_BODY:
		return body_holds(&mark->phrases, sight);
	}
	return false;
}

static bool group_holds(const struct nx_sign_group *group,
                        struct nx_sight *sight)
{
	size_t held = 0;
	size_t left = group->marks;
	for (const struct nx_mark *mark = group->first; mark != NULL;
	     mark = mark->next) {
		if (held + left < group->needed)
			return false;
		left--;
		held += mark_holds(mark, sight);
		if (held == group->needed)
			return true;
	}
	return false;
}

bool nx_signs_holds(const struct nx_sign_group *group, struct nx_sight *sight)
{
	look(sight);
	for (; group != NULL; group = group->next) {
		if (group_holds(group, sight))
			return true;
	}
	return false;
}

static bool is_seen(const struct nx_sign *sign, struct nx_sight *sight)
{
	return nx_signs_holds(sign->when, sight) &&
	       (sign->with == NULL || nx_signs_holds(sign->with, sight)) &&
	       !nx_signs_holds(sign->unless, sight);
}

const struct nx_sign *nx_signs_find(struct nx_sight *sight,
                                    enum nx_sign_stage stage)
{
	if (sight == NULL)
		return NULL;
	const struct nx_signs *signs = sight->signs;
	look(sight);
	for (size_t i = 0; i < signs->count; i++) {
		const struct nx_sign *sign = signs->item[i];
		if (sign->stage == stage && is_seen(sign, sight) &&
		    (sign->system ||
		     !nx_report_is_from_system(sight, sight->report)))
			return sign;
	}
	return NULL;
}

bool nx_signs_is_bounce(struct nx_sight *sight)
{
	if (sight == NULL)
		return false;
	look(sight);
	return nx_phrases_behind(&sight->signs->bounces, sight->subject) !=
	       NULL;
}

size_t nx_signs_count(const struct nx_signs *signs)
{
	return signs->count;
}
