/* SPDX-License-Identifier: ISC */
#include "report/conditions/view.h"

#include "base/text.h"
#include "report/conditions/fold.h"
#include "report/notice.h"

#include <string.h>

enum {
	HEADER_SIZE = 512, /* of a header that phrases are looked for in */
	TEXT_SIZE = 1024   /* first words of the text for people */
};

/* --- what there is -------------------------------------------------------- */

struct nx_view *nx_view_new(TALLOC_CTX *ctx, const struct nx_message *message,
                            struct nx_notice *notice,
                            const struct nx_header_names *names,
                            const struct nx_prefilter *filter)
{
	struct nx_view *view = talloc_zero(ctx, struct nx_view);

	view->message = message;
	view->notice = notice;
	view->names = names;
	view->filter = filter;
	return view;
}

/* Of several headers of one name patterns may match any, and phrases see the
 * first. */
static void look_at(struct nx_view *view, const struct nx_field *field,
                    struct nx_hits *hits)
{
	size_t at = nx_header_number(view->names, field->name);

	if (at == NX_HEADER_NAMES)
		return;
	if (view->filter)
		nx_prefilter_add(view->filter, field->value,
		                 strlen(field->value), hits);
	if (!view->value[at])
		view->value[at] =
		        view->filter ? field->value
		                     : nx_fold(view, field->value, HEADER_SIZE);
}

void nx_view_look(struct nx_view *view)
{
	const struct nx_fields *headers = &view->message->headers;
	struct nx_hits hits;

	if (view->looked)
		return;
	view->looked = true;
	if (view->filter)
		nx_prefilter_begin(view, view->filter, &hits);
	for (size_t i = 0; i < headers->count; i++)
		look_at(view, &headers->item[i], &hits);
	const char *subject = view->value[NX_HEADER_SUBJECT];

	view->subject = subject ? nx_fold_subject_words(subject) : "";
	if (!view->filter)
		return;
	view->of_headers = nx_prefilter_end(view, view->filter, &hits);
	view->of_text = nx_notice_hits(view->notice);
	view->text = nx_notice_text(view->notice);
}

static const char *text_of(struct nx_view *view)
{
	if (!view->text)
		view->text =
		        nx_fold(view, nx_notice_text(view->notice), TEXT_SIZE);
	return view->text;
}

/* --- conditions ----------------------------------------------------------- */

static bool finds(const struct nx_condition *condition, const char *text,
                  size_t size)
{
	struct nx_match match;

	return condition->pattern
	               ? nx_pattern_find(condition->pattern, text, size, &match)
	               : nx_phrases_hit(&condition->phrases, text);
}

static bool is_in(const struct nx_condition *condition, const char *text)
{
	return finds(condition, text, strlen(text));
}

static bool is_in_header(const struct nx_condition *condition,
                         const struct nx_view *view)
{
	const struct nx_fields *headers = &view->message->headers;
	const char *name = view->names->item[condition->header];

	if (!condition->pattern)
		return is_in(condition, view->value[condition->header]);
	for (size_t i = 0; i < headers->count; i++)
		if (nx_text_equal(headers->item[i].name, name) &&
		    is_in(condition, headers->item[i].value))
			return true;
	return false;
}

static bool is_in_type(const struct nx_condition *condition,
                       const struct nx_message *message)
{
	for (size_t i = 0; i < message->parts; i++)
		if (is_in(condition, message->part[i].type))
			return true;
	return false;
}

/* Whether the header and the words that the condition requires are there: most
 * conditions fail here, before any pattern is tried. */
static bool may_hold(const struct nx_condition *condition,
                     const struct nx_view *view)
{
	bool header = condition->kind == NX_CONDITION_HEADER;

	if (header && !view->value[condition->header])
		return false;
	return !view->filter || condition->kind == NX_CONDITION_TYPE ||
	       nx_patterns_may_match(header ? view->of_headers : view->of_text,
	                             condition->number);
}

static bool condition_holds(const struct nx_condition *condition,
                            struct nx_view *view)
{
	const struct nx_message *message = view->message;
	const char *text;

	switch (condition->kind) {
	case NX_CONDITION_SENDER:
		return nx_envelope_is_null(&message->envelope);
	case NX_CONDITION_REPORT_TYPE:
		return *message->report_type &&
		       is_in(condition, message->report_type);
	case NX_CONDITION_HEADER:
		return is_in_header(condition, view);
	case NX_CONDITION_FRONT:
		return nx_phrases_behind(&condition->phrases, view->subject);
	case NX_CONDITION_TYPE:
		return is_in_type(condition, message);
	case NX_CONDITION_FIRST:
		text = view->text + strspn(view->text, " \t\n");
		return finds(condition, text, strcspn(text, "\n"));
	case NX_CONDITION_BODY:
		return is_in(condition, text_of(view));
	}
	return false;
}

/* --- groups --------------------------------------------------------------- */

static size_t count_hopes(const struct nx_condition_group *group,
                          const struct nx_view *view)
{
	size_t hopes = 0;

	for (const struct nx_condition *c = group->first; c; c = c->next)
		hopes += may_hold(c, view);
	return hopes;
}

static bool group_holds(const struct nx_condition_group *group,
                        struct nx_view *view)
{
	size_t held = 0;
	size_t hopes = count_hopes(group, view);

	for (const struct nx_condition *c = group->first; c; c = c->next) {
		if (held + hopes < group->needed)
			return false;
		if (!may_hold(c, view))
			continue;
		hopes--;
		held += condition_holds(c, view);
		if (held >= group->needed)
			return true;
	}
	return false;
}

bool nx_view_holds(struct nx_view *view, const struct nx_condition_group *group)
{
	nx_view_look(view);
	for (; group; group = group->next)
		if (group_holds(group, view))
			return true;
	return false;
}
