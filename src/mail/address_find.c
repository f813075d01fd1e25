/* SPDX-License-Identifier: ISC */
#include "mail/address_find.h"

#include "mail/address.h"
#include "mail/address_parts.h"
#include "mail/fields.h"

#include <stdint.h>
#include <string.h>

/* "\x{6D4B}": the value of the digits and their end; 0 when it is not that. */
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
		n += nx_text_encode(c, out + n);
		text = end;
	}
	out[n] = '\0';
	return out;
}

/* Where a quoted local part starts that ends directly before at; at itself when
 * there is none. */
static const char *quoted_start(const char *text, const char *at)
{
	const char *from = at - 1;
	while (from > text && at - from <= NX_ADDRESS_LOCAL + 2)
		if (*--from == '"' && (from == text || from[-1] != '\\'))
			return from;
	return at;
}

/* Where an address without brackets starts that ends directly before at; at
 * itself when there is none. */
static const char *local_start(const char *text, const char *at)
{
	enum { LOOK = 2 * NX_ADDRESS_LOCAL };
	if (at > text && at[-1] == '"')
		return quoted_start(text, at);
	const char *from = at;
	while (from > text && at - from < LOOK && nx_address_is_atom(from[-1]))
		from--;
	/* an encoded-word is not an address; cutting at it would invent one */
	if (nx_text_starts(from, "=?"))
		return from;
	/* "SMTP=a@b" (X.400), quotes, and list marks */
	while (from < at && strchr("'*=`|/{", *from) != NULL)
		from++;
	const char *equals = memchr(from, '=', (size_t)(at - from));
	if (equals != NULL &&
	    (nx_text_starts(from, "smtp=") || nx_text_starts(from, "rfc822=") ||
	     nx_text_starts(from, "rfc-822=") || nx_text_starts(from, "to=")))
		from = equals + 1;
	return at - from <= NX_ADDRESS_LOCAL ? from : at;
}

/* No top-level domain has a digit or a hyphen, except those in other
 * scripts. */
static bool is_top_level(const char *label, const char *end)
{
	if (nx_text_starts(label, "xn--"))
		return true;
	const char *at = label;
	while (at < end && nx_text_is_alnum(*at) && !nx_text_is_digit(*at))
		at++;
	return at == end && end - label > 1;
}

/* The end of the domain after at; at + 1 when it does not read as one. */
static const char *domain_end(const char *at)
{
	const char *from = at + 1;
	const char *to = from;
	const char *label = from;
	if (!nx_text_is_alnum(*from))
		return from;
	while (nx_address_is_domain(*to) && to - from <= NX_ADDRESS_DOMAIN) {
		if (*to == '.' && !nx_text_is_alnum(to[1]))
			break;
		if (to - label > NX_ADDRESS_LABEL)
			return from;
		if (*to++ == '.')
			label = to;
	}
	bool good = label > from && to - from <= NX_ADDRESS_DOMAIN &&
	            is_top_level(label, to);
	return good ? to : from;
}

static const char *copy(TALLOC_CTX *ctx, const char *from, const char *to)
{
	return talloc_strndup(ctx, from, (size_t)(to - from));
}

/* The address in the brackets that open at "<"; "" when there is none. */
static const char *bracketed(TALLOC_CTX *ctx, const char *open)
{
	size_t size =
	        open[1] == '"' ? nx_address_parts_quoted_size(open + 1) : 0;
	const char *from = open + 1 + size;
	const char *close = from + strcspn(from, "<> \t\r\n");
	if (*close != '>' || close - open > NX_ADDRESS_SIZE)
		return "";
	const char *inner = copy(ctx, open + 1, close);
	const char *address = nx_address_bare(ctx, inner);
	return nx_address_is_valid(ctx, address) ? address : "";
}

static const char *next(const char *from, const char *end, char c)
{
	return from < end ? memchr(from, c, (size_t)(end - from)) : NULL;
}

