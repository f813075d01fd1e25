/* SPDX-License-Identifier: ISC */
#include "mail/html.h"

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { TAG = 16, ENTITY = 10 };

struct html_writer {
	const char *at; /* in the HTML */
	char *text;
	size_t size;
	bool pre;      /* line ends count */
	bool unclosed; /* no ">" after this point */
	bool no_head_end;
};

static const struct entity {
	const char *name;
	const char *text;
} entities[] = {
        {"Agrave", "À"}, {"Auml", "Ä"},   {"Ccedil", "Ç"}, {"Eacute", "É"},
        {"Egrave", "È"}, {"Ouml", "Ö"},   {"Uuml", "Ü"},   {"aacute", "á"},
        {"acirc", "â"},  {"agrave", "à"}, {"amp", "&"},    {"apos", "'"},
        {"atilde", "ã"}, {"auml", "ä"},   {"bull", "•"},   {"ccedil", "ç"},
        {"colon", ":"},  {"commat", "@"}, {"copy", "©"},   {"eacute", "é"},
        {"ecirc", "ê"},  {"egrave", "è"}, {"emsp", " "},   {"ensp", " "},
        {"euml", "ë"},   {"gt", ">"},     {"hellip", "…"}, {"iacute", "í"},
        {"icirc", "î"},  {"iuml", "ï"},   {"laquo", "«"},  {"ldquo", "“"},
        {"lowbar", "_"}, {"lsquo", "‘"},  {"lt", "<"},     {"mdash", "—"},
        {"middot", "·"}, {"nbsp", " "},   {"ndash", "–"},  {"ntilde", "ñ"},
        {"oacute", "ó"}, {"ocirc", "ô"},  {"oslash", "ø"}, {"otilde", "õ"},
        {"ouml", "ö"},   {"period", "."}, {"quot", "\""},  {"raquo", "»"},
        {"rdquo", "”"},  {"reg", "®"},    {"rsquo", "’"},  {"shy", ""},
        {"szlig", "ß"},  {"trade", "™"},  {"uacute", "ú"}, {"ucirc", "û"},
        {"ugrave", "ù"}, {"uuml", "ü"},   {"zwj", ""},     {"zwnj", ""},
};

static const char *const blocks[] = {
        "address", "article", "blockquote", "body",   "center", "dd",   "div",
        "dl",      "dt",      "footer",     "form",   "h1",     "h2",   "h3",
        "h4",      "h5",      "h6",         "header", "hr",     "html", "li",
        "ol",      "pre",     "section",    "table",  "tr",     "ul",
};

/* Writes a line end; at most one empty line in a row, none at the start. */
static void end_line(struct html_writer *out)
{
	while (out->size > 0 && out->text[out->size - 1] == ' ')
		out->size--;
	if (out->size == 0)
		return;
	if (out->size >= 2 && out->text[out->size - 1] == '\n' &&
	    out->text[out->size - 2] == '\n')
		return;
	out->text[out->size++] = '\n';
}

/* Writes a line end unless a line has just begun. */
static void begin_line(struct html_writer *out)
{
	while (out->size > 0 && out->text[out->size - 1] == ' ')
		out->size--;
	if (out->size > 0 && out->text[out->size - 1] != '\n')
		out->text[out->size++] = '\n';
}

static void put_blank(struct html_writer *out)
{
	if (out->size == 0 || out->text[out->size - 1] == ' ' ||
	    out->text[out->size - 1] == '\n')
		return;
	out->text[out->size++] = ' ';
}

static void put(struct html_writer *out, const char *text, size_t size)
{
	memcpy(out->text + out->size, text, size);
	out->size += size;
}

static bool is_listed(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (*name == *list[i] && strcmp(name, list[i]) == 0)
			return true;
	return false;
}

/* The name of a tag in lower case, "" when it is longer than any known tag. */
static size_t read_name(const char *text, char name[TAG])
{
	size_t size = 0;
	for (; nx_text_is_alnum(text[size]); size++)
		if (size < TAG - 1)
			name[size] = nx_text_to_lower(text[size]);
	name[size < TAG ? size : 0] = '\0';
	return size;
}

/* Skips to after the end of an element whose content is not text to read. */
static void skip_element(struct html_writer *out, const char *ending)
{
	const char *end = nx_text_find(out->at, ending);
	out->at = end != NULL ? end : out->at + strlen(out->at);
}

/* A head that never ends does not hide the body. */
static void skip_head(struct html_writer *out)
{
	if (out->no_head_end)
		return;
	const char *end = nx_text_find(out->at, "</head");
	if (end == NULL)
		end = nx_text_find(out->at, "<body");
	if (end == NULL)
		out->no_head_end = true;
	else
		out->at = end;
}

static void apply_tag(struct html_writer *out, const char *name, bool closing)
{
	static const char *const cells[] = {"td", "th"};
	static const char *const breaks[] = {"br", "p"};
	if (is_listed(name, breaks, 2))
		end_line(out);
	else if (is_listed(name, blocks, sizeof(blocks) / sizeof(*blocks)))
		begin_line(out);
	else if (is_listed(name, cells, 2))
		put_blank(out);
	if (strcmp(name, "pre") == 0)
		out->pre = !closing;
	if (closing)
		return;
	if (strcmp(name, "style") == 0)
		skip_element(out, "</style");
	else if (strcmp(name, "script") == 0)
		skip_element(out, "</script");
	else if (strcmp(name, "title") == 0)
		skip_element(out, "</title");
	else if (strcmp(name, "head") == 0)
		skip_head(out);
}

