/* SPDX-License-Identifier: ISC */
#include "base/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <string.h>

enum { MATCH_LIMIT = 100000, DEPTH_LIMIT = 10000, HEAP_LIMIT_KIB = 20000 };

/* The room that a match needs is made once: making it anew for each match was
 * dearer than most matches are. */
struct nx_pattern {
	pcre2_code *code;
	pcre2_match_context *limits;
	pcre2_match_data *data;
	const char *source;
};

static int free_pattern(struct nx_pattern *pattern)
{
	pcre2_code_free(pattern->code);
	pcre2_match_context_free(pattern->limits);
	pcre2_match_data_free(pattern->data);
	return 0;
}

static pcre2_code *compile(const char *source, bool multiline, int *fault,
                           size_t *where)
{
	uint32_t options = PCRE2_UTF | PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C;
	if (multiline)
		options |= PCRE2_MULTILINE;
	/* The library's own idea of a line end is chosen when it is built. */
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)source, strlen(source),
	                                 options, fault, where, context);
	pcre2_compile_context_free(context);
	return code;
}

static bool refuse(struct nx_error *err, int fault, size_t where)
{
	PCRE2_UCHAR8 why[256] = "";
	pcre2_get_error_message(fault, why, sizeof(why));
	return nx_error_set(err, NX_ERROR_CONFIG, "pattern position %zu: %s",
	                    where + 1, (const char *)why);
}

bool nx_pattern_compile(TALLOC_CTX *ctx, const char *source, bool multiline,
                        const struct nx_pattern **out, struct nx_error *err)
{
	int fault;
	size_t where;
	pcre2_code *code = compile(source, multiline, &fault, &where);
	if (!code)
		return refuse(err, fault, where);
	struct nx_pattern *pattern = talloc_zero(ctx, struct nx_pattern);
	pattern->code = code;
	pattern->source = talloc_strdup(pattern, source);
	pattern->limits = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(pattern->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(pattern->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(pattern->limits, HEAP_LIMIT_KIB);
	pattern->data = pcre2_match_data_create_from_pattern(code, NULL);
	talloc_set_destructor(pattern, free_pattern);
	*out = pattern;
	return true;
}

const char *nx_pattern_source(const struct nx_pattern *pattern)
{
	return pattern->source;
}

/* An answer of 0 is a match as well: more groups than places for them. */
static bool match(const struct nx_pattern *pattern, const char *text,
                  size_t size, size_t from)
{
	if (from > size)
		return false;
	int found =
	        pcre2_match(pattern->code, (PCRE2_SPTR)text, size, from,
	                    PCRE2_NO_UTF_CHECK, pattern->data, pattern->limits);
	const size_t *pairs = pcre2_get_ovector_pointer(pattern->data);
	/* \K can move the start behind the end. */
	return found >= 0 && pairs[0] <= pairs[1];
}

static struct nx_match pair(pcre2_match_data *data, uint32_t number)
{
	const size_t *at = pcre2_get_ovector_pointer(data) + 2 * (size_t)number;
	return (struct nx_match){at[0], at[1]};
}

bool nx_pattern_find(const struct nx_pattern *pattern, const char *text,
                     size_t size, struct nx_match *out)
{
	if (!match(pattern, text, size, 0))
		return false;
	*out = pair(pattern->data, 0);
	return true;
}

/* Each row of the table of names: the group's number in two bytes, the name,
 * a NUL. */
static void name_groups(const struct nx_pattern *pattern, struct nx_groups *out)
{
	PCRE2_SPTR row;
	uint32_t count, row_size;
	pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMETABLE, &row);
	pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMECOUNT, &count);
	pcre2_pattern_info(pattern->code, PCRE2_INFO_NAMEENTRYSIZE, &row_size);
	for (; count > 0 && out->count < NX_PATTERN_GROUPS; count--) {
		uint32_t number = (uint32_t)row[0] << 8 | row[1];
		struct nx_match group = pair(pattern->data, number);
		if (group.start != PCRE2_UNSET && group.start <= group.end) {
			out->item[out->count].name = (const char *)row + 2;
			out->item[out->count].start = group.start;
			out->item[out->count].end = group.end;
			out->count++;
		}
		row += row_size;
	}
}

bool nx_pattern_groups(const struct nx_pattern *pattern, const char *text,
                       size_t size, size_t from, struct nx_groups *out)
{
	if (!match(pattern, text, size, from))
		return false;
	out->whole = pair(pattern->data, 0);
	out->count = 0;
	name_groups(pattern, out);
	return true;
}
