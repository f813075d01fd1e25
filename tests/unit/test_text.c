/* SPDX-License-Identifier: ISC */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../utf8.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))
#define BAD          "\xEF\xBF\xBD"

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

static void repaired_text_is_always_valid(void **state)
{
	static const struct {
		const char *bytes;
		size_t size, limit;
		const char *want;
	} cases[] = {
	        {"", 0, 10, ""},
	        {"plain text, longer than a word", 30, 99,
	         "plain text, longer than a word"},
	        {"a\r\nb\rc\n\r\r\n", 10, 99, "a\nb\nc\n\n\n"},
	        {"12345678\r\n", 10, 99, "12345678\n"},
	        {"a\0b", 3, 99, "a" BAD "b"},
	        {"\0\0", 2, 99, BAD BAD},
	        {"gr\xC3\xBC\xC3\x9F", 6, 99, "gr\xC3\xBC\xC3\x9F"},
	        {"\xF0\x9F\x98\x80", 4, 99, "\xF0\x9F\x98\x80"},
	        {"caf\xE9 au lait", 12, 99, "caf" BAD " au lait"},
	        {"\xC0\xAF", 2, 99, BAD BAD},         /* overlong */
	        {"\xE0\x80\xAF", 3, 99, BAD BAD BAD}, /* overlong */
	        {"\xF0\x80\x80\xAF", 4, 99, BAD BAD BAD BAD},
	        {"\xED\xA0\x80", 3, 99, BAD BAD BAD},    /* surrogate */
	        {"\xED\x9F\xBF", 3, 99, "\xED\x9F\xBF"}, /* the one before */
	        {"\xF4\x90\x80\x80", 4, 99, BAD BAD BAD BAD},
	        {"\xF4\x8F\xBF\xBF", 4, 99, "\xF4\x8F\xBF\xBF"},
	        {"\xFF\xFE", 2, 99, BAD BAD},
	        {"a\x80", 2, 99, "a" BAD},
	        {"\xE2\x82", 2, 99, BAD BAD}, /* cut short */
	        {"\xE2\x82x", 3, 99, BAD BAD "x"},
	        {"abcdef", 6, 3, "abc"},
	        {"abcdef", 6, 0, ""},
	        {"ab\xC3\xBC", 4, 3, "ab"}, /* never half */
	        {"ab\xE2\x82\xAC", 5, 4, "ab"},
	        {"ab\xE2\x82\xAC", 5, 3, "ab"},
	        {"ab\xE2\x82\xAC", 5, 5, "ab\xE2\x82\xAC"},
	        {"a\xF0\x9F\x98\x80", 5, 4, "a"},
	        {"a\xF0\x9F\x98\x80", 5, 2, "a"},
	        {"\x80\x80\x80\x80", 4, 2, BAD BAD},
	        {"1234567\x80", 8, 99, "1234567" BAD},
	        {"a\r\n", 3, 2, "a\n"},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *got = nx_text_repair(*state, cases[i].bytes,
		                           cases[i].size, cases[i].limit);
		assert_string_equal(got, cases[i].want);
		assert_true(is_utf8(got));
	}
}

/* Testing eight bytes at once must not hide a byte at any offset. */
static void a_bad_byte_is_found_at_every_offset(void **state)
{
	static const char bad[] = {'\0', '\r', '\x80', '\xFF'};
	for (size_t at = 0; at < 40; at++) {
		for (size_t k = 0; k < sizeof(bad); k++) {
			char bytes[40];
			memset(bytes, 'x', sizeof(bytes));
			bytes[at] = bad[k];
			char *got = nx_text_repair(*state, bytes, 40, 40);
			const char *want = bad[k] == '\r' ? "\n" : BAD;
			assert_memory_equal(got + at, want, strlen(want));
			assert_int_equal(strlen(got), 39 + strlen(want));
			assert_int_equal(strspn(got, "x"), at);
		}
	}
}

static void blanks_are_trimmed_at_both_ends_only(void **state)
{
	assert_string_equal(nx_text_trim(*state, " \t\r\n a  b \n"), "a  b");
	assert_string_equal(nx_text_trim(*state, " \t "), "");
	assert_string_equal(nx_text_trim(*state, ""), "");
}

static void runs_of_blanks_become_one_space(void **state)
{
	static const struct {
		const char *text;
		size_t limit;
		const char *want;
	} cases[] = {
	        {"", 9, ""},
	        {" \n ", 9, ""},
	        {"\n a \t\r\n b ", 9, "a b"},
	        {"a b c", 3, "a b"},
	        {"a b c", 2, "a"}, /* no blank at the end of the cut */
	        {"a b c", 0, ""},
	        {"ab\xC3\xBC", 3, "ab"},
	        {"ab\xC3\xBC", 4, "ab\xC3\xBC"},
	        {"ab\xF0\x9F\x98\x80zzzzzzz", 5, "ab"},
	        {"ab\xF0\x9F\x98\x80zzzzzzz", 6, "ab\xF0\x9F\x98\x80"},
	};
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(
		        nx_text_squeeze(*state, cases[i].text, cases[i].limit),
		        cases[i].want);
}

