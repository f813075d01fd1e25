/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "report/conditions/format_rules.h"

#include <stdlib.h>
#include <string.h>

/* From rules/formats/NAME.yaml to struct nx_format. */

enum { FORMAT_RANK = 50, FORMAT_RANK_LAST = 99 };

static const char MARKERS[] = "markers";
static const char SENDERS[] = "senders";

static bool load_pattern(TALLOC_CTX *ctx, const struct nx_yaml *node,
                         bool multiline, const struct nx_pattern **out,
                         struct nx_error *err)
{
	struct nx_error inner;

	if (node->kind != NX_YAML_TEXT || !*node->text)
		return nx_yaml_error(err, node, "expected a pattern");
	if (!nx_pattern_compile(ctx, node->text, multiline, out, &inner))
		return nx_yaml_error(err, node, "%s", inner.text);
	return true;
}

/* A member that is one pattern or a list of them; absent is an empty list. */
static bool load_list(TALLOC_CTX *ctx, const struct nx_yaml *map,
                      const char *key, bool multiline, struct nx_patterns *out,
                      struct nx_error *err)
{
	const struct nx_yaml *node = nx_yaml_get(map, key);

	if (!node)
		return true;
	bool is_list = node->kind == NX_YAML_LIST;
	const struct nx_yaml *item = is_list ? node->first : node;

	out->item = talloc_zero_array(ctx, const struct nx_pattern *,
	                              is_list ? node->count : 1);
	for (; item; item = is_list ? item->next : NULL)
		if (!load_pattern(ctx, item, multiline,
		                  &out->item[out->count++], err))
			return false;
	return true;
}

static bool load_patterns(TALLOC_CTX *ctx, const struct nx_yaml *map,
                          const char *key, struct nx_patterns *out,
                          struct nx_error *err)
{
	return load_list(ctx, map, key, false, out, err);
}

static bool add_condition(TALLOC_CTX *ctx, struct nx_condition_group *group,
                          enum nx_condition_kind kind, const char *header,
                          const struct nx_yaml *node, struct nx_error *err)
{
	struct nx_condition *condition = talloc_zero(ctx, struct nx_condition);

	condition->kind = kind;
	condition->header = header;
	condition->next = group->first;
	group->first = condition;
	group->conditions++;
	return load_pattern(ctx, node, kind == NX_CONDITION_BODY,
	                    &condition->pattern, err);
}

static bool add_headers(TALLOC_CTX *ctx, struct nx_condition_group *group,
                        const struct nx_yaml *map, struct nx_error *err)
{
	if (map->kind != NX_YAML_MAP)
		return nx_yaml_error(err, map,
		                     "expected a map of header names");
	for (const struct nx_yaml *node = map->first; node; node = node->next)
		if (!add_condition(ctx, group, NX_CONDITION_HEADER, node->key,
		                   node, err))
			return false;
	return true;
}

static bool add_member(TALLOC_CTX *ctx, struct nx_condition_group *group,
                       const struct nx_yaml *node, struct nx_error *err)
{
	if (strcmp(node->key, "header") == 0)
		return add_headers(ctx, group, node, err);
	if (strcmp(node->key, "from") == 0)
		return add_condition(ctx, group, NX_CONDITION_HEADER, "From",
		                     node, err);
	if (strcmp(node->key, "subject") == 0)
		return add_condition(ctx, group, NX_CONDITION_HEADER, "Subject",
		                     node, err);
	if (strcmp(node->key, "first") == 0)
		return add_condition(ctx, group, NX_CONDITION_FIRST, "", node,
		                     err);
	if (strcmp(node->key, "body") == 0)
		return add_condition(ctx, group, NX_CONDITION_BODY, "", node,
		                     err);
	if (strcmp(node->key, "type") == 0)
		return add_condition(ctx, group, NX_CONDITION_TYPE, "", node,
		                     err);
	return true; /* count */
}

/* The expensive conditions last: the text is searched only when the headers
 * fit. Prepending leaves them in reverse order of adding. */
static bool load_group(TALLOC_CTX *ctx, const struct nx_yaml *map,
                       struct nx_condition_group *group, struct nx_error *err)
{
	static const char *const order[] = {"body", "first",   "type", "header",
	                                    "from", "subject", NULL};
	static const char *const keys[] = {"body",   "count",   "first", "from",
	                                   "header", "subject", "type",  NULL};
	int64_t needed = 0;

	if (!nx_yaml_check_keys(map, keys, err))
		return false;
	for (size_t i = 0; order[i]; i++) {
		const struct nx_yaml *node = nx_yaml_get(map, order[i]);

		if (node && !add_member(ctx, group, node, err))
			return false;
	}
	if (!group->conditions)
		return nx_yaml_error(err, map, "a group needs a condition");
	needed = (int64_t)group->conditions;
	if (!nx_yaml_number(map, "count", 1, needed, &needed, err))
		return false;
	group->needed = (size_t)needed;
	return true;
}

static bool load_groups(TALLOC_CTX *ctx, const struct nx_yaml *map,
                        const char *key, const struct nx_condition_group **out,
                        struct nx_error *err)
{
	const struct nx_yaml *list = nx_yaml_get(map, key);

	if (!list)
		return true;
	if (list->kind != NX_YAML_LIST || !list->first)
		return nx_yaml_error(err, list, "%s: expected a list of groups",
		                     key);
	const struct nx_condition_group **end = out;

