/* SPDX-License-Identifier: ISC */
#include "mail/address_find.h"

#include "base/text.h"
#include "mail/address_parts.h"

#include <stdint.h>
#include <string.h>

/*
 * Does an address stand in a text as a whole? "smits@example.com" belongs to a
 * different person than "jan smits@example.com", "anna@example.com" than
 * "anna@example.com.au".
 */
enum {
	NEAR = 320,  /* bytes that are looked at on either side */
	WRAPPED = 60 /* bytes of a line that may have been broken by force */
};

/* --- characters beyond ASCII ---------------------------------------------- */

struct script_range {
	uint32_t first, last;
};

static bool is_within(uint32_t code, const struct script_range *range,
                      size_t count)
{
	size_t i = 0;
	while (i < count && code > range[i].last)
		i++;
	return i < count && code >= range[i].first;
}

/* Punctuation, and the letters of scripts that put no space between words and
 * mix no letter into an ASCII name. */
static bool is_boundary(uint32_t code)
{
	static const struct script_range ranges[] = {
	        {0xa0, 0xa9},     {0xab, 0xb4},     {0xb6, 0xb9},
	        {0xbb, 0xbf},     {0x0e00, 0x0e7f}, {0x2000, 0x200b},
	        {0x2010, 0x2027}, {0x202f, 0x205e}, {0x2190, 0x27bf},
	        {0x3000, 0x9fff}, {0xac00, 0xd7a3}, {0xfe30, 0xfe4f},
	        {0xff00, 0xff0f}, {0xff1a, 0xff1f}, {0xff3b, 0xff3d},
	        {0xff5b, 0xff9f},
	};
	return is_within(code, ranges, sizeof ranges / sizeof *ranges);
}

static bool is_boundary_before(const char *text, const char *at)
{
	const char *from = at - 1;
	while (from > text && at - from < 4 && nx_text_continues(*from))
		from--;
	uint32_t code;
	size_t size = (size_t)(at - from);
	return nx_text_decode(from, size, &code) == size && is_boundary(code);
}

/* Not a character after which a domain continues, as after "example" in one
 * that is written in two scripts. */
static bool is_boundary_at(const char *at)
{
	uint32_t code = 0;
	size_t size = nx_text_decode(at, strnlen(at, 4), &code);
	if (size == 0 || !is_boundary(code))
		return false;
	for (int i = 0; i < NEAR && nx_address_is_high(*at); i++)
		at++;
	return *at != '@' && (*at != '.' || !nx_text_is_alnum(at[1]));
}

/* --- lines that were broken ----------------------------------------------- */

/* The word at the start of the text continues a domain that was broken: a
 * label, or the rest of one with others after it. Labels of one letter are an
 * abbreviation ("e.g."). */
static bool continues(const char *word, bool behind_dot)
{
	size_t size = 0;
	bool has_dot = false;
	while (size < NEAR && nx_address_is_domain(word[size])) {
		has_dot |= word[size] == '.' &&
		           nx_text_is_alnum(word[size + 1]) &&
		           nx_text_is_alnum(word[size + 2]);
		size++;
	}
	bool starts = *word >= 'a' && *word <= 'z';
	bool ends = word[size] == '\0' || nx_text_is_blank(word[size]) ||
	            strchr(">)]\"',;:", word[size]) != NULL;
	return starts && ends && (behind_dot || has_dot);
}

static size_t size_of_line(const char *text, const char *end)
{
	const char *start = end;
	while (start > text && start[-1] != '\n' && end - start < NEAR)
		start--;
	return (size_t)(end - start);
}

/* The line ends with the address, or with the dot after it. A lone label
 * continues it only after a long line: it may as well be a word. */
static bool goes_on_below(const char *text, const char *end, bool behind_dot)
{
	const char *next = end + 1;
	if (*next == '.' && nx_text_is_alnum(next[1]))
		return true;
	bool is_label = (behind_dot || *next == '-') &&
	                size_of_line(text, end) >= WRAPPED;
	return continues(next + (*next == '-'), is_label);
}

/* "jan-" at the end of the line above. */
static bool goes_on_above(const char *text, const char *end)
{
	return end - text >= 2 && strchr("-_+", end[-1]) != NULL &&
	       nx_text_is_alnum(end[-2]);
}

/* --- the right side ------------------------------------------------------- */

static bool is_spaced(char c)
{
	return c == '\0' || nx_text_is_blank(c);
}

/* "exam(ple).com": the domain continues after the brackets. */
static bool is_comment_inside(const char *open)
{
	char close = *open == '(' ? ')' : ']';
	const char *at = open;
	while (*at != '\0' && *at != '\n' && *at != close && at - open < NEAR)
		at++;
	return *at == close && (nx_address_is_domain(at[1]) || at[1] == '@') &&
	       nx_text_is_alnum(at[1 + (at[1] == '.')]);
}

/* "&gt;" is a remnant of HTML. */
static bool is_entity(const char *at)
{
	const char *end = at + 1;
	while (end - at < 8 && (nx_text_is_alnum(*end) || *end == '#'))
		end++;
	return *end == ';';
}

static bool ends_at(const char *at, const char *before)
{
	if (is_spaced(*at) || strchr(";:,?!|", *at) != NULL)
		return true;
	if (nx_address_is_high(*at))
		return is_boundary_at(at);
	if (strchr(">)]}\"'`", *at) != NULL)
		return at[1] != '@';
	if (*at == '(' || *at == '[')
		return !is_comment_inside(at);
	if (*at == '/') /* of X.400 */
		return *before == '=';
	if (*at == '*')
		return *before == '*';
	return *at == '<' || (*at == '&' && is_entity(at));
}

