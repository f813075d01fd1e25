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

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(json_is_put_on_one_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
