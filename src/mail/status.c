/* SPDX-License-Identifier: ISC */
#include "mail/status.h"

#include "base/text.h"

#include <string.h>

/* One to three digits; returns how many. */
static size_t number(const char *text, unsigned short *out)
{
	size_t n = 0;
	unsigned value = 0;
	while (n < 3 && nx_text_is_digit(text[n]))
		value = value * 10 + (unsigned)(text[n++] - '0');
	*out = (unsigned short)value;
	return n;
}

static bool goes_on(const char *behind)
{
	if (nx_text_is_digit(*behind) || nx_text_is_alpha(*behind) ||
	    *behind == '@')
		return true;
	return *behind == '.' && nx_text_is_digit(behind[1]);
}

size_t nx_status_parse(const char *text, struct nx_status *out)
{
	*out = (struct nx_status){0};
	if ((*text != '2' && *text != '4' && *text != '5') || text[1] != '.')
		return 0;
	struct nx_status status = {.class = (unsigned short)(*text - '0')};
	size_t at = 2;
	size_t digits = number(text + at, &status.subject);
	at += digits;
	if (digits == 0 || text[at] != '.')
		return 0;
	at++;
	digits = number(text + at, &status.detail);
	at += digits;
	if (digits == 0 || goes_on(text + at))
		return 0;
	*out = status;
	return at;
}

/* "version 5.2.1" is not a status. */
static bool is_version(const char *text, size_t at)
{
	static const char *const words[] = {"version", "release", "ver", "v"};
	while (at > 0 && nx_text_is_blank(text[at - 1]))
		at--;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t n = strlen(words[i]);
		if (at < n || !nx_text_starts(text + at - n, words[i]))
			continue;
		if (at == n || !nx_text_is_alpha(text[at - n - 1]))
			return true;
	}
	return false;
}

/* "550-5.1.1" is a reply, "program-5.1.1" a package. */
static bool behind_code(const char *text, size_t dash)
{
	return dash >= 3 && nx_text_is_digit(text[dash - 1]) &&
	       nx_text_is_digit(text[dash - 2]) &&
	       nx_text_is_digit(text[dash - 3]) &&
	       (dash == 3 || !nx_text_is_digit(text[dash - 4]));
}

static bool stands_alone(const char *text, size_t at)
{
	if (at == 0)
		return true;
	char before = text[at - 1];
	if (before == '-')
		return at == 1 || behind_code(text, at - 1);
	if (nx_text_is_blank(before))
		return !is_version(text, at);
	return strchr("#([<>{:;,=\"'", before) != NULL;
}

bool nx_status_find(const char *text, struct nx_status *out, size_t *at)
{
	*out = (struct nx_status){0};
	for (const char *dot = strchr(text, '.'); dot != NULL;
	     dot = strchr(dot + 1, '.')) {
		if (dot == text)
			continue;
		size_t start = (size_t)(dot - text) - 1;
		if (!stands_alone(text, start))
			continue;
		if (nx_status_parse(text + start, out) == 0)
			continue;
		if (at != NULL)
			*at = start;
		return true;
	}
	return false;
}

/* Up to three digits. */
static char *put_number(char *to, unsigned number)
{
	if (number >= 100)
		*to++ = (char)('0' + number / 100 % 10);
	if (number >= 10)
		*to++ = (char)('0' + number / 10 % 10);
	*to++ = (char)('0' + number % 10);
	return to;
}

const char *nx_status_text(struct nx_status status, char buffer[NX_STATUS_SIZE])
{
	char *to = buffer;
	if (!nx_status_is_none(status)) {
		to = put_number(to, status.class % 10U);
		*to++ = '.';
		to = put_number(to, status.subject % 1000U);
		*to++ = '.';
		to = put_number(to, status.detail % 1000U);
	}
	*to = '\0';
	return buffer;
}

bool nx_status_is_none(struct nx_status status)
{
	return status.class == 0;
}

bool nx_status_equal(struct nx_status a, struct nx_status b)
{
	return a.class == b.class && a.subject == b.subject &&
	       a.detail == b.detail;
}
