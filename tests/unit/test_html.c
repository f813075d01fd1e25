/* SPDX-License-Identifier: ISC */
#include "mail/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "hostile.h"

static void html_becomes_lines(void **state)
{
	static const struct {
		const char *html, *text;
	} cases[] = {
	        {"", ""},
	        {"words", "words\n"},
	        {"a  b\n\tc", "a b c\n"},
	        {"a<br>b<BR/>c<br />d", "a\nb\nc\nd\n"},
	        {"<p>a</p><p>b</p>", "a\n\nb\n"},
	        {"<div>a</div><div>b</div>", "a\nb\n"},
	        {"<div><div>a</div></div>b", "a\nb\n"},
	        {"a<br><br><br><br>b", "a\n\nb\n"},
	        {"<ul><li>a<li>b</ul>c", "a\nb\nc\n"},
	        {"<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>",
	         "a b\nc\n"},
	        {"<b>5.1</b><i>.1</i>", "5.1.1\n"},
	        {"a&lt;b@example.com&gt;", "a<b@example.com>\n"},
	        {"a&amp;lt;b", "a&lt;b\n"},
	        {"&#65;&#x42;&#x43", "ABC\n"},
	        {"&#233;&eacute;&Eacute;", "\xc3\xa9\xc3\xa9\xc3\x89\n"},
	        {"&#8217;&rsquo;", "\xe2\x80\x99\xe2\x80\x99\n"},
	        {"&#x1F600;", "\xf0\x9f\x98\x80\n"},
	        {"a&nbsp;b&#160;c\xc2\xa0"
	         "d",
	         "a b c d\n"},
	        {"a&#0;b&#10;c", "a b c\n"},
	        {"&#xD800;&#x110000;", "&#xD800;&#x110000;\n"},
	        {"&unknown; &; & &#; &#x;", "&unknown; &; & &#; &#x;\n"},
	        {"AT&T a&b", "AT&T a&b\n"},
	        {"u&#8203;ser\u200b&commat;ex&shy;ample\u00ad&period;com\ufeff",
	         "user@example.com\n"},
	        {"a&ensp;&emsp;b", "a b\n"},
	        {"<style>p {}</style>a", "a\n"},
	        {"<SCRIPT>if (a<b) x()</SCRIPT>a", "a\n"},
	        {"<head><title>x</title></head><body>a", "a\n"},
	        {"<head><title>x</title><body>a", "a\n"},
	        {"<head>a", "a\n"},
	        {"<header>a</header>b", "a\nb\n"},
	        {"<!DOCTYPE html><?xml version=\"1\"?><!-- <p>x --> a", "a\n"},
	        {"<!--[if mso]><p>x<![endif]-->a", "a\n"},
	        {"a <!-- never closed", "a\n"},
	        {"<style>never closed", ""},
	        {"1 < 2 and 3 > 2", "1 < 2 and 3 > 2\n"},
	        {"a <b", "a <b\n"},
	        {"a <", "a <\n"},
	        {"<user@example.com>: gone", "<user@example.com>: gone\n"},
	        {"<a href=\"mailto:u@example.com\">u@example.com</a>",
	         "u@example.com\n"},
	        {"<pre>a\nb\n\nc</pre>d\ne", "a\nb\n\nc\nd e\n"},
	        {"<averyveryverylongtagname>a", "a\n"},
	        {"<p>a<o:p></o:p></p>", "a\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text = nx_html_text(NULL, cases[i].html);
		assert_string_equal(text, cases[i].text);
		talloc_free(text);
	}
}

static void any_text_is_read(void **state)
{
	static const char *const pieces[] = {
	        "<",  ">",    "&",         "&#",   "&lt",     ";",
	        "<p", "</",   "<!--",      "-->",  "<head",   "<pre>",
	        "\n", "x ",   "\xc2",      "\xa0", "&hellip", "<br>",
	        "@",  "<td>", "&#x10ffff", "\"",   "<body",   "</p>",
	};
	(void)state;
	srand(3);
	for (int round = 0; round < 20000; round++) {
		char html[200] = "";
		char *at = html;
		while (at - html < 180)
			at = stpcpy(at,
			            pieces[(size_t)rand() %
			                   (sizeof(pieces) / sizeof(*pieces))]);
		char *exact = talloc_strdup(NULL, html);
		char *text = nx_html_text(exact, exact);
		assert_true(strlen(text) <= strlen(html) + 1);
		talloc_free(exact);
	}
}

/* Processor time of reading that many pieces, when it is less than *best. */
static void measure(const char *piece, size_t count, clock_t *best)
{
	char *html = repeated(NULL, piece, count * strlen(piece));
	clock_t start = clock();
	talloc_free(nx_html_text(html, html));
	clock_t spent = clock() - start;
	*best = *best < 0 || spent < *best ? spent : *best;
	talloc_free(html);
}

/* Four times the text takes about four times as long; sixteen times would be
 * quadratic, so half of that is refused. What else the machine does only adds
 * to a time: the best of several tries counts. */
static void time_is_linear(void **state)
{
	static const char *const pieces[] = {
	        "<a", "<head>", "<!--", "<x@y>", "<p@", "&#", "<style>", "<"};
	enum { SMALL = 6000, TIMES = 4, MOST = 8, TRIES = 3 };
	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		clock_t start = clock();
		clock_t small = -1;
		clock_t large = -1;
		for (int tries = 0;
		     tries < TRIES || (large > MOST * small &&
		                       clock() - start < 2 * CLOCKS_PER_SEC);
		     tries++) {
			measure(pieces[i], SMALL, &small);
			measure(pieces[i], TIMES * SMALL, &large);
		}
		if (large > MOST * small)
			fail_msg("%s: %ld and %ld clocks", pieces[i],
			         (long)small, (long)large);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(html_becomes_lines),
	        cmocka_unit_test(any_text_is_read),
	        cmocka_unit_test(time_is_linear),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
