/* SPDX-License-Identifier: ISC */
#include "base/json_out.h"

#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *text_of(TALLOC_CTX *ctx, const char *value, size_t limit)
{
	struct nx_json_out *out = nx_json_out_new(ctx);
	nx_json_out_text(out, "a", value, limit);
	nx_json_out_end(out);
	assert_int_equal(strlen(out->text), out->size);
	return out->text;
}

static void members_and_containers_nest(void **state)
{
	struct nx_json_out *out = nx_json_out_new(*state);
	nx_json_out_number(out, "n", -12345678901);
	nx_json_out_array(out, "list");
	nx_json_out_text(out, NULL, "x", 10);
	nx_json_out_object(out, NULL);
	nx_json_out_bool(out, "yes", true);
	nx_json_out_null(out, "nothing");
	nx_json_out_end(out);
	nx_json_out_end(out);
	nx_json_out_object(out, "empty");
	nx_json_out_end(out);
	nx_json_out_end(out);
	assert_string_equal(out->text, "{\"n\":-12345678901,\"list\":[\"x\","
	                               "{\"yes\":true,\"nothing\":null}],"
	                               "\"empty\":{}}");
}

static void numbers_are_written_whole(void **state)
{
	struct nx_json_out *out = nx_json_out_new(*state);
	nx_json_out_number(out, "least", INT64_MIN);
	nx_json_out_number(out, "none", 0);
	nx_json_out_number(out, "most", INT64_MAX);
	nx_json_out_end(out);
	assert_string_equal(out->text, "{\"least\":-9223372036854775808,"
	                               "\"none\":0,"
	                               "\"most\":9223372036854775807}");
}

static void written_text_is_printable_ascii(void **state)
{
	static const struct {
		const char *value, *text;
	} cases[] = {
	        {"", "{\"a\":\"\"}"},
	        {"a/b", "{\"a\":\"a/b\"}"},
	        {"\"\\", "{\"a\":\"\\\"\\\\\"}"},
	        {"\b\f\n\r\t", "{\"a\":\"\\b\\f\\n\\r\\t\"}"},
	        {"\x1B", "{\"a\":\"\\u001B\"}"},
	        {"\x7Fz\x7F", "{\"a\":\"\\u007Fz\\u007F\"}"},
	        {"\xC3\xBC", "{\"a\":\"\\u00FC\"}"},
	        {"\xE2\x80\xAE", "{\"a\":\"\\u202E\"}"},
	        {"\xF0\x9F\x98\x80", "{\"a\":\"\\uD83D\\uDE00\"}"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(text_of(*state, cases[i].value, SIZE_MAX),
		                    cases[i].text);
}

static void every_byte_is_read_back_wherever_it_stands(void **state)
{
	enum { SIZE = 20 };
	for (int byte = 1; byte < 0x80; byte++) {
		for (size_t at = 0; at < SIZE; at++) {
			const struct nx_json *read;
			struct nx_error err;
			char value[SIZE + 1] = "abcdefghijklmnopqrst";
			value[at] = (char)byte;
			const char *text = text_of(*state, value, 1000);
			for (const char *c = text; *c != '\0'; c++)
				assert_in_range(*c, ' ', '~');
			assert_true(nx_json_parse(*state, text, strlen(text),
			                          &read, &err));
			assert_string_equal(nx_json_text(read, "a"), value);
		}
	}
}

static void what_is_no_utf8_is_replaced(void **state)
{
	static const struct {
		const char *value, *text;
	} cases[] = {
	        {"a\xFFz", "{\"a\":\"a\\uFFFDz\"}"},
	        {"\xC3", "{\"a\":\"\\uFFFD\"}"},
	        {"\xC0\xAF", "{\"a\":\"\\uFFFD\\uFFFD\"}"},
	        {"\xED\xA0\x80", "{\"a\":\"\\uFFFD\\uFFFD\\uFFFD\"}"},
	        {"\xF5\x80\x80\x80",
	         "{\"a\":\"\\uFFFD\\uFFFD\\uFFFD\\uFFFD\"}"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(text_of(*state, cases[i].value, 1000),
		                    cases[i].text);
}

static void text_is_cut_between_characters(void **state)
{
	static const struct {
		const char *value;
		size_t limit;
		const char *text;
	} cases[] = {
	        {"abc", 3, "{\"a\":\"abc\"}"},
	        {"abc", 2, "{\"a\":\"ab\"}"},
	        {"abc", 0, "{\"a\":\"\"}"},
	        {"a\xC3\xA9", 2, "{\"a\":\"a\"}"},
	        {"a\xC3\xA9", 3, "{\"a\":\"a\\u00E9\"}"},
	        {"\n\n\n", 2, "{\"a\":\"\\n\\n\"}"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(
		        text_of(*state, cases[i].value, cases[i].limit),
		        cases[i].text);
}

static void a_long_text_finds_room(void **state)
{
	char *value = talloc_array(*state, char, 100001);
	memset(value, '\x01', 100000);
	value[100000] = '\0';
	assert_int_equal(strlen(text_of(*state, value, SIZE_MAX)), 600008);
}

static int start(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int end(void **state)
{
	talloc_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(members_and_containers_nest),
	        cmocka_unit_test(numbers_are_written_whole),
	        cmocka_unit_test(written_text_is_printable_ascii),
	        cmocka_unit_test(every_byte_is_read_back_wherever_it_stands),
	        cmocka_unit_test(what_is_no_utf8_is_replaced),
	        cmocka_unit_test(text_is_cut_between_characters),
	        cmocka_unit_test(a_long_text_finds_room),
	};
	return cmocka_run_group_tests(tests, start, end);
}
