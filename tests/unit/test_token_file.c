/* SPDX-License-Identifier: ISC */
#include "api/token_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Files of tokens: what is made, and what is refused. */

static char path[] = "/tmp/nixie-token-XXXXXX";

static int begin(void **state)
{
	const int descriptor = mkstemp(path);
	(void)state;
	return descriptor < 0 || close(descriptor) != 0 || unlink(path) != 0;
}

static int end(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static void what_was_made_can_be_read_and_knows_its_secret(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_bearer token;
	struct nx_error err;
	struct stat stat_of;
	const char *secret, *other;
	(void)state;
	assert_true(nx_token_file_new(ctx, path, "shop", NX_SCOPE_WRITE,
	                              &secret, &err));
	assert_int_equal(stat(path, &stat_of), 0);
	assert_int_equal(stat_of.st_mode & 07777, 0600);
	assert_true(nx_token_file_load(ctx, path, &token, &err));
	assert_string_equal(token.name, "shop");
	assert_int_equal(token.scope, NX_SCOPE_WRITE);
	assert_ptr_equal(nx_bearer_of_secret(&token, 1, secret), &token);
	assert_null(nx_bearer_of_secret(&token, 1, ""));
	assert_null(nx_bearer_of_secret(&token, 1, "shop"));
	assert_false(nx_token_file_new(ctx, path, "shop", NX_SCOPE_WRITE,
	                               &other, &err)); /* it is there */
	assert_true(nx_token_file_load(ctx, path, &token, &err));
	assert_non_null(nx_bearer_of_secret(&token, 1, secret));
	talloc_free(ctx);
}

static void write_file(const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

#define DIGEST                                                                 \
	"2c624232cdd221771294dfbb310aca000a0df6ac8b66b696d90ef06fdefb64a3"

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *text;
		mode_t mode;
		const char *says;
	} cases[] = {
	        {"name: a\nscope: read\nsha256: " DIGEST "\n", 0640, "mode"},
	        {"name: a\nscope: read\nsha256: " DIGEST "\n", 0604, "mode"},
	        {"name: a\nscope: all\nsha256: " DIGEST "\n", 0600, ":2:"},
	        {"name: a\nscope: read\nsha256: " DIGEST "0\n", 0600, ":3:"},
	        {"name: a b\nscope: read\nsha256: " DIGEST "\n", 0600, ":1:"},
	        {"scope: read\nsha256: " DIGEST "\n", 0600, "name"},
	        {"name: a\nscope: read\nsecret: x\n", 0600, "secret"},
	        {"", 0600, "name"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		struct nx_bearer token;
		struct nx_error err;
		write_file(cases[i].text, cases[i].mode);
		assert_false(nx_token_file_load(ctx, path, &token, &err));
		assert_non_null(strstr(err.text, path));
		assert_non_null(strstr(err.text, cases[i].says));
		talloc_free(ctx);
	}
	write_file("name: a\nscope: read\nsha256: " DIGEST "\n", 0400);
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_bearer token;
	struct nx_error err;
	assert_true(nx_token_file_load(ctx, path, &token, &err));
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_teardown(
	                what_was_made_can_be_read_and_knows_its_secret, end),
	        cmocka_unit_test_teardown(what_is_wrong_is_named, end),
	};
	return cmocka_run_group_tests(tests, begin, NULL);
}
