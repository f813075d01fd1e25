/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "match/pattern.h"

#include <string.h>

enum { PATTERNS = 16, ROUNDS = 4000 };

static const char *const patterns[PATTERNS] = {
        "user unknown",
        "mailbox (is )?full|over ?quota",
        "spf",
        "a|b",
        "",
        "(?:no such|unknown) (?:user|mailbox)",
        "kiss of sass",
        "bo\xC3\xAEte du destinataire pleine",
        "rbl|dnsbl",
        "^550",
        "[0-9]+ too many",
        "user unknown in virtual",
        "(?:mailbox|account) .{0,20}(?:disabled|closed)|пользовател",
        "\\buser\\b|\\b(?:full|over?)",
        "(?:\\bmail)?box\\b|\\bspf",
        "\\bsass\\b|kis\\b",
};

static bool candidate(const struct nx_prefilter *filter, const char *text,
                      size_t at)
{
	uint64_t *words = nx_prefilter_find(NULL, filter, text, strlen(text));
	bool found =
	        words[at / NX_PREFILTER_BITS] >> at % NX_PREFILTER_BITS & 1;

	talloc_free(words);
	return found;
}

static int set_up(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int tear_down(void **state)
{
	talloc_free(*state);
	return 0;
}

static void a_pattern_whose_words_occur_is_a_candidate(void **state)
{
	const struct nx_prefilter *filter =
	        nx_prefilter_compile(*state, patterns, PATTERNS);

	assert_true(candidate(filter, "550 User Unknown", 0));
	assert_true(candidate(filter, "sorry, MAILBOX FULL", 1));
	assert_true(candidate(filter, "you are overquota", 1));
	assert_true(candidate(filter, "bad SPF", 2));
	assert_true(candidate(filter, "in a dnsbl", 8));
	assert_true(candidate(filter, "User unknown in virtual table", 0));
	assert_true(candidate(filter, "User unknown in virtual table", 11));
}

static void a_word_at_an_edge_is_not_found_inside_of_others(void **state)
{
	static const char *const own[] = {"\\bper\\b", "\\b(?:dnsbl|list)",
	                                  "quota\\b", "\\bx?full"};
	const struct nx_prefilter *filter =
	        nx_prefilter_compile(*state, own, 4);

	assert_true(candidate(filter, "per", 0));
	assert_true(candidate(filter, "5 (per) day", 0));
	assert_true(candidate(filter, "nothing-per-day", 0));
	assert_false(candidate(filter, "expert", 0));
	assert_false(candidate(filter, "paper", 0));
	assert_false(candidate(filter, "persist", 0));
	assert_false(candidate(filter, "_per_ per1", 0));
	assert_true(candidate(filter, "lists", 1));
	assert_false(candidate(filter, "blacklist", 1));
	assert_true(candidate(filter, "overquota", 2));
	assert_false(candidate(filter, "quotas", 2));
	assert_true(candidate(filter, "xfull", 3));
	/* beyond ASCII nothing is known of edges */
	assert_true(candidate(filter, "\xC3\xA9xpert", 0));
}

static void an_edge_may_lie_between_two_pieces(void **state)
{
	static const char *const own[] = {"\\bper\\b"};
	const struct nx_prefilter *filter =
	        nx_prefilter_compile(*state, own, 1);
	char text[2200];

	for (size_t at = 1990; at < 2100; at++) {
		memset(text, ' ', sizeof(text));
		memcpy(text + at, "per", 3);
		text[sizeof(text) - 1] = '\0';
		assert_true(candidate(filter, text, 0));
	}
}

static void a_pattern_whose_words_are_missing_is_left_out(void **state)
{
	const struct nx_prefilter *filter =
	        nx_prefilter_compile(*state, patterns, PATTERNS);

	assert_false(candidate(filter, "550 user unknow", 0));
	assert_false(candidate(filter, "unknown", 0));
	assert_false(candidate(filter, "sp f", 2));
	assert_false(candidate(filter, "", 0));
	assert_false(candidate(filter, "user unknown", 11));
}

static void a_pattern_without_words_is_always_a_candidate(void **state)
{
	const struct nx_prefilter *filter =
	        nx_prefilter_compile(*state, patterns, PATTERNS);

	assert_true(candidate(filter, "", 3));
	assert_true(candidate(filter, "", 4));
	assert_true(candidate(filter, "anything", 3));
	assert_true(candidate(filter, "anything", 4));
}

static void every_word_that_a_pattern_needs_must_be_there(void **state)
{
	const struct nx_prefilter *filter =
	        nx_prefilter_compile(*state, patterns, PATTERNS);

	assert_true(candidate(filter, "this account is closed", 12));
	assert_true(candidate(filter, "disabled is the mailbox ", 12));
	assert_false(candidate(filter, "this account is open", 12));
	assert_false(candidate(filter, "closed", 12));
}

static void letters_beyond_ascii_ask_for_such_a_text(void **state)
{
	const struct nx_prefilter *filter =
	        nx_prefilter_compile(*state, patterns, PATTERNS);

	assert_true(candidate(filter, "ПОЛЬЗОВАТЕЛЬ", 12));
	assert_true(candidate(filter, "closed: \xC3\xA9", 12));
	assert_false(candidate(filter, "closed: e", 12));
}

/* Caseless patterns match U+017F for "s" and U+212A for "k". */
static void letters_that_fold_into_ascii_hide_no_word(void **state)
{
	const struct nx_prefilter *filter =
	        nx_prefilter_compile(*state, patterns, PATTERNS);
	const char *text = "\xE2\x84\xAAI\xC5\xBFS OF SA\xC5\xBF\xC5\xBF";
	const struct nx_pattern *pattern;
	struct nx_match match;
	struct nx_error err;

	assert_true(
	        nx_pattern_compile(*state, patterns[6], false, &pattern, &err));
	assert_true(nx_pattern_find(pattern, text, strlen(text), &match));
	assert_true(candidate(filter, text, 6));
}

static void words_beyond_ascii_are_found_by_their_ascii_part(void **state)
{
	const struct nx_prefilter *filter =
	        nx_prefilter_compile(*state, patterns, PATTERNS);

	assert_true(
	        candidate(filter, "BO\xC3\x8ETE du destinataire pleine", 7));
	assert_false(candidate(filter, "bo\xC3\xAEte vide", 7));
}

static void a_word_is_found_wherever_it_stands_in_a_long_text(void **state)
{
	const struct nx_prefilter *filter =
	        nx_prefilter_compile(*state, patterns, PATTERNS);
	char text[5000];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_false(candidate(filter, text, 0));
	for (size_t at = 0; at + 13 < sizeof(text); at++) {
		memcpy(text + at, "User Unknown", 12);
		assert_true(candidate(filter, text, 0));
		memset(text + at, 'x', 12);
	}
}

static void several_texts_are_looked_at_as_one(void **state)
{
	const struct nx_prefilter *filter =
	        nx_prefilter_compile(*state, patterns, PATTERNS);
	struct nx_hits hits;

	nx_prefilter_begin(*state, filter, &hits);
	nx_prefilter_add(filter, "user unknown", 12, &hits);
	nx_prefilter_add(filter, "bad spf", 7, &hits);
	assert_int_equal(*nx_prefilter_end(*state, filter, &hits) & 7, 5);
}

static void characters_without_case_are_words(void **state)
{
	static const char *const source[] = {"邮箱不存在", "宛先+不明"};
	const struct nx_prefilter *filter =
	        nx_prefilter_compile(*state, source, 2);

	assert_true(candidate(filter, "550 邮箱不存在", 0));
	assert_false(candidate(filter, "550 邮箱", 0));
	assert_true(candidate(filter, "宛先先不明", 1));
	assert_false(candidate(filter, "по", 1));
}

static void no_patterns_make_no_candidates(void **state)
{
	const struct nx_prefilter *filter =
	        nx_prefilter_compile(*state, NULL, 0);

	assert_int_equal(nx_prefilter_words(filter), 1);
	assert_true(*nx_prefilter_find(*state, filter, "user unknown", 12) ==
	            0);
}

static void two_hundred_patterns_with_the_same_words_are_all_named(void **state)
{
	const char *many[200];
	const struct nx_prefilter *filter;

	for (size_t i = 0; i < 200; i++)
		many[i] = i % 3 != 0 ? "user unknown" : "spf";
	filter = nx_prefilter_compile(*state, many, 200);
	for (size_t i = 0; i < 200; i++) {
		assert_true(candidate(filter, "user unknown", i) ==
		            (i % 3 != 0));
		assert_true(candidate(filter, "xspfx", i) == (i % 3 == 0));
	}
}

static uint32_t draw(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static void compile_all(void *ctx, const struct nx_pattern **out)
{
	struct nx_error err;

	for (size_t i = 0; i < PATTERNS; i++)
		assert_true(nx_pattern_compile(ctx, patterns[i], false, &out[i],
		                               &err));
}

static void make_text(uint32_t *seed, char *text, size_t size)
{
	static const char *const words[] = {
	        "user ",    "unknown",  "mailbox ",     "FULL", "spf",
	        "over",     "quota",    "no such ",     "rbl",  "dns",
	        "550 ",     "\xC5\xBF", "\xE2\x84\xAA", "i",    "ki",
	        "ss of sa", " in ",     "virtual",      "12",   " too many"};
	size_t length = 0;

	text[0] = '\0';
	for (uint32_t n = draw(seed) % 9; n > 0; n--) {
		const char *word = words[draw(seed) % 20];

		assert_true(length + strlen(word) < size);
		memcpy(text + length, word, strlen(word) + 1);
		length += strlen(word);
	}
}

static void no_pattern_that_matches_is_ever_left_out(void **state)
{
	const struct nx_prefilter *filter =
	        nx_prefilter_compile(*state, patterns, PATTERNS);
	const struct nx_pattern *compiled[PATTERNS];
	uint32_t seed = 1;
	size_t matches = 0;

	compile_all(*state, compiled);
	for (int round = 0; round < ROUNDS; round++) {
		char text[256];

		make_text(&seed, text, sizeof(text));
		for (size_t i = 0; i < PATTERNS; i++) {
			struct nx_match match;

			if (!nx_pattern_find(compiled[i], text, strlen(text),
			                     &match))
				continue;
			assert_true(candidate(filter, text, i));
			matches += *patterns[i] != '\0';
		}
	}
	assert_true(matches > ROUNDS / 10);
}

/* Patterns made from the parts that could be misread. */
static char *invent(void *ctx, uint32_t *seed, int depth)
{
	static const char *const parts[] = {
	        "a",  "b",  "abc", "cab", "bca",   ".*",  "[ab]", "a?",
	        "b*", "c+", "|",   "|",   "(?=a)", "\\b", "\\b",  "abc"};
	static const char *const ends[] = {")", ")?", ")+", "){0,1}"};
	char *out = talloc_strdup(ctx, "");

	for (uint32_t n = 1 + draw(seed) % 5; n > 0; n--) {
		if (depth < 3 && draw(seed) % 3 == 0)
			out = talloc_asprintf_append(
			        out, "(?:%s%s", invent(ctx, seed, depth + 1),
			        ends[draw(seed) % 4]);
		else
			out = talloc_strdup_append(out, parts[draw(seed) % 16]);
	}
	return out;
}

static void no_invented_pattern_is_left_out_either(void **state)
{
	uint32_t seed = 3;
	size_t matches = 0;
	size_t left_out = 0;

	for (int round = 0; round < 6000; round++) {
		void *ctx = talloc_new(*state);
		const char *source = invent(ctx, &seed, 0);
		const struct nx_prefilter *filter =
		        nx_prefilter_compile(ctx, &source, 1);
		const struct nx_pattern *pattern;
		struct nx_error err;

		assert_true(
		        nx_pattern_compile(ctx, source, false, &pattern, &err));
		for (int i = 0; i < 20; i++) {
			struct nx_match match;
			char text[13] = "";

			for (int k = 0; k < 12; k++)
				text[k] = "abcabc abcabcx"[draw(&seed) % 14];
			if (!candidate(filter, text, 0))
				left_out++;
			if (!nx_pattern_find(pattern, text, 12, &match))
				continue;
			assert_true(candidate(filter, text, 0));
			matches++;
		}
		talloc_free(ctx);
	}
	assert_true(matches > 1000 && left_out > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_setup_teardown(
	                a_pattern_whose_words_occur_is_a_candidate, set_up,
	                tear_down),
	        cmocka_unit_test_setup_teardown(
	                a_pattern_whose_words_are_missing_is_left_out, set_up,
	                tear_down),
	        cmocka_unit_test_setup_teardown(
	                a_word_at_an_edge_is_not_found_inside_of_others, set_up,
	                tear_down),
	        cmocka_unit_test_setup_teardown(
	                an_edge_may_lie_between_two_pieces, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(
	                a_pattern_without_words_is_always_a_candidate, set_up,
	                tear_down),
	        cmocka_unit_test_setup_teardown(
	                letters_that_fold_into_ascii_hide_no_word, set_up,
	                tear_down),
	        cmocka_unit_test_setup_teardown(
	                words_beyond_ascii_are_found_by_their_ascii_part,
	                set_up, tear_down),
	        cmocka_unit_test_setup_teardown(
	                a_word_is_found_wherever_it_stands_in_a_long_text,
	                set_up, tear_down),
	        cmocka_unit_test_setup_teardown(
	                several_texts_are_looked_at_as_one, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(
	                characters_without_case_are_words, set_up, tear_down),
	        cmocka_unit_test_setup_teardown(no_patterns_make_no_candidates,
	                                        set_up, tear_down),
	        cmocka_unit_test_setup_teardown(
	                two_hundred_patterns_with_the_same_words_are_all_named,
	                set_up, tear_down),
	        cmocka_unit_test_setup_teardown(
	                no_pattern_that_matches_is_ever_left_out, set_up,
	                tear_down),
	        cmocka_unit_test_setup_teardown(
	                every_word_that_a_pattern_needs_must_be_there, set_up,
	                tear_down),
	        cmocka_unit_test_setup_teardown(
	                letters_beyond_ascii_ask_for_such_a_text, set_up,
	                tear_down),
	        cmocka_unit_test_setup_teardown(
	                no_invented_pattern_is_left_out_either, set_up,
	                tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
