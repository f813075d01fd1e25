/* SPDX-License-Identifier: ISC */
#include "hostile.h"
#include "mail.h"

#include "report/readers/unsubscribe_text.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Few words, so that every case tells which of them it is about. The words
 * that are shipped are proved by test_detectors.c. */
static const char rules[] =
        "words: {en: [unsubscribe, remove me, opt out], fr: [désabonner]}\n"
        "alone: [stop, remove]\n"
        "beginnings: [remove me from, i no longer want]\n"
        "polite: [please, hello, thanks, thank you, 's''il vous plaît']\n"
        "quotes: ['wrote:$', '^-- $', '^from:']\n"
        "addresses: ['^unsub+', '^leave$', '-unsubscribe-',\n"
        "            '-unsubscribe$']\n";

static const struct nx_unsubscribe_phrases *unsubscribe_phrases;

static int start(void **state)
{
	const struct nx_source source = {.name = "unsubscribe.yaml",
	                                 .text = rules,
	                                 .size = strlen(rules)};
	const struct nx_detectors *detectors;
	struct nx_error err;

	*state = talloc_new(NULL);
	if (!nx_detectors_compile(*state, &source, 1, &detectors, &err)) {
		print_error("%s\n", err.text);
		return -1;
	}
	unsubscribe_phrases = &detectors->unsubscribe;
	return 0;
}

struct request {
	const char *text;
	bool is_one;
	const char *list;
};

static void check_unsubscribe(const struct request *wanted, bool is_one,
                              const char *list)
{
	if (is_one != wanted->is_one || strcmp(list, wanted->list) != 0)
		fail_msg("\"%s\": %s, list \"%s\"", wanted->text,
		         is_one ? "a wish" : "none", list);
}

static void a_subject_says_it_and_nothing_else(void **state)
{
	static const struct request cases[] = {
	        {"unsubscribe", true, ""},
	        {"UNSUBSCRIBE", true, ""},
	        {"  Remove \t me ", true, ""},
	        {"Désabonner", true, ""},
	        {"DÉSABONNER", true, ""},
	        /* words that mean other things as well, alone */
	        {"Stop", true, ""},
	        {"Stop it", false, ""},
	        {"Stop the presses", false, ""},
	        /* answers */
	        {"Re: unsubscribe", true, ""},
	        {"AW: [unsubscribe]", false, ""},
	        {"Re: AW: \"unsubscribe", true, ""},
	        /* politeness */
	        {"Please unsubscribe", true, ""},
	        {"unsubscribe please!", true, ""},
	        {"Hello, please unsubscribe, thank you.", true, ""},
	        {"unsubscribe, s'il vous plaît", true, ""},
	        {"unsubscribe... ***", true, ""},
	        {"unsubscribeplease", false, ""},
	        {"please", false, ""},
	        {"please thanks", false, ""},
	        /* the list */
	        {"unsubscribe news-weekly", true, "news-weekly"},
	        {"Unsubscribe News-Weekly", true, "News-Weekly"},
	        {"unsubscribe: K4X", true, "K4X"},
	        {"unsubscribe list=spring", false, ""},
	        {"unsubscribe list=spring-2", true, "spring-2"},
	        {"please unsubscribe news.example.org, thanks", true,
	         "news.example.org"},
	        {"unsubscribe news", false, ""},
	        {"unsubscribe news-weekly and more", false, ""},
	        {"unsubscribe news-weekly?", false, ""},
	        {"stop news-weekly", false, ""},
	        /* a line that begins so, and asks nothing */
	        {"Remove me from your files", true, ""},
	        {"I no longer want this", true, ""},
	        {"Remove me from what?", false, ""},
	        {"Why remove me from this", false, ""},
	        /* other subjects */
	        {"How do I unsubscribe", false, ""},
	        {"unsubscribed", false, ""},
	        {"unsubscribe?", false, ""},
	        {"?", false, ""},
	        {".", false, ""},
	        {"", false, ""},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *list = "";
		bool is_one = nx_unsubscribe_text_in_subject(
		        *state, unsubscribe_phrases, cases[i].text, &list);

		check_unsubscribe(&cases[i], is_one, list);
	}
}

