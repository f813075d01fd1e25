/* SPDX-License-Identifier: ISC */
#include "mail/address.h"

#include "base/text.h"
#include "mail/fields.h"

#include <idn2.h>
#include <stdint.h>
#include <string.h>

enum { LOCAL = 64, DOMAIN = 255, LABEL = 63, ANY_ADDRESS = 1024 };

static bool is_alnum(char c)
{
	char low = nx_text_to_lower(c);
	return (low >= 'a' && low <= 'z') || nx_text_is_digit(c);
}

static bool is_high(char c)
{
	return (unsigned char)c >= 0x80;
}

static bool is_control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

/* RFC 5322 section 3.2.3, and the dot: mailboxes with dots at the ends or in a
 * row exist. */
static bool is_atom_char(char c)
{
	static const char is_special[128] = {
	        ['!'] = 1,  ['#'] = 1, ['$'] = 1, ['%'] = 1, ['&'] = 1,
	        ['\''] = 1, ['*'] = 1, ['+'] = 1, ['-'] = 1, ['/'] = 1,
	        ['='] = 1,  ['?'] = 1, ['^'] = 1, ['_'] = 1, ['`'] = 1,
	        ['{'] = 1,  ['|'] = 1, ['}'] = 1, ['~'] = 1, ['.'] = 1,
	};
	return is_alnum(c) || (!is_high(c) && is_special[(unsigned char)c]);
}

static bool is_domain_char(char c)
{
	return is_alnum(c) || c == '-' || c == '_' || c == '.';
}

/* Behind the quoted string that starts at text; 0 when it does not end. */
static size_t quoted_size(const char *text)
{
	for (size_t at = 1; text[at] != '\0'; at++) {
		if (text[at] == '\\' && text[at + 1] != '\0')
			at++;
		else if (text[at] == '"')
			return at + 1;
	}
	return 0;
}

/* Labels of 1 to 63 letters, digits, "-" and "_". */
static bool is_host_name(const char *domain)
{
	size_t label = 0;
	for (; *domain != '\0'; domain++) {
		if (!is_domain_char(*domain))
			return false;
		label = *domain == '.' ? 0 : label + 1;
		if (label > LABEL || (label == 0 && domain[1] == '.'))
			return false;
	}
	return label > 0;
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]" */
static bool is_literal(const char *domain)
{
	size_t size = strlen(domain);
	if (size < 4 || domain[0] != '[' || domain[size - 1] != ']')
		return false;
	for (size_t i = 1; i < size - 1; i++)
		if (!is_alnum(domain[i]) && domain[i] != '.' &&
		    domain[i] != ':' && domain[i] != '-')
			return false;
	return true;
}

static bool has_high(const char *text)
{
	while (*text != '\0' && !is_high(*text))
		text++;
	return *text != '\0';
}

/* One that is no name under IDNA 2008 stays as it is written, so that it is at
 * least found again. */
const char *nx_address_normal_domain(TALLOC_CTX *ctx, const char *text)
{
	char *domain = nx_text_lower(ctx, text);
	size_t size = strlen(domain);
	if (size > 0 && domain[size - 1] == '.')
		domain[--size] = '\0';
	if (size == 0 || size > DOMAIN)
		return "";
	if (is_literal(domain))
		return domain;
	if (!has_high(domain))
		return is_host_name(domain) && *domain != '.' ? domain : "";
	char *ascii = NULL;
	int code = idn2_to_ascii_8z(domain, &ascii, IDN2_NONTRANSITIONAL);
	if (code == IDN2_OK) {
		domain = nx_text_lower(ctx, ascii);
		idn2_free(ascii);
		size = strlen(domain);
		if (size > 0 && domain[size - 1] == '.')
			domain[--size] = '\0';
		bool good = *domain != '.' && size <= DOMAIN &&
		            is_host_name(domain);
		return good ? domain : "";
	}
	bool wrong = strpbrk(domain, "@<>()[]\\,;: \"") != NULL ||
	             *domain == '.' || domain[size - 1] == '.' ||
	             strstr(domain, "..") != NULL;
	return wrong ? "" : domain;
}

