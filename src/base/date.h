/* SPDX-License-Identifier: ISC */
#ifndef NX_BASE_DATE_H
#define NX_BASE_DATE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Times are UTC seconds since 1970 in an int64_t, 0 when absent. Spans are
 * seconds. Nothing here asks the clock.
 */

enum { NX_DATE_SIZE = 32 };
#define NX_HOUR    INT64_C(3600)
#define NX_DAY     INT64_C(86400)
#define NX_FOREVER INT64_MAX /* the end of a lease that never ends */

/* A date of RFC 5322 section 3.3, or what is meant as one: obsolete years and
 * zones, comments, no day name, no zone (UTC), the order of asctime, hyphens,
 * trailing text. 0 when it is none or before 1970. */
int64_t nx_date_parse_mail(const char *text);

/* RFC 3339 ("2026-11-22T10:00:00Z", offset or Z, "T" or blank), a bare date
 * (midnight UTC) or "@SECONDS"; false when it is none of these. */
bool nx_date_parse(const char *text, int64_t *out);

/* RFC 3339 in UTC: "2026-11-22T10:00:00Z". Returns buffer. */
const char *nx_date_text(int64_t time, char buffer[NX_DATE_SIZE]);

/* "90s", "30m", "24h", "7d", "2w", "1y" (365 days), "0" or "forever"; false
 * when it is none. */
bool nx_span_parse(const char *text, int64_t *out);

/* The same span as such a text, in the largest unit that gives a whole number;
 * "0" for what is less. Returns buffer. */
const char *nx_span_text(int64_t span, char buffer[NX_DATE_SIZE]);

/* The number of the UTC day that contains a time, for counting distinct
 * days. */
int64_t nx_date_day(int64_t time);

/*
 * The proleptic Gregorian calendar: arithmetic only, no time zone data, no
 * locale. For date.c and mail_date.c.
 */
struct nx_civil {
	int64_t year;
	int month, day; /* from 1 */
	int hour, minute, second;
	int zone; /* minutes east of Greenwich */
};

/* True when that day exists and the time of day is valid; second 60 is
 * allowed. */
bool nx_civil_is_real(const struct nx_civil *civil);

/* UTC seconds since 1970 of a date that is real. */
int64_t nx_civil_time(const struct nx_civil *civil);

#endif
