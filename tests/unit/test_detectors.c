/* SPDX-License-Identifier: ISC */
#include "mail.h"

#include "report/conditions/fold.h"
#include "report/conditions/phrases.h"

static void letters_of_many_languages_fold(void **state)
{
	static const char *const cases[][2] = {
	        {"R\xc3\x89PONSE Automatique", "r\xc3\xa9ponse automatique"},
	        {"\xd0\x90\xd0\x92\xd0\xa2\xd0\x9e",
	         "\xd0\xb0\xd0\xb2\xd1\x82\xd0\xbe"},
	        {"\xce\x91\xce\xa5", "\xce\xb1\xcf\x85"},
	        {"\xc5\xbb\xc5\xb9\xc4\x84", "\xc5\xbc\xc5\xba\xc4\x85"},
	        {"  a \t\n b\xc2\xa0\xe2\x80\xaf  c ", "a b c"},
	        {"d\xe2\x80\x99"
	         "absence",
	         "d'absence"},
	        {"\xe5\xa4\x96\xef\xbc\x9a", "\xe5\xa4\x96:"},
	        {"\xe3\x80\x90x\xe3\x80\x91", "[x]"},
	        {"", ""},
	        {" ", ""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(nx_fold(*state, cases[i][0], 256),
		                    cases[i][1]);
	/* never half a character */
	assert_string_equal(nx_fold(*state, "a\xc3\xa9", 2), "a");
}

static struct nx_phrases phrases_of(void **state, const char *text)
{
	const struct nx_yaml *root;
	struct nx_phrases phrases = {0};
	struct nx_error err;
	if (!nx_yaml_parse(*state, "t.yaml", text, strlen(text), &root, &err) ||
	    !nx_phrases_load(*state, nx_yaml_get(root, "p"), &phrases, &err))
		fail_msg("%s", err.text);
	return phrases;
}

static void phrases_stand_where_their_anchors_say(void **state)
{
	static const struct {
		const char *rule, *text;
		bool hit;
	} cases[] = {
	        {"p: 'b'", "abc", true},
	        {"p: '^b'", "abc", false},
	        {"p: '^a'", "abc", true},
	        {"p: 'c$'", "abc", true},
	        {"p: 'b$'", "abc", false},
	        {"p: '^abc$'", "abc", true},
	        {"p: '^ab$'", "abc", false},
	        {"p: '*'", "", true},
	        {"p: [x, '^A']", "abc", true},
	        {"p: {en: [x], de: b}", "abc", true},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct nx_phrases phrases = phrases_of(state, cases[i].rule);
		if (nx_phrases_hit(&phrases, cases[i].text) != cases[i].hit)
			fail_msg("%s: %s", cases[i].rule, cases[i].text);
	}
}

static void a_front_ends_with_a_word(void **state)
{
	struct nx_phrases phrases = phrases_of(state, "p: [out, out of, 'r:']");
	assert_string_equal(nx_phrases_behind(&phrases, "out of town"),
	                    " town");
	assert_string_equal(nx_phrases_behind(&phrases, "out!"), "!");
	assert_string_equal(nx_phrases_behind(&phrases, "r:x"), "x");
	assert_null(nx_phrases_behind(&phrases, "outing"));
}

static void mistakes_are_named_by_place(void **state)
{
	const struct nx_concepts *concepts = shipped_concepts(*state);
	static const char *const cases[][3] = {
	        {"automatic.yaml", "signs:\n  - id: a\n    formt: b\n",
	         "automatic.yaml:3:5: unknown key \"formt\""},
	        {"automatic.yaml",
	         "signs:\n  - { id: a, format: b, samples: [{}] }\n",
	         "automatic.yaml:2:5: a: needs `when`"},
	        {"automatic.yaml",
	         "signs:\n  - { id: a, format: b, when: [{from: x}] }\n",
	         "automatic.yaml:2:5: a: needs `samples`"},
	        {"automatic.yaml",
	         "signs:\n  - { id: a, format: b, kind: unsubscribe,\n"
	         "      when: [{from: x}], samples: [{}] }\n",
	         "automatic.yaml:2:31: kind: expected auto-reply or other"},
	        {"automatic.yaml",
	         "signs:\n  - { id: a, format: b, samples: [{}],\n"
	         "      when: [{sender: me}] }\n",
	         "automatic.yaml:3:23: sender can only be null"},
	        {"automatic.yaml", "bounces: { en: [''] }\n",
	         "automatic.yaml:1:17: expected a phrase"},
	        {"unsubscribe.yaml", "alone: []\n",
	         "unsubscribe.yaml:1:8: expected phrases"},
	        {"unsubscribe.yaml", "leave: '{leaf}'\n",
	         "unsubscribe.yaml:1:8: \"leaf\" is no concept"},
	        {"unsubscribe.yaml", "bounces: [x]\n",
	         "unsubscribe.yaml:1:1: unknown key \"bounces\""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct nx_source source = {.name = cases[i][0],
		                                 .text = cases[i][1],
		                                 .size = strlen(cases[i][1])};
		const struct nx_detectors *detectors;
		struct nx_error err;
		assert_false(nx_detectors_compile(*state, concepts, &source, 1,
		                                  &detectors, &err));
		if (strncmp(err.text, cases[i][2], strlen(cases[i][2])) != 0)
			fail_msg("%s, not %s", err.text, cases[i][2]);
	}
}

static bool proves(void **state, const char *text, struct nx_error *err)
{
	const struct nx_source source = {
	        .name = "automatic.yaml", .text = text, .size = strlen(text)};
	const struct nx_detectors *detectors;
	size_t samples;
	if (!nx_detectors_compile(*state, NULL, &source, 1, &detectors, err))
		fail_msg("%s", err->text);
	return nx_detectors_prove(detectors, &samples, err);
}

static void samples_prove_their_sign(void **state)
{
	struct nx_error err;
	assert_true(proves(state,
	                   "signs:\n  - id: a\n    format: a\n"
	                   "    when: [{subject-begins: [Away]}]\n"
	                   "    samples: [{from: a@b.example, subject: away}]\n"
	                   "    counterexamples: [{subject: Awayday}]\n",
	                   &err));
	assert_false(proves(state,
	                    "signs:\n  - id: a\n    format: a\n"
	                    "    when: [{subject: Away}]\n"
	                    "    samples: [{subject: Here}]\n",
	                    &err));
	/* a detector that an earlier one hides */
	assert_false(proves(state,
	                    "signs:\n  - id: a\n    format: a\n"
	                    "    when: [{subject: Away}]\n"
	                    "    samples: [{subject: Away}]\n"
	                    "  - id: b\n    format: b\n"
	                    "    when: [{subject-begins: [Away]}]\n"
	                    "    samples: [{subject: Away}]\n",
	                    &err));
}

static void the_shipped_signs_prove_themselves(void **state)
{
	struct nx_error err;
	size_t samples;
	if (!nx_detectors_prove(shipped_detectors(*state), &samples, &err))
		fail_msg("%s", err.text);
	assert_true(samples > 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(letters_of_many_languages_fold),
	        cmocka_unit_test(phrases_stand_where_their_anchors_say),
	        cmocka_unit_test(a_front_ends_with_a_word),
	        cmocka_unit_test(mistakes_are_named_by_place),
	        cmocka_unit_test(samples_prove_their_sign),
	        cmocka_unit_test(the_shipped_signs_prove_themselves),
	};
	return cmocka_run_group_tests(tests, start_mail, end_mail);
}
