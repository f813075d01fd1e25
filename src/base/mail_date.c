/* SPDX-License-Identifier: ISC */
#include "base/date.h"
#include "base/text.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

/*
 * Parses the date of a mail header by the form of its words more than by their
 * order: many different and old systems send bounces.
 */

struct found {
	struct nx_civil civil;
	bool has_day, has_month, has_year, has_clock, has_zone;
};

static bool is_complete(const struct found *f)
{
	return f->has_day && f->has_month && f->has_year && f->has_clock;
}

/* Reads up to max digits; returns how many. */
static int take_number(const char **at, int max, int *out)
{
	int count = 0;
	*out = 0;
	for (; count < max && nx_text_is_digit(**at); count++, (*at)++)
		*out = 10 * *out + (**at - '0');
	return count;
}

static const char *skip_comment(const char *at)
{
	int depth = 0;
	do {
		if (*at == '\\' && at[1])
			at++;
		else if (*at == '(')
			depth++;
		else if (*at == ')')
			depth--;
		at++;
	} while (*at && depth > 0);
	return at;
}

static const char *skip_between(const char *at)
{
	for (;;) {
		if (*at == '(')
			at = skip_comment(at);
		else if (nx_text_is_blank(*at) || *at == ',')
			at++;
		else
			return at;
	}
}

/* The hour has been read and a colon follows. */
static bool take_clock(struct found *f, const char **at, int hour)
{
	f->civil.hour = hour;
	(*at)++;
	if (f->has_clock || take_number(at, 2, &f->civil.minute) == 0)
		return false;
	f->has_clock = true;
	if (**at != ':')
		return true;
	(*at)++;
	if (take_number(at, 2, &f->civil.second) == 0)
		return false;
	if (**at == '.')
		*at += 1 + strspn(*at + 1, "0123456789");
	return true;
}

/* RFC 5322 section 4.3: two digits are 1950 to 2049, three count from 1900. */
static bool take_year(struct found *f, int digits, int number)
{
	if (f->has_year || digits < 2)
		return false;
	f->has_year = true;
	f->civil.year = number;
	if (digits == 2)
		f->civil.year += number < 50 ? 2000 : 1900;
	if (digits == 3)
		f->civil.year += 1900;
	return true;
}

static bool take_digits(struct found *f, const char **at)
{
	int number;
	int digits = take_number(at, 4, &number);
	if (**at == ':' && digits <= 2)
		return take_clock(f, at, number);
	if (nx_text_is_digit(**at))
		return false;
	if (digits > 2 || f->has_day)
		return take_year(f, digits, number);
	f->has_day = true;
	f->civil.day = number;
	return true;
}

/* A sign starts a zone once the time of day is known; before that it is a
 * hyphen as in 22-Nov-2026. */
static bool take_sign(struct found *f, const char **at)
{
	bool is_west = *(*at)++ == '-';
	int hours, minutes;
	if (!f->has_clock)
		return is_west;
	if (take_number(at, 2, &hours) < 2)
		return false;
	*at += **at == ':';
	if (take_number(at, 2, &minutes) < 2 || nx_text_is_digit(**at))
		return false;
	f->has_zone = true;
	f->civil.zone = 0;
	if (hours < 24 && minutes < 60)
		f->civil.zone = (60 * hours + minutes) * (is_west ? -1 : 1);
	return true;
}

static const char *const MONTHS[] = {
        "january", "february", "march",     "april",   "may",      "june",
        "july",    "august",   "september", "october", "november", "december"};
static const char *const DAYS[] = {"monday",   "tuesday", "wednesday",
                                   "thursday", "friday",  "saturday",
                                   "sunday"};

/* The place from 1 of the name that the word is, or is the first three or more
 * letters of; 0 when it is none. */
static int number_of(const char *word, size_t size, const char *const *names,
                     int count)
{
	for (int i = 0; size >= 3 && i < count; i++)
		if (size <= strlen(names[i]) &&
		    strncasecmp(word, names[i], size) == 0)
			return i + 1;
	return 0;
}

/* Hours east of Greenwich; an unknown name is UTC, according to RFC 5322
 * section 4.3. */
static int hours_of_zone(const char *word, size_t size)
{
	static const struct {
		const char *name;
		int hours;
	} zones[] = {
	        {"est", -5},  {"edt", -4},  {"cst", -6},  {"cdt", -5},
	        {"mst", -7},  {"mdt", -6},  {"pst", -8},  {"pdt", -7},
	        {"met", 1},   {"mest", 2},  {"cet", 1},   {"cest", 2},
	        {"bst", 1},   {"eet", 2},   {"eest", 3},  {"msk", 3},
	        {"jst", 9},   {"kst", 9},   {"hkt", 8},   {"sgt", 8},
	        {"aest", 10}, {"aedt", 11}, {"nzst", 12}, {"nzdt", 13},
	};
	for (size_t i = 0; i < sizeof(zones) / sizeof(*zones); i++)
		if (size == strlen(zones[i].name) &&
		    strncasecmp(word, zones[i].name, size) == 0)
			return zones[i].hours;
	return 0;
}

static bool take_word(struct found *f, const char **at)
{
	const char *word = *at;
	while (nx_text_is_alpha(**at))
		(*at)++;
	size_t size = (size_t)(*at - word);
	int month = f->has_month ? 0 : number_of(word, size, MONTHS, 12);
	if (month > 0) {
		f->has_month = true;
		f->civil.month = month;
		return true;
	}
	if (number_of(word, size, DAYS, 7) > 0)
		return true;
	if (!f->has_clock || f->has_zone)
		return false;
	f->has_zone = true;
	f->civil.zone = 60 * hours_of_zone(word, size);
	return true;
}

static bool take_next(struct found *f, const char **at)
{
	if (nx_text_is_digit(**at))
		return take_digits(f, at);
	if (**at == '+' || **at == '-')
		return take_sign(f, at);
	return nx_text_is_alpha(**at) && take_word(f, at);
}

int64_t nx_date_parse_mail(const char *text)
{
	struct found f = {0};
	const char *at = skip_between(text);
	while (*at && take_next(&f, &at))
		at = skip_between(at);
	if (!is_complete(&f) || !nx_civil_is_real(&f.civil))
		return 0;
	int64_t time = nx_civil_time(&f.civil);
	return time > 0 ? time : 0;
}
