/* SPDX-License-Identifier: ISC */
#include "words.h"

/* Mistakes in concepts.yaml and in files of words: each is refused, and named
 * by its place. */

#define ROW(rest) "concepts:\n  - {id: a, says: A" rest "}\n"

/* concepts.yaml, whose first two lines are good. */
static const struct {
	const char *name, *content, *error;
} bad_concepts[] = {
        {"another key", "concept: []\n",
         "concepts.yaml:1:1: unknown key \"concept\" (known: concepts)"},
        {"no list", "concepts: {a: b}\n",
         "concepts.yaml:1:11: concepts: a list of at most 64"},
        {"an empty file", "",
         "concepts.yaml:1:1: concepts: a list of at most 64"},
        {"a concept without an id", "concepts:\n  - {says: A}\n",
         "concepts.yaml:2:5: missing key \"id\""},
        {"a concept that says nothing", "concepts:\n  - {id: a}\n",
         "concepts.yaml:2:5: missing key \"says\""},
        {"a key that is misspelled", ROW(", pary: sender"),
         "concepts.yaml:2:22: unknown key \"pary\""},
        {"a concept twice", ROW("") "  - {says: B, id: a}\n",
         "concepts.yaml:3:19: there is another concept \"a\""},
        {"a party that is none", ROW(", party: postmaster"),
         "concepts.yaml:2:29: party \"postmaster\" is none of recipient, "
         "sender, connection, content"},
        {"a party that words cannot name", ROW(", party: other"),
         "concepts.yaml:2:29: party \"other\" is none of"},
        {"a way to be mentioned that is none",
         ROW(", party: sender, mentioned: before"),
         "concepts.yaml:2:48: mentioned: aside or behind, of a party"},
        {"what is mentioned without a party", ROW(", mentioned: aside"),
         "concepts.yaml:2:33: mentioned: aside or behind, of a party"},
        {"an opposite that is none", ROW(", opposite: b"),
         "concepts.yaml:2:32: opposite: there is no concept \"b\" above"},
        {"its own opposite", ROW(", opposite: a"),
         "concepts.yaml:2:32: opposite: there is no concept \"a\" above"},
        {"an opposite that follows",
         ROW(", opposite: b") "  - {id: b, says: B}\n",
         "concepts.yaml:2:32: opposite: there is no concept \"b\" above"},
        {"a reach of nothing", ROW(", reach: 0"), "concepts.yaml:2:29: "},
        {"a reach that is too far", ROW(", reach: 201"),
         "concepts.yaml:2:29: "},
        {"a reach that is no number", ROW(", reach: far"),
         "concepts.yaml:2:29: "},
        {"a thing by maybe", ROW(", thing: maybe"),
         "concepts.yaml:2:29: thing: must be true or false"},
        {"a thing that is a list", ROW(", thing: [true]"),
         "concepts.yaml:2:29: thing: must be true or false"},
};

static const char list[] = "concepts:\n"
                           "  - {id: sender, says: a, party: sender}\n"
                           "  - {id: recipient, says: a, party: recipient}\n"
                           "  - {id: known, says: a}\n"
                           "  - {id: missing, says: a, opposite: known}\n"
                           "  - {id: user, says: a}\n";

#define NO_WORD " is no word: two bytes or more, and \"*\" at its end only"

