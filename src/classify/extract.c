/* SPDX-License-Identifier: ISC */
#include "classify/extract.h"

#include "base/text.h"

#include <string.h>

/* --- URLs ----------------------------------------------------------------- */

static const char *find_scheme(const char *text)
{
	const char *plain = nx_text_find(text, "http://");
	const char *safe = nx_text_find(text, "https://");

	if (plain == NULL || (safe != NULL && safe < plain))
		return safe;
	return plain;
}

/* Ends after the last character that is not punctuation of the sentence; a
 * closing bracket belongs to the URL when it was opened there. */
static size_t url_size(const char *url)
{
	size_t size = strcspn(url, " \t\n<>\"");

	while (size > 0 && strchr(".,;:!?'`*)]}", url[size - 1]) != NULL) {
		if (url[size - 1] == ')' && memchr(url, '(', size) != NULL)
			break;
		size--;
	}
	return size;
}

bool nx_extract_url(const char *text, struct nx_match *out)
{
	const char *url = find_scheme(text);
	size_t size = url != NULL ? url_size(url) : 0;

	if (size <= strlen("https://"))
		return false;
	out->start = (size_t)(url - text);
	out->end = out->start + size;
	return true;
}

/* --- IP addresses --------------------------------------------------------- */

static bool is_hex(char c)
{
	c = nx_text_to_lower(c);
	return nx_text_is_digit(c) || (c >= 'a' && c <= 'f');
}

/* Four numbers up to 255. */
static bool is_ipv4(const char *text, size_t size)
{
	unsigned number = 0, digits = 0, dots = 0;

	for (size_t i = 0; i < size; i++) {
		if (text[i] == '.') {
			if (digits == 0 || ++dots > 3)
				return false;
			number = digits = 0;
			continue;
		}
		if (!nx_text_is_digit(text[i]) || ++digits > 3)
			return false;
		number = number * 10 + (unsigned)(text[i] - '0');
		if (number > 255)
			return false;
	}
	return dots == 3 && digits > 0;
}

/* Eight groups of up to four digits, or fewer and one "::". */
static bool is_ipv6(const char *text, size_t size)
{
	unsigned colons = 0, digits = 0, gaps = 0;

	for (size_t i = 0; i < size; i++) {
		if (text[i] != ':') {
			if (!is_hex(text[i]) || ++digits > 4)
				return false;
			continue;
		}
		colons++;
		gaps += i > 0 && text[i - 1] == ':';
		digits = 0;
	}
	return colons <= 7 && (gaps == 1 ? colons >= 2 : colons == 7) &&
	       gaps <= 1 && size > 3;
}

static bool is_list_answer(const char *text)
{
	return strncmp(text, "127.", 4) == 0;
}

/* "[IPv6:2001:db8::1]" as RFC 5321 writes it. */
static size_t tag_size(const char *text, size_t at)
{
	static const char tag[] = "IPv6:";

	return nx_text_starts(text + at, tag) ? sizeof(tag) - 1 : 0;
}

static bool is_address_char(char c)
{
	return is_hex(c) || c == '.' || c == ':';
}

/* A letter that is not a digit of an address. */
static bool is_letter(char c)
{
	c = nx_text_to_lower(c);
	return c >= 'g' && c <= 'z';
}

/* Letters and marks next to it would make it part of a name. */
static bool stands_alone(const char *text, size_t start, size_t end)
{
	if (is_letter(text[end]) ||
	    (text[end] != '\0' && strchr("_@-%=+", text[end]) != NULL))
		return false;
	return start == 0 || (!is_letter(text[start - 1]) &&
	                      strchr("_@-%", text[start - 1]) == NULL);
}

/* One run of characters that addresses consist of; dots and colons at its end
 * belong to the sentence. */
static bool is_address(const char *text, size_t start, size_t *end)
{
	while (*end > start && strchr(".:", text[*end - 1]) != NULL)
		--*end;
	if (!stands_alone(text, start, *end))
		return false;
	if (is_ipv4(text + start, *end - start))
		return !is_list_answer(text + start);
	return is_ipv6(text + start, *end - start);
}

bool nx_extract_ip(const char *text, struct nx_match *out)
{
	const char *said = nx_text_find(text, " said: ");
	size_t at = said != NULL ? (size_t)(said - text) : 0;

	while (text[at] != '\0') {
		size_t tag = tag_size(text, at);
		size_t end = at + tag;

		while (is_address_char(text[end]))
			end++;

		size_t next = end > at ? end : at + 1;

		if (end > at + tag && is_address(text, at + tag, &end)) {
			*out = (struct nx_match){at + tag, end};
			return true;
		}
		at = next;
	}
	return false;
}