static void the_list_is_left_alone_where_none_is_named(void **state)
{
	const char *list = "before";

	assert_true(nx_unsubscribe_text_in_subject(*state, unsubscribe_phrases,
	                                           "unsubscribe", &list));
	assert_string_equal(list, "before");
	assert_false(nx_unsubscribe_text_in_subject(*state, unsubscribe_phrases,
	                                            "x a-b", &list));
	assert_string_equal(list, "before");
}

static void a_line_of_a_short_text_says_it(void **state)
{
	static const struct request cases[] = {
	        {"unsubscribe\n", true, ""},
	        {"unsubscribe", true, ""},
	        {"Hello,\n\nplease unsubscribe.\n\nAnna\n", true, ""},
	        {"I like it.\nRemove me from it anyway.\n", true, ""},
	        {"unsubscribe news-weekly\n", true, "news-weekly"},
	        /* a word for other things: the first line, and a name below */
	        {"Stop\n", true, ""},
	        {"\n \nStop\nAnna\nSmith\n", true, ""},
	        {"Stop\nAnna\nSmith\nParis\n", false, ""},
	        {"Anna\nStop\n", false, ""},
	        /* what is quoted does not count */
	        {"I like it.\n> unsubscribe\n", false, ""},
	        {"I like it.\n | unsubscribe\n", false, ""},
	        {"I like it.\nBert wrote:\nunsubscribe\n", false, ""},
	        {"I like it.\nFrom: News\nunsubscribe\n", false, ""},
	        {"unsubscribe\n> You get news.\n", true, ""},
	        /* other words */
	        {"How do I unsubscribe\n", false, ""},
	        {"un\nsubscribe\n", false, ""},
	        {"\n\n", false, ""},
	        {"", false, ""},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *list = "";
		struct nx_own_text own;

		nx_own_text(*state, unsubscribe_phrases, cases[i].text, &own);
		bool is_one = nx_unsubscribe_text_in_body(
		        *state, unsubscribe_phrases, &own, &list);

		check_unsubscribe(&cases[i], is_one, list);
	}
}

static void own_text_ends_where_a_quotation_begins(void **state)
{
	struct nx_own_text own;

	nx_own_text(*state, unsubscribe_phrases,
	            "\n Hello  THERE,\n\t\nI like it.\nBert wrote:\nMore.\n",
	            &own);
	assert_int_equal(own.lines, 2);
	assert_string_equal(own.line[0], "hello there,");
	assert_string_equal(own.line[1], "i like it.");
	assert_true(own.is_short);
	nx_own_text(*state, unsubscribe_phrases, "> More.\n", &own);
	assert_int_equal(own.lines, 0);
	assert_true(own.is_short);
}

static void ten_lines_or_four_hundred_bytes_are_short(void **state)
{
	const struct {
		const char *name, *text;
		bool is_short;
	} cases[] = {
	        {"nothing", "", true},
	        {"ten lines", repeated(*state, "a\n", 20), true},
	        {"ten lines with blank ones", repeated(*state, "a\n\n", 30),
	         true},
	        {"eleven lines", repeated(*state, "a\n", 22), false},
	        {"399 bytes", repeated(*state, "x", 399), true},
	        {"400 bytes", repeated(*state, "x", 400), false},
	        {"many bytes that are quoted",
	         talloc_asprintf(*state, "a\n> %s",
	                         repeated(*state, "x", 9999)),
	         true},
	        {"many blank lines", repeated(*state, "\n", 9999), true},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct nx_own_text own;
		const char *list = "";
		char *said = talloc_asprintf(*state, "unsubscribe\n%s",
		                             cases[i].text);

		nx_own_text(*state, unsubscribe_phrases, cases[i].text, &own);
		if (own.is_short != cases[i].is_short)
			fail_msg("%s", cases[i].name);
		if (own.is_short)
			continue;
		/* a long text is about something else, whatever it says */
		nx_own_text(*state, unsubscribe_phrases, said, &own);
		if (nx_unsubscribe_text_in_body(*state, unsubscribe_phrases,
		                                &own, &list))
			fail_msg("%s: a wish", cases[i].name);
	}
}