static const struct {
	const char *name, *content, *error;
} bad_words[] = {
        {"another key", "language: en\nwords: {}\nreason: spam\n",
         "words/x.yaml:3:1: unknown key \"reason\" (known: language, "
         "misspelt, words)"},
        {"no language", "words: {user: user}\n",
         "words/x.yaml:1:1: missing key \"language\""},
        {"no words", "language: en\n",
         "words/x.yaml:1:1: words: a map of concepts to words"},
        {"words of no concept", "language: en\nwords: [user]\n",
         "words/x.yaml:2:8: words: a map of concepts to words"},
        {"a concept that is none", "language: en\nwords:\n  usr: user\n",
         "words/x.yaml:3:8: \"usr\" is no concept of concepts.yaml"},
        {"a concept twice", "language: en\nwords:\n  user: a\n  user: b\n",
         "words/x.yaml:4:3: duplicate key \"user\""},
        {"errors by maybe", "language: en\nmisspelt: maybe\nwords: {}\n",
         "words/x.yaml:2:11: misspelt: must be true or false"},
        {"no text", "language: en\nwords:\n  user: {a: b}\n",
         "words/x.yaml:3:9: must be words, separated by commas"},
        {"an empty text", "language: en\nwords:\n  user: ''\n",
         "words/x.yaml:3:9: must be words, separated by commas"},
        {"a list in a list", "language: en\nwords:\n  user: [ab, [c]]\n",
         "words/x.yaml:3:14: must be words, separated by commas"},
        {"no word between commas", "language: en\nwords:\n  user: ab,, cd\n",
         "words/x.yaml:3:9: a word is missing at a comma"},
        {"no word behind a comma", "language: en\nwords:\n  user: 'ab, '\n",
         "words/x.yaml:3:9: a word is missing at a comma"},
        {"no word before a comma", "language: en\nwords:\n  user: ',ab'\n",
         "words/x.yaml:3:9: a word is missing at a comma"},
        {"one byte", "language: en\nwords:\n  user: user, b\n",
         "words/x.yaml:3:15: \"b\"" NO_WORD},
        {"one letter with an accent", "language: en\nwords:\n  user: é\n",
         "words/x.yaml:3:9: \"e\"" NO_WORD},
        {"a stem of one byte", "language: en\nwords:\n  user: b*\n",
         "words/x.yaml:3:9: \"b\"" NO_WORD},
        {"a star alone", "language: en\nwords:\n  user: '*'\n",
         "words/x.yaml:3:9: \"\"" NO_WORD},
        {"a star within a word", "language: en\nwords:\n  user: us*er\n",
         "words/x.yaml:3:9: \"us*er\"" NO_WORD},
        {"two stars", "language: en\nwords:\n  user: user**\n",
         "words/x.yaml:3:9: \"user*\"" NO_WORD},
        {"a blank before a comma", "language: en\nwords:\n  user: ab , cd\n",
         "words/x.yaml:3:9: \"ab \"" NO_WORD},
        {"the opposite in one language",
         "language: en\nwords:\n  known: ab, found\n  missing: ab c, Found\n",
         "words/x.yaml:4:18: \"found\" stands for the opposite as well in "
         "this language"},
        {"two parties",
         "language: en\nwords:\n  sender: owner\n  recipient: x y, Owner\n",
         "words/x.yaml:3:11: \"owner\" names two parties"},
};

static void check(const char *name, const struct nx_source *sources,
                  size_t count, const char *error)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const struct nx_concepts *concepts = NULL;
	struct nx_error err = {0};

	if (nx_concepts_compile(ctx, sources, count, &concepts, &err))
		fail_msg("%s: taken", name);
	if (strncmp(err.text, error, strlen(error)) != 0)
		fail_msg("%s: %s\nwanted: %s", name, err.text, error);
	assert_int_equal(err.kind, NX_ERROR_CONFIG);
	assert_null(concepts);
	assert_int_equal(talloc_total_blocks(ctx), 1);
	talloc_free(ctx);
}

static void a_broken_list_of_concepts_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad_concepts); i++) {
		const struct nx_source one =
		        source("concepts.yaml", bad_concepts[i].content);

		check(bad_concepts[i].name, &one, 1, bad_concepts[i].error);
	}
}

static void a_broken_file_of_words_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad_words); i++) {
		/* The concepts are read first, wherever they stand. */
		const struct nx_source sources[] = {
		        source("words/x.yaml", bad_words[i].content),
		        source("concepts.yaml", list),
		};

		check(bad_words[i].name, sources, 2, bad_words[i].error);
	}
}

