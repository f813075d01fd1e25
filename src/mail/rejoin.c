/* SPDX-License-Identifier: ISC */
#include "mail/rejoin.h"

#include "base/text.h"
#include "mail/fields.h"

#include <stdbool.h>
#include <string.h>

/* The breaks inside strings, and what stands beside them. */
struct breaks {
	size_t count;
	size_t equals; /* after "=" */
	size_t marks;  /* after "!" */
	size_t blanks; /* before a blank */
};

struct json {
	const char *at;
	const char *string; /* where the string began, or NULL */
	int depth;
};

static const char *first_char(const char *text)
{
	while (nx_text_is_blank(*text))
		text++;
	return text;
}

static bool is_json(const char *text)
{
	text = first_char(text);
	return *text == '{' && *first_char(text + 1) == '"';
}

/* Advances by one character, or over an escaped one. */
static void step(struct json *json)
{
	char c = *json->at++;
	if (json->string != NULL) {
		if (c == '\\' && *json->at != '\0' && *json->at != '\n')
			json->at++;
		else if (c == '"')
			json->string = NULL;
		return;
	}
	if (c == '"')
		json->string = json->at;
	json->depth += (c == '{') - (c == '}');
}

/* Blanks between members, and the marks of breaks there. */
static bool is_between(char c)
{
	return nx_text_is_blank(c) || c == '=' || c == '!';
}

static struct breaks count_breaks(const char *text)
{
	struct breaks breaks = {0};
	struct json json = {.at = first_char(text)};
	do {
		const char *at = json.at;
		if (json.string != NULL && *at == '\n') {
			breaks.count++;
			breaks.equals += at[-1] == '=';
			breaks.marks += at[-1] == '!';
			breaks.blanks += at[1] == ' ';
		}
		step(&json);
	} while (json.depth > 0 && *json.at != '\0');
	return breaks;
}

/* A blank after the only break may have been between words. */
static bool is_folded(const struct json *json, struct breaks breaks)
{
	size_t before = (size_t)(json->at - json->string);
	return breaks.blanks == breaks.count &&
	       (breaks.count > 1 || memchr(json->string, ' ', before) == NULL);
}

/* Removes what was put beside the break; returns the end of the output. */
static char *take_break(struct json *json, struct breaks breaks, char *to)
{
	bool has_mark =
	        breaks.equals == breaks.count || breaks.marks == breaks.count;
	if (has_mark && json->at > json->string)
		to--;
	json->at += is_folded(json, breaks) ? 2 : 1;
	return to;
}

const char *nx_rejoin_json(TALLOC_CTX *ctx, const char *text)
{
	if (!is_json(text))
		return text;
	struct breaks breaks = count_breaks(text);
	struct json json = {.at = first_char(text)};
	char *out = talloc_size(ctx, strlen(text) + 1);
	char *to = out;
	do {
		const char *from = json.at;
		if (json.string != NULL && *from == '\n') {
			to = take_break(&json, breaks, to);
			continue;
		}
		bool is_told = json.string != NULL || !is_between(*from);
		step(&json);
		if (is_told) {
			memcpy(to, from, (size_t)(json.at - from));
			to += json.at - from;
		}
	} while (json.depth > 0 && *json.at != '\0');
	memcpy(to, json.at, strlen(json.at) + 1);
	return out;
}

/* --- lines ---------------------------------------------------------------- */

enum { SHORTEST = 40, NEAR = 10, FULL = 3 };

/* What is known of the lengths of lines. */
struct widths {
	size_t lines;
	size_t longest;
	size_t alike;  /* lines of that length */
	size_t full;   /* lines of that length that continue */
	size_t near;   /* lines a little shorter, which is evidence against */
	size_t blanks; /* full lines that end beside a single blank */
};

static size_t line_size(const char *line)
{
	const char *end = strchr(line, '\n');
	return end != NULL ? (size_t)(end - line) : strlen(line);
}

static const char *behind(const char *line, size_t size)
{
	line += size;
	return *line == '\n' ? line + 1 : line;
}

static const char *next_line(const char *line)
{
	return behind(line, line_size(line));
}

/* "-----": a ruler or a frame. */
static bool is_drawing(const char *line, size_t size)
{
	enum { RUN = 5 };
	size_t run = 1;
	for (size_t i = 1; i < size && run < RUN; i++)
		run = line[i] == line[i - 1] && !nx_text_is_word(line[i])
		              ? run + 1
		              : 1;
	return run == RUN;
}

