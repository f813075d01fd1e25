/* SPDX-License-Identifier: ISC */
#include "base/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

static const char *show(int64_t time)
{
	static char buffer[NX_DATE_SIZE];
	return time ? nx_date_text(time, buffer) : "none";
}

static void mail_dates_are_understood(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	        {"Sun, 22 Nov 2026 10:00:00 +0000", "2026-11-22T10:00:00Z"},
	        {"Sun, 22 Nov 2026 10:00:00 -0530", "2026-11-22T15:30:00Z"},
	        {"22 Nov 2026 10:00:00 +0100", "2026-11-22T09:00:00Z"},
	        {"22 Nov 2026 10:00 +0100", "2026-11-22T09:00:00Z"},
	        {"Sun, 22 Nov 2026 10:00:00", "2026-11-22T10:00:00Z"},
	        {"Sun, 1 Nov 2026 00:30:00 +0100 (CET)",
	         "2026-10-31T23:30:00Z"},
	        {"Sun (day), 22 (of (month\\)) ) Nov 2026 10:00:00 GMT",
	         "2026-11-22T10:00:00Z"},
	        {"Sun, 22 Nov 2026 10:00:00 EST", "2026-11-22T15:00:00Z"},
	        {"Sun, 22 Nov 2026 10:00:00 pdt", "2026-11-22T17:00:00Z"},
	        {"Sun, 22 Nov 2026 10:00:00 CEST", "2026-11-22T08:00:00Z"},
	        {"Sun, 22 Nov 2026 10:00:00 A", "2026-11-22T10:00:00Z"},
	        {"Sun, 22 Nov 2026 10:00:00 XYZ", "2026-11-22T10:00:00Z"},
	        {"Sun, 22 Nov 2026 10:00:00 GMT+0100", "2026-11-22T09:00:00Z"},
	        {"Sun, 22 Nov 2026 10:00:00 +01:00", "2026-11-22T09:00:00Z"},
	        {"22 Nov 26 10:00:00 UT", "2026-11-22T10:00:00Z"},
	        {"22 Nov 97 10:00:00 UT", "1997-11-22T10:00:00Z"},
	        {"22 Nov 126 10:00:00 UT", "2026-11-22T10:00:00Z"},
	        {"Sun Nov 22 10:00:00 2026", "2026-11-22T10:00:00Z"},
	        {"Sun Nov  2 10:00:00 EST 2026", "2026-11-02T15:00:00Z"},
	        {"22-Nov-2026 10:00:00 +0000", "2026-11-22T10:00:00Z"},
	        {"Thursday, 22 November 2026 1:02:03 +0000",
	         "2026-11-22T01:02:03Z"},
	        {"22 Sept 2026 10:00:00.123 +0000", "2026-09-22T10:00:00Z"},
	        {"\t 22\r\n Nov 2026 10:00:00 +0000 \r\n",
	         "2026-11-22T10:00:00Z"},
	        {"31 Dec 2016 23:59:60 +0000", "2017-01-01T00:00:00Z"},
	        {"29 Feb 2024 00:00:00 +0000", "2024-02-29T00:00:00Z"},
	        {"22 Nov 2026 10:00:00 +0000 id 7 <x>", "2026-11-22T10:00:00Z"},
	        {"22 Nov 2026 10:00:00 +9999", "2026-11-22T10:00:00Z"},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(show(nx_date_parse_mail(cases[i].text)),
		                    cases[i].want);
}