static void words_that_contradict_each_other_are_refused(void **state)
{
	static const struct {
		const char *name, *first, *second, *error;
	} cases[] = {
	        {"the opposite in another file of a language",
	         "language: en\nwords: {known: Fóund}\n",
	         "language: en\nwords: {missing: found}\n",
	         "\"found\" stands for the opposite as well in this language"},
	        {"two parties in two languages",
	         "language: en\nwords: {sender: owner}\n",
	         "language: de\nwords: {recipient: owner}\n",
	         "\"owner\" names two parties"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct nx_source sources[] = {
		        source("concepts.yaml", list),
		        source("words/a.yaml", cases[i].first),
		        source("words/b.yaml", cases[i].second),
		};
		const struct nx_concepts *concepts;
		struct nx_error err = {0};

		assert_false(
		        nx_concepts_compile(NULL, sources, 3, &concepts, &err));
		if (strstr(err.text, cases[i].error) == NULL)
			fail_msg("%s: %s", cases[i].name, err.text);
	}
}

/* "found" may be one in one language, and the other in another. */
static void opposites_of_two_languages_are_good(void **state)
{
	static const char *const files[] = {
	        "language: en\nwords: {known: found}\n",
	        "language: xx\nwords: {missing: found}\n", NULL};
	TALLOC_CTX *ctx = talloc_new(NULL);

	(void)state;
	(void)concepts_of(ctx, list, files);
	talloc_free(ctx);
}

static void words_without_concepts_are_refused(void **state)
{
	const struct nx_source one =
	        source("words/x.yaml", "language: en\nwords: {user: user}\n");

	(void)state;
	check("no concepts", &one, 1,
	      "words/x.yaml:2:15: \"user\" is no concept of concepts.yaml");
}

/* There is one bit for each. */
static void sixty_four_are_enough(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	char *many = talloc_strdup(ctx, "concepts:\n");
	struct nx_source sources[NX_LANGUAGES + 2];
	const struct nx_concepts *concepts;
	struct nx_error err;

	(void)state;
	for (int i = 0; i < NX_CONCEPTS; i++)
		many = talloc_asprintf_append(
		        many, "  - {id: c%d, says: a, party: %s}\n", i,
		        i % 2 ? "sender" : "content");
	sources[0] = source("concepts.yaml", many);
	for (size_t i = 1; i <= NX_LANGUAGES + 1; i++)
		sources[i] = source(
		        "words/x.yaml",
		        talloc_asprintf(ctx,
		                        "language: l%zu\nwords: {c63: last}\n",
		                        i));
	if (!nx_concepts_compile(ctx, sources, NX_LANGUAGES + 1, &concepts,
	                         &err))
		fail_msg("%s", err.text);
	assert_int_equal(concepts->count, NX_CONCEPTS);
	assert_int_equal(concepts->languages, NX_LANGUAGES);
	assert_int_equal(concepts->word[0].meanings, NX_LANGUAGES);
	for (size_t i = 0; i < NX_LANGUAGES; i++) {
		assert_int_equal(concepts->meaning[i].concept, 63);
		assert_int_equal(concepts->meaning[i].language, i);
	}
	check("65 languages", sources, NX_LANGUAGES + 2,
	      "words/x.yaml:1:1: there are 64 languages already");
	sources[1] = source("site/concepts.yaml",
	                    "concepts:\n  - {id: c64, says: a}\n");
	check("65 concepts in two files", sources, 2,
	      "site/concepts.yaml:2:3: concepts: a list of at most 64");
	many = talloc_asprintf_append(many, "  - {id: c64, says: a}\n");
	sources[0] = source("concepts.yaml", many);
	check("65 concepts", sources, 1,
	      "concepts.yaml:2:3: concepts: a list of at most 64");
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_broken_list_of_concepts_is_refused),
	        cmocka_unit_test(a_broken_file_of_words_is_refused),
	        cmocka_unit_test(words_that_contradict_each_other_are_refused),
	        cmocka_unit_test(opposites_of_two_languages_are_good),
	        cmocka_unit_test(words_without_concepts_are_refused),
	        cmocka_unit_test(sixty_four_are_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