static void an_address_of_ours_tells_list_and_tag(void **state)
{
	static const struct {
		const char *address;
		bool is_one;
		const char *list, *tag;
	} cases[] = {
	        {"unsub+k4x@example.org", true, "", "k4x"},
	        {"UNSUB+K4x@example.org", true, "", "K4x"},
	        {"unsub+@example.org", true, "", ""},
	        {"leave@example.org", true, "", ""},
	        {"leaves@example.org", false, "", ""},
	        {"maple-leave@example.org", false, "", ""},
	        {"News-unsubscribe@example.org", true, "News", ""},
	        {"news-unsubscribe-a=b@example.org", true, "news", "a=b"},
	        {"a-unsubscribe-b-unsubscribe@example.org", true, "a",
	         "b-unsubscribe"},
	        {"news-unsubscribes@example.org", false, "", ""},
	        {"\"unsub+a@b\"@example.org", false, "", ""},
	        {"unsub+a@b@example.org", true, "", "a@b"},
	        {"x-unsub+a@example.org", false, "", ""},
	        {"anna@unsub+example.org", false, "", ""},
	        {"unsub+k4x", false, "", ""},
	        {"@example.org", false, "", ""},
	        {"@", false, "", ""},
	        {"", false, "", ""},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct nx_unsubscribe_address got = {"", ""};
		bool is_one = nx_unsubscribe_text_of_address(
		        *state, unsubscribe_phrases, cases[i].address, &got);

		if (is_one != cases[i].is_one ||
		    strcmp(got.list, cases[i].list) != 0 ||
		    strcmp(got.tag, cases[i].tag) != 0)
			fail_msg("%s: %s, list \"%s\", tag \"%s\"",
			         cases[i].address, is_one ? "one" : "none",
			         got.list, got.tag);
	}
}

static void any_text_is_looked_at(void **state)
{
	for (size_t i = 0; i < HOSTILE; i++) {
		TALLOC_CTX *ctx = talloc_new(*state);
		char *text = hostile_text(ctx, i);
		char *address = talloc_asprintf(ctx, "%s@example.org", text);
		struct nx_unsubscribe_address parts;
		struct nx_own_text own;
		const char *list = "";

		nx_own_text(ctx, unsubscribe_phrases, text, &own);
		assert_true(own.lines <= COUNT(own.line));
		for (size_t j = 0; j < own.lines; j++)
			assert_true(strlen(own.line[j]) <= 200);
		assert_false(nx_unsubscribe_text_in_body(
		        ctx, unsubscribe_phrases, &own, &list));
		(void)nx_unsubscribe_text_in_subject(ctx, unsubscribe_phrases,
		                                     text, &list);
		assert_true(strlen(list) <= 200);
		assert_false(nx_unsubscribe_text_of_address(
		        ctx, unsubscribe_phrases, address, &parts));
		talloc_free(ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_subject_says_it_and_nothing_else),
	        cmocka_unit_test(the_list_is_left_alone_where_none_is_named),
	        cmocka_unit_test(a_line_of_a_short_text_says_it),
	        cmocka_unit_test(own_text_ends_where_a_quotation_begins),
	        cmocka_unit_test(ten_lines_or_four_hundred_bytes_are_short),
	        cmocka_unit_test(an_address_of_ours_tells_list_and_tag),
	        cmocka_unit_test(any_text_is_looked_at),
	};

	return cmocka_run_group_tests(tests, start, end_mail);
}
