/* SPDX-License-Identifier: ISC */
#include "mail/address.h"

#include "base/text.h"
#include "mail/address_parts.h"

#include <idn2.h>
#include <string.h>

size_t nx_address_parts_quoted_size(const char *text)
{
	for (size_t at = 1; text[at] != '\0'; at++) {
		if (text[at] == '\\' && text[at + 1] != '\0')
			at++;
		else if (text[at] == '"')
			return at + 1;
	}
	return 0;
}

/* Labels of 1 to 63 letters, digits, "-" and "_", but not only of "-" and "_":
 * a line of hyphens after an "@" is a rule across the page. */
static bool is_host_name(const char *domain)
{
	size_t label = 0;
	bool is_named = false;
	for (; *domain != '\0'; domain++) {
		if (!nx_address_is_domain(*domain))
			return false;
		if (*domain == '.' && label > 0 && !is_named)
			return false;
		label = *domain == '.' ? 0 : label + 1;
		is_named = label > 0 && (is_named || nx_text_is_alnum(*domain));
		if (label > NX_ADDRESS_LABEL ||
		    (label == 0 && domain[1] == '.'))
			return false;
	}
	return is_named;
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]" */
static bool is_literal(const char *domain)
{
	size_t size = strlen(domain);
	if (size < 4 || domain[0] != '[' || domain[size - 1] != ']')
		return false;
	for (size_t i = 1; i < size - 1; i++)
		if (!nx_text_is_alnum(domain[i]) && domain[i] != '.' &&
		    domain[i] != ':' && domain[i] != '-')
			return false;
	return true;
}

static bool has_high(const char *text)
{
	while (*text != '\0' && !nx_address_is_high(*text))
		text++;
	return *text != '\0';
}

/* A name that is invalid under IDNA 2008 stays as it is written, so that it can
 * at least be found again. */
const char *nx_address_normal_domain(TALLOC_CTX *ctx, const char *text)
{
	char *domain = nx_text_lower(ctx, text);
	size_t size = strlen(domain);
	if (size > 0 && domain[size - 1] == '.')
		domain[--size] = '\0';
	if (size == 0 || size > NX_ADDRESS_DOMAIN)
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
		bool good = *domain != '.' && size <= NX_ADDRESS_DOMAIN &&
		            is_host_name(domain);
		return good ? domain : "";
	}
	bool wrong = strpbrk(domain, "@<>()[]\\,;: \"") != NULL ||
	             *domain == '.' || domain[size - 1] == '.' ||
	             strstr(domain, "..") != NULL;
	return wrong ? "" : domain;
}

const char *nx_address_unicode_domain(TALLOC_CTX *ctx, const char *domain)
{
	char *labels = NULL;
	const char *out = "";

	if (strstr(domain, "xn--") != NULL &&
	    idn2_to_unicode_8z8z(domain, &labels, 0) == IDN2_OK &&
	    strcmp(labels, domain) != 0)
		out = talloc_strdup(ctx, labels);
	idn2_free(labels);
	return out;
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

/* The reverse, with no more backslashes than needed. */
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
	while (nx_address_is_atom(*at) || nx_address_is_high(*at))
		at++;
	return at > text && *at == '\0';
}

/* "=?utf-8?q?a=40b?=" is not a local part, and is never decoded to one. */
static bool has_encoded_word(const char *text)
{
	const char *start = strstr(text, "=?");
	return start != NULL && strstr(start + 2, "?=") != NULL;
}

/* C1 controls, and the replacement for invalid bytes. */
static bool has_damage(const char *text)
{
	for (const char *at = text; *at != '\0'; at++) {
		if (nx_address_is_control(*at))
			return true;
		if (at[0] == '\xc2' && (unsigned char)at[1] < 0xa0 &&
		    nx_address_is_high(at[1]))
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
		if (nx_address_parts_quoted_size(local) != size)
			return "";
		char *content = unquote(ctx, local, size);
		local = is_atom(content) ? content
		                         : (char *)quote(ctx, content);
		if (has_encoded_word(local))
			return "";
	} else if (!is_atom(local)) {
		return "";
	}
	return strlen(local) <= NX_ADDRESS_LOCAL ? local : "";
}

/* "<anna@example.com>" or a route: what nx_address_bare removes. */
static bool is_wrapped(const char *text)
{
	const size_t size = strlen(text);
	return *text == '<' || *text == '@' || nx_text_is_blank(*text) ||
	       (size > 0 && nx_text_is_blank(text[size - 1]));
}

const char *nx_address_bare(TALLOC_CTX *ctx, const char *text)
{
	if (!is_wrapped(text))
		return text;
	char *out = nx_text_trim(ctx, text);
	size_t size = strlen(out);
	if (size >= 2 && out[0] == '<' && out[size - 1] == '>') {
		out[size - 1] = '\0';
		out = nx_text_trim(ctx, out + 1);
	}
	const char *colon = *out == '@' ? strchr(out, ':') : NULL;
	return colon != NULL ? colon + 1 : out;
}

/* Nearly all addresses: one "@", and on either side nothing that can be written
 * in more than one way except for its case. */
static bool is_plain(const char *text)
{
	const char *at = strchr(text, '@');
	if (at == NULL || at == text || at - text > NX_ADDRESS_LOCAL)
		return false;
	for (; text < at; text++)
		if (!nx_address_is_atom(*text) || *text == '?')
			return false;
	const size_t size = strlen(at + 1);
	return at[1] != '.' && size > 0 && size <= NX_ADDRESS_DOMAIN &&
	       at[size] != '.' && is_host_name(at + 1);
}

const char *nx_address_normal(TALLOC_CTX *ctx, const char *text)
{
	if (is_plain(text))
		return nx_text_lower(ctx, text);
	if (strlen(text) > NX_ADDRESS_SIZE)
		return "";
	const char *address = nx_address_bare(ctx, text);
	const char *at = strrchr(address, '@');
	if (at == NULL || has_damage(address))
		return "";
	const char *local = normal_local(ctx, address, (size_t)(at - address));
	const char *domain = nx_address_normal_domain(ctx, at + 1);
	if (*local == '\0' || *domain == '\0')
		return "";
	const size_t before = strlen(local), after = strlen(domain) + 1;
	char *out = talloc_size(ctx, before + 1 + after);
	memcpy(out, local, before + 1);
	out[before] = '@';
	memcpy(out + before + 1, domain, after);
	return out;
}

const char *nx_address_subject(TALLOC_CTX *ctx, const char *text)
{
	if (*text != '@')
		return nx_address_normal(ctx, text);
	const char *domain = nx_address_normal_domain(ctx, text + 1);
	return *domain != '\0' ? talloc_asprintf(ctx, "@%s", domain) : "";
}

bool nx_address_is_valid(TALLOC_CTX *ctx, const char *text)
{
	return is_plain(text) || *nx_address_normal(ctx, text) != '\0';
}

const char *nx_address_domain(TALLOC_CTX *ctx, const char *address)
{
	const char *at = strrchr(address, '@');
	return at != NULL ? nx_text_lower(ctx, at + 1) : "";
}

/* RFC 3461 section 4: upper case only. */
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
