/* SPDX-License-Identifier: ISC */
#include "mail/charset.h"
#include "mail/guess.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LIMIT = 1000 };

static TALLOC_CTX *ctx;

static int begin(void **state)
{
	(void)state;
	ctx = talloc_new(NULL);
	nx_charset_start();
	return 0;
}

static int end(void **state)
{
	(void)state;
	return talloc_free(ctx);
}

static void reads(const char *label, const char *bytes, size_t size,
                  const char *want)
{
	char *exact = talloc_size(ctx, size);
	memcpy(exact, bytes, size);
	assert_string_equal(nx_charset_text(ctx, label, exact, size, LIMIT),
	                    want);
}

/* "no user" in the language of the set */
static const struct {
	const char *set, *bytes, *text;
} samples[] = {
        {"windows1252", "Empf\xe4nger unbekannt, gel\xf6scht",
         "Empfänger unbekannt, gelöscht"},
        {"windows1252", "Utilisateur supprim\xe9 \xe0 l\x92\xe9tranger",
         "Utilisateur supprimé à l’étranger"},
        {"koi8r",
         "\xf0\xcf\xcc\xd8\xda\xcf\xd7\xc1\xd4\xc5\xcc\xd8 "
         "\xce\xc5 \xce\xc1\xca\xc4\xc5\xce",
         "Пользователь не найден"},
        {"windows1251",
         "\xcf\xee\xeb\xfc\xe7\xee\xe2\xe0\xf2\xe5\xeb\xfc "
         "\xed\xe5 \xed\xe0\xe9\xe4\xe5\xed",
         "Пользователь не найден"},
        {"shiftjis",
         "\x83\x86\x81\x5b\x83\x55\x81\x5b\x82\xaa\x91\xb6\x8d\xdd\x82"
         "\xb5\x82\xdc\x82\xb9\x82\xf1",
         "ユーザーが存在しません"},
        {"eucjp",
         "\xa5\xe6\xa1\xbc\xa5\xb6\xa1\xbc\xa4\xac\xc2\xb8\xba\xdf\xa4"
         "\xb7\xa4\xde\xa4\xbb\xa4\xf3",
         "ユーザーが存在しません"},
        {"iso2022jp", "\x1b$B%f!<%6!<$,B8:_$7$^$;$s\x1b(B",
         "ユーザーが存在しません"},
        {"gb18030", "\xd3\xc3\xbb\xa7\xb2\xbb\xb4\xe6\xd4\xda", "用户不存在"},
        {"big5", "\xa8\xcf\xa5\xce\xaa\xcc\xa4\xa3\xa6\x73\xa6\x62",
         "使用者不存在"},
        {"euckr",
         "\xc1\xb8\xc0\xe7\xc7\xcf\xc1\xf6 \xbe\xca\xb4\xc2 \xbb\xe7\xbf"
         "\xeb\xc0\xda\xc0\xd4\xb4\xcf\xb4\xd9",
         "존재하지 않는 사용자입니다"},
        {"utf8", "Empfänger gelöscht", "Empfänger gelöscht"},
        {"utf8", "plain", "plain"},
};

static void a_set_is_known_by_its_letters(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
		assert_string_equal(nx_guess_charset(samples[i].bytes,
		                                     strlen(samples[i].bytes)),
		                    samples[i].set);
}

static void a_default_label_is_not_believed(void **state)
{
	static const char *const labels[] = {
	        "",        "us-ascii", "utf-8",          "iso-8859-1",
	        "unknown", "ibm1390",  "ansi_x3.4-1968", "windows-1252",
	};
	(void)state;
	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
		for (size_t j = 0; j < sizeof samples / sizeof *samples; j++)
			reads(labels[i], samples[j].bytes,
			      strlen(samples[j].bytes), samples[j].text);
}

static void one_wrong_byte_does_not_make_utf8_another_set(void **state)
{
	static const char text[] = "Empfänger gelöscht: caf\xe9 au lait";
	(void)state;
	reads("utf-8", text, sizeof text - 1,
	      "Empfänger gelöscht: caf\xef\xbf\xbd au lait");
}

static void utf16_is_known_by_its_first_characters(void **state)
{
	static const struct {
		const char *label, *bytes;
		size_t size;
		const char *want;
	} cases[] = {
	        {"utf-16",
	         "\xff\xfe"
	         "h\0\xe9\0",
	         6, "hé"},
	        {"utf-16", "\xfe\xff\0h\0\xe9", 6, "hé"},
	        {"utf-16le", "h\0i\0", 4, "hi"},
	        {"utf-16be", "\0h\0i", 4, "hi"},
	        {"utf-16be", "h\0i\0", 4, "hi"},
	        {"utf-16", "h\0i\0", 4, "hi"},
	        {"utf-8", "h\0i\0", 4, "hi"},
	        {"", "\0h\0i", 4, "hi"},
	        {"utf-16le", "\x1f\x04\x3e\x04 \0!\0", 8, "По !"},
	        {"utf-16be", "\x04\x1f\0!", 4, "П!"},
	        {"utf-16", "h\0i\0\x3d\xd8\x00\xde", 8, "hi😀"},
	        {"utf-16", "h\0i\0\x3d\xd8h\0", 8, "hi\xef\xbf\xbdh"},
	        {"utf-16", "h\0i\0\x3d\xd8", 6, "hi\xef\xbf\xbd"},
	        {"utf-16", "h\0i\0x", 5, "hi"},
	        {"utf-16", "hi, all", 7, "hi, all"},
	        {"utf-16", "h", 1, "h"},
	        {"utf-16", "", 0, ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		reads(cases[i].label, cases[i].bytes, cases[i].size,
		      cases[i].want);
}

static void html_may_name_its_set(void **state)
{
	static const struct {
		const char *html, *label;
	} cases[] = {
	        {"<html><head><meta charset=\"iso-8859-2\"></head>",
	         "iso-8859-2"},
	        {"<META http-equiv='Content-Type' content='text/html; "
	         "charset=koi8-r'/>",
	         "koi8-r"},
	        {"<meta charset=gbk>", "gbk"},
	        {"<meta charset=", ""},
	        {"<p>charset=gbk</p>", ""},
	        {"", ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t size = strlen(cases[i].html);
		const char *exact = talloc_memdup(ctx, cases[i].html, size);
		assert_string_equal(nx_charset_of_html(ctx, exact, size),
		                    cases[i].label);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_set_is_known_by_its_letters),
	        cmocka_unit_test(a_default_label_is_not_believed),
	        cmocka_unit_test(one_wrong_byte_does_not_make_utf8_another_set),
	        cmocka_unit_test(utf16_is_known_by_its_first_characters),
	        cmocka_unit_test(html_may_name_its_set),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
