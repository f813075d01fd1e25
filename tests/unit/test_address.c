/* SPDX-License-Identifier: ISC */
#include "context.h"

#include "mail/address.h"
#include "mail/address_find.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct pair {
	const char *in, *out;
};

#define COUNT(cases) (sizeof(cases) / sizeof(*(cases)))

#define L16 "abcdefghijklmnop"
#define L64 L16 L16 L16 L16
#define D63 L16 L16 L16 "abcdefghijklmno"

/* Every result must be its own normal form. */
static void check_normal(const struct pair *cases, size_t count)
{
	size_t wrong = 0;
	for (size_t i = 0; i < count; i++) {
		const char *got = nx_address_normal(ctx, cases[i].in);
		bool good = strcmp(got, cases[i].out) == 0 &&
		            strcmp(nx_address_normal(ctx, got), got) == 0;
		if (!good)
			print_error("%s: got \"%s\"\n", cases[i].in, got);
		wrong += !good;
	}
	assert_int_equal(wrong, 0);
}

static void an_address_has_one_form(void **state)
{
	static const struct pair cases[] = {
	        {"victim@example.com", "victim@example.com"},
	        {"VICTIM@EXAMPLE.COM", "victim@example.com"},
	        {"Victim@Example.com.", "victim@example.com"},
	        {"<victim@example.com>", "victim@example.com"},
	        {" < victim@example.com > ", "victim@example.com"},
	        {"\tvictim@example.com\r\n", "victim@example.com"},
	        {"\"victim\"@example.com", "victim@example.com"},
	        {"\"VICTIM\"@example.com", "victim@example.com"},
	        {"\"v\\ictim\"@example.com", "victim@example.com"},
	        {"<@relay.example:victim@example.com>", "victim@example.com"},
	        {"@r1.example,@r2.example:v@example.com", "v@example.com"},
	        {"a.b@example.com", "a.b@example.com"},
	        {"ab@example.com", "ab@example.com"},
	        {"a+tag@example.com", "a+tag@example.com"},
	        {"a-tag@example.com", "a-tag@example.com"},
	        {"a..b.@example.ne.jp", "a..b.@example.ne.jp"},
	        {"\"a..b.\"@example.ne.jp", "a..b.@example.ne.jp"},
	        {".a@example.com", ".a@example.com"},
	        {"\"a b\"@example.com", "\"a b\"@example.com"},
	        {"\"a\\ b\"@example.com", "\"a b\"@example.com"},
	        {"\"a@b\"@example.com", "\"a@b\"@example.com"},
	        {"\"a\\\"b\"@example.com", "\"a\\\"b\"@example.com"},
	        {"\"a\\\\b\"@example.com", "\"a\\\\b\"@example.com"},
	        {"\"<a>\"@example.com", "\"<a>\"@example.com"},
	        {"\"\"@example.com", "\"\"@example.com"},
	        {"#*/=?^_`{|}~!$%&'@example.com",
	         "#*/=?^_`{|}~!$%&'@example.com"},
	        {"=cmd@example.com", "=cmd@example.com"},
	        {"a@localhost", "a@localhost"},
	        {"a@sub_domain.example", "a@sub_domain.example"},
	        {"a@[192.0.2.1]", "a@[192.0.2.1]"},
	        {"a@[IPv6:2001:DB8::1]", "a@[ipv6:2001:db8::1]"},
	        {"a@b\xc3\xbc"
	         "cher.example",
	         "a@xn--bcher-kva.example"},
	        {"a@B\xc3\x9c"
	         "CHER.example",
	         "a@xn--bcher-kva.example"},
	        {"a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example"},
	        {"a@stra\xc3\x9f"
	         "e.example",
	         "a@xn--strae-oqa.example"},
	        {"a@b\xc3\xbc"
	         "cher\xe3\x80\x82"
	         "example",
	         "a@xn--bcher-kva.example"},
	        /* Cyrillic a: another domain, and visibly so */
	        {"a@\xd0\xb0pple.example", "a@xn--pple-43d.example"},
	        {"\xc3\xa9@example.com", "\xc3\xa9@example.com"},
	        {"\xe6\xb5\x8b@Example.com", "\xe6\xb5\x8b@example.com"},
	        {L64 "@example.com", L64 "@example.com"},
	        {"a@" D63 ".example", "a@" D63 ".example"},
	        {"123@123.example", "123@123.example"},
	        {"a@1.2.3.4", "a@1.2.3.4"},
	};
	(void)state;
	check_normal(cases, COUNT(cases));
}