/* The content of a quoted string. */
static char *unquote(TALLOC_CTX *ctx, const char *text, size_t size)
{
	char *out = talloc_size(ctx, size + 1);
	size_t n = 0;
	for (size_t at = 1; at + 1 < size; at++) {
		if (text[at] == '\\' && at + 2 < size)
			at++;
		out[n++] = text[at];
	}
	out[n] = '\0';
	return out;
}

/* The other way, with no more backslashes than are needed. */
static const char *quote(TALLOC_CTX *ctx, const char *content)
{
	char *out = talloc_size(ctx, strlen(content) * 2 + 3);
	size_t n = 0;
	out[n++] = '"';
	for (; *content != '\0'; content++) {
		if (*content == '"' || *content == '\\')
			out[n++] = '\\';
		out[n++] = *content;
	}
	out[n++] = '"';
	out[n] = '\0';
	return out;
}

static bool is_atom(const char *text)
{
	const char *at = text;
	while (is_atom_char(*at) || is_high(*at))
		at++;
	return at > text && *at == '\0';
}

/* "=?utf-8?q?a=40b?=" is no local part, and is never decoded to one. */
static bool has_encoded_word(const char *text)
{
	const char *start = strstr(text, "=?");
	return start != NULL && strstr(start + 2, "?=") != NULL;
}

/* C1 controls, and what stands for bytes that were wrong. */
static bool has_damage(const char *text)
{
	for (const char *at = text; *at != '\0'; at++) {
		if (is_control(*at))
			return true;
		if (at[0] == '\xc2' && (unsigned char)at[1] < 0xa0 &&
		    is_high(at[1]))
			return true;
	}
	return strstr(text, "\xef\xbf\xbd") != NULL;
}

static const char *normal_local(TALLOC_CTX *ctx, const char *text, size_t size)
{
	if (size == 0)
		return "";
	char *local = nx_text_lower(ctx, talloc_strndup(ctx, text, size));
	if (has_encoded_word(local))
		return "";
	if (*local == '"') {
		if (quoted_size(local) != size)
			return "";
		char *content = unquote(ctx, local, size);
		local = is_atom(content) ? content
		                         : (char *)quote(ctx, content);
		if (has_encoded_word(local))
			return "";
	} else if (!is_atom(local)) {
		return "";
	}
	return strlen(local) <= LOCAL ? local : "";
}

/* Without angle brackets and without a route ("@relay,@relay:"). */
static const char *bare(TALLOC_CTX *ctx, const char *text)
{
	char *out = nx_text_trim(ctx, text);
	size_t size = strlen(out);
	if (size >= 2 && out[0] == '<' && out[size - 1] == '>') {
		out[size - 1] = '\0';
		out = nx_text_trim(ctx, out + 1);
	}
	const char *colon = *out == '@' ? strchr(out, ':') : NULL;
	return colon != NULL ? colon + 1 : out;
}

const char *nx_address_normal(TALLOC_CTX *ctx, const char *text)
{
	if (strlen(text) > ANY_ADDRESS)
		return "";
	const char *address = bare(ctx, text);
	const char *at = strrchr(address, '@');
	if (at == NULL || has_damage(address))
		return "";
	const char *local = normal_local(ctx, address, (size_t)(at - address));
	const char *domain = nx_address_normal_domain(ctx, at + 1);
	if (*local == '\0' || *domain == '\0')
		return "";
	return talloc_asprintf(ctx, "%s@%s", local, domain);
}

const char *nx_address_domain(TALLOC_CTX *ctx, const char *address)
{
	const char *at = strrchr(address, '@');
	return at != NULL ? nx_text_lower(ctx, at + 1) : "";
}

/* RFC 3461 section 4: capitals only. */
static int xtext_value(char c)
{
	return c >= 'a' ? -1 : nx_text_hex(c);
}

