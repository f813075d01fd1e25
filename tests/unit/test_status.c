/* SPDX-License-Identifier: ISC */
#include "mail/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_code_is_read_at_the_start(void **state)
{
	static const struct {
		const char *text;
		size_t size;
		const char *code;
	} cases[] = {
	        {"5.1.1", 5, "5.1.1"},
	        {"5.1.1 (bad mailbox)", 5, "5.1.1"},
	        {"4.7.650 rate", 7, "4.7.650"},
	        {"2.0.0", 5, "2.0.0"},
	        {"5.7.509.", 7, "5.7.509"},
	        {"5.1.1)", 5, "5.1.1"},
	        {"5.1.1=", 5, "5.1.1"},
	        {"5.999.999", 9, "5.999.999"},
	        {"5.1.1000", 0, ""},
	        {"5.1000.1", 0, ""},
	        {"5.1.1.1", 0, ""},
	        {"5.7.1.0", 0, ""},
	        {"5.1.1a", 0, ""},
	        {"4.5.3s", 0, ""},
	        {"5.1", 0, ""},
	        {"5.1.", 0, ""},
	        {"5..1", 0, ""},
	        {"5", 0, ""},
	        {"", 0, ""},
	        {"3.1.1", 0, ""},
	        {"1.1.1", 0, ""},
	        {"0.0.0", 0, ""},
	        {"6.1.1", 0, ""},
	        {" 5.1.1", 0, ""},
	        {"55.1.1", 0, ""},
	        {"5.1.1@example.com", 0, ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nx_status status;
		char text[NX_STATUS_SIZE];
		assert_int_equal(nx_status_parse(cases[i].text, &status),
		                 cases[i].size);
		assert_string_equal(nx_status_text(status, text),
		                    cases[i].code);
		assert_int_equal(nx_status_is_none(status), cases[i].size == 0);
	}
}

static void a_code_is_found_where_it_stands_alone(void **state)
{
	static const struct {
		const char *text;
		const char *code;
		size_t at;
	} cases[] = {
	        {"550 5.1.1 no", "5.1.1", 4},
	        {"550-5.1.1 no", "5.1.1", 4},
	        {"no mailbox (#5.1.1)", "5.1.1", 13},
	        {"gone (5.2.1)", "5.2.1", 6},
	        {"dsn=4.4.1, later", "4.4.1", 4},
	        {"10.5.1.1 then 4.2.2", "4.2.2", 14},
	        {"5.5.0.1 is an address", "", 0},
	        {"program-5.1.1 failed", "", 0},
	        {"program/5.1.1 failed", "", 0},
	        {"version 5.1.1 failed", "", 0},
	        {"Version  5.1.1, v 5.1.2 and 5.1.3", "5.1.3", 28},
	        {"a5.1.1", "", 0},
	        {"12345-5.1.1", "", 0},
	        {".5.1.1", "", 0},
	        {"", "", 0},
	        {"....", "", 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nx_status status;
		char text[NX_STATUS_SIZE];
		size_t at = 0;
		bool found = nx_status_find(cases[i].text, &status, &at);
		assert_string_equal(nx_status_text(status, text),
		                    cases[i].code);
		assert_int_equal(found, *cases[i].code != '\0');
		assert_int_equal(at, cases[i].at);
	}
	struct nx_status status;
	assert_true(nx_status_find("550 5.1.1", &status, NULL));
}

static void any_struct_has_a_text(void **state)
{
	char text[NX_STATUS_SIZE];
	struct nx_status big = {65535, 65535, 65535};
	(void)state;
	assert_true(strlen(nx_status_text(big, text)) < NX_STATUS_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_code_is_read_at_the_start),
	        cmocka_unit_test(a_code_is_found_where_it_stands_alone),
	        cmocka_unit_test(any_struct_has_a_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