static void skip_comment(struct html_writer *out)
{
	const char *end = strstr(out->at, "-->");
	out->at = end != NULL ? end + 3 : out->at + strlen(out->at);
}

/* "<user@example.com>" that should have been escaped. */
static bool is_address(const char *text, const char *close)
{
	for (; text < close && !nx_text_is_blank(*text); text++)
		if (*text == '@')
			return true;
	return false;
}

static void take_tag(struct html_writer *out)
{
	const char *inner = out->at + 1;
	if (strncmp(inner, "!--", 3) == 0) {
		skip_comment(out);
		return;
	}
	bool closing = *inner == '/';
	bool opens = closing || nx_text_is_alnum(*inner) || *inner == '!' ||
	             *inner == '?';
	const char *close = opens && !out->unclosed ? strchr(inner, '>') : NULL;
	out->unclosed |= opens && close == NULL;
	if (close == NULL || is_address(inner, close)) {
		put(out, out->at++, 1);
		return;
	}
	char name[TAG] = "";
	read_name(inner + closing, name);
	out->at = close + 1;
	apply_tag(out, name, closing);
}

static int digit_value(char c, int base)
{
	if (nx_text_is_digit(c))
		return c - '0';
	c = nx_text_to_lower(c);
	return base == 16 && c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Characters that mark where a word may be broken or its letters join: not part
 * of an address that they were put into. */
static bool is_invisible(uint32_t code)
{
	return code == 0xad || (code >= 0x200b && code <= 0x200f) ||
	       code == 0x2060 || code == 0xfeff;
}

static void put_character(struct html_writer *out, uint32_t code)
{
	char text[4];
	const size_t size = nx_text_encode(code, text);
	put(out, text, size);
}

/* "&#233;" or "&#xE9;": writes it and returns true; false when it is not
 * one. */
static bool take_number(struct html_writer *out)
{
	const char *at = out->at + 2;
	int base = nx_text_to_lower(*at) == 'x' ? 16 : 10;
	at += base == 16;
	const char *first = at;
	uint32_t value = 0;
	for (; at - first < 8 && digit_value(*at, base) >= 0; at++)
		value = value * (uint32_t)base +
		        (uint32_t)digit_value(*at, base);
	if (at == first || value > 0x10ffff ||
	    (value >= 0xd800 && value < 0xe000))
		return false;
	out->at = at + (*at == ';');
	if (is_invisible(value))
		return true;
	if (value <= ' ' || value == 0xa0 || (value >= 0x7f && value < 0xa0))
		put_blank(out);
	else
		put_character(out, value);
	return true;
}

static bool take_name(struct html_writer *out)
{
	const char *name = out->at + 1;
	size_t size = 0;
	while (size < ENTITY && nx_text_is_alnum(name[size]))
		size++;
	for (size_t i = 0; i < sizeof(entities) / sizeof(*entities); i++) {
		const struct entity *entity = &entities[i];
		if (strlen(entity->name) != size ||
		    memcmp(entity->name, name, size) != 0)
			continue;
		out->at = name + size + (name[size] == ';');
		if (strcmp(entity->text, " ") == 0)
			put_blank(out);
		else
			put(out, entity->text, strlen(entity->text));
		return true;
	}
	return false;
}

static void take_entity(struct html_writer *out)
{
	bool known = out->at[1] == '#' ? take_number(out) : take_name(out);
	if (!known)
		put(out, out->at++, 1);
}

/* U+00A0, which HTML has instead of blanks. */
static bool is_hard_blank(const char *at)
{
	return at[0] == '\xc2' && at[1] == '\xa0';
}

/* The size of an invisible character, or 0. */
static size_t invisible_size(const char *at)
{
	uint32_t code;
	if ((unsigned char)*at < 0x80)
		return 0;
	size_t size = nx_text_decode(at, strnlen(at, 3), &code);
	return size > 0 && is_invisible(code) ? size : 0;
}

static void take_char(struct html_writer *out)
{
	const char *at = out->at;
	size_t invisible = invisible_size(at);
	if (invisible > 0) {
		out->at += invisible;
		return;
	}
	if (*at == '\n' && out->pre) {
		end_line(out);
	} else if (nx_text_is_blank(*at) || is_hard_blank(at)) {
		put_blank(out);
		out->at += is_hard_blank(at);
	} else {
		put(out, at, 1);
	}
	out->at++;
}

/* Nothing that is written is longer than what it replaces, so the text fits in
 * the size of the HTML. */
char *nx_html_text(TALLOC_CTX *ctx, const char *html)
{
	struct html_writer out = {.at = html,
	                          .text = talloc_size(ctx, strlen(html) + 2)};
	while (*out.at != '\0') {
		if (*out.at == '<')
			take_tag(&out);
		else if (*out.at == '&')
			take_entity(&out);
		else
			take_char(&out);
	}
	end_line(&out);
	while (out.size > 0 && out.text[out.size - 1] == '\n')
		out.size--;
	if (out.size > 0)
		out.text[out.size++] = '\n';
	out.text[out.size] = '\0';
	return out.text;
}
