/* SPDX-License-Identifier: ISC */
#include "base/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char *row_of(TALLOC_CTX *ctx, const char *field)
{
	return nx_csv_row(ctx, &field, 1);
}

static void every_field_is_quoted(void **state)
{
	static const char *const fields[] = {"a", "", "b \"c\", d", "7"};
	TALLOC_CTX *ctx = talloc_new(NULL);
	(void)state;
	assert_string_equal(nx_csv_row(ctx, fields, 4),
	                    "\"a\",\"\",\"b \"\"c\"\", d\",\"7\"\r\n");
	assert_string_equal(nx_csv_row(ctx, fields, 0), "\r\n");
	talloc_free(ctx);
}

static void no_field_is_a_formula(void **state)
{
	static const struct {
		const char *field, *want;
	} cases[] = {
	        {"=1+1", "\"'=1+1\"\r\n"},
	        {"+1", "\"'+1\"\r\n"},
	        {"-1", "\"'-1\"\r\n"},
	        {"@SUM(A1)", "\"'@SUM(A1)\"\r\n"},
	        {"|x", "\"'|x\"\r\n"},
	        {"  =1", "\"'  =1\"\r\n"},
	        {"\"=1", "\"'\"\"=1\"\r\n"},
	        {"'=1", "\"''=1\"\r\n"},
	        {"\xC2\xA0=1", "\"'\xC2\xA0=1\"\r\n"},
	        {"\xEF\xBB\xBF=1", "\"'\\u{FEFF}=1\"\r\n"},
	        {"\xE2\x80\x8B=1", "\"'\\u{200B}=1\"\r\n"},
	        {"\xEF\xBC\x9D"
	         "1",
	         "\"'\xEF\xBC\x9D"
	         "1\"\r\n"},
	        {"\t1", "\"'\\x091\"\r\n"},
	        {"\r\n=1", "\"'\\x0D\\x0A=1\"\r\n"},
	        {"a=1", "\"a=1\"\r\n"},
	        {"user+tag@example.com", "\"user+tag@example.com\"\r\n"},
	        {" ", "\" \"\r\n"},
	};
	TALLOC_CTX *ctx = talloc_new(NULL);
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(row_of(ctx, cases[i].field), cases[i].want);
	talloc_free(ctx);
}

static void controls_do_not_reach_the_file(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	(void)state;
	assert_string_equal(row_of(ctx, "a\r\nb\x1B[1m\\"),
	                    "\"a\\x0D\\x0Ab\\x1B[1m\\\\\"\r\n");
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_field_is_quoted),
	        cmocka_unit_test(no_field_is_a_formula),
	        cmocka_unit_test(controls_do_not_reach_the_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
