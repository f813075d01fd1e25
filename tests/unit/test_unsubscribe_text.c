/* SPDX-License-Identifier: ISC */
#include "hostile.h"
#include "mail.h"

#include "report/readers/unsubscribe_text.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Few words, so that every case tells which of them it is about. The words
 * that are shipped are proved by test_detectors.c. */
static const char concepts_text[] =
        "concepts:\n"
        "  - { id: leave, says: x }\n  - { id: leave-asked, says: x }\n"
        "  - { id: not, says: x, reach: 24 }\n"
        "  - { id: please, says: x }\n"
        "  - { id: asking, says: x, reach: 60 }\n"
        "  - { id: roll, says: x }\n  - { id: me, says: x }\n"
        "  - { id: remove, says: x }\n  - { id: other-matter, says: x }\n"
        "  - { id: courtesy, says: x }\n";

static const char words_text[] =
        "language: en\nwords:\n"
        "  leave: unsubscribe, remove me, no more mail, désabonner, 配信停止\n"
        "  leave-asked: to unsubscribe, unsubscribe link\n"
        "  not: not\n  please: please, could you, s'il vous plaît\n"
        "  asking: how, why\n  roll: list, newsletter\n  me: my, address\n"
        "  remove: strike\n  other-matter: meeting, customer\n"
        "  courtesy: hello, thanks, thank you, from, the, now\n";

static const char rules[] =
        "leave: '{leave}'\n"
        "together: ['{leave} {roll}', '{please} {leave}',\n"
        "           '{me} {remove} {roll}']\n"
        "titled: ['{please} {leave}']\n"
        "unsaid: ['{leave-asked}', '{leave} {not}', '{leave} {asking}',\n"
        "         '{other-matter}']\n"
        "doubts: ['{asking}', '{other-matter}']\n"
        "openings: '{please}'\n"
        "beside: ['{please}', '{roll}', '{me}', '{courtesy}']\n"
        "alone: [stop, remove]\n"
        "quotes: ['^-----', '^-- $', '^sent from my']\n"
        "addresses: ['^unsub+', '^leave$', '-unsubscribe-',\n"
        "            '-unsubscribe$']\n";

static const struct nx_detectors *detectors;

static struct nx_source source_of(const char *name, const char *text)
{
	return (struct nx_source){
	        .name = name, .text = text, .size = strlen(text)};
}

