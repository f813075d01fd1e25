/* SPDX-License-Identifier: ISC */
#include "mail/naming.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static bool is_in(const char *address, const char *bytes, size_t size)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const bool is =
	        nx_naming_is_in(nx_naming_new(ctx, address), bytes, size);

	talloc_free(ctx);
	return is;
}

static void check_all(const char *address, const char *const *text, bool want)
{
	for (size_t i = 0; text[i]; i++)
		if (is_in(address, text[i], strlen(text[i])) != want)
			fail_msg("%s %s named by: %s", address,
			         want ? "is not" : "is", text[i]);
}

static void an_address_is_found_however_it_is_written(void **state)
{
	static const char *const text[] = {
	        "lily@example.com",
	        "To: Lily <LILY@Example.COM>, b@example.org",
	        "mailto:lily@example.com.", "_lily@example.com_",
	        "'lily@example.com'", "\"lily\"@example.com",
	        "\xe2\x80\x9clily@example.com\xe2\x80\x9d",
	        /* lines that were broken */
	        "for <lily@\r\n\texample.com>; today",
	        "> gone: lily@exam\n> ple.com\n",
	        "before\nlily@example.com\nbehind",
	        /* return paths */
	        "bounces+lily=example.com@example.org",
	        "list-lily=example.com@example.org",
	        "lily%example.com@relay.example.org",
	        "SRS0=abc=de=example.com=lily@example.org",
	        "bounce+lily==a==example.com==news@example.org",
	        "prvs=0123abcdef=lily@example.com",
	        /* escapes */
	        "lily=40example=2Ecom", "li=\nly@exam=\r\nple.com",
	        "https://example.org/?u=lily%40example.com&x=1",
	        "https://example.org/?u=lily%2540example.com&x=1",
	        "a lily&#64;example.com b", "lily&#x40;example&#46;com",
	        "{\"to\":\"\\u003clily@example.com\\u003e\"}",
	        "{\"text\":\"gone:\\nlily@example.com\\n\"}",
	        "ORCPT=rfc822;lily+40example.com",
	        "=?utf-8?q?lily=40example=2Ecom?=",
	        "=?utf-8?Q?for_lily?=\r\n =?utf-8?Q?=40example.com?=", NULL};
	(void)state;
	check_all("lily@example.com", text, true);
}

static void an_address_is_found_in_base64(void **state)
{
	static const char *const text[] = {
	        /* "lily@example.com" at all phases */
	        "bGlseUBleGFtcGxlLmNvbQ==",
	        "X-Ref: eyJfQF8iOiJcXF8vIiwicmVjaXBpZW50IjoibGlseUBleGFtcGxlLm"
	        "NvbSJ9\n",
	        "Content-Transfer-Encoding: base64\r\n\r\nSGVsbG8gPGxpbHl"
	        "AZXhh\r\nbXBsZS5jb20+IHRoZXJl\r\n--=_b--\r\n",
	        "> IGxpbHlAZXhh\n> bXBsZS5jb20g\n",
	        "=?utf-8?B?Zm9yIGxpbHlAZXhhbXBsZS5jb20=?=",
	        "https://example.org/u/eyJhIjoibGlseUBleGFtcGxlLmNvbSJ9?x",
	        /* twice, and of UTF-16 */
	        "Ykdsc2VVQmxlR0Z0Y0d4bExtTnZiU0JoYm1RZ2MyOGdiMjQ9",
	        "bABpAGwAeQBAAGUAeABhAG0AcABsAGUALgBjAG8AbQA=", NULL};
	(void)state;
	check_all("lily@example.com", text, true);
	assert_true(is_in("lily@example.com",
	                  "l\0i\0l\0y\0@\0e\0x\0a\0m\0p\0l\0e\0.\0c\0o\0m\0",
	                  32));
}

static void another_address_is_not_it(void **state)
{
	static const char *const text[] = {
	        "",
	        "lily at home",
	        "lily@example.org",
	        "emily@example.com",
	        "tiger.lily@example.com",
	        "tiger-lily@example.com",
	        "tag+lily@example.com",
	        "lily@example.com.au",
	        "lily@example.community",
	        "lily@example.com-x.org",
	        "lily@mail.example.com",
	        "lily+tag@example.com",
	        "bounces+emily=example.com@example.org",
	        "lily lives at example.com",
	        NULL};
	(void)state;
	check_all("lily@example.com", text, false);
}

static void other_forms_of_an_address_are_found(void **state)
{
	static const char *const tagged[] = {
	        "lily+news@example.com", "lily+2Bnews@example.com",
	        "lily%2Bnews%40example.com",
	        "bounces+lily+news=example.com@example.org", NULL};
	static const char *const labels[] = {"lily@xn--bcher-kva.example",
	                                     "lily@B\xc3\xbc"
	                                     "cher.example",
	                                     "lily@b=C3=BCcher.example", NULL};
	static const char *const quoted[] = {"\"lily tiger\"@example.com",
	                                     NULL};
	(void)state;
	check_all("lily+news@example.com", tagged, true);
	check_all("lily@xn--bcher-kva.example", labels, true);
	check_all("\"lily tiger\"@example.com", quoted, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_address_is_found_however_it_is_written),
	        cmocka_unit_test(an_address_is_found_in_base64),
	        cmocka_unit_test(another_address_is_not_it),
	        cmocka_unit_test(other_forms_of_an_address_are_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
