/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "report/conditions/format_rules.h"

#include <string.h>

/*
 * Which of the patterns of all formats can match a message: most of them
 * require words that it does not have, which one pass over it shows.
 */
struct source_list { /* of patterns, for one filter */
	const char **source;
	size_t count;
};

static size_t add(struct source_list *list, const struct nx_pattern *pattern)
{
	if ((list->count & (list->count - 1)) == 0)
		list->source = talloc_realloc(NULL, list->source, const char *,
		                              2 * list->count + 1);
	list->source[list->count] = nx_pattern_source(pattern);
	return list->count++;
}

static void add_header(struct nx_formats *formats, const char *name)
{
	for (size_t i = 0; i < formats->headers; i++)
		if (nx_text_equal(formats->header[i], name))
			return;
	formats->header = talloc_realloc(formats, formats->header, const char *,
	                                 formats->headers + 1);
	formats->header[formats->headers++] = name;
}

static void add_groups(struct nx_formats *formats,
                       const struct nx_condition_group *group,
                       struct source_list *text, struct source_list *headers)
{
	for (; group; group = group->next) {
		for (struct nx_condition *c = group->first; c; c = c->next) {
			bool header = c->kind == NX_CONDITION_HEADER;

			if (header)
				add_header(formats, c->header);
			if (c->kind != NX_CONDITION_TYPE)
				c->number = add(header ? headers : text,
				                c->pattern);
		}
	}
}

static const struct nx_prefilter *compile(struct nx_formats *formats,
                                          const struct source_list *list)
{
	const struct nx_prefilter *filter =
	        nx_prefilter_compile(formats, list->source, list->count);

	talloc_free(list->source);
	return filter;
}

void nx_format_rules_filter(struct nx_formats *formats)
{
	struct source_list text = {0};
	struct source_list headers = {0};
	struct source_list others = {0};

	for (size_t i = 0; i < formats->markers.count; i++)
		add(&text, formats->markers.item[i]);
	for (size_t i = 0; i < formats->count; i++) {
		add_groups(formats, formats->item[i]->when, &text, &headers);
		add_groups(formats, formats->item[i]->unless, &text, &headers);
	}
	formats->of_text = compile(formats, &text);
	formats->of_headers = compile(formats, &headers);
	for (size_t i = 0; i < formats->senders.count; i++)
		add(&others, formats->senders.item[i]);
	for (size_t i = 0; i < formats->contacts.count; i++)
		add(&others, formats->contacts.item[i]);
	formats->of_others = compile(formats, &others);
}

static bool is_asked_for(const struct nx_formats *formats, const char *name)
{
	for (size_t i = 0; i < formats->headers; i++)
		if (nx_text_equal(formats->header[i], name))
			return true;
	return false;
}

static const uint64_t *look_at_headers(TALLOC_CTX *ctx,
                                       const struct nx_formats *formats,
                                       const struct nx_fields *headers)
{
	const struct nx_prefilter *filter = formats->of_headers;
	struct nx_hits hits;

	nx_prefilter_begin(ctx, filter, &hits);
	for (size_t i = 0; i < headers->count; i++) {
		const char *value = headers->item[i].value;

		if (!is_asked_for(formats, headers->item[i].name))
			continue;
		nx_prefilter_add(filter, value, strlen(value), &hits);
	}
	return nx_prefilter_end(ctx, filter, &hits);
}

struct nx_format_view nx_format_look(TALLOC_CTX *ctx,
                                     const struct nx_formats *formats,
                                     const struct nx_message *message,
                                     const char *text)
{
	struct nx_format_view view = {.message = message, .text = text};

	if (text)
		view.of_text = nx_prefilter_find(ctx, formats->of_text, text,
		                                 strlen(text));
	if (message)
		view.of_headers =
		        look_at_headers(ctx, formats, &message->headers);
	return view;
}

bool nx_format_may_match(const uint64_t *bits, size_t number)
{
	return bits[number / NX_PREFILTER_BITS] >> number % NX_PREFILTER_BITS &
	       1;
}