static int start(void **state)
{
	const struct nx_source words[] = {
	        source_of("concepts.yaml", concepts_text),
	        source_of("words/en.yaml", words_text),
	};
	const struct nx_source source = source_of("unsubscribe.yaml", rules);
	const struct nx_concepts *concepts;
	struct nx_error err;

	*state = talloc_new(NULL);
	if (!nx_concepts_compile(*state, words, COUNT(words), &concepts,
	                         &err) ||
	    !nx_detectors_compile(*state, concepts, &source, 1, &detectors,
	                          &err)) {
		print_error("%s\n", err.text);
		return -1;
	}
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

static void a_subject_says_it(void **state)
{
	static const struct request cases[] = {
	        {"unsubscribe", true, ""},
	        {"UNSUBSCRIBE", true, ""},
	        {"  Remove \t me ", true, ""},
	        {"Désabonner", true, ""},
	        {"配信停止", true, ""},
	        /* words that mean other things as well, alone */
	        {"Stop", true, ""},
	        {"please stop now", true, ""},
	        {"Stop it", false, ""},
	        {"Stop the presses", false, ""},
	        /* answers */
	        {"Re: unsubscribe", true, ""},
	        {"AW: [unsubscribe]", true, ""},
	        {"Re: AW: \"unsubscribe", true, ""},
	        /* politeness */
	        {"Please unsubscribe", true, ""},
	        {"unsubscribe from the newsletter please!", true, ""},
	        {"Hello, please unsubscribe, thank you.", true, ""},
	        {"unsubscribe, s'il vous plaît", true, ""},
	        {"unsubscribe... ***", true, ""},
	        {"unsubscribeplease", false, ""},
	        {"please thanks", false, ""},
	        /* a word among others, and several */
	        {"Please unsubscribe Ada Smith", true, ""},
	        {"Unsubscribe Ada Smith", false, ""},
	        {"Remove me from your files", true, ""},
	        /* the list */
	        {"unsubscribe news-weekly", true, "news-weekly"},
	        {"Unsubscribe News-Weekly", true, "News-Weekly"},
	        {"unsubscribe: K4X", true, "K4X"},
	        {"unsubscribe list=spring-2", true, "spring-2"},
	        {"please unsubscribe news.example.org, thanks", true,
	         "news.example.org"},
	        {"unsubscribe news-weekly a@b.example", true, "news-weekly"},
	        {"unsubscribe choir", false, ""},
	        {"unsubscribe news-weekly?", false, ""},
	        {"stop news-weekly", false, ""},
	        /* other subjects */
	        {"Why remove me", false, ""},
	        {"How do I unsubscribe", false, ""},
	        {"Do not unsubscribe", false, ""},
	        {"unsubscribe link", false, ""},
	        {"Remove me from the meeting", false, ""},
	        {"unsubscribed", false, ""},
	        {"unsubscribe?", false, ""},
	        {"?", false, ""},
	        {".", false, ""},
	        {"", false, ""},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct nx_wish wish;
		bool is_one = nx_wish_of_subject(*state, detectors,
		                                 cases[i].text, false, &wish);

		check_unsubscribe(&cases[i], is_one, wish.list);
	}
}

static void a_list_server_takes_any_word_for_a_list(void **state)
{
	struct nx_wish wish;

	assert_true(nx_wish_of_subject(*state, detectors, "Unsubscribe Choir",
	                               true, &wish));
	assert_string_equal(wish.list, "Choir");
	assert_false(nx_wish_of_subject(
	        *state, detectors, "unsubscribe choir and more", true, &wish));
	assert_string_equal(wish.list, "");
}

static void the_own_text_says_it(void **state)
{
	static const struct request cases[] = {
	        {"unsubscribe\n", true, ""},
	        {"unsubscribe", true, ""},
	        {"Hello,\n\nplease unsubscribe.\n\nAnna\n", true, ""},
	        {"I like it.\nRemove me from it anyway.\n", true, ""},
	        {"unsubscribe news-weekly\n", true, "news-weekly"},
	        {"I unsubscribe from your newsletter.\n", true, ""},
	        {"They unsubscribe.\n", false, ""},
	        {"Strike my name off the list.\n", true, ""},
	        /* a word for other things: the first line, and a name below */
	        {"Stop\n", true, ""},
	        {"\n \nStop\nAnna\nSmith\n", true, ""},
	        {"Stop\nAnna\nSmith\nParis\n", false, ""},
	        {"Anna\nStop\n", false, ""},
	        /* a question is a wish where it asks for it */
	        {"Could you remove me?\n", true, ""},
	        {"Remove me?\n", false, ""},
	        {"How could you remove me?\n", false, ""},
	        /* what was said before a request does not matter */
	        {"I am not glad please remove me\n", true, ""},
	        {"I tried the unsubscribe link, please remove me.\n", true, ""},
	        {"A customer wrote: please remove me.\n", false, ""},
	        {"Please do not remove me.\n", false, ""},
	        /* somebody else's words */
	        {"They wrote \"remove me\" to us.\n", false, ""},
	        {"\"Remove me\"\n", true, ""},
	        /* what is quoted does not count */
	        {"I like it.\n> remove me\n", false, ""},
	        {"I like it.\n | remove me\n", false, ""},
	        {"I like it.\n-----Original Message-----\nremove me\n", false,
	         ""},
	        {"unsubscribe\n> You get news.\n", true, ""},
	        /* other words */
	        {"How do I unsubscribe\n", false, ""},
	        {"Click here to unsubscribe from the list\n", false, ""},
	        {"un\nsubscribe\n", false, ""},
	        {"\n\n", false, ""},
	        {"", false, ""},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct nx_wish wish;
		struct nx_own_text own;

		nx_own_text(*state, &detectors->unsubscribe.quotes,
		            cases[i].text, &own);
		bool is_one =
		        nx_wish_of_text(*state, detectors, &own, false, &wish);

		check_unsubscribe(&cases[i], is_one, wish.list);
	}
}

static void own_text_ends_where_a_quotation_begins(void **state)
{
	static const char *const quotations[] = {
	        "> More.",
	        "| More.",
	        "-----Original Message-----\nMore.",
	        "Sent from my telephone\nMore.",
	        "On 3 March 2025 at 10:00, News wrote:\nMore.",
	        "Am Montag schrieb News <news@example.org>:\nMore.",
	        "Le lun. 3 mars 2025 à 10:00, News\n"
	        "<news@example.org> a écrit :\nMore.",
	        "2025年3月3日(月) 10:00 News：\nMore.",
	        "Von: News <news@example.org>\nGesendet: Montag\n"
	        "An: Ada\nMore.",
	        "*From:* News\n\n*Sent:* Monday\n\n*To:* Ada\n\nMore.",
	        "De : News\nEnvoyé : lundi\nÀ : Ada\nMore.",
	};

	for (size_t i = 0; i < COUNT(quotations); i++) {
		struct nx_own_text own;
		const char *text = talloc_asprintf(
		        *state, "\n Hello  THERE,\n\t\nI like it.\n\n%s\n",
		        quotations[i]);

		nx_own_text(*state, &detectors->unsubscribe.quotes, text, &own);
		if (own.lines != 2 || strcmp(own.first, "hello there,") != 0 ||
		    strcmp(own.text, "hello there, | i like it. | ") != 0 ||
		    !own.is_short || !own.is_whole)
			fail_msg("%s: %s", quotations[i], own.text);
	}
}

static void what_only_looks_like_a_quotation_is_own_text(void **state)
{
	static const char *const texts[] = {
	        "My wish:\nno more.\n",
	        "Note: it is late.\nAlso: I am tired.\nGood night\n",
	        "I read number 2025 of it.\nEnough:\nno more.\n",
	};

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct nx_own_text own;

		nx_own_text(*state, &detectors->unsubscribe.quotes, texts[i],
		            &own);
		if (own.lines < 2)
			fail_msg("%s: %s", texts[i], own.text);
	}
}

