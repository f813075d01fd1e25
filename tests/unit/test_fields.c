/* SPDX-License-Identifier: ISC */
#include "context.h"

#include "mail/fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_block_ends_at_an_empty_line(void **state)
{
	static const char text[] = "Reporting-MTA: dns; mx.example.com\n"
	                           "Arrival-Date: today\n"
	                           " \n"
	                           "Action: failed\n";
	size_t used = 0;
	(void)state;
	struct nx_fields fields = nx_fields_parse(ctx, text, &used);
	assert_int_equal(fields.count, 2);
	assert_string_equal(nx_fields_get(&fields, "reporting-mta"),
	                    "dns; mx.example.com");
	assert_string_equal(nx_fields_get(&fields, "ARRIVAL-DATE"), "today");
	assert_string_equal(nx_fields_get(&fields, "Action"), "");
	assert_true(nx_fields_has(&fields, "Arrival-date"));
	assert_false(nx_fields_has(&fields, "Arrival"));
	assert_string_equal(text + used, "Action: failed\n");
}

static void a_field_may_have_any_layout(void **state)
{
	static const struct {
		const char *text;
		const char *name; /* "" when it is no field */
		const char *value;
	} cases[] = {
	        {"A: b", "A", "b"},
	        {"A:b\n", "A", "b"},
	        {"A:\tb \t\n", "A", "b"},
	        {"A :b\n", "A", "b"},
	        {"A:\n", "A", ""},
	        {"A:", "A", ""},
	        {"A: b\n c", "A", "b c"},
	        {"A: b \n\t  c\n", "A", "b c"},
	        {"A:\n b\n c\n", "A", "b c"},
	        {"A: b\r\n c\r\n", "A", "b c"},
	        {"A: b: c", "A", "b: c"},
	        {"A: b\nno field\n", "A", "b"},
	        {"no field\n continued\nA: b\n", "A", "b"},
	        {" leading\nA: b\n", "A", "b"},
	        {"A: b\n-- \nC", "A", "b"},
	        {"no field", "", ""},
	        {": b", "", ""},
	        {"two words: b", "", ""},
	        {"caf\xc3\xa9: b", "", ""},
	        {"", "", ""},
	        {"\n\n", "", ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct nx_fields got =
		        nx_fields_parse(ctx, cases[i].text, NULL);
		assert_int_equal(got.count, *cases[i].name != '\0');
		if (got.count == 0)
			continue;
		assert_string_equal(got.item[0].name, cases[i].name);
		assert_string_equal(got.item[0].value, cases[i].value);
	}
}

static void the_first_of_two_fields_counts(void **state)
{
	(void)state;
	struct nx_fields fields =
	        nx_fields_parse(ctx, "A: 1\nB: 2\na: 3\n", NULL);
	assert_int_equal(fields.count, 3);
	assert_string_equal(nx_fields_get(&fields, "A"), "1");
	assert_string_equal(fields.item[2].value, "3");
}

static void blocks_without_fields_are_left_out(void **state)
{
	static const char text[] = "\n\nA: 1\n\n\nwords\n\nB: 2\nC: 3\n\n \n"
	                           "D: 4";
	size_t count = 0;
	(void)state;
	const struct nx_fields *block = nx_fields_blocks(ctx, text, 9, &count);
	assert_int_equal(count, 3);
	assert_string_equal(nx_fields_get(&block[0], "a"), "1");
	assert_string_equal(nx_fields_get(&block[1], "c"), "3");
	assert_string_equal(nx_fields_get(&block[2], "d"), "4");
	nx_fields_blocks(ctx, text, 2, &count);
	assert_int_equal(count, 2);
	nx_fields_blocks(ctx, text, 0, &count);
	assert_int_equal(count, 0);
	nx_fields_blocks(ctx, "", 9, &count);
	assert_int_equal(count, 0);
}

static void a_type_is_parted_from_its_value(void **state)
{
	static const struct {
		const char *value, *type, *rest;
	} cases[] = {
	        {"smtp; 550 no", "smtp", "550 no"},
	        {"SMTP;550 no", "smtp", "550 no"},
	        {" rfc822 ; a@example.com ", "rfc822", "a@example.com"},
	        {"X-mPOP-Fallback_MX; no", "x-mpop-fallback_mx", "no"},
	        {"dns;", "dns", ""},
	        {"550 5.1.1 no; really", "", "550 5.1.1 no; really"},
	        {"a@example.com;", "", "a@example.com;"},
	        {"<a@example.com>", "", "<a@example.com>"},
	        {"; x", "", "; x"},
	        {"", "", ""},
	        {"smtp;;x", "smtp", ";x"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *type = NULL;
		const char *rest = nx_fields_typed(ctx, cases[i].value, &type);
		assert_string_equal(type, cases[i].type);
		assert_string_equal(rest, cases[i].rest);
	}
}

static void comments_are_taken_out(void **state)
{
	static const struct {
		const char *value, *rest;
	} cases[] = {
	        {"5.1.1 (bad mailbox)", "5.1.1"},
	        {"(a)failed(b)", "failed"},
	        {"a (b (c) d) e", "a  e"},
	        {"a (never closed", "a"},
	        {"a ) b", "a ) b"},
	        {"\"a (b)\" c", "\"a (b)\" c"},
	        {"a \\(b\\)", "a \\(b\\)"},
	        {"(a \\) b) c", "c"},
	        {"a\\", "a\\"},
	        {"", ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(nx_fields_uncomment(ctx, cases[i].value),
		                    cases[i].rest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_block_ends_at_an_empty_line),
	        cmocka_unit_test(a_field_may_have_any_layout),
	        cmocka_unit_test(the_first_of_two_fields_counts),
	        cmocka_unit_test(blocks_without_fields_are_left_out),
	        cmocka_unit_test(a_type_is_parted_from_its_value),
	        cmocka_unit_test(comments_are_taken_out),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
