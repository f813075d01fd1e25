/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "report/conditions/formats.h"

#include <stdlib.h>
#include <string.h>

/* From rules/formats/NAME.yaml to struct nx_format. */

enum { FORMAT_RANK = 50, FORMAT_RANK_LAST = 99 };

static const char MARKERS[] = "markers";
static const char SENDERS[] = "senders";

static bool load_flags(const struct nx_yaml *map, struct nx_format *format,
                       struct nx_error *err)
{
	const struct {
		const char *key;
		bool *out;
	} flags[] = {
	        {"before", &format->before},
	        {"shared", &format->shared},
	        {"answers", &format->answers},
	        {"transcript", &format->transcript},
	        {"nobody", &format->nobody},
	        {"prose", &format->prose},
	};

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (!nx_yaml_flag(map, flags[i].key, flags[i].out, err))
			return false;
	return true;
}

static bool load_lines(TALLOC_CTX *ctx, const struct nx_yaml *map,
                       struct nx_format *format, struct nx_error *err)
{
	const struct {
		const char *key;
		struct nx_patterns *out;
	} lists[] = {
	        {"begin", &format->begin},
	        {"end", &format->end},
	        {"original", &format->original},
	        {"recipient", &format->recipient},
	        {"diagnostic", &format->diagnostic},
	        {"skip", &format->skip},
	        {"split", &format->split},
	        {"delayed", &format->delayed},
	        {"again", &format->again},
	        {"fails", &format->fails},
	        {"delays", &format->delays},
	        {"stop", &format->stop},
	};
	const bool never = strcmp(nx_yaml_text(map, "stop", ""), "never") == 0;

	format->ends_at_blank = !nx_yaml_get(map, "stop");
	for (size_t i = 0; i < sizeof lists / sizeof *lists - never; i++)
		if (!nx_patterns_load(ctx, map, lists[i].key, false,
		                      lists[i].out, err))
			return false;
	return true;
}

static bool load_format(struct nx_formats *formats, const struct nx_yaml *map,
                        struct nx_format *format, struct nx_error *err)
{
	static const char *const keys[] = {
	        "again",     "answers",    "delays",   "fails",
	        "before",    "begin",      "delayed",  "diagnostic",
	        "domain",    "end",        "fallback", "feedback",
	        "format",    "nobody",     "original", "prose",
	        "rank",      "samples",    "shared",   "recipient-header",
	        "recipient", "skip",       "source",   "split",
	        "stop",      "transcript", "unless",   "when",
	        NULL};
	const struct nx_condition_loader loader = {formats, &formats->names,
	                                           true, err};
	int64_t rank = FORMAT_RANK;

	if (!nx_yaml_check_keys(map, keys, err) ||
	    !nx_yaml_need_text(map, "format", &format->name, err) ||
	    !nx_yaml_number(map, "rank", 1, FORMAT_RANK_LAST, &rank, err) ||
	    !nx_conditions_load(&loader, map, "when", &format->when) ||
	    !nx_conditions_load(&loader, map, "unless", &format->unless) ||
	    !load_flags(map, format, err) ||
	    !load_lines(formats, map, format, err))
		return false;
	if (!format->when)
		return nx_yaml_error(err, map, "%s: needs `when`",
		                     format->name);
	format->rank = (int)rank;
	format->source = map;
	format->recipient_header = nx_yaml_text(map, "recipient-header", "");
	format->domain = nx_yaml_text(map, "domain", "");
	format->fallback = nx_yaml_text(map, "fallback", "");
	format->feedback = nx_yaml_text(map, "feedback", "");
	if (!format->nobody && !format->recipient.count &&
	    !*format->recipient_header)
		return nx_yaml_error(err, map, "%s: needs `recipient`",
		                     format->name);
	return true;
}

static int by_rank(const void *left, const void *right)
{
	const struct nx_format *a = *(const struct nx_format *const *)left;
	const struct nx_format *b = *(const struct nx_format *const *)right;

	return a->rank != b->rank ? a->rank - b->rank
	                          : strcmp(a->name, b->name);
}

/* The file's base name without ".yaml" is the format's name. */
static bool name_fits(const struct nx_yaml *map, const char *name,
                      struct nx_error *err)
{
	const char *slash = strrchr(map->file, '/');
	const char *base = slash ? slash + 1 : map->file;
	size_t size = strlen(name);