static void a_long_text_is_about_something_else(void **state)
{
	const struct {
		const char *name, *text;
		bool is_short, is_whole;
	} cases[] = {
	        {"nothing", "", true, true},
	        {"ten lines", repeated(*state, "a\n", 20), true, true},
	        {"ten lines with blank ones", repeated(*state, "a\n\n", 30),
	         true, true},
	        {"eleven lines", repeated(*state, "a\n", 22), false, true},
	        {"25 lines", repeated(*state, "a\n", 50), false, false},
	        {"399 bytes", repeated(*state, "x", 399), true, true},
	        {"400 bytes", repeated(*state, "x", 400), false, true},
	        {"999 bytes", repeated(*state, "x", 999), false, true},
	        {"1000 bytes", repeated(*state, "x", 1000), false, false},
	        {"many bytes that are quoted",
	         talloc_asprintf(*state, "a\n> %s",
	                         repeated(*state, "x", 9999)),
	         true, true},
	        {"many blank lines", repeated(*state, "\n", 9999), true, true},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct nx_own_text own;
		struct nx_wish wish;
		char *said =
		        talloc_asprintf(*state, "remove me\n%s", cases[i].text);

		nx_own_text(*state, &detectors->unsubscribe.quotes,
		            cases[i].text, &own);
		if (own.is_short != cases[i].is_short ||
		    own.is_whole != cases[i].is_whole)
			fail_msg("%s", cases[i].name);
		if (own.is_whole)
			continue;
		nx_own_text(*state, &detectors->unsubscribe.quotes, said, &own);
		if (nx_wish_of_text(*state, detectors, &own, false, &wish))
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
		        *state, &detectors->unsubscribe, cases[i].address,
		        &got);

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
		struct nx_wish wish;

		nx_own_text(ctx, &detectors->unsubscribe.quotes, text, &own);
		assert_true(strlen(own.first) <= 1000);
		assert_false(
		        nx_wish_of_text(ctx, detectors, &own, false, &wish));
		(void)nx_wish_of_subject(ctx, detectors, text, true, &wish);
		assert_true(strlen(wish.list) <= 200);
		assert_false(nx_unsubscribe_text_of_address(
		        ctx, &detectors->unsubscribe, address, &parts));
		talloc_free(ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_subject_says_it),
	        cmocka_unit_test(a_list_server_takes_any_word_for_a_list),
	        cmocka_unit_test(the_own_text_says_it),
	        cmocka_unit_test(own_text_ends_where_a_quotation_begins),
	        cmocka_unit_test(what_only_looks_like_a_quotation_is_own_text),
	        cmocka_unit_test(a_long_text_is_about_something_else),
	        cmocka_unit_test(an_address_of_ours_tells_list_and_tag),
	        cmocka_unit_test(any_text_is_looked_at),
	};

	return cmocka_run_group_tests(tests, start, end_mail);
}
