/* SPDX-License-Identifier: ISC */
#include "mail/redact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_text_keeps_its_words_and_loses_its_addresses(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	        {"", ""},
	        {"550 5.1.1 User unknown", "550 5.1.1 User unknown"},
	        {"550 5.1.1 <lily@example.com>: unknown",
	         "550 5.1.1 <[address]>: unknown"},
	        {"lily@example.com, rose@example.org", "[address], [address]"},
	        {"see https://example.net/?u=lily%40example.com now",
	         "see https:[address] now"},
	        {"bounces+lily=example.com is not there", ""},
	        {"user bGlseUBleGFtcGxlLmNvbQ== gone", ""},
	};
	TALLOC_CTX *ctx = talloc_new(NULL);
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(
		        nx_redact(ctx, cases[i].text, "lily@example.com"),
		        cases[i].want);
	assert_string_equal(nx_redact_named(ctx,
	                                    "<1-lily=example.com@b.example>",
	                                    "lily@example.com"),
	                    "");
	assert_string_equal(
	        nx_redact_named(ctx, "<1@b.example>", "lily@example.com"),
	        "<1@b.example>");
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(
	                a_text_keeps_its_words_and_loses_its_addresses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