	for (const struct nx_yaml *node = list->first; node;
	     node = node->next) {
		struct nx_condition_group *group =
		        talloc_zero(ctx, struct nx_condition_group);

		if (!load_group(ctx, node, group, err))
			return false;
		*end = group;
		end = &group->next;
	}
	return true;
}

static bool load_flag(const struct nx_yaml *map, const char *key, bool *out,
                      struct nx_error *err)
{
	const char *text = nx_yaml_text(map, key, "false");

	*out = strcmp(text, "true") == 0;
	if (*out || strcmp(text, "false") == 0)
		return true;
	return nx_yaml_error(err, nx_yaml_get(map, key),
	                     "%s: expected true or false", key);
}

static bool load_flags(const struct nx_yaml *map, struct nx_format *format,
                       struct nx_error *err)
{
	return load_flag(map, "before", &format->before, err) &&
	       load_flag(map, "shared", &format->shared, err) &&
	       load_flag(map, "answers", &format->answers, err) &&
	       load_flag(map, "transcript", &format->transcript, err) &&
	       load_flag(map, "nobody", &format->nobody, err) &&
	       load_flag(map, "prose", &format->prose, err);
}

static bool load_stop(TALLOC_CTX *ctx, const struct nx_yaml *map,
                      struct nx_format *format, struct nx_error *err)
{
	format->ends_at_blank = !nx_yaml_get(map, "stop");
	if (strcmp(nx_yaml_text(map, "stop", ""), "never") == 0)
		return true;
	return load_patterns(ctx, map, "stop", &format->stop, err);
}

static bool load_lines(TALLOC_CTX *ctx, const struct nx_yaml *map,
                       struct nx_format *format, struct nx_error *err)
{
	return load_patterns(ctx, map, "begin", &format->begin, err) &&
	       load_patterns(ctx, map, "end", &format->end, err) &&
	       load_patterns(ctx, map, "original", &format->original, err) &&
	       load_patterns(ctx, map, "recipient", &format->recipient, err) &&
	       load_patterns(ctx, map, "diagnostic", &format->diagnostic,
	                     err) &&
	       load_patterns(ctx, map, "skip", &format->skip, err) &&
	       load_patterns(ctx, map, "split", &format->split, err) &&
	       load_patterns(ctx, map, "delayed", &format->delayed, err) &&
	       load_patterns(ctx, map, "again", &format->again, err) &&
	       load_patterns(ctx, map, "fails", &format->fails, err) &&
	       load_patterns(ctx, map, "delays", &format->delays, err) &&
	       load_stop(ctx, map, format, err);
}

static bool load_format(TALLOC_CTX *ctx, const struct nx_yaml *map,
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
	int64_t rank = FORMAT_RANK;

	if (!nx_yaml_check_keys(map, keys, err) ||
	    !nx_yaml_need_text(map, "format", &format->name, err) ||
	    !nx_yaml_number(map, "rank", 1, FORMAT_RANK_LAST, &rank, err) ||
	    !load_groups(ctx, map, "when", &format->when, err) ||
	    !load_groups(ctx, map, "unless", &format->unless, err) ||
	    !load_flags(map, format, err) || !load_lines(ctx, map, format, err))
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

static bool load_markers(TALLOC_CTX *ctx, const struct nx_yaml *map,
                         struct nx_formats *formats, struct nx_error *err)
{
	static const char *const keys[] = {MARKERS, NULL};

	return nx_yaml_check_keys(map, keys, err) &&
	       load_patterns(ctx, map, MARKERS, &formats->markers, err);
}

static bool load_others(TALLOC_CTX *ctx, const struct nx_yaml *map,
                        struct nx_formats *formats, struct nx_error *err)
{
	static const char *const keys[] = {"contacts", "counterexamples",
	                                   "examples", SENDERS, NULL};

	formats->source_of_others = map;
	return nx_yaml_check_keys(map, keys, err) &&
	       load_list(ctx, map, SENDERS, true, &formats->senders, err) &&
	       load_list(ctx, map, "contacts", true, &formats->contacts, err);
}

static bool load_source(TALLOC_CTX *ctx, const struct nx_source *source,
                        struct nx_formats *formats, struct nx_error *err)
{
	const struct nx_yaml *map = NULL;

	if (!nx_yaml_parse(ctx, source->name, source->text, source->size, &map,
	                   err))
		return false;
	if (nx_yaml_get(map, MARKERS))
		return load_markers(ctx, map, formats, err);
	if (nx_yaml_get(map, SENDERS))
		return load_others(ctx, map, formats, err);
	struct nx_format *format = talloc_zero(ctx, struct nx_format);

	formats->item[formats->count++] = format;
	return load_format(ctx, map, format, err) &&
	       name_fits(map, format->name, err);
}

bool nx_formats_compile(TALLOC_CTX *ctx, const struct nx_source *sources,
                        size_t count, const struct nx_formats **out,
                        struct nx_error *err)
{
	struct nx_formats *formats = talloc_zero(ctx, struct nx_formats);

	formats->item =
	        talloc_zero_array(formats, const struct nx_format *, count);
	for (size_t i = 0; i < count; i++)
		if (!load_source(formats, &sources[i], formats, err))
			return false;
	if (formats->count)
		qsort(formats->item, formats->count, sizeof(void *), by_rank);
	nx_format_rules_filter(formats);
	*out = formats;
	return true;
}

size_t nx_formats_count(const struct nx_formats *formats)
{
	return formats->count;
}