const char *nx_address_find_in(TALLOC_CTX *ctx, const char *text,
                               const char *from, const char *end,
                               const char **at)
{
	const char *address = "";
	for (const char *open = next(from, end, '<'); open != NULL;
	     open = next(open + 1, end, '<')) {
		address = bracketed(ctx, open);
		if (*address == '\0')
			continue;
		*at = open + 1;
		return address;
	}
	for (const char *sign = next(from, end, '@'); sign != NULL;
	     sign = next(sign + 1, end, '@')) {
		const char *to = domain_end(sign);
		*at = local_start(text, sign);
		if (*at >= from && *at < sign && to > sign + 1 && to <= end &&
		    nx_address_is_whole(text, *at, to))
			return copy(ctx, *at, to);
	}
	*at = end;
	return "";
}

const char *nx_address_find(TALLOC_CTX *ctx, const char *text, size_t *at)
{
	const char *place;
	const char *address = nx_address_find_in(ctx, text, text,
	                                         text + strlen(text), &place);
	if (at != NULL && *address != '\0')
		*at = (size_t)(place - text);
	return address;
}

/* Words before the address: such a value as a whole is not an address. */
static bool has_words(const char *text, size_t size)
{
	const char *blank = memchr(text, ' ', size);
	return blank != NULL && nx_address_is_atom(*text) &&
	       memchr(blank, '@', size - (size_t)(blank - text)) != NULL;
}

/* One address and nothing else, except what people and programs put around it;
 * it may be in UTF-8 and have no dot in the domain. */
static const char *only_address(TALLOC_CTX *ctx, const char *text)
{
	while (nx_text_is_blank(*text))
		text++;
	size_t size = strlen(text);
	while (size > 0 && nx_text_is_blank(text[size - 1]))
		size--;
	const char *end = text + size;
	if (nx_text_starts(text, "mailto:") || nx_text_starts(text, "smtp:"))
		text = strchr(text, ':') + 1;
	while (end > text && strchr("> ;.,", end[-1]) != NULL)
		end--;
	while (text < end && (*text == '<' || *text == ' '))
		text++;
	size = (size_t)(end - text);
	if (memchr(text, '@', size) == NULL || has_words(text, size))
		return "";
	const char *address = nx_address_bare(ctx, copy(ctx, text, end));
	return nx_address_is_valid(ctx, address) ? address : "";
}

/* Skips a quoted display name, whatever it contains. */
static const char *behind_name(const char *text)
{
	size_t size = *text == '"' ? nx_address_parts_quoted_size(text) : 0;
	const char *behind = text + size;
	while (nx_text_is_blank(*behind))
		behind++;
	return size > 0 && *behind == '<' ? behind : text;
}

static bool says_something(const char *from, const char *to)
{
	while (from < to && !nx_text_is_alnum(*from) && *from != '@' &&
	       (unsigned char)*from < 0x80)
		from++;
	return from < to;
}

/* A field has no words before its address: they belong to the address, and the
 * rest of it is somebody else's. Marks alone are only decoration. */
static bool has_words_before(const char *text, const char *from)
{
	if (!says_something(text, from))
		return false;
	const char *front = from;
	while (nx_text_is_blank(front[-1]))
		front--;
	return front < from && strchr("<(,;:=|\")>]", front[-1]) == NULL;
}

/* Removes comments around an address: removing one inside it would join what it
 * separates. */
static const char *without_comments(TALLOC_CTX *ctx, const char *text)
{
	if (strchr(text, '(') == NULL)
		return "";
	const char *address = only_address(ctx, nx_fields_uncomment(ctx, text));
	return strstr(text, address) != NULL ? address : "";
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
	if (strlen(text) > NX_ADDRESS_SIZE || *text == '|' || *text == '/' ||
	    nx_text_starts(text, "\"|") || nx_text_starts(text, "\"/"))
		return "";
	const char *address = only_address(ctx, text);
	if (*address == '\0')
		address = without_comments(ctx, text);
	if (*address != '\0')
		return address;
	size_t at = 0;
	address = nx_address_find(ctx, text, &at);
	return whole && has_words_before(text, text + at) ? "" : address;
}

const char *nx_address_of_field(TALLOC_CTX *ctx, const char *value)
{
	return of_field(ctx, value, true);
}

const char *nx_address_of_header(TALLOC_CTX *ctx, const char *value)
{
	return of_field(ctx, value, false);
}