static void case_is_that_of_ascii(void **state)
{
	assert_string_equal(nx_text_lower(*state, "AZaz@[\xC3\x9C"),
	                    "azaz@[\xC3\x9C");
	assert_true(nx_text_equal("Mailer-DAEMON", "mailer-daemon"));
	assert_false(nx_text_equal("a", "ab"));
	assert_false(nx_text_equal("ab", "a"));
	assert_false(nx_text_equal("@", "`"));
	assert_true(nx_text_equal("", ""));
	assert_true(nx_text_starts("Subject: x", "SUBJECT:"));
	assert_false(nx_text_starts("Sub", "subject"));
	assert_true(nx_text_starts("x", ""));
	assert_true(nx_text_ends("a.EXAMPLE", ".example"));
	assert_false(nx_text_ends("le", "example"));
	assert_true(nx_text_ends("x", ""));
}

static void a_word_is_found_in_any_case(void **state)
{
	(void)state;
	const char *text = "aaab User UNKNOWN";
	assert_ptr_equal(nx_text_find(text, "user unknown"), text + 5);
	assert_ptr_equal(nx_text_find(text, "aab"), text + 1);
	assert_ptr_equal(nx_text_find(text, ""), text);
	assert_null(nx_text_find(text, "unknown user"));
	assert_null(nx_text_find("", "x"));
}

static void what_is_shown_cannot_act(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	        {"", ""},
	        {"plain ~", "plain ~"},
	        {"gr\xC3\xBC\xC3\x9F", "gr\xC3\xBC\xC3\x9F"},
	        {"a\r\nb\tc", "a\\x0D\\x0Ab\\x09c"},
	        {"\x1B[31m", "\\x1B[31m"},
	        {"\x7F", "\\x7F"},
	        {"\\x0A", "\\\\x0A"}, /* reversible */
	        {"\xC2\x85", "\\u{85}"},
	        {"\x85", "\\x85"},
	        {"\xC2\xAD", "\\u{AD}"},
	        {"\xC2\xA0", "\xC2\xA0"},
	        {"\xD8\x9C", "\\u{61C}"},
	        {"\xE2\x80\x8B", "\\u{200B}"},
	        {"\xE2\x80\xAE", "\\u{202E}"},
	        {"\xE2\x81\xA6", "\\u{2066}"},
	        {"\xEF\xBB\xBF", "\\u{FEFF}"},
	        {"\xEF\xBF\xBD", "\xEF\xBF\xBD"},
	        {"\xEE\x80\x80", "\\u{E000}"},
	        {"\xF3\xA0\x80\x81", "\\u{E0001}"},
	        {"\xF4\x8F\xBF\xBD", "\\u{10FFFD}"},
	        {"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"},
	        {"\xE2\x82", "\\xE2\\x82"},
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_string_equal(
		        nx_text_escape(*state, cases[i].text, false),
		        cases[i].want);
		assert_string_equal(nx_text_escape(*state, cases[i].text, true),
		                    cases[i].want);
	}
}

static void a_long_text_is_cut_for_eyes(void **state)
{
	char text[1025] = {0};
	memset(text, 'a', 256);
	assert_string_equal(nx_text_escape(*state, text, true), text);
	memset(text, 'a', 1024);
	char *got = nx_text_escape(*state, text, true);
	assert_int_equal(strspn(got, "a"), 255);
	assert_string_equal(got + 255, "\xE2\x80\xA6");
	assert_string_equal(nx_text_escape(*state, text, false), text);
	memset(text, 1, 1024); /* never half an escape */
	got = nx_text_escape(*state, text, true);
	assert_int_equal(strlen(got), 63 * 4 + 3);
	for (size_t i = 0; i + 3 < 1024; i += 3) /* two columns each */
		memcpy(text + i, "\xE6\x97\xA5", 3);
	assert_int_equal(strlen(nx_text_escape(*state, text, true)),
	                 127 * 3 + 3);
}

static void a_hexadecimal_number_has_sixteen_digits(void **state)
{
	static const char *const others[] = {"", "0", "00000000000000g0",
	                                     "00000000000000A0",
	                                     "000000000000000"};
	int64_t number;
	(void)state;
	assert_true(nx_text_hex_number("00000000000000ff", &number));
	assert_int_equal(number, 255);
	assert_true(nx_text_hex_number("ffffffffffffffff and more", &number));
	assert_int_equal(number, -1);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_false(nx_text_hex_number(others[i], &number));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(repaired_text_is_always_valid),
	        cmocka_unit_test(a_bad_byte_is_found_at_every_offset),
	        cmocka_unit_test(blanks_are_trimmed_at_both_ends_only),
	        cmocka_unit_test(runs_of_blanks_become_one_space),
	        cmocka_unit_test(case_is_that_of_ascii),
	        cmocka_unit_test(a_word_is_found_in_any_case),
	        cmocka_unit_test(what_is_shown_cannot_act),
	        cmocka_unit_test(a_long_text_is_cut_for_eyes),
	        cmocka_unit_test(a_hexadecimal_number_has_sixteen_digits),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
