/* SPDX-License-Identifier: ISC */
#include "mail/transfer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LIMIT = 1000 };

#define REPORT "Reporting-MTA: dns; mx.example.org\nStatus: 5.1.1\n"
#define REPORT64                                                               \
	"UmVwb3J0aW5nLU1UQTogZG5zOyBteC5leGFtcGxlLm9yZwpTdGF0dXM6IDUu\n"       \
	"MS4xCg==\n"

static void reads(enum nx_transfer label, const char *bytes, const char *want)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	size_t size = strlen(bytes);
	bool cut;
	const char *exact = talloc_memdup(ctx, bytes, size);
	const char *got =
	        nx_transfer_read(ctx, label, exact, &size, LIMIT, &cut);
	assert_int_equal(size, strlen(want));
	assert_memory_equal(got, want, size);
	assert_false(cut);
	talloc_free(ctx);
}

static void content_is_decoded_as_it_is_labelled(void **state)
{
	(void)state;
	reads(NX_TRANSFER_BASE64, REPORT64, REPORT);
	reads(NX_TRANSFER_BASE64, "dXNlcg", "user");
	reads(NX_TRANSFER_BASE64, "", "");
	reads(NX_TRANSFER_QUOTED, "a=3Db=\nc=  \r\nd =e0\nx=", "a=bcd \xe0\nx");
	reads(NX_TRANSFER_QUOTED, "a=b.example =", "a=b.example ");
	reads(NX_TRANSFER_NONE, REPORT, REPORT);
}

static void damage_does_not_end_base64(void **state)
{
	(void)state;
	reads(NX_TRANSFER_BASE64,
	      "> dXNlciB1bmtub3duIHVzZXIgdW5rbm93biA=\n> dXNlcg==\n",
	      "user unknown user unknown user");
	reads(NX_TRANSFER_BASE64, "dXNlcg==\ndXNlcg==\n", "useruser");
	reads(NX_TRANSFER_BASE64, "dXNlciB1bmtub3du=!\ndXNlcg==\n",
	      "user unknownuser");
}

static void a_wrong_label_is_not_believed(void **state)
{
	(void)state;
	reads(NX_TRANSFER_BASE64, REPORT, REPORT);
	reads(NX_TRANSFER_QUOTED, REPORT, REPORT);
	reads(NX_TRANSFER_NONE, REPORT64, REPORT);
	reads(NX_TRANSFER_NONE, "\n" REPORT64, REPORT);
	reads(NX_TRANSFER_NONE, "user unkno=\nwn =C3=A9\n",
	      "user unknown \xc3\xa9\n");
	reads(NX_TRANSFER_QUOTED, "a=3D3Db=3D\nc\n", "a=bc\n");
}

static void what_may_be_text_stays(void **state)
{
	static const char *const texts[] = {
	        "b+anna=be.example@example.com\n", /* a return path */
	        "=== undeliverable ===\n",
	        "x=3D and y=z\n",
	        "failed\n",
	        "0123456789abcdef0123456789abcdef0123456789abcdef\n",
	        "undeliverableundeliverableundeliverableundelive\nuser unknown",
	};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		reads(NX_TRANSFER_NONE, texts[i], texts[i]);
}

static void no_more_is_decoded_than_wanted(void **state)
{
	char text[401];
	bool cut;
	size_t size = sizeof text - 1;
	(void)state;
	memset(text, 'a', size);
	text[size] = '\0';
	TALLOC_CTX *ctx = talloc_new(NULL);
	nx_transfer_read(ctx, NX_TRANSFER_BASE64, text, &size, 100, &cut);
	assert_int_equal(size, 225);
	assert_true(cut);
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(content_is_decoded_as_it_is_labelled),
	        cmocka_unit_test(damage_does_not_end_base64),
	        cmocka_unit_test(a_wrong_label_is_not_believed),
	        cmocka_unit_test(what_may_be_text_stays),
	        cmocka_unit_test(no_more_is_decoded_than_wanted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
