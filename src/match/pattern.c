/* SPDX-License-Identifier: ISC */
#include "match/pattern.h"

#include "base/text.h"
#include "match/compiled.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdatomic.h>
#include <string.h>

enum {
	MATCH_LIMIT = 100000,
	DEPTH_LIMIT = 10000,
	HEAP_LIMIT_KIB = 20000,
	PAIRS = 64 /* the whole match and the groups that are kept */
};

static int free_pattern(struct nx_pattern *pattern)
{
	pcre2_code_free(pattern->code);
	return 0;
}

static pcre2_code *compile(const char *source, bool multiline, int *fault,
                           size_t *where)
{
	uint32_t options = PCRE2_UTF | PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C;
	if (multiline)
		options |= PCRE2_MULTILINE;
	/* PCRE2's default line end is chosen when it is built. */
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)source, strlen(source),
	                                 options, fault, where, context);
	pcre2_compile_context_free(context);
	return code;
}

/* Skips a class whose bracket opens at "at"; to the end if it does not
 * close. */
static const char *skip_class(const char *at)
{
	at += at[1] == '^' ? 2 : 1;
	if (*at == ']')
		at++;
	for (; *at && *at != ']'; at++) {
		if (*at == '\\' && at[1])
			at++;
		else if (*at == '[' && at[1] == ':')
			at += strcspn(at, "]");
	}
	return *at ? at + 1 : at;
}

/* True for "^" without alternatives outside groups. False if the pattern
 * contains anything that could hide one. */
static bool is_anchored(const char *source)
{
	int depth = 0;
	if (*source != '^' || strstr(source, "\\Q") || strstr(source, "(?#") ||
	    strstr(source, "(?x"))
		return false;
	while (*source) {
		if (*source == '[') {
			source = skip_class(source);
			continue;
		}
		if (*source == '|' && depth == 0)
			return false;
		depth += (*source == '(') - (*source == ')');
		source += *source == '\\' && source[1] ? 2 : 1;
	}
	return true;
}

static void add_first(struct nx_pattern *pattern, unsigned byte)
{
	pattern->first[byte / 64] |= UINT64_C(1) << byte % 64;
}

/* PCRE2 knows the first characters only of patterns that are not anchored.
 * Other cases of a letter may be non-ASCII. */
static void find_first(struct nx_pattern *pattern, const pcre2_code *code)
{
	uint32_t type = 0, unit = 0, empty = 1;
	const uint8_t *bits = NULL;
	pcre2_pattern_info(code, PCRE2_INFO_FIRSTCODETYPE, &type);
	pcre2_pattern_info(code, PCRE2_INFO_FIRSTCODEUNIT, &unit);
	pcre2_pattern_info(code, PCRE2_INFO_FIRSTBITMAP, &bits);
	pcre2_pattern_info(code, PCRE2_INFO_MATCHEMPTY, &empty);
	pattern->starts = !empty && (type == 1 || bits);
	for (unsigned byte = 0; byte < 256; byte++) {
		bool same = nx_text_to_lower((char)byte) ==
		            nx_text_to_lower((char)unit);
		if (byte >= 0x80 ||
		    (bits ? bits[byte / 8] >> byte % 8 & 1 : same))
			add_first(pattern, byte);
	}
}

static void read_first(struct nx_pattern *pattern)
{
	int fault;
	size_t where;
	if (pattern->multiline || !is_anchored(pattern->source))
		return;
	pcre2_code *code = compile(pattern->source + 1, false, &fault, &where);
	if (code)
		find_first(pattern, code);
	pcre2_code_free(code);
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
	pattern->multiline = multiline;
	read_first(pattern);
	talloc_set_destructor(pattern, free_pattern);
	*out = pattern;
	return true;
}

const char *nx_pattern_source(const struct nx_pattern *pattern)
{
	return pattern->source;
}

/* The source was compiled successfully when the image was made. NULL only when
 * there is no memory: then nothing matches. If two threads compile it at once,
 * one of them drops its own. */
static const pcre2_code *code_of(const struct nx_pattern *pattern)
{
	struct nx_pattern *cell = (struct nx_pattern *)pattern;
	pcre2_code *code = atomic_load(&cell->code);
	if (code)
		return code;
	int fault;
	size_t where;
	pcre2_code *made =
	        compile(pattern->source, pattern->multiline, &fault, &where);
	if (atomic_compare_exchange_strong(&cell->code, &code, made))
		return made;
	pcre2_code_free(made);
	return code;
}