/* Searched before the address in its line; "<<<" of a transcript is not one. */
static bool has_open_bracket(const char *text, const char *from)
{
	const char *at = from;
	while (at > text && strchr("<>\n", at[-1]) == NULL && from - at < NEAR)
		at--;
	return at > text && at[-1] == '<' && !nx_text_is_blank(*at) &&
	       (at == text + 1 || at[-2] != '<');
}

/* A bracket that is open at the end of the line, as in "<anna@exam", closes on
 * a line below after a word of the same paragraph. */
static bool is_open(const char *text, const char *from, const char *lf)
{
	const char *at = lf + 1;
	while (*at != '\0' && strchr("<>", *at) == NULL && at - lf < NEAR &&
	       (*at != '\n' || at[-1] != '\n'))
		at++;
	return *at == '>' && nx_text_is_alnum(at[-1]) &&
	       has_open_bracket(text, from);
}

static bool is_free_behind(const char *text, const char *from, const char *to)
{
	size_t dots = strspn(to, ".");
	const char *at = to + dots;
	const char *lf = at + strspn(at, " \t");
	if (*lf == '\n' && dots < 2 && is_open(text, from, lf))
		return false;
	if (*at == '\n' && dots < 2)
		return !goes_on_below(text, at, dots == 1);
	if (dots > 1)
		return *at != '@';
	if (dots == 1 && nx_address_is_domain(*at))
		return false;
	return ends_at(at, from > text ? from - 1 : "");
}

/* --- the left side -------------------------------------------------------- */

/* "a@example.com,b@example.com": an address stands before the comma. */
static bool is_behind_address(const char *text, const char *comma)
{
	const char *at = comma;
	while (at > text && strchr(">\"']", at[-1]) != NULL)
		at--;
	if (at < comma)
		return true;
	while (at > text && comma - at < NEAR &&
	       (nx_address_is_domain(at[-1]) || nx_address_is_high(at[-1])))
		at--;
	return at > text + 1 && at < comma && at[-1] == '@' &&
	       !nx_text_is_blank(at[-2]);
}

/* The mark opens a quotation in which the address stands. */
static bool is_opened_by(const char *text, const char *mark, const char *to)
{
	if (*to == *mark)
		return true;
	bool opens = mark == text || is_spaced(mark[-1]) ||
	             strchr("<([{:;,=|", mark[-1]) != NULL;
	const char *end = to;
	while (*end != '\0' && *end != '\n' && *end != *mark && end - to < NEAR)
		end++;
	return opens && *end == *mark;
}

/* "--address" */
static bool is_ruled(const char *text, const char *dash)
{
	return dash > text && dash[-1] == '-';
}

static size_t count_words(const char *from, const char *to)
{
	size_t words = 0;
	for (bool inside = false; from < to; from++) {
		words += !inside && !nx_text_is_blank(*from);
		inside = !nx_text_is_blank(*from);
	}
	return words;
}

/* "<jan-" above, and "smits@example.com>": brackets stay open after a line. */
static const char *line_in_brackets(const char *text, const char *from,
                                    const char *at)
{
	while (at > text && nx_text_is_blank(at[-1]))
		at--;
	while (at > text && strchr("<>\n", at[-1]) == NULL && from - at < NEAR)
		at--;
	return at;
}

/* There are words before it. Everything in angle brackets is the address, and
 * "'jan smits@example.com'" has one word too many for one. */
static bool is_end_of_quoted(const char *text, const char *from, const char *to)
{
	static const char opens[] = "<[\"'";
	static const char closes[] = ">]\"'";
	const char *kind = *to == '\0' ? NULL : strchr(closes, *to);
	if (kind == NULL)
		return false;
	char open = opens[kind - closes];
	const char *at = from;
	while (at > text && at[-1] != open && strchr(">\n", at[-1]) == NULL &&
	       from - at < NEAR)
		at--;
	if (open == '<' && at > text && at[-1] == '\n')
		at = line_in_brackets(text, from, at);
	if (at == text || at[-1] != open)
		return false;
	size_t words = count_words(at, from);
	if (open == '<')
		return words > 0;
	bool begins = at - 1 == text || !nx_text_is_alnum(at[-2]);
	return begins && words == 1 && nx_text_is_alnum(*at);
}

static bool is_free_before(const char *text, const char *from, const char *to)
{
	if (from == text)
		return true;
	const char *mark = from - 1;
	if (*mark == '\n')
		return !goes_on_above(text, mark) &&
		       !is_end_of_quoted(text, from, to);
	if (nx_text_is_blank(*mark))
		return !is_end_of_quoted(text, from, to);
	if (nx_address_is_high(*mark))
		return is_boundary_before(text, from);
	if (*mark == ',')
		return is_behind_address(text, mark);
	if (*mark == '"' || *mark == '\'')
		return is_opened_by(text, mark, to);
	if (*mark == '-')
		return is_ruled(text, mark);
	if (*mark == '/') /* "//" of a URL */
		return mark == text || mark[-1] != '/';
	return strchr("<([{:;=|`>*", *mark) != NULL;
}

bool nx_address_is_whole(const char *text, const char *from, const char *to)
{
	return is_free_before(text, from, to) && is_free_behind(text, from, to);
}
