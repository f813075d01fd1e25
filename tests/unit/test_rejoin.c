/* SPDX-License-Identifier: ISC */
#include "mail/rejoin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void json_is_put_on_one_line(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	        {"", ""},
	        {"words\nmore", "words\nmore"},
	        {"{ not json\n}", "{ not json\n}"},
	        {"{\"a\":\"b\"}\n\n--\nwords\n",
	         "{\"a\":\"b\"}\n\n--\nwords\n"},
	        {"\n{ \"a\" : [ 1,\n 2 ],\n \"b c\": \"d e\" }\nx",
	         "{\"a\":[1,2],\"b c\":\"d e\"}\nx"},
	        {"{\"a\":\"us\ner\"}", "{\"a\":\"user\"}"},
	        {"{\"a\":\"us=\ner\",=\n\"b\":\"=\"}",
	         "{\"a\":\"user\",\"b\":\"=\"}"},
	        {"{\"a\":\"us!\n er\",\"b\":\"un!\n known\"}",
	         "{\"a\":\"user\",\"b\":\"unknown\"}"},
	        {"{\"a\":\"us\n er\"}", "{\"a\":\"user\"}"},
	        {"{\"a\":\"no such\n user\"}", "{\"a\":\"no such user\"}"},
	        {"{\"a\":\"us=\ner\",\"b\":\"un\nknown\"}",
	         "{\"a\":\"us=er\",\"b\":\"unknown\"}"},
	        {"{\"a\":\"\\\"{\nx\"}", "{\"a\":\"\\\"{x\"}"},
	        {"{\"a\":\"never closed\nhere", "{\"a\":\"never closedhere"},
	        {"{\"a\\", "{\"a\\"},
	        {"{\"", "{\""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		const char *exact = talloc_strdup(ctx, cases[i].text);
		assert_string_equal(nx_rejoin_json(ctx, exact), cases[i].want);
		talloc_free(ctx);
	}
}

/* Broken by a program that counts columns. */
static char *broken(TALLOC_CTX *ctx, const char *text, size_t width)
{
	char *out = talloc_size(ctx, strlen(text) * 2 + 1);
	char *to = out;
	size_t column = 0;
	for (; *text != '\0'; text++) {
		if (column == width && *text != '\n')
			*to++ = '\n';
		column = column == width ? 0 : column;
		column = *text == '\n' ? 0 : column + 1;
		*to++ = *text;
	}
	*to = '\0';
	return out;
}

static void words_that_were_broken_are_whole_again(void **state)
{
	static const char text[] =
	        "We are sorry to say that the mailbox of\n\n"
	        "anna.of.the.harbour@the-great-harbour-of-the-north.example\n\n"
	        "has moved to another place, and that nobody here could tell "
	        "where that may be, or whether it will ever come home again.\n"
	        "Yours, the mail system\n";
	(void)state;
	TALLOC_CTX *ctx = talloc_new(NULL);
	for (size_t width = 54; width < 57; width++)
		assert_string_equal(
		        nx_rejoin_lines(ctx, broken(ctx, text, width)), text);
	talloc_free(ctx);
}

static void other_lines_stay_apart(void **state)
{
	static const char *const cases[] = {
	        /* wrapped between words */
	        "We are sorry to say that this mailbox is\nnot there any more. "
	        "It was moved to some\nplace and nobody could say where that\n"
	        "may be, or when it comes home to us all.\n",
	        /* a list */
	        " anna.of.the.harbour.master@one.example\n"
	        " bert.of.the.harbour.master@two.example\n"
	        " carl.of.the.harbour.master@two.example\n"
	        " dora.of.the.harbour.master@two.example\n",
	        /* columns, and a frame */
	        "anna@harbour.example        unknown     \n"
	        "bert@harbour.example        unknown     \n"
	        "carl@harbour.example        unknown     \n"
	        "dora@harbour.example        unknown     \n",
	        "|------------ failed addresses --------|\n x\n"
	        "|------------ log of the message ------|\n y\n"
	        "|------------ message text -----------x|\n z\n",
	        "short\nlines\nof no\nnote",
	        "",
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		const char *exact = talloc_strdup(ctx, cases[i]);
		assert_ptr_equal(nx_rejoin_lines(ctx, exact), exact);
		talloc_free(ctx);
	}
}

static void a_line_that_is_no_field_belongs_to_the_one_above(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	        {"A: b\nc\n\nd\n", "A: b c\n\nd\n"},
	        {"A: b\n c\nd\nE: f\n", "A: b\n c d\nE: f\n"},
	        {"a\nB: c\n", NULL},
	        {"A: b\n--x\n", NULL},
	        {"A: b\n\nc d\n", NULL},
	        {"To: anna@harb\nour.example\n",
	         "To: anna@harb\xef\xbf\xbdour.example\n"},
	        {"To: anna@harbour.example\nis not here\n",
	         "To: anna@harbour.example is not here\n"},
	        {"A: 550 there is no su\nch user\nTo: anna@harbour.exam\n"
	         "ple\n",
	         "A: 550 there is no such user\nTo: anna@harbour.example\n"},
	        {"A:", NULL},
	        {"", NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		const char *want = cases[i].want;
		const char *exact = talloc_strdup(ctx, cases[i].text);
		assert_string_equal(nx_rejoin_fields(ctx, exact),
		                    want != NULL ? want : exact);
		talloc_free(ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(words_that_were_broken_are_whole_again),
	        cmocka_unit_test(other_lines_stay_apart),
	        cmocka_unit_test(
	                a_line_that_is_no_field_belongs_to_the_one_above),
	        cmocka_unit_test(json_is_put_on_one_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
