/* SPDX-License-Identifier: ISC */
#include "base/date.h"
#include "base/civil.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

int64_t nx_date_day(int64_t time)
{
	return time / NX_DAY - (time % NX_DAY < 0);
}

const char *nx_date_text(int64_t time, char buffer[NX_DATE_SIZE])
{
	struct nx_civil c = nx_civil_of(time);
	snprintf(buffer, NX_DATE_SIZE, "%04lld-%02d-%02dT%02d:%02d:%02dZ",
	         (long long)c.year, c.month, c.day, c.hour, c.minute, c.second);
	return buffer;
}

/* Reads exactly count digits; *at moves only when they are there. */
static bool take_digits(const char **at, int count, int *out)
{
	int value = 0;
	for (int i = 0; i < count; i++) {
		if (!nx_text_is_digit((*at)[i]))
			return false;
		value = 10 * value + ((*at)[i] - '0');
	}
	*at += count;
	*out = value;
	return true;
}

static bool take_char(const char **at, const char *any)
{
	if (!**at || !strchr(any, **at))
		return false;
	(*at)++;
	return true;
}

static bool take_date(const char **at, struct nx_civil *c)
{
	int year;
	bool good = take_digits(at, 4, &year) && take_char(at, "-") &&
	            take_digits(at, 2, &c->month) && take_char(at, "-") &&
	            take_digits(at, 2, &c->day);
	c->year = good ? year : 0;
	return good;
}

static bool take_clock(const char **at, struct nx_civil *c)
{
	if (!take_digits(at, 2, &c->hour) || !take_char(at, ":") ||
	    !take_digits(at, 2, &c->minute) || !take_char(at, ":") ||
	    !take_digits(at, 2, &c->second))
		return false;
	if (take_char(at, "."))
		*at += strspn(*at, "0123456789");
	return true;
}

static bool take_offset(const char **at, struct nx_civil *c)
{
	int hours, minutes;
	bool is_west = **at == '-';
	if (take_char(at, "Zz"))
		return true;
	if (!take_char(at, "+-") || !take_digits(at, 2, &hours) ||
	    !take_char(at, ":") || !take_digits(at, 2, &minutes) ||
	    hours > 23 || minutes > 59)
		return false;
	c->zone = (60 * hours + minutes) * (is_west ? -1 : 1);
	return true;
}

/* Reads digits; *end is what follows. */
static bool parse_count(const char *text, int64_t *out, const char **end)
{
	int64_t value = 0;
	if (!nx_text_is_digit(*text))
		return false;
	for (; nx_text_is_digit(*text); text++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, *text - '0', &value))
			return false;
	*out = value;
	*end = text;
	return true;
}

bool nx_date_parse(const char *text, int64_t *out)
{
	struct nx_civil c = {0};
	const char *at = text;
	int64_t seconds;
	if (*text == '@') {
		if (!parse_count(text + 1, &seconds, &at) || *at)
			return false;
		*out = seconds;
		return true;
	}
	if (!take_date(&at, &c))
		return false;
	if (*at && !(take_char(&at, "Tt ") && take_clock(&at, &c) &&
	             take_offset(&at, &c)))
		return false;
	if (*at || !nx_civil_is_real(&c))
		return false;
	*out = nx_civil_time(&c);
	return true;
}

bool nx_span_parse(const char *text, int64_t *out)
{
	static const char units[] = "smhdw";
	static const int64_t sizes[] = {1, 60, NX_HOUR, NX_DAY, 7 * NX_DAY};
	const char *unit;
	int64_t count, span;
	if (strcmp(text, "forever") == 0) {
		*out = NX_FOREVER;
		return true;
	}
	if (!parse_count(text, &count, &unit))
		return false;
	const char *known = *unit ? strchr(units, *unit) : NULL;
	if (known ? unit[1] != '\0' : count != 0 || *unit)
		return false;
	if (__builtin_mul_overflow(count, known ? sizes[known - units] : 1,
	                           &span) ||
	    span == NX_FOREVER)
		return false;
	*out = span;
	return true;
}

const char *nx_span_text(int64_t span, char buffer[NX_SPAN_SIZE])
{
	int64_t size = 1;
	char unit = 's';
	if (span == 0 || span == NX_FOREVER) {
		snprintf(buffer, NX_SPAN_SIZE, span ? "forever" : "0");
		return buffer;
	}
	if (span > 96 * NX_HOUR && span % NX_DAY == 0) {
		size = NX_DAY;
		unit = 'd';
	} else if (span % NX_HOUR == 0) {
		size = NX_HOUR;
		unit = 'h';
	} else if (span % 60 == 0) {
		size = 60;
		unit = 'm';
	}
	snprintf(buffer, NX_SPAN_SIZE, "%lld%c", (long long)(span / size),
	         unit);
	return buffer;
}