	if (strncmp(base, name, size) == 0 && strcmp(base + size, ".yaml") == 0)
		return true;
	return nx_yaml_error(err, nx_yaml_get(map, "format"),
	                     "format \"%s\" belongs in a file %s.yaml", name,
	                     name);
}

static bool load_markers(struct nx_formats *formats, const struct nx_yaml *map,
                         struct nx_error *err)
{
	static const char *const keys[] = {MARKERS, NULL};

	return nx_yaml_check_keys(map, keys, err) &&
	       nx_patterns_load(formats, map, MARKERS, false, &formats->markers,
	                        err);
}

static bool load_others(struct nx_formats *formats, const struct nx_yaml *map,
                        struct nx_error *err)
{
	static const char *const keys[] = {"contacts", "counterexamples",
	                                   "examples", SENDERS, NULL};

	formats->source_of_others = map;
	return nx_yaml_check_keys(map, keys, err) &&
	       nx_patterns_load(formats, map, SENDERS, true, &formats->senders,
	                        err) &&
	       nx_patterns_load(formats, map, "contacts", true,
	                        &formats->contacts, err);
}

static bool load_source(struct nx_formats *formats,
                        const struct nx_source *source, struct nx_error *err)
{
	const struct nx_yaml *map = NULL;

	if (!nx_yaml_parse(formats, source->name, source->text, source->size,
	                   &map, err))
		return false;
	if (nx_yaml_get(map, MARKERS))
		return load_markers(formats, map, err);
	if (nx_yaml_get(map, SENDERS))
		return load_others(formats, map, err);
	struct nx_format *format = talloc_zero(formats, struct nx_format);

	formats->item[formats->count++] = format;
	return load_format(formats, map, format, err) &&
	       name_fits(map, format->name, err);
}

/* --- filters -------------------------------------------------------------- */

/* Which of the patterns of all formats can match a message: most of them
 * require words that it does not have, which one pass over it shows. */
struct source_list { /* of patterns, for one filter */
	const char **source;
	size_t count;
};

static size_t add_source(struct source_list *list,
                         const struct nx_pattern *pattern)
{
	if ((list->count & (list->count - 1)) == 0)
		list->source = talloc_realloc(NULL, list->source, const char *,
		                              2 * list->count + 1);
	list->source[list->count] = nx_pattern_source(pattern);
	return list->count++;
}

static void add_groups(const struct nx_condition_group *group,
                       struct source_list *text, struct source_list *headers)
{
	for (; group; group = group->next) {
		for (struct nx_condition *c = group->first; c; c = c->next) {
			bool header = c->kind == NX_CONDITION_HEADER;

			if (c->kind != NX_CONDITION_TYPE)
				c->number = add_source(header ? headers : text,
				                       c->pattern);
		}
	}
}

static const struct nx_prefilter *build(struct nx_formats *formats,
                                        const struct source_list *list)
{
	const struct nx_prefilter *filter =
	        nx_prefilter_compile(formats, list->source, list->count);

	talloc_free(list->source);
	return filter;
}

/* Numbers the conditions and builds the filters. */
static void build_filters(struct nx_formats *formats)
{
	struct source_list text = {0};
	struct source_list headers = {0};
	struct source_list others = {0};

	for (size_t i = 0; i < formats->markers.count; i++)
		add_source(&text, formats->markers.item[i]);
	for (size_t i = 0; i < formats->count; i++) {
		add_groups(formats->item[i]->when, &text, &headers);
		add_groups(formats->item[i]->unless, &text, &headers);
	}
	formats->of_text = build(formats, &text);
	formats->of_headers = build(formats, &headers);
	for (size_t i = 0; i < formats->senders.count; i++)
		add_source(&others, formats->senders.item[i]);
	for (size_t i = 0; i < formats->contacts.count; i++)
		add_source(&others, formats->contacts.item[i]);
	formats->of_others = build(formats, &others);
}

bool nx_formats_compile(TALLOC_CTX *ctx, const struct nx_source *sources,
                        size_t count, const struct nx_formats **out,
                        struct nx_error *err)
{
	struct nx_formats *formats = talloc_zero(ctx, struct nx_formats);

	nx_header_names_begin(&formats->names);
	formats->item =
	        talloc_zero_array(formats, const struct nx_format *, count);
	for (size_t i = 0; i < count; i++)
		if (!load_source(formats, &sources[i], err))
			return false;
	if (formats->count)
		qsort(formats->item, formats->count, sizeof(void *), by_rank);
	build_filters(formats);
	*out = formats;
	return true;
}
