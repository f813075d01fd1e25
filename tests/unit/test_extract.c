/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "classify/extract.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct row {
	const char *text;
	const char *found; /* "" : nothing */
};

static void check(const struct row *row,
                  bool (*extract)(const char *text, struct nx_match *out))
{
	struct nx_match match = {0};
	bool found = extract(row->text, &match);

	if (found != (*row->found != '\0') ||
	    match.end - match.start != strlen(row->found) ||
	    strncmp(row->text + match.start, row->found, strlen(row->found)) !=
	            0)
		fail_msg("%s: \"%.*s\"", row->text,
		         (int)(match.end - match.start),
		         row->text + match.start);
}

static void the_first_url_is_found_without_its_sentence(void **state)
{
	static const struct row rows[] = {
	        {"550 see https://a.example/x?ip=192.0.2.1.",
	         "https://a.example/x?ip=192.0.2.1"},
	        {"(see http://a.example/b); https://c.example/",
	         "http://a.example/b"},
	        {"<HTTPS://A.example/b_(c)>", "HTTPS://A.example/b_(c)"},
	        {"'https://a.example/q#z'", "https://a.example/q#z"},
	        {"https://", ""},
	        {"see http:// or so", ""},
	        {"www.a.example", ""},
	        {"", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check(&rows[i], nx_extract_url);
}

static void the_first_address_that_may_be_ours_is_found(void **state)
{
	static const struct row rows[] = {
	        {"554 5.7.1 [192.0.2.1] is listed", "192.0.2.1"},
	        {"550 5.7.1 client 192.0.2.1: blocked", "192.0.2.1"},
	        {"blocked: 192.0.2.1.", "192.0.2.1"},
	        {"host mx[203.0.113.5] said: 554 192.0.2.1 blocked",
	         "192.0.2.1"},
	        {"127.0.0.2 for 192.0.2.1", "192.0.2.1"},
	        {"[IPv6:2001:db8::1] is listed", "2001:db8::1"},
	        {"[2001:db8::1] is listed", "2001:db8::1"},
	        {"2001:DB8:0:0:0:0:0:1 is listed", "2001:DB8:0:0:0:0:0:1"},
	        {"at 12:34:56 on 10.0", ""},
	        {"version 1.2.3.4.5", ""},
	        {"300.1.1.1", ""},
	        {"mail-192.0.2.1.example.com", ""},
	        {"192.0.2.1.example.com", ""},
	        {"5.7.1 no", ""},
	        {"::", ""},
	        {"face:feed", ""},
	        {"", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check(&rows[i], nx_extract_ip);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_first_url_is_found_without_its_sentence),
	        cmocka_unit_test(the_first_address_that_may_be_ours_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
