/* SPDX-License-Identifier: ISC */
#include "context.h"

#include "mail/address_find.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* In every table: a text, and the first address found in it. */
struct pair {
	const char *in, *out;
};

#define COUNT(cases) (sizeof(cases) / sizeof(*(cases)))

#define A   "anna@example.com"
#define D20 "abcdefghij-abcdefghi"
/* as long as a line that may have been broken by force */
#define LONG "It has not been delivered for the reason that follows below to "

static void check(const struct pair *cases, size_t count,
                  const char *(*read)(const char *text))
{
	size_t wrong = 0;
	for (size_t i = 0; i < count; i++) {
		const char *got = read(cases[i].in);
		if (strcmp(got, cases[i].out) == 0)
			continue;
		print_error("%s: got \"%s\"\n", cases[i].in, got);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

static const char *in_text(const char *text)
{
	return nx_address_find(ctx, text, NULL);
}

static const char *in_field(const char *text)
{
	return nx_address_of_field(ctx, text);
}

static void what_stands_around_it_is_no_part_of_it(void **state)
{
	static const struct pair cases[] = {
	        {A, A},
	        {"delivery to " A " failed", A},
	        {"delivery to\n" A "\nfailed", A},
	        {"\t" A "\t", A},
	        {"<" A ">", A},
	        {"<" A ">: user unknown", A},
	        {"RCPT TO:<" A ">", A},
	        {"rcpt to:" A, A},
	        {"(" A ")", A},
	        {"[" A "]", A},
	        {"{" A "}", A},
	        {"'" A "'", A},
	        {"\"" A "\"", A},
	        {"`" A "'", A},
	        {"'" A ": unknown'", A},
	        {"said \"" A " is unknown\"", A},
	        {"*" A "*", A},
	        {"|" A "|", A},
	        {"rfc822;" A, A},
	        {"SMTP:" A, A},
	        {"/RFC-822=" A "/", A},
	        {A ".", A},
	        {A ". The mailbox", A},
	        {A "...", A},
	        {A "...User unknown", A},
	        {A "... User unknown", A},
	        {A "!", A},
	        {A "?", A},
	        {A ": unknown", A},
	        {A "; unknown", A},
	        {A ", unknown", A},
	        {A ",b@example.org", A},
	        {A "'s mailbox", A},
	        {A "(Anna)", A},
	        {A "[192.0.2.1]", A},
	        {A "<mailto:" A ">", A},
	        {"&lt;" A "&gt; unknown", A},
	        {"--" A, "--" A},
	        {"<b>" A "</b>", A},
	        {"\xc2\xab" A "\xc2\xbb", A},
	        {"\xe2\x80\x9c" A "\xe2\x80\x9d", A},
	        {"\xe3\x80\x8c" A "\xe3\x80\x8d", A},
	        {"\xef\xbc\x9c" A "\xef\xbc\x9e", A},
	        {"\xef\xbc\x9a" A "\xe3\x80\x82", A},
	        {"\xc2\xa0" A "\xc2\xa0", A},
	        {A "\xe3\x81\xaf", A},
	        {A "\xeb\x8b\x98", A},
	        {"\xe5\xae\x9b\xe5\x85\x88" A, A},
	        {A "\n" LONG, A},
	        {"RCPT TO:<\n" A ">", A},
	        {"<jan>\n" A ">", A},
	        {"a.b+c@mail.example.com.au", "a.b+c@mail.example.com.au"},
	        {"anna@t-online.de user unknown", "anna@t-online.de"},
	        {"x@example.xn--p1ai gone", "x@example.xn--p1ai"},
	        {"\"jan smits\"@example.com gone", "\"jan smits\"@example.com"},
	};
	(void)state;
	check(cases, COUNT(cases), in_text);
}

static void what_belongs_to_the_local_part_is_not_cut_off(void **state)
{
	static const struct pair cases[] = {
	        {"<jan smits@example.com>: user unknown", ""},
	        {"to <jan van smits@example.com>", ""},
	        {"'jan smits@example.com' is unknown", ""},
	        {"\"jan smits@example.com\" is unknown", ""},
	        {"[jan smits@example.com]", ""},
	        {"jan,smits@example.com", ""},
	        {"<jan,smits@example.com>", ""},
	        {"jan(x)smits@example.com", ""},
	        {"jan[x]smits@example.com", ""},
	        {"jan\\smits@example.com", ""},
	        {"jan\"smits@example.com", ""},
	        {"jan\"smits\"@example.com", ""},
	        {"jan@smits@example.com", ""},
	        {"j\xc3\xb6rg.smits@example.com", ""},
	        {"\xd0\xb0nna@example.com", ""},
	        {"vic\x01tim@example.com", ""},
	        {"vic\x1atim@example.com", ""},
	        {"vic\x7ftim@example.com", ""},
	        {"vic\xc2\x85tim@example.com", ""},
	        {"vic\xef\xbf\xbdtim@example.com", ""},
	        {"jan-\nsmits@example.com", ""},
	        {"to <jan.\n smits@example.com>: unknown", ""},
	        {"to <jan\nsmits@example.com>: unknown", ""},
	        {"http://anna@example.com/", ""},
	        {"abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij"
	         "abcdefghij@example.com",
	         ""},
	};
	(void)state;
	check(cases, COUNT(cases), in_text);
}

static void a_domain_is_taken_to_its_end(void **state)
{
	static const struct pair cases[] = {
	        {A ".au", A ".au"},
	        {A ".au.", A ".au"},
	        {A ".au\n", A ".au"},
	        {A "-online.de", A "-online.de"},
	        {A "@example.org", ""},
	        {A ">@example.org", ""},
	        {A "-", ""},
	        {A "_x", ""},
	        {A "_", ""},
	        {A "=", ""},
	        {A "=20", ""},
	        {A "+x", ""},
	        {A "%x", ""},
	        {A "/x", ""},
	        {A "\\x", ""},
	        {A "\x01", ""},
	        {A "\xef\xbf\xbd", ""},
	        {A "\xc3\xa9", ""},
	        {A "(x).au", ""},
	        {A "[x]y.au", ""},
	        {A "\xe6\xbc\xa2.au", ""},
	        {A "1", ""},
	        {"anna@t-", ""},
	        {"anna@mail.t-", ""},
	        {"anna@mail.t-\nonline.de user unknown", ""},
	        {"anna@-example.com", ""},
	        {"anna@.example.com", ""},
	        {"anna@exam(ple).com", ""},
	        {"anna@example", ""},
	        {"anna@example.c", ""},
	        {"anna@example.c0m", ""},
	        {"anna@192.0.2.1", ""},
	        {A "\n.au is unknown", ""},
	        {LONG A ".\nau because", ""},
	        {LONG A ".\nbo@example.com", A},
	        {LONG A ".\nIt is full.", A},
	        {"to " A ".\nau because", A},
	        {LONG "anna@mail.exam\nple.com because", ""},
	        {LONG A "\nbo@example.com", A},
	        {LONG A "\nbecause it is full", A},
	        {LONG A "\n-online.de", ""},
	        {"<anna@mail.exampl\ne>: host said", ""},
	        {"<" A "\nbo> is not here", ""},
	        {"<anna@harbour.exa\nmple.com>: user unknown", ""},
	        {"<anna@harbour.exa\n  mple.com>: user unknown", ""},
	        {"<anna@harbour.exa \nmple.com>: user unknown", ""},
	        {"<mailto:anna@harbour.exa\nmple.com>", ""},
	        {"to <" A "\n(Anna) or\nbo> is not here", ""},
	        {"to anna@mail.harbour\nexample.com: user unknown", ""},
	        {"to anna@mail.har\nbour.example.com because", ""},
	        {"to anna@mail.example.\nco.nz because", ""},
	        {"to " A "\nbecause the user is unknown", A},
	        {"to " A "\ne.g. the user is unknown", A},
	        {"to " A "\nbo@example.com", A},
	        {"to " A "\n  mx.example.net said", A},
	        {"to " A "\n- mx.example.net said", A},
	        {"to " A "\nmx.example.net[192.0.2.1] said", A},
	        {"to " A "\n192.0.2.1 said", A},
	        {"to <" A ">\nmx.example.net said", A},
	        {"<" A "\n>: user unknown", A},
	        {"<<< 550 " A "\n>>> QUIT", A},
	        {"<" A "\n\nbo> is not here", A},
	        {"anna@" D20 D20 D20 D20 ".example.com", ""},
	};
	(void)state;
	check(cases, COUNT(cases), in_text);
}

static void a_field_has_its_address_whole_or_none(void **state)
{
	static const struct pair cases[] = {
	        {"rfc822; jan smits@example.com", ""},
	        {"rfc822; jan,smits@example.com", ""},
	        {"rfc822; jan(x)smits@example.com", ""},
	        {"rfc822; <jan smits@example.com>", ""},
	        {"rfc822; (Anna) anna@example.com", A},
	        {"rfc822; anna@example.com (Anna)", A},
	        {"rfc822; anna@exam(ple).com", ""},
	        {"rfc822; anna@example.com_x y", ""},
	        {"rfc822; vic\x1atim@example.com", ""},
	        {"rfc822; vic\xef\xbf\xbdtim@example.com", ""},
	};
	(void)state;
	check(cases, COUNT(cases), in_field);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_stands_around_it_is_no_part_of_it),
	        cmocka_unit_test(what_belongs_to_the_local_part_is_not_cut_off),
	        cmocka_unit_test(a_domain_is_taken_to_its_end),
	        cmocka_unit_test(a_field_has_its_address_whole_or_none),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
