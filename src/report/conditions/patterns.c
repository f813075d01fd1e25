/* SPDX-License-Identifier: ISC */
#include "report/conditions/patterns.h"

#include "base/text.h"

#include <string.h>

enum { PATTERNS_LINE = 2048 };

bool nx_patterns_load_one(TALLOC_CTX *ctx, const struct nx_yaml *node,
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

bool nx_patterns_load(TALLOC_CTX *ctx, const struct nx_yaml *map,
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
		if (!nx_patterns_load_one(ctx, item, multiline,
		                          &out->item[out->count++], err))
			return false;
	return true;
}

size_t nx_patterns_line_size(struct nx_line line)
{
	size_t size = (size_t)(line.end - line.start);

	return size < PATTERNS_LINE ? size : PATTERNS_LINE;
}

bool nx_patterns_take(const struct nx_patterns *patterns, struct nx_line line)
{
	struct nx_match match;

	for (size_t i = 0; i < patterns->count; i++)
		if (nx_pattern_find(patterns->item[i], line.start,
		                    nx_patterns_line_size(line), &match))
			return true;
	return false;
}

const char *nx_patterns_find_line(const struct nx_patterns *patterns,
                                  const char *text)
{
	while (*text) {
		struct nx_line line = nx_line_at(text);

		if (nx_patterns_take(patterns, line))
			return text;
		text = nx_line_after(line);
	}
	return NULL;
}

char *nx_patterns_cut(TALLOC_CTX *ctx, const struct nx_patterns *patterns,
                      char *text)
{
	const char *at =
	        patterns->count ? nx_patterns_find_line(patterns, text) : NULL;

	return at ? talloc_strndup(ctx, text, (size_t)(at - text)) : text;
}

/* The text with a line end in place of each match of the pattern. */
static char *split_by(TALLOC_CTX *ctx, const struct nx_pattern *pattern,
                      const char *text)
{
	char *lines = talloc_strdup(ctx, "");
	size_t size = strlen(text);
	size_t copied = 0;
	size_t from = 0;
	struct nx_groups found;

	while (from <= size &&
	       nx_pattern_groups(pattern, text, size, from, &found)) {
		lines = talloc_strndup_append_buffer(
		        lines, text + copied, found.whole.start - copied);
		lines = talloc_strdup_append_buffer(lines, "\n");
		copied = found.whole.end;
		from = copied + (found.whole.start == copied);
		while (from < size && nx_text_continues(text[from]))
			from++; /* move to a character boundary */
	}
	return talloc_strdup_append_buffer(lines, text + copied);
}

char *nx_patterns_split(TALLOC_CTX *ctx, const struct nx_patterns *patterns,
                        char *text)
{
	for (size_t i = 0; i < patterns->count; i++)
		text = split_by(ctx, patterns->item[i], text);
	return text;
}