static void what_is_no_address_is_nothing(void **state)
{
	static const struct pair cases[] = {
	        {"", ""},
	        {"@", ""},
	        {"<>", ""},
	        {"a", ""},
	        {"a@", ""},
	        {"@example.com", ""},
	        {"a@.", ""},
	        {"a@..", ""},
	        {"a@.example", ""},
	        {"a@example..com", ""},
	        {"a@---", ""},
	        {"a@example.--", ""},
	        {"a@_.example", ""},
	        {"a b@example.com", ""},
	        {"a@exam ple.com", ""},
	        {"a@b@example.com", ""},
	        {"a,b@example.com", ""},
	        {"a;b@example.com", ""},
	        {"a:b@example.com", ""},
	        {"(a)@example.com", ""},
	        {"a@example.com (comment)", ""},
	        {"a@exa(mple).com", ""},
	        {"Name <a@example.com>", ""},
	        {"\"a@example.com", ""},
	        {"\"a\"b@example.com", ""},
	        {"a\"b\"@example.com", ""},
	        {"\"a\\\"@example.com", ""},
	        {"a\\b@example.com", ""},
	        {"a@example.com>", ""},
	        {"<a@example.com", ""},
	        {"a\r\n@example.com", ""},
	        {"a@example\n.com", ""},
	        {"\"a\nb\"@example.com", ""},
	        {"a\x7f@example.com", ""},
	        {"a\x01@example.com", ""},
	        {"a\xc2\x85@example.com", ""},
	        {"a\xef\xbf\xbd@example.com", ""},
	        {"a@ex\xef\xbf\xbd.com", ""},
	        {"=?utf-8?q?a=40b?=@example.com", ""},
	        {"=?utf-8?q?a=40example.com?=", ""},
	        {"\"=?utf-8?q?a?=\"@example.com", ""},
	        {"x=?utf-8?b?YQ==?=@example.com", ""},
	        {L64 "a@example.com", ""},
	        {"a@" D63 "a.example", ""},
	        {"a@" D63 "." D63 "." D63 "." D63 ".example", ""},
	        {L64 L64 L64 L64 L64 L64 L64 L64 L64 L64 L64 L64 L64 L64 L64 L64
	         "@x",
	         ""},
	        /* full-width "@" and "." must not become syntax */
	        {"a@b\xef\xbc\xa0"
	         "c.example",
	         ""},
	        {"a@[192.0.2.1", ""},
	        {"a@[]", ""},
	        {"a@[x y]", ""},
	        {"a@example.com/path", ""},
	        {"a@example.com:25", ""},
	        {"|/usr/bin/prog a@b c", ""},
	};
	(void)state;
	check_normal(cases, COUNT(cases));
}

static void a_header_gives_the_address_behind_a_name(void **state)
{
	(void)state;
	static const char *const headers[] = {
	        "Anna a@example.com", "mailing list a@example.com",
	        "Anna <a@example.com>", "a@example.com"};
	for (size_t i = 0; i < COUNT(headers); i++)
		assert_string_equal(nx_address_of_header(ctx, headers[i]),
		                    "a@example.com");
}