void nx_pattern_prepare(const struct nx_pattern *pattern)
{
	(void)code_of(pattern);
}

void nx_pattern_forget(const struct nx_pattern *pattern)
{
	struct nx_pattern *cell = (struct nx_pattern *)pattern;
	pcre2_code_free(atomic_exchange(&cell->code, NULL));
}

/* The memory that a match needs. */
struct room {
	pcre2_match_data *data;
	pcre2_match_context *limits;
};

/* The room of the last match is kept for the next, since making one costs more
 * than most matches do. Its contents are never read again, and threads take it
 * from each other as a whole. */
static _Atomic(struct room *) spare;

static struct room *make_room(void)
{
	struct room *room = talloc(NULL, struct room);
	room->data = pcre2_match_data_create(PAIRS, NULL);
	room->limits = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(room->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(room->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(room->limits, HEAP_LIMIT_KIB);
	return room;
}

static void free_room(struct room *room)
{
	if (!room)
		return;
	pcre2_match_data_free(room->data);
	pcre2_match_context_free(room->limits);
	talloc_free(room);
}

static struct room *take_room(void)
{
	struct room *room = atomic_exchange(&spare, NULL);
	return room ? room : make_room();
}

static void keep_room(struct room *room)
{
	free_room(atomic_exchange(&spare, room));
}

static bool may_start(const struct nx_pattern *pattern, const char *text,
                      size_t size, size_t from)
{
	if (!pattern->starts)
		return true;
	unsigned char first = (unsigned char)text[0];
	return from == 0 && size > 0 &&
	       (pattern->first[first / 64] >> first % 64 & 1) != 0;
}

/* A result of 0 is a match as well: there are more groups than room for them. A
 * match that reached a limit has allocated much memory: its room is freed. */
static bool match(const struct nx_pattern *pattern, const char *text,
                  size_t size, size_t from, struct nx_groups *out,
                  void (*read)(const pcre2_code *code, pcre2_match_data *data,
                               struct nx_groups *out))
{
	if (from > size || !may_start(pattern, text, size, from))
		return false;
	const pcre2_code *code = code_of(pattern);
	if (!code)
		return false;
	struct room *room = take_room();
	int found = pcre2_match(code, (PCRE2_SPTR)text, size, from,
	                        PCRE2_NO_UTF_CHECK, room->data, room->limits);
	const size_t *pairs = pcre2_get_ovector_pointer(room->data);
	/* \K can move the start beyond the end */
	bool is_found = found >= 0 && pairs[0] <= pairs[1];
	if (is_found)
		read(code, room->data, out);
	if (found >= PCRE2_ERROR_NOMATCH)
		keep_room(room);
	else
		free_room(room);
	return is_found;
}

static struct nx_match pair(pcre2_match_data *data, uint32_t number)
{
	const size_t *at = pcre2_get_ovector_pointer(data) + 2 * (size_t)number;
	return (struct nx_match){at[0], at[1]};
}

static void read_whole(const pcre2_code *code, pcre2_match_data *data,
                       struct nx_groups *out)
{
	(void)code;
	out->whole = pair(data, 0);
}

bool nx_pattern_find(const struct nx_pattern *pattern, const char *text,
                     size_t size, struct nx_match *out)
{
	struct nx_groups groups;
	if (!match(pattern, text, size, 0, &groups, read_whole))
		return false;
	*out = groups.whole;
	return true;
}

/* Each row of the name table: the group's number in two bytes, the name, a
 * NUL. */
static void read_groups(const pcre2_code *code, pcre2_match_data *data,
                        struct nx_groups *out)
{
	PCRE2_SPTR row;
	uint32_t count, row_size;
	pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &row);
	pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &count);
	pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &row_size);
	out->whole = pair(data, 0);
	out->count = 0;
	for (; count > 0 && out->count < NX_PATTERN_GROUPS; count--) {
		uint32_t number = (uint32_t)row[0] << 8 | row[1];
		struct nx_match group = {PCRE2_UNSET, PCRE2_UNSET};
		if (number < PAIRS)
			group = pair(data, number);
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
	return match(pattern, text, size, from, out, read_groups);
}
