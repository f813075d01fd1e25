/* SPDX-License-Identifier: ISC */
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int tear_down(void **state)
{
	talloc_free(*state);
	return 0;
}

static const struct nx_json *parse(void **state, const char *text)
{
	const struct nx_json *out = NULL;
	struct nx_error err = {0};
	bool good = nx_json_parse(*state, text, strlen(text), &out, &err);
	assert_string_equal(err.text, "");
	assert_true(good);
	return out;
}

static void members_are_read_by_name_and_type(void **state)
{
	static const char text[] =
	        "{\"t\":\"x\",\"n\":7,\"b\":true,\"o\":{\"t\":\"\\u00FC\"},"
	        "\"l\":[\"a\",{\"n\":1},2]}";
	const struct nx_json *root = parse(state, text);
	assert_string_equal(nx_json_text(root, "t"), "x");
	assert_int_equal(nx_json_number(root, "n"), 7);
	assert_true(nx_json_is_true(root, "b"));
	const struct nx_json *inner = nx_json_member(root, "o");
	assert_string_equal(nx_json_text(inner, "t"), "\xC3\xBC");
	const struct nx_json *list = nx_json_member(root, "l");
	assert_int_equal(nx_json_count(list), 3);
	assert_int_equal(nx_json_number(nx_json_item(list, 1), "n"), 1);
}

static void another_type_reads_as_nothing(void **state)
{
	const struct nx_json *root =
	        parse(state, "{\"t\":7,\"n\":\"x\",\"b\":1,\"o\":\"x\","
	                     "\"r\":1.5,\"l\":{},\"z\":null}");
	assert_string_equal(nx_json_text(root, "t"), "");
	assert_int_equal(nx_json_number(root, "n"), 0);
	assert_int_equal(nx_json_number(root, "r"), 0);
	assert_false(nx_json_is_true(root, "b"));
	assert_null(nx_json_member(root, "o"));
	assert_null(nx_json_member(root, "absent"));
	assert_string_equal(nx_json_text(root, "absent"), "");
	assert_string_equal(nx_json_text(NULL, "t"), "");
	assert_int_equal(nx_json_count(nx_json_member(root, "l")), 0);
	assert_int_equal(nx_json_count(NULL), 0);
	assert_null(nx_json_item(NULL, 0));
}

static void hostile_json_is_refused(void **state)
{
	static const struct {
		const char *text;
		size_t size;
		const char *place;
	} cases[] = {
	        {"", 0, "line 1, column "},
	        {"7", 1, "line 1, column "},
	        {"{", 1, "line 1, column "},
	        {"[]x", 3, "line 1, column "},
	        {"[\n \x01]", 5, "line 2, column "},
	        {"{\"a\":1,\"a\":2}", 13, "line 1, column 10: duplicate"},
	        {"[\"\\u0000\"]", 10, "line 1, column "},
	        {"[\"\0\"]", 5, "line 1, column "},
	        {"[]\0", 3, "line 1, column "},
	        {"[\"\xFF\"]", 5, "line 1, column "},
	        {"[\"\xE2\x80\xAE", 5, "line 1, column "},
	        {"[\n[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", 34,
	         "line 2, column 32: nested deeper than 32"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct nx_json *out;
		struct nx_error err = {0};
		assert_false(nx_json_parse(*state, cases[i].text, cases[i].size,
		                           &out, &err));
		assert_int_equal(err.kind, NX_ERROR_DATA);
		assert_memory_equal(err.text, cases[i].place,
		                    strlen(cases[i].place));
		for (const char *c = err.text; *c; c++)
			assert_in_range(*c, 0x20, 0x7E);
	}
}

static void brackets_in_text_are_not_depth(void **state)
{
	parse(state, "[\"[[[[[[[[[[[[[[[[[[\\\"[[[[[[[[[[[[[[[[[[[[[\"]");
	parse(state, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
	             "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(members_are_read_by_name_and_type),
	        cmocka_unit_test(another_type_reads_as_nothing),
	        cmocka_unit_test(hostile_json_is_refused),
	        cmocka_unit_test(brackets_in_text_are_not_depth),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
