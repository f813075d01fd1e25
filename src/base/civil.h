/* SPDX-License-Identifier: ISC */
#ifndef NX_BASE_CIVIL_H
#define NX_BASE_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The proleptic Gregorian calendar, for date.c and mail_date.c. Arithmetic
 * only: no time zone data, no locale.
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

/* The reverse, in UTC. */
struct nx_civil nx_civil_of(int64_t time);

#endif
