/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "report/conditions/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../utf8.h"
#include "hostile.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum { ALL = 1000 /* more than any of these texts */ };

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

static void letters_of_every_language_of_the_rules_fold(void **state)
{
	static const struct {
		const char *name, *text, *folded;
	} cases[] = {
	        {"ASCII", "ABCDEFGHIJKLMNOPQRSTUVWXYZ [\\]^_`{|}@",
	         "abcdefghijklmnopqrstuvwxyz [\\]^_`{|}@"},
	        {"German", "ÄÖÜß", "äöüß"},
	        {"French", "ÀÂÆÇÉÈÊËÎÏÔŒÙÛÜ", "àâæçéèêëîïôœùûü"},
	        {"Spanish and Catalan", "ÁÉÍÓÚÑÜ¿¡Ò·ÏÇ", "áéíóúñü¿¡ò·ïç"},
	        {"Portuguese", "ÃÕÂÊÔÇ", "ãõâêôç"},
	        {"the north", "ÅÄÖØÆÐÞÝ", "åäöøæðþý"},
	        {"Polish", "ĄĆĘŁŃÓŚŹŻ", "ąćęłńóśźż"},
	        {"Czech and Slovak", "ČĎĚŇŘŠŤŮŽĹĽŔ", "čďěňřšťůžĺľŕ"},
	        {"Hungarian", "ŐŰ", "őű"},
	        {"Croatian", "ĐŠŽČĆ", "đšžčć"},
	        {"Baltic", "ĀČĒĢĪĶĻŅŠŪŽĖĮŲ", "āčēģīķļņšūžėįų"},
	        {"Turkish, whose i are four letters", "ÇĞÖŞÜİıI", "çğöşüİıi"},
	        {"signs that are no letters", "×÷ß©", "×÷ß©"},
	        {"Greek", "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩς",
	         "αβγδεζηθικλμνξοπρστυφχψως"},
	        {"Russian", "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ",
	         "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"},
	        {"Ukrainian", "ЄІЇҐ", "єіїґ"},
	        {"Serbian and Macedonian", "ЂЈЉЊЋЏЃЌЅ", "ђјљњћџѓќѕ"},
	        {"scripts without case", "退订 אב عم ไท 한글",
	         "退订 אב عم ไท 한글"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *got = nx_fold(*state, cases[i].text, ALL);

		if (strcmp(got, cases[i].folded) != 0)
			fail_msg("%s: \"%s\"", cases[i].name, got);
	}
}

static void what_keyboards_put_for_ascii_is_ascii(void **state)
{
	static const struct {
		const char *name, *text, *folded;
	} cases[] = {
	        {"curly apostrophes", "d’a‘b", "d'a'b"},
	        {"wide letters and digits", "ＡＺａｚ０９", "azaz09"},
	        {"wide signs", "！：（）～", "!:()~"},
	        {"lenticular brackets", "【退订】", "[退订]"},
	        {"beside the wide forms", "\xef\xbc\x80\xef\xbd\x9f",
	         "\xef\xbc\x80\xef\xbd\x9f"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *got = nx_fold(*state, cases[i].text, ALL);

		if (strcmp(got, cases[i].folded) != 0)
			fail_msg("%s: \"%s\"", cases[i].name, got);
	}
}

static void blanks_become_one_space_between_words(void **state)
{
	static const struct {
		const char *name, *text, *folded;
	} cases[] = {
	        {"in a row", "a \t\r\n b", "a b"},
	        {"at both ends", " \n a b\t ", "a b"},
	        {"that do not break",
	         "\xc2\xa0"
	         "a\xc2\xa0\xe2\x80\xaf"
	         "b\xe2\x80\xaf",
	         "a b"},
	        {"that are wide", "\xe3\x80\x80退\xe3\x80\x80\xe3\x80\x80订",
	         "退 订"},
	        {"one kind behind another",
	         "a \xc2\xa0 \xe3\x80\x80 "
	         "b",
	         "a b"},
	        {"only", " \xc2\xa0\n", ""},
	        {"none", "", ""},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *got = nx_fold(*state, cases[i].text, ALL);

		if (strcmp(got, cases[i].folded) != 0)
			fail_msg("%s: \"%s\"", cases[i].name, got);
	}
}

static void the_limit_counts_bytes_of_the_text(void **state)
{
	static const struct {
		const char *text;
		size_t limit;
		const char *folded;
	} cases[] = {
	        {"ABC", 0, ""},
	        {"ABC", 2, "ab"},
	        {"ABC", 3, "abc"},
	        {"A  BC", 3, "a"},
	        {"   AB", 4, "a"},
	        {"aÉ", 1, "a"},
	        {"aÉ", 2, "a"},
	        {"aÉ", 3, "aé"},
	        {"退订", 3, "退"},
	        {"退订", 5, "退"},
	        {"退订", 6, "退订"},
	        {"退", 2, ""},
	        {"a\xf0\x9f\x98\x80", 4, "a"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *got =
		        nx_fold(*state, cases[i].text, cases[i].limit);

		if (strcmp(got, cases[i].folded) != 0)
			fail_msg("%zu bytes of \"%s\": \"%s\"", cases[i].limit,
			         cases[i].text, got);
	}
	/* nothing is read behind it */
	const char bytes[3] = {'A', 'B', 'C'};

	assert_string_equal(nx_fold(*state, bytes, sizeof bytes), "abc");
}

static void no_character_is_lost_or_folds_twice(void **state)
{
	for (uint32_t code = 0x21; code <= 0x10FFFF; code++) {
		char text[5] = "";
		size_t size = nx_text_encode(code, text);

		if (code >= 0xD800 && code < 0xE000)
			continue;
		char *once = nx_fold(*state, text, ALL);
		char *twice = nx_fold(*state, once, ALL);
		bool is_blank =
		        code == 0xA0 || code == 0x202F || code == 0x3000;

		if ((*once == '\0') != is_blank || strcmp(once, twice) != 0 ||
		    strlen(once) > size || !is_utf8(once))
			fail_msg("U+%04X: \"%s\", \"%s\"", (unsigned)code, once,
			         twice);
		talloc_free(once);
		talloc_free(twice);
	}
}

static void any_text_folds(void **state)
{
	for (size_t i = 0; i < HOSTILE; i++) {
		TALLOC_CTX *ctx = talloc_new(*state);
		char *text = hostile_text(ctx, i);
		char *all = nx_fold(ctx, text, HOSTILE_SIZE);
		char *some = nx_fold(ctx, text, 101);
		size_t size = strlen(all);

		assert_true(size <= strlen(text));
		assert_true(strlen(some) <= 101);
		assert_memory_equal(all, some, strlen(some));
		assert_null(strchr(all, '\n'));
		assert_null(strstr(all, "  "));
		assert_true(size == 0 ||
		            (all[0] != ' ' && all[size - 1] != ' '));
		talloc_free(ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(letters_of_every_language_of_the_rules_fold),
	        cmocka_unit_test(what_keyboards_put_for_ascii_is_ascii),
	        cmocka_unit_test(blanks_become_one_space_between_words),
	        cmocka_unit_test(the_limit_counts_bytes_of_the_text),
	        cmocka_unit_test(no_character_is_lost_or_folds_twice),
	        cmocka_unit_test(any_text_folds),
	};

	return cmocka_run_group_tests(tests, start, end);
}