const char *nx_address_xtext(TALLOC_CTX *ctx, const char *text)
{
	char *out = talloc_size(ctx, strlen(text) + 1);
	size_t n = 0;
	for (const char *at = text; *at != '\0'; at++) {
		if (*at != '+') {
			out[n++] = *at;
			continue;
		}
		int high = xtext_value(at[1]);
		int low = high < 0 ? -1 : xtext_value(at[2]);
		int c = high * 16 + low;
		if (high < 0 || low < 0 || c < ' ' || c >= 0x7f)
			return text;
		out[n++] = (char)c;
		at += 2;
	}
	out[n] = '\0';
	return out;
}

static size_t put_utf8(char *to, uint32_t c)
{
	if (c < 0x80) {
		to[0] = (char)c;
		return 1;
	}
	size_t size = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	for (size_t i = size - 1; i > 0; i--) {
		to[i] = (char)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	to[0] = (char)(lead[size] | c);
	return size;
}

/* "\x{6D4B}": the digits' value and their end; 0 when it is none. */
static uint32_t read_escape(const char *text, const char **end)
{
	if (strncmp(text, "\\x{", 3) != 0)
		return 0;
	uint32_t value = 0;
	const char *at = text + 3;
	for (; at - text < 9; at++) {
		int digit = nx_text_hex(*at);
		if (digit < 0)
			break;
		value = value * 16 + (uint32_t)digit;
	}
	*end = at + 1;
	bool wrong = *at != '}' || value < ' ' || value == 0x7f ||
	             value > 0x10ffff || (value >= 0xd800 && value < 0xe000);
	return wrong ? 0 : value;
}

/* RFC 6533 section 3 */
static const char *unescape(TALLOC_CTX *ctx, const char *text)
{
	if (strstr(text, "\\x{") == NULL)
		return text;
	char *out = talloc_size(ctx, strlen(text) + 1);
	size_t n = 0;
	while (*text != '\0') {
		const char *end = text + 1;
		uint32_t c = read_escape(text, &end);
		if (c == 0) {
			out[n++] = *text++;
			continue;
		}
		n += put_utf8(out + n, c);
		text = end;
	}
	out[n] = '\0';
	return out;
}

/* Where an address without brackets starts that ends in front of at; at itself
 * when there is none. */
static const char *local_start(const char *text, const char *at)
{
	const char *from = at;
	if (at > text && at[-1] == '"') {
		for (from = at - 1; from > text && at - from <= LOCAL + 2;)
			if (*--from == '"' &&
			    (from == text || from[-1] != '\\'))
				return from;
		return at;
	}
	while (from > text && at - from <= LOCAL && is_atom_char(from[-1]))
		from--;
	/* an encoded-word is no address; cutting at it would make one up */
	if (nx_text_starts(from, "=?"))
		return from;
	/* "SMTP=a@b" (X.400), quotes, and marks of lists */
	while (from < at && strchr("'*=`|/", *from) != NULL)
		from++;
	const char *equals = memchr(from, '=', (size_t)(at - from));
	if (equals != NULL &&
	    (nx_text_starts(from, "smtp=") || nx_text_starts(from, "rfc822=") ||
	     nx_text_starts(from, "to=")))
		from = equals + 1;
	return from;
}

/* The end of the domain behind at; at + 1 when it reads as none. */
static const char *domain_end(const char *at)
{
	const char *from = at + 1;
	const char *to = from;
	const char *dot = NULL;
	while (is_domain_char(*to) && to - from <= DOMAIN) {
		if (*to == '.' && is_alnum(to[1]))
			dot = to;
		to++;
	}
	while (to > from && !is_alnum(to[-1]))
		to--;
	bool wrong =
	        dot == NULL || !is_alnum(*from) || nx_text_is_digit(dot[1]);
	return wrong ? from : to;
}

static const char *copy(TALLOC_CTX *ctx, const char *from, const char *to)
{
	return talloc_strndup(ctx, from, (size_t)(to - from));
}

/* The address in brackets whose "<" is open; "" when it is none. */
static const char *bracketed(TALLOC_CTX *ctx, const char *open)
{
	size_t size = open[1] == '"' ? quoted_size(open + 1) : 0;
	const char *from = open + 1 + size;
	const char *close = from + strcspn(from, "<> \t\r\n");
	if (*close != '>' || close - open > ANY_ADDRESS)
		return "";
	const char *inner = copy(ctx, open + 1, close);
	const char *address = bare(ctx, inner);
	return *nx_address_normal(ctx, address) != '\0' ? address : "";
}

const char *nx_address_find(TALLOC_CTX *ctx, const char *text, size_t *at)
{
	for (const char *open = strchr(text, '<'); open != NULL;
	     open = strchr(open + 1, '<')) {
		const char *address = bracketed(ctx, open);
		if (*address == '\0')
			continue;
		if (at != NULL)
			*at = (size_t)(open - text) + 1;
		return address;
	}
	for (const char *sign = strchr(text, '@'); sign != NULL;
	     sign = strchr(sign + 1, '@')) {
		const char *from = local_start(text, sign);
		const char *to = domain_end(sign);
		if (from == sign || to == sign + 1 || to[0] == '@')
			continue;
		if (at != NULL)
			*at = (size_t)(from - text);
		return copy(ctx, from, to);
	}
	return "";
}

/* One address and nothing else, up to what people and programs put around it:
 * also those without a dot in the domain, and in UTF-8. */
static const char *only_address(TALLOC_CTX *ctx, const char *value)
{
	char *text = nx_text_trim(ctx, value);
	if (nx_text_starts(text, "mailto:") || nx_text_starts(text, "smtp:"))
		text = strchr(text, ':') + 1;
	size_t size = strlen(text);
	while (size > 0 && strchr("> ;.,", text[size - 1]) != NULL)
		text[--size] = '\0';
	while (*text == '<' || *text == ' ')
		text++;
	const char *address = bare(ctx, text);
	return *nx_address_normal(ctx, address) != '\0' ? address : "";
}

/* Passes over a quoted display name, whatever stands in it. */
static const char *behind_name(const char *text)
{
	size_t size = *text == '"' ? quoted_size(text) : 0;
	const char *behind = text + size;
	while (nx_text_is_blank(*behind))
		behind++;
	return size > 0 && *behind == '<' ? behind : text;
}

static bool says_something(const char *from, const char *to)
{
	while (from < to && !is_alnum(*from) && *from != '@' &&
	       (unsigned char)*from < 0x80)
		from++;
	return from < to;
}

/* What stands in front may belong to it: "jan smits@example.com" is nobody, and
 * smits@example.com somebody else. Marks alone are only decoration. */
static bool is_cut(const char *text, const char *from, const char *to)
{
	if (!says_something(text, from))
		return false;
	const char *front = from;
	while (nx_text_is_blank(front[-1]))
		front--;
	const char mark = front[-1];
	if (front < from)
		return strchr("<(,;:=|\")>]", mark) == NULL;
	if (strchr("'\"`", mark) != NULL)
		return *to != mark && *to != '\'';
	return strchr("<([;:=|", mark) == NULL;
}

static const char *of_field(TALLOC_CTX *ctx, const char *value, bool whole)
{
	const char *type = "";
	const char *text = nx_fields_typed(ctx, value, &type);
	if (nx_text_equal(type, "utf-8"))
		text = unescape(ctx, text);
	if (strstr(text, "\\x{") != NULL)
		return "";
	text = behind_name(text);
	if (strlen(text) > ANY_ADDRESS || *text == '|' || *text == '/' ||
	    nx_text_starts(text, "\"|") || nx_text_starts(text, "\"/"))
		return "";
	const char *address = only_address(ctx, text);
	if (*address == '\0')
		address = only_address(ctx, nx_fields_uncomment(ctx, text));
	if (*address != '\0')
		return address;
	size_t at = 0;
	address = nx_address_find(ctx, text, &at);
	const char *from = text + at;
	return whole && is_cut(text, from, from + strlen(address)) ? ""
	                                                           : address;
}

const char *nx_address_of_field(TALLOC_CTX *ctx, const char *value)
{
	return of_field(ctx, value, true);
}

const char *nx_address_of_header(TALLOC_CTX *ctx, const char *value)
{
	return of_field(ctx, value, false);
}