/* Several blanks in a row are columns or an indent, not a break. */
static void count_full(struct widths *widths, const char *line,
                       const char *next)
{
	const char *last = next - 2;
	bool ends = nx_text_is_fold(*last);
	bool begins = nx_text_is_fold(*next);
	if ((ends && nx_text_is_fold(last[-1])) ||
	    (begins && nx_text_is_fold(next[1])) ||
	    is_drawing(line, (size_t)(last - line))) {
		widths->near++;
		return;
	}
	widths->full++;
	widths->blanks += ends != begins;
}

static struct widths measure(const char *text)
{
	struct widths widths = {0};
	size_t size;
	for (const char *line = text; *line != '\0';
	     line = behind(line, size)) {
		size = line_size(line);
		widths.lines++;
		if (size > widths.longest)
			widths.alike = 0;
		if (size >= widths.longest) {
			widths.longest = size;
			widths.alike++;
		}
	}
	/* one line of that length alone is wrapped between words */
	if (widths.alike < 2)
		return widths;
	for (const char *line = text; *line != '\0';
	     line = behind(line, size)) {
		size = line_size(line);
		const char *next = behind(line, size);
		bool goes_on = *next != '\0' && *next != '\n';
		if (size > 1 && size == widths.longest && goes_on)
			count_full(&widths, line, next);
		else if (size < widths.longest && size + NEAR >= widths.longest)
			widths.near++;
	}
	return widths;
}

const char *nx_rejoin_lines(TALLOC_CTX *ctx, const char *text)
{
	struct widths widths = measure(text);
	if (widths.longest < SHORTEST || widths.full < FULL ||
	    widths.near * 3 > widths.full || widths.blanks == 0)
		return text;
	char *out = talloc_size(ctx, strlen(text) + 1);
	char *to = out;
	for (const char *line = text; *line != '\0'; line = next_line(line)) {
		size_t size = line_size(line);
		const char *next = behind(line, size);
		memcpy(to, line, (size_t)(next - line));
		to += next - line;
		if (size == widths.longest && *next != '\0' && *next != '\n')
			to--;
	}
	*to = '\0';
	return out;
}

/* --- fields --------------------------------------------------------------- */

/* "Name:", or what stands between parts of a message. */
static bool is_field(const char *line)
{
	const char *colon;
	return nx_fields_name_size(line, line + line_size(line), &colon) > 0 ||
	       strncmp(line, "--", 2) == 0;
}

static bool goes_on(const char *next)
{
	return *next != '\0' && *next != '\n' && !nx_text_is_fold(*next) &&
	       !is_field(next);
}

/* The line ends in an address, and the next is one word, perhaps the other half
 * of it. */
static bool is_half_address(const char *line, const char *next)
{
	const char *end = next - 1;
	const char *at = end;
	while (at > line && !nx_text_is_blank(at[-1]) && *at != '@')
		at--;
	return *at == '@' && strcspn(next, " \t\n") == line_size(next);
}

/* Writes what replaces the line end; returns the new end. */
static char *put_join(char *to, const char *line, const char *next,
                      bool is_full)
{
	static const char damage[] = "\xef\xbf\xbd";
	to--;
	if (is_full)
		return to;
	return is_half_address(line, next) ? stpcpy(to, damage)
	                                   : stpcpy(to, " ");
}

/* The next line continues the field of this one without a blank at its start to
 * show that. *is_of_field: this line belongs to a field, as the last did. */
static bool breaks(const char *line, size_t size, const char *next,
                   bool *is_of_field)
{
	*is_of_field = size > 0 && (*is_of_field || is_field(line));
	return *is_of_field && goes_on(next);
}

static bool is_broken(const char *text)
{
	bool is_of_field = false;
	const char *next;
	for (const char *line = text; *line != '\0'; line = next) {
		size_t size = line_size(line);
		next = behind(line, size);
		if (breaks(line, size, next, &is_of_field))
			return true;
	}
	return false;
}

const char *nx_rejoin_fields(TALLOC_CTX *ctx, const char *text)
{
	if (!is_broken(text))
		return text;
	struct widths widths = measure(text);
	bool is_of_field = false;
	char *out = talloc_size(ctx, strlen(text) + 2 * widths.lines + 1);
	char *to = out;
	for (const char *line = text; *line != '\0'; line = next_line(line)) {
		size_t size = line_size(line);
		const char *next = behind(line, size);
		memcpy(to, line, (size_t)(next - line));
		to += next - line;
		if (breaks(line, size, next, &is_of_field))
			to = put_join(to, line, next,
			              widths.full > 1 &&
			                      size == widths.longest);
	}
	*to = '\0';
	return out;
}