static void a_field_gives_its_address(void **state)
{
	static const struct pair cases[] = {
	        {"rfc822; a@example.com", "a@example.com"},
	        {"rfc822;a@example.com", "a@example.com"},
	        {"rfc822; =?utf-8?b?w6k=?=@example.com",
	         "=?utf-8?b?w6k=?=@example.com"},
	        {"RFC822; A@Example.com", "A@Example.com"},
	        {"rfc822;<a@example.com>", "a@example.com"},
	        {"rfc822; <@relay.example:a@example.com>", "a@example.com"},
	        {"<a@example.com>", "a@example.com"},
	        {"a@example.com", "a@example.com"},
	        {"a@example.com (Anna)", "a@example.com"},
	        {"(Anna) a@example.com", "a@example.com"},
	        {"Anna <a@example.com>", "a@example.com"},
	        {"\"Anna, <b@example.org>\" <a@example.com>", "a@example.com"},
	        {"\"b@example.org\" <a@example.com>", "a@example.com"},
	        {"rfc822; a@example.com>", "a@example.com"},
	        {"rfc822; a@example.com;", "a@example.com"},
	        {"rfc822; a@example.com.", "a@example.com"},
	        {"rfc822; a@example", "a@example"},
	        {"rfc822; \"a b\"@example.com", "\"a b\"@example.com"},
	        {"rfc822; <\"a b\"@example.com>", "\"a b\"@example.com"},
	        {"rfc822; <\"a>b\"@example.com>", "\"a>b\"@example.com"},
	        {"rfc822; a..b.@example.ne.jp", "a..b.@example.ne.jp"},
	        {"rfc822; a+3Db@example.com", "a+3Db@example.com"},
	        {"rfc822; a+AB@example.com", "a+AB@example.com"},
	        {"mailto:a@example.com", "a@example.com"},
	        {"SMTP:a@example.com", "a@example.com"},
	        {"utf-8; \\x{6D4B}@example.com", "\xe6\xb5\x8b@example.com"},
	        {"utf-8; \\x{6d4b}a\\x{e9}@example.com",
	         "\xe6\xb5\x8b"
	         "a\xc3\xa9@example.com"},
	        {"utf-8; \xe6\xb5\x8b@example.com", "\xe6\xb5\x8b@example.com"},
	        {"utf-8; a\\x{0}@example.com", ""},
	        {"utf-8; a\\x{D800}@example.com", ""},
	        {"utf-8; \\x{@example.com", ""},
	        {"utf-8; \\x{110000}@example.com", ""},
	        {"X400; c=de;a=x; SMTP=a@example.com;", "a@example.com"},
	        {"LOCAL;<anna>", ""},
	        {"rfc822;|/usr/lib/prog -x a@example.com", ""},
	        {"rfc822; \"|IFS=' ' && exec /x a@example.com\"", ""},
	        {"rfc822;/var/mail/a@example.com", ""},
	        {"rfc822; anna", ""},
	        {"rfc822;", ""},
	        {"", ""},
	        {"rfc822; <>", ""},
	        {"unknown", ""},
	        {"a@example.com, b@example.com", "a@example.com"},
	        {"rfc822; 'a@example.com'", "a@example.com"},
	        {"rfc822; a@example.com b@example.org", "a@example.com"},
	        {"rfc822; \"Anna B\" a@example.com", "a@example.com"},
	        {"to: a@example.com, unknown", "a@example.com"},
	        /* the end of a broken address is somebody else's */
	        {"rfc822; anna b@example.com", ""},
	        {"rfc822; anna, b@example.com", "b@example.com"},
	        {"rfc822; a@b@example.com", ""},
	        {"rfc822; a\"b@example.com", ""},
	        {"rfc822; \xc3\xa9 b@example.com", ""},
	        {"rfc822; anna,b@example.com", ""},
	        {"rfc822; o 'neil@example.com", ""},
	        /* marks around it are not part of it */
	        {"rfc822; \"a@example.com\"", "a@example.com"},
	        {"rfc822;[a@example.com]", "a@example.com"},
	        {"> a@example.com", "a@example.com"},
	        {"- a@example.com", "a@example.com"},
	        {"<> a@example.com", "a@example.com"},
	        {"User 'a@example.com' unknown", "a@example.com"},
	        {"User \"a@example.com\" unknown", "a@example.com"},
	        {"User [a@example.com] unknown", "a@example.com"},
	        {"User (a@example.com) unknown", "a@example.com"},
	        {"User: a@example.com unknown", "a@example.com"},
	};
	size_t wrong = 0;
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *got = nx_address_of_field(ctx, cases[i].in);
		if (strcmp(got, cases[i].out) == 0)
			continue;
		print_error("%s: got \"%s\"\n", cases[i].in, got);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

static void an_address_is_found_in_words(void **state)
{
	static const struct {
		const char *text, *address;
		size_t at;
	} cases[] = {
	        {"<a@example.com>: gone", "a@example.com", 1},
	        {"mail to a@example.com failed", "a@example.com", 8},
	        {"see b@example.org <a@example.com>", "a@example.com", 19},
	        {"user (a@example.com) unknown", "a@example.com", 6},
	        {"a@example.com... unknown", "a@example.com", 0},
	        {"to:a@example.com.", "a@example.com", 3},
	        {"'a@example.com'", "a@example.com", 1},
	        {"\"a b\"@example.com gone", "\"a b\"@example.com", 0},
	        {"SMTP=a@example.com; on Monday", "a@example.com", 5},
	        {"mailto:a.b+c@sub.example.com?subject=x",
	         "a.b+c@sub.example.com", 7},
	        {"root@localhost failed", "", 0},
	        {"@example.com", "", 0},
	        {"a@", "", 0},
	        {"a@1.2.3.4", "", 0},
	        {"a @ example.com", "", 0},
	        {"<not an address> x", "", 0},
	        {"<a@example.com", "a@example.com", 1},
	        {"a@b@example.com", "", 0},
	        {"", "", 0},
	        {"\xe5\xae\x9b"
	         "a@example.com\xe3\x81\xaf",
	         "a@example.com", 3},
	};
	size_t wrong = 0;
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t at = 0;
		const char *got = nx_address_find(ctx, cases[i].text, &at);
		if (strcmp(got, cases[i].address) == 0 && at == cases[i].at)
			continue;
		print_error("%s: got \"%s\" at %zu\n", cases[i].text, got, at);
		wrong++;
	}
	assert_int_equal(wrong, 0);
	nx_address_find(ctx, "a@example.com", NULL);
}

