/* SPDX-License-Identifier: ISC */
#include "base/date.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int64_t nx_date_day(int64_t time)
{
	return time / NX_DAY - (time % NX_DAY < 0);
}

/* --- the calendar --------------------------------------------------------- */

static bool is_leap_year(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_of_month(int64_t year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30,
	                           31, 31, 30, 31, 30, 31};
	return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

/*
 * Converts a date to days since 1970 and back. Years begin in March, so that
 * the leap day is the last, and are counted in eras of 400 years, which are all
 * alike.
 */
enum { ERA_YEARS = 400, ERA_DAYS = 146097, DAYS_TO_1970 = 719468 };

static int64_t days_of(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - (ERA_YEARS - 1)) / ERA_YEARS;
	int64_t year_of_era = y - era * ERA_YEARS;
	int64_t day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 -
	                     year_of_era / 100 + day_of_year;
	return era * ERA_DAYS + day_of_era - DAYS_TO_1970;
}

static void date_of(int64_t days, struct nx_civil *out)
{
	days += DAYS_TO_1970;
	int64_t era = (days >= 0 ? days : days - (ERA_DAYS - 1)) / ERA_DAYS;
	int64_t day_of_era = days - era * ERA_DAYS;
	int64_t year_of_era =
	        (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
	         day_of_era / (ERA_DAYS - 1)) /
	        365;
	int64_t day_of_year =
	        day_of_era -
	        (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t month = (5 * day_of_year + 2) / 153;
	out->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
	out->month = (int)(month < 10 ? month + 3 : month - 9);
	out->year = year_of_era + era * ERA_YEARS + (out->month <= 2);
}

bool nx_civil_is_real(const struct nx_civil *c)
{
	return c->month >= 1 && c->month <= 12 && c->day >= 1 &&
	       c->day <= days_of_month(c->year, c->month) && c->hour < 24 &&
	       c->minute < 60 && c->second <= 60; /* 60: a leap second */
}

int64_t nx_civil_time(const struct nx_civil *c)
{
	return days_of(c->year, c->month, c->day) * NX_DAY + c->hour * NX_HOUR +
	       (c->minute - c->zone) * INT64_C(60) + c->second;
}

/* The reverse of nx_civil_time, in UTC. */
static struct nx_civil civil_of(int64_t time)
{
	struct nx_civil civil = {0};
	int64_t day = nx_date_day(time);
	/* not time - day * NX_DAY, which may overflow */
	int second = (int)((time % NX_DAY + NX_DAY) % NX_DAY);
	date_of(day, &civil);
	civil.hour = second / 3600;
	civil.minute = second % 3600 / 60;
	civil.second = second % 60;
	return civil;
}

/* --- dates of people ------------------------------------------------------ */

const char *nx_date_text(int64_t time, char buffer[NX_DATE_SIZE])
{
	struct nx_civil c = civil_of(time);
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

/* --- spans ---------------------------------------------------------------- */

bool nx_span_parse(const char *text, int64_t *out)
{
	static const char units[] = "smhdwy";
	static const int64_t sizes[] = {1,      60,         NX_HOUR,
	                                NX_DAY, 7 * NX_DAY, 365 * NX_DAY};
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

/* Below a week in hours, as leases are spoken of. */
const char *nx_span_text(int64_t span, char buffer[NX_DATE_SIZE])
{
	static const struct {
		int64_t size, least;
		char unit;
	} units[] = {{365 * NX_DAY, 365 * NX_DAY, 'y'},
	             {NX_DAY, 7 * NX_DAY, 'd'},
	             {NX_HOUR, NX_HOUR, 'h'},
	             {60, 60, 'm'},
	             {1, 1, 's'}};
	size_t at = 0;
	if (span == NX_FOREVER || span <= 0) {
		snprintf(buffer, NX_DATE_SIZE, span > 0 ? "forever" : "0");
		return buffer;
	}
	while (span < units[at].least || span % units[at].size != 0)
		at++;
	snprintf(buffer, NX_DATE_SIZE, "%" PRId64 "%c", span / units[at].size,
	         units[at].unit);
	return buffer;
}