static void what_is_no_mail_date_is_none(void **state)
{
	static const char *const cases[] = {
	        "",
	        "yesterday",
	        "Sun,",
	        "22 Nov 2026",
	        "Nov 2026 10:00:00 +0000",
	        "29 Feb 2026 10:00:00 +0000",
	        "32 Nov 2026 10:00:00 +0000",
	        "0 Nov 2026 10:00:00 +0000",
	        "22 Nov 2026 24:00:00 +0000",
	        "22 Nov 2026 10:60:00 +0000",
	        "22 Nov 2026 10:00:61 +0000",
	        "22 Nov 2026 10: +0000",
	        "22 Nov 20266 10:00:00 +0000",
	        "22 Nov 1950 10:00:00 +0000",
	        "22 N 2026 10:00:00 +0000",
	        "99999999999999999999999999",
	        "((((((((((((",
	        "(\\",
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(nx_date_parse_mail(cases[i]), 0);
}

static void times_of_people_are_parsed_strictly(void **state)
{
	static const struct {
		const char *text;
		int64_t want; /* -1: refused */
	} cases[] = {
	        {"2026-11-22T10:00:00Z", 1795341600},
	        {"2026-11-22t10:00:00z", 1795341600},
	        {"2026-11-22 10:00:00Z", 1795341600},
	        {"2026-11-22T10:00:00.25Z", 1795341600},
	        {"2026-11-22T10:00:00+01:30", 1795336200},
	        {"2026-11-22T10:00:00-01:30", 1795347000},
	        {"2026-11-22", 1795305600},
	        {"1970-01-01", 0},
	        {"@1795341600", 1795341600},
	        {"@0", 0},
	        {"", -1},
	        {"@", -1},
	        {"@-1", -1},
	        {"@1x", -1},
	        {"@9223372036854775808", -1},
	        {"2026-11-22T10:00:00", -1},
	        {"2026-11-22T10:00Z", -1},
	        {"2026-11-22T10:00:00+0100", -1},
	        {"2026-11-22T10:00:00Zx", -1},
	        {"2026-11-22x", -1},
	        {"2026-11-22 ", -1},
	        {"2026-13-01", -1},
	        {"2026-02-29", -1},
	        {"26-02-09", -1},
	        {"2026-2-9", -1},
	        {"2026-11-22T24:00:00Z", -1},
	        {"now", -1},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t got = -1;
		bool good = nx_date_parse(cases[i].text, &got);
		assert_int_equal(good, cases[i].want >= 0);
		assert_int_equal(got, cases[i].want);
	}
}

static void the_calendar_is_that_of_the_c_library(void **state)
{
	(void)state;
	for (int64_t t = -70000000000; t < 70000000000;
	     t += INT64_C(86399) * 97) {
		char want[NX_DATE_SIZE], got[NX_DATE_SIZE];
		time_t moment = t;
		struct tm tm;
		gmtime_r(&moment, &tm);
		strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%SZ", &tm);
		if (tm.tm_year + 1900 < 1000)
			continue; /* %Y does not pad */
		assert_string_equal(nx_date_text(t, got), want);
		int64_t back;
		assert_true(nx_date_parse(got, &back));
		assert_int_equal(back, t);
	}
}

static void any_time_has_a_text(void **state)
{
	char buffer[NX_DATE_SIZE];
	(void)state;
	assert_string_equal(nx_date_text(0, buffer), "1970-01-01T00:00:00Z");
	assert_string_equal(nx_date_text(-1, buffer), "1969-12-31T23:59:59Z");
	assert_string_equal(nx_date_text(INT64_MAX, buffer),
	                    "292277026596-12-04T15:30:07Z");
	assert_string_equal(nx_date_text(INT64_MIN, buffer),
	                    "-292277022657-01-27T08:29:52Z");
}

static void spans_are_parsed(void **state)
{
	static const struct {
		const char *text;
		int64_t want; /* -1: refused */
	} cases[] = {
	        {"0", 0},
	        {"90s", 90},
	        {"30m", 1800},
	        {"24h", 86400},
	        {"7d", 604800},
	        {"2w", 1209600},
	        {"1y", 31536000},
	        {"0d", 0},
	        {"forever", NX_FOREVER},
	        {"", -1},
	        {"7", -1},
	        {"d", -1},
	        {"7 d", -1},
	        {"7days", -1},
	        {"-7d", -1},
	        {"+7d", -1},
	        {"1.5h", -1},
	        {"7D", -1},
	        {"1d12h", -1},
	        {"Forever", -1},
	        {"9223372036854775807s", -1},
	        {"9223372036854775808s", -1},
	        {"106751991167301d", -1},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t got = -1;
		bool good = nx_span_parse(cases[i].text, &got);
		assert_int_equal(good, cases[i].want >= 0);
		assert_int_equal(got, cases[i].want);
	}
}

static void spans_are_written_as_they_are_spoken_of(void **state)
{
	static const char *const texts[] = {"0",   "90s",  "90m",    "24h",
	                                    "25h", "7d",   "60d",    "1y",
	                                    "2y",  "366d", "forever"};
	char buffer[NX_DATE_SIZE];
	int64_t span;
	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_true(nx_span_parse(texts[i], &span));
		assert_string_equal(nx_span_text(span, buffer), texts[i]);
	}
	assert_true(nx_span_parse("2w", &span));
	assert_string_equal(nx_span_text(span, buffer), "14d");
	assert_string_equal(nx_span_text(4 * NX_DAY, buffer), "96h");
}

static void days_begin_at_midnight_in_utc(void **state)
{
	(void)state;
	assert_int_equal(nx_date_day(0), 0);
	assert_int_equal(nx_date_day(86399), 0);
	assert_int_equal(nx_date_day(86400), 1);
	assert_int_equal(nx_date_day(-1), -1);
	assert_int_equal(nx_date_day(-86400), -1);
	assert_int_equal(nx_date_day(-86401), -2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(mail_dates_are_understood),
	        cmocka_unit_test(what_is_no_mail_date_is_none),
	        cmocka_unit_test(times_of_people_are_parsed_strictly),
	        cmocka_unit_test(the_calendar_is_that_of_the_c_library),
	        cmocka_unit_test(any_time_has_a_text),
	        cmocka_unit_test(spans_are_parsed),
	        cmocka_unit_test(spans_are_written_as_they_are_spoken_of),
	        cmocka_unit_test(days_begin_at_midnight_in_utc),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