static void xtext_is_decoded_whole_or_not_at_all(void **state)
{
	static const struct pair cases[] = {
	        {"a+2Bb@example.com", "a+b@example.com"},
	        {"a+3Db+40c", "a=b@c"},
	        {"plain@example.com", "plain@example.com"},
	        {"a+tag@example.com", "a+tag@example.com"},
	        {"a+2b@example.com", "a+2b@example.com"},
	        {"a+2Bb+", "a+2Bb+"},
	        {"a+00b", "a+00b"},
	        {"a+0Ab", "a+0Ab"},
	        {"a+FFb", "a+FFb"},
	        {"+", "+"},
	        {"+2", "+2"},
	        {"", ""},
	};
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(nx_address_xtext(ctx, cases[i].in),
		                    cases[i].out);
}

static void the_domain_is_behind_the_last_at(void **state)
{
	(void)state;
	assert_string_equal(nx_address_domain(ctx, "a@Example.COM"),
	                    "example.com");
	assert_string_equal(nx_address_domain(ctx, "\"a@b\"@c.example"),
	                    "c.example");
	assert_string_equal(nx_address_domain(ctx, "a"), "");
	assert_string_equal(nx_address_domain(ctx, ""), "");
	assert_string_equal(nx_address_domain(ctx, "a@"), "");
}

static void the_normal_form_stays(void **state)
{
	static const char pieces[] =
	        "aA.@@\"\\<>: \xc3\xa9\xef\xbc\x8e[]-_+=?;x";
	(void)state;
	srand(4);
	for (int round = 0; round < 100000; round++) {
		char text[24];
		size_t size = 1 + (size_t)rand() % (sizeof(text) - 1);
		for (size_t i = 0; i < size; i++)
			text[i] = pieces[(size_t)rand() % (sizeof(pieces) - 1)];
		text[size - 1] = '\0';
		const char *once = nx_address_normal(ctx, text);
		const char *twice = nx_address_normal(ctx, once);
		if (strcmp(once, twice) != 0)
			print_error("%s: \"%s\" then \"%s\"\n", text, once,
			            twice);
		assert_string_equal(twice, once);
		nx_address_of_field(ctx, text);
		nx_address_find(ctx, text, NULL);
		talloc_free_children(ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_address_has_one_form),
	        cmocka_unit_test(what_is_no_address_is_nothing),
	        cmocka_unit_test(a_field_gives_its_address),
	        cmocka_unit_test(a_header_gives_the_address_behind_a_name),
	        cmocka_unit_test(an_address_is_found_in_words),
	        cmocka_unit_test(xtext_is_decoded_whole_or_not_at_all),
	        cmocka_unit_test(the_domain_is_behind_the_last_at),
	        cmocka_unit_test(the_normal_form_stays),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
