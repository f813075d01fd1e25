/* SPDX-License-Identifier: ISC */
#include "serve/door.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* What mail at the blocked door tells of itself. */

static void the_first_received_has_the_queue_id(void **state)
{
	static const struct {
		const char *mail, *id;
	} cases[] = {
	        {"Received: by mta.example.com (Postfix, from userid 33)\r\n"
	         "\tid 4dkX2b4Zq0z1f; Mon, 12 Jan 2026 09:30:04 +0000\r\n"
	         "Received: from x by y with SMTP id OTHER; Mon, 12 Jan 2026\r\n",
	         "4dkX2b4Zq0z1f"},
	        {"Return-Path: <a@example.com>\r\n"
	         "Received: from app by mta.example.com (Postfix) with ESMTPSA "
	         "id E4640AEA00D\r\n\tfor <b@example.org>; Mon, 12 Jan\r\n",
	         "E4640AEA00D"},
	        {"Received: from root by mta.example.com with local (Exim 4.96)\r\n"
	         "\t(envelope-from <a@example.com>)\r\n"
	         "\tid 1xXwFH-0004Wz-15\r\n\tfor b@example.org;\r\n",
	         "1xXwFH-0004Wz-15"},
	        {"Received: from localhost (localhost [127.0.0.1])\r\n"
	         "\tby mta.example.com (8.17.1/8.17.1) with ESMTP id 60C9JDUd00\r\n"
	         "\tfor <b@example.org>;\r\n",
	         "60C9JDUd00"},
	        {"received: by x with HTTP id 7;\n", "7"},
	        {"Received: from x (user id 9) by y;\r\n\tid 8; now\r\n", "8"},
	        {"Received: from x by y;\r\nSubject: the id 9\r\n", ""},
	        {"Subject: x\r\n\r\nReceived: by x id 9;\r\n", ""},
	        {"Received: by x id \r\n", ""},
	        {"Received: by x id", ""},
	        {"Received:", ""},
	        {"", ""},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		const size_t size = strlen(cases[i].mail);
		/* without its NUL, and cut anywhere */
		char *bytes = talloc_memdup(ctx, cases[i].mail, size);
		assert_string_equal(nx_door_queue_id(ctx, bytes, size),
		                    cases[i].id);
		for (size_t cut = 0; cut < size; cut++)
			(void)nx_door_queue_id(
			        ctx, talloc_memdup(ctx, bytes, cut), cut);
		talloc_free(ctx);
	}
}

static void what_is_no_text_is_made_one(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	static const char mail[] = "Received: by x id \xff\x01z;\r\n";
	static const char nul[] = "Received: by x\0 id 9;\r\n";
	const char *id = nx_door_queue_id(ctx, mail, sizeof(mail) - 1);
	(void)state;
	assert_null(strchr(id, '\xff'));
	assert_true(strlen(id) <= 64);
	assert_string_equal(nx_door_queue_id(ctx, nul, sizeof(nul) - 1), "");
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_first_received_has_the_queue_id),
	        cmocka_unit_test(what_is_no_text_is_made_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
