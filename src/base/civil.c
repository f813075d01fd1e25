/* SPDX-License-Identifier: ISC */
#include "base/civil.h"
#include "base/date.h"

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

struct nx_civil nx_civil_of(int64_t time)
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
