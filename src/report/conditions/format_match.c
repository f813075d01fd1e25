/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "report/conditions/format_rules.h"

#include <string.h>

/*
 * Whether a message is of this format: conditions on headers, structure and
 * text, in groups of which one has to hold.
 */
static bool holds(const struct nx_pattern *pattern, const char *text)
{
	struct nx_match match;

	return nx_pattern_find(pattern, text, strlen(text), &match);
}

static bool first_holds(const struct nx_pattern *pattern, const char *text)
{
	struct nx_match match;

	text += strspn(text, " \t\n");
	return nx_pattern_find(pattern, text, strcspn(text, "\n"), &match);
}

static bool header_holds(const struct nx_condition *condition,
                         const struct nx_message *message)
{
	struct nx_match match;

	for (size_t i = 0; i < message->headers.count; i++) {
		const struct nx_field *field = &message->headers.item[i];

		if (nx_text_equal(field->name, condition->header) &&
		    nx_pattern_find(condition->pattern, field->value,
		                    strlen(field->value), &match))
			return true;
	}
	return false;
}

static bool type_holds(const struct nx_pattern *pattern,
                       const struct nx_message *message)
{
	for (size_t i = 0; i < message->parts; i++)
		if (holds(pattern, message->part[i].type))
			return true;
	return false;
}

/* Whether the header and the words that the condition requires are there: most
 * conditions fail here, before any pattern is tried. */
static bool may_hold(const struct nx_condition *condition,
                     const struct nx_format_view *view)
{
	switch (condition->kind) {
	case NX_CONDITION_HEADER:
		return nx_format_may_match(view->of_headers,
		                           condition->number) &&
		       nx_fields_has(&view->message->headers,
		                     condition->header);
	case NX_CONDITION_FIRST:
	case NX_CONDITION_BODY:
		return nx_format_may_match(view->of_text, condition->number);
	case NX_CONDITION_TYPE:
		break;
	}
	return true;
}

static bool condition_holds(const struct nx_condition *condition,
                            const struct nx_format_view *view)
{
	const struct nx_pattern *pattern = condition->pattern;

	switch (condition->kind) {
	case NX_CONDITION_HEADER:
		return header_holds(condition, view->message);
	case NX_CONDITION_FIRST:
		return first_holds(pattern, view->text);
	case NX_CONDITION_BODY:
		return holds(pattern, view->text);
	case NX_CONDITION_TYPE:
		return type_holds(pattern, view->message);
	}
	return false;
}

static size_t count_hopes(const struct nx_condition_group *group,
                          const struct nx_format_view *view)
{
	size_t hopes = 0;

	for (const struct nx_condition *c = group->first; c; c = c->next)
		hopes += may_hold(c, view);
	return hopes;
}

static bool group_holds(const struct nx_condition_group *group,
                        const struct nx_format_view *view)
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

bool nx_format_holds(const struct nx_condition_group *group,
                     const struct nx_format_view *view)
{
	for (; group; group = group->next)
		if (group_holds(group, view))
			return true;
	return false;
}
