/* SPDX-License-Identifier: ISC */
#include "mail/written.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { T0 = 1767225600 }; /* 2026-01-01T00:00:00Z */

static int64_t written(const char *headers)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const struct nx_fields fields = nx_fields_parse(ctx, headers, NULL);
	const int64_t time = nx_mail_written(&fields);
	talloc_free(ctx);
	return time;
}

#define FIRST  "Thu, 1 Jan 2026 00:00:00 +0000"
#define SECOND "Fri, 2 Jan 2026 00:00:00 +0000"
#define FAR    "Fri, 2 Jan 2026 00:00:01 +0000"

static void a_mail_was_written_at_its_date(void **state)
{
	(void)state;
	assert_int_equal(written("Date: " FIRST "\n"), T0);
	assert_int_equal(written("Received: by b; " FAR "\nDate: " FIRST "\n"),
	                 T0);
	assert_int_equal(
	        written("Received: by b;\n " FIRST "\nDate: " SECOND "\n"),
	        T0 + 86400);
}

static void the_topmost_received_bounds_it(void **state)
{
	(void)state;
	assert_int_equal(written("Received: by b; " FIRST "\nDate: " FAR "\n"),
	                 T0);
	assert_int_equal(written("Received: by b; no date\n"
	                         "Received: by (a; b) c; " FIRST "\n"
	                         "Received: by a; " FAR "\nDate: " FAR "\n"),
	                 T0);
	assert_int_equal(written("Received: by b; " FIRST "\nDate: soon\n"),
	                 T0);
	assert_int_equal(written("Received: by b; " FIRST "\n"), T0);
}

static void a_mail_need_not_say_when(void **state)
{
	(void)state;
	assert_int_equal(written(""), 0);
	assert_int_equal(written("Date: today\nReceived: by b\n"), 0);
	assert_int_equal(written("X-Received: by b; " FIRST "\n"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_mail_was_written_at_its_date),
	        cmocka_unit_test(the_topmost_received_bounds_it),
	        cmocka_unit_test(a_mail_need_not_say_when),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
