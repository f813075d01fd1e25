/* SPDX-License-Identifier: ISC */
#include "classify/extract.h"

#include "base/text.h"

#include <arpa/inet.h>
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

/* "::" alone is a mark and no address. */
static bool is_ip(const char *text, size_t size)
{
	char copy[INET6_ADDRSTRLEN];
	struct in6_addr ignored;

	if (size <= 3 || size >= sizeof(copy))
		return false;
	memcpy(copy, text, size);
	copy[size] = '\0';
	return inet_pton(AF_INET, copy, &ignored) == 1 ||
	       inet_pton(AF_INET6, copy, &ignored) == 1;
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
	return nx_text_hex(c) >= 0 || c == '.' || c == ':';
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
	return is_ip(text + start, *end - start) &&
	       !is_list_answer(text + start);
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
