/* SPDX-License-Identifier: ISC */
#include "report/conditions/phrases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hostile.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* More phrases than are looked through one by one; none of them is in the
 * texts of the cases. */
#define MANY                                                                   \
	"qa qa, qb qb, qc qc, qd qd, qe qe, qf qf, qg qg, qh qh, qi qi, "      \
	"qj qj, qk qk, ql ql, qm qm, qn qn"

static int start(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int end(void **state)
{
	talloc_free(*state);
	return 0;
}

static bool load(TALLOC_CTX *ctx, const char *text, struct nx_phrases *out,
                 struct nx_error *err)
{
	const struct nx_yaml *root;

	if (!nx_yaml_parse(ctx, "t.yaml", text, strlen(text), &root, err))
		fail_msg("%s", err->text);
	return nx_phrases_load(ctx, nx_yaml_get(root, "p"), out, err);
}

static struct nx_phrases phrases_of(TALLOC_CTX *ctx, const char *text)
{
	struct nx_phrases phrases;
	struct nx_error err;

	if (!load(ctx, text, &phrases, &err))
		fail_msg("%s", err.text);
	return phrases;
}

/* The list as it is written, and as one of many: both answer the same. */
static void both_of(TALLOC_CTX *ctx, const char *list,
                    struct nx_phrases both[2])
{
	both[0] = phrases_of(ctx, talloc_asprintf(ctx, "p: [%s]", list));
	both[1] = phrases_of(ctx,
	                     talloc_asprintf(ctx, "p: [%s, " MANY "]", list));
	assert_true(both[1].count > both[0].count + 12);
}

static void a_phrase_is_found_where_its_anchors_say(void **state)
{
	static const struct {
		const char *list, *text;
		bool is_hit;
	} cases[] = {
	        {"stop", "please stop it", true},
	        {"stop", "unstoppable", true},
	        {"stop", "sto", false},
	        {"stop", "", false},
	        {"'^stop'", "stop it", true},
	        {"'^stop'", "please stop", false},
	        {"'stop$'", "please stop", true},
	        {"'stop$'", "stop stop", true},
	        {"'stop$'", "stop it", false},
	        {"'stop$'", "top", false},
	        {"'^stop$'", "stop", true},
	        {"'^stop$'", "stop stop", false},
	        {"'^stop$'", "stop it", false},
	        {"'*'", "", true},
	        {"'*'", "anything", true},
	        {"'^away', leave", "on leave", true},
	        {"'^away', leave", "i am away", false},
	        {"STOP", "stop", true},
	        {"'Désinscription'", "désinscription", true},
	        {"'d’absence'", "avis d'absence", true},
	        {"'退订'", "请退订", true},
	        {"'a  \t b'", "a b", true},
	        {"'st^op', 'st$op'", "stop", false},
	        {"'st^op', 'st$op'", "st$op", true},
	        /* the second of two that begin alike */
	        {"stopper, stop", "stop", true},
	        {"stop, stopper", "stopper", true},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct nx_phrases both[2];

		both_of(*state, cases[i].list, both);
		for (size_t j = 0; j < 2; j++)
			if (nx_phrases_hit(&both[j], cases[i].text) !=
			    cases[i].is_hit)
				fail_msg("%s: \"%s\" in a list of %zu",
				         cases[i].list, cases[i].text,
				         both[j].count);
	}
}

static void what_follows_is_behind_the_longest_that_ends_with_a_word(
        void **state)
{
	static const struct {
		const char *list, *text;
		const char *behind; /* NULL: none of them is in front */
	} cases[] = {
	        {"out, out of", "out of town", " town"},
	        {"out of, out", "out of town", " town"},
	        {"out, out of", "out offshore", " offshore"},
	        {"out", "out", ""},
	        {"out", "out!", "!"},
	        {"out", "outing", NULL},
	        {"out", "out1", NULL},
	        {"out", "go out", NULL},
	        {"out", "ou", NULL},
	        {"out", "", NULL},
	        {"'re:'", "re:news", "news"},
	        {"'list='", "list=news", "news"},
	        {"'^out$'", "out of town", " of town"},
	        {"'退订'", "退订我", "我"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct nx_phrases both[2];

		both_of(*state, cases[i].list, both);
		for (size_t j = 0; j < 2; j++) {
			const char *got =
			        nx_phrases_behind(&both[j], cases[i].text);
			const char *want = cases[i].behind;

			if ((got == NULL) != (want == NULL) ||
			    (got != NULL && strcmp(got, want) != 0))
				fail_msg("%s: \"%s\" in a list of %zu: \"%s\"",
				         cases[i].list, cases[i].text,
				         both[j].count, got ? got : "(none)");
		}
	}
}

static void the_whole_text_is_one_of_them_or_not(void **state)
{
	static const struct {
		const char *list, *text;
		bool is_one;
	} cases[] = {
	        {"stop, remove me", "remove me", true},
	        {"stop, remove me", "stop", true},
	        {"stop, remove me", "remove", false},
	        {"stop, remove me", "stop it", false},
	        {"stop, remove me", "s", false},
	        {"stop, remove me", "", false},
	        {"'^stop', 'go$'", "stop", true},
	        {"'^stop', 'go$'", "go", true},
	        {"Stop", "stop", true},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct nx_phrases both[2];

		both_of(*state, cases[i].list, both);
		for (size_t j = 0; j < 2; j++)
			if (nx_phrases_are(&both[j], cases[i].text) !=
			    cases[i].is_one)
				fail_msg("%s: \"%s\" in a list of %zu",
				         cases[i].list, cases[i].text,
				         both[j].count);
	}
}

static void a_phrase_of_one_letter_is_found_in_a_long_list(void **state)
{
	struct nx_phrases phrases = phrases_of(*state, "p: [x, " MANY "]");

	assert_true(nx_phrases_hit(&phrases, "abcx"));
	assert_true(nx_phrases_hit(&phrases, "a qn qn b"));
	assert_true(nx_phrases_are(&phrases, "x"));
	assert_string_equal(nx_phrases_behind(&phrases, "x y"), " y");
	assert_false(nx_phrases_hit(&phrases, "abc"));
}

static void words_come_as_one_a_list_or_by_language(void **state)
{
	static const struct {
		const char *text;
		size_t count;
	} cases[] = {
	        {"p: stop", 1},
	        {"p: [stop, leave]", 2},
	        {"p: {en: stop, fr: [arrêt, radiation]}", 3},
	        {"p: [[stop, leave], off]", 3},
	        {"p: ['*']", 0},
	        {"q: stop", 0},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct nx_phrases phrases = phrases_of(*state, cases[i].text);

		if (phrases.count != cases[i].count)
			fail_msg("%s: %zu", cases[i].text, phrases.count);
	}
	struct nx_phrases by_language = phrases_of(*state, cases[2].text);

	assert_true(nx_phrases_are(&by_language, "radiation"));
	assert_false(nx_phrases_are(&by_language, "fr"));
}

static void no_words_are_found_nowhere(void **state)
{
	struct nx_phrases none = phrases_of(*state, "q: stop");

	assert_false(nx_phrases_hit(&none, "stop"));
	assert_false(nx_phrases_hit(&none, ""));
	assert_false(nx_phrases_are(&none, ""));
	assert_null(nx_phrases_behind(&none, "stop"));
	assert_null(nx_phrases_behind(&none, ""));
}

/* That many phrases, "w0" and so on. */
static const char *numbered(TALLOC_CTX *ctx, size_t count)
{
	char *text = talloc_strdup(ctx, "p: [");

	for (size_t i = 0; i < count; i++)
		text = talloc_asprintf_append_buffer(
		        text, i > 0 ? ", w%zu.\n" : "w%zu.", i);
	return talloc_asprintf_append_buffer(text, "]\n");
}

static void what_is_no_phrase_is_refused_where_it_stands(void **state)
{
	char *longest = repeated(*state, "x", 256);
	const struct {
		const char *name, *text, *error; /* NULL: taken */
	} cases[] = {
	        {"nothing", "p: [stop, '']", "t.yaml:1:11: expected a phrase"},
	        {"blanks", "p: ' '", "t.yaml:1:4: expected a phrase"},
	        {"only a beginning", "p: '^'", "t.yaml:1:4: expected a phrase"},
	        {"only an end", "p: '$'", "t.yaml:1:4: expected a phrase"},
	        {"only both", "p: '^$'", "t.yaml:1:4: expected a phrase"},
	        {"a map in a list", "p: [{a: b}]",
	         "t.yaml:1:5: expected phrases"},
	        {"a map in a map", "p: {en: {a: b}}",
	         "t.yaml:1:9: expected phrases"},
	        {"an empty list", "p: []",
	         "t.yaml:1:4: expected phrases, at most 2000"},
	        {"256 bytes", talloc_asprintf(*state, "p: %s", longest), NULL},
	        {"257 bytes", talloc_asprintf(*state, "p: %sx", longest),
	         "t.yaml:1:4: expected a phrase"},
	        {"2000 phrases", numbered(*state, 2000), NULL},
	        {"2001 phrases", numbered(*state, 2001),
	         "t.yaml:1:4: expected phrases, at most 2000"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct nx_phrases phrases;
		struct nx_error err = {0};
		bool taken = load(*state, cases[i].text, &phrases, &err);

		if (taken != (cases[i].error == NULL) ||
		    (!taken && strcmp(err.text, cases[i].error) != 0))
			fail_msg("%s: %s", cases[i].name,
			         taken ? "taken" : err.text);
	}
}

static void each_of_two_thousand_is_found(void **state)
{
	struct nx_phrases phrases = phrases_of(*state, numbered(*state, 2000));

	for (int i = 0; i < 2000; i++) {
		char text[32];

		snprintf(text, sizeof text, "w%d.", i);
		assert_true(nx_phrases_are(&phrases, text));
		assert_string_equal(nx_phrases_behind(&phrases, text), "");
		snprintf(text, sizeof text, "a w%d. b", i);
		assert_true(nx_phrases_hit(&phrases, text));
		snprintf(text, sizeof text, "a w%d b", i);
		assert_false(nx_phrases_hit(&phrases, text));
	}
}

static void any_text_is_looked_through(void **state)
{
	struct nx_phrases both[2];

	both_of(*state, "'zebra', '^yak', 'emu$'", both);
	for (size_t i = 0; i < HOSTILE; i++) {
		char *text = hostile_text(*state, i);

		for (size_t j = 0; j < 2; j++) {
			assert_false(nx_phrases_hit(&both[j], text));
			assert_false(nx_phrases_are(&both[j], text));
			assert_null(nx_phrases_behind(&both[j], text));
		}
		text = talloc_strdup_append(text, "emu");
		for (size_t j = 0; j < 2; j++)
			assert_true(nx_phrases_hit(&both[j], text));
		talloc_free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_phrase_is_found_where_its_anchors_say),
	        cmocka_unit_test(
	                what_follows_is_behind_the_longest_that_ends_with_a_word),
	        cmocka_unit_test(the_whole_text_is_one_of_them_or_not),
	        cmocka_unit_test(
	                a_phrase_of_one_letter_is_found_in_a_long_list),
	        cmocka_unit_test(words_come_as_one_a_list_or_by_language),
	        cmocka_unit_test(no_words_are_found_nowhere),
	        cmocka_unit_test(what_is_no_phrase_is_refused_where_it_stands),
	        cmocka_unit_test(each_of_two_thousand_is_found),
	        cmocka_unit_test(any_text_is_looked_through),
	};

	return cmocka_run_group_tests(tests, start, end);
}
