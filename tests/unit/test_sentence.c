/* SPDX-License-Identifier: ISC */
#include "words.h"

#include "concepts/clause.h"
#include "concepts/sentence.h"

#include <time.h>

/* Where a sentence of concepts is said in a text. */

static const char list[] =
        "concepts:\n"
        "  - {id: recipient, says: a, party: recipient}\n"
        "  - {id: sender, says: a, party: sender}\n"
        "  - {id: sender-aside, says: a, party: sender, mentioned: aside}\n"
        "  - {id: user, says: a, thing: true}\n"
        "  - {id: form, says: a, thing: true}\n"
        "  - {id: quota, says: a, thing: true}\n"
        "  - {id: not, says: a, reach: 24}\n"
        "  - {id: has, says: a, reach: 40}\n"
        "  - {id: known, says: a}\n"
        "  - {id: missing, says: a, opposite: known}\n"
        "  - {id: full, says: a}\n";

static const char *const languages[] = {
        "language: en\n"
        "words:\n"
        "  recipient: recipient\n"
        "  sender: sender\n"
        "  sender-aside: return to sender\n"
        "  user: user, account, mailboxfull\n"
        "  form: command\n"
        "  quota: quota\n"
        "  not: not, no\n"
        "  has: has\n"
        "  known: known\n"
        "  missing: unknown\n"
        "  full: full, mailboxfull\n",
        "language: de\n"
        "words:\n"
        "  user: benutzer, account\n"
        "  form: befehl\n"
        "  missing: unbekannt\n",
        NULL,
};

static int begin(void **state)
{
	return begin_words(state, list, languages);
}

static struct nx_spoken spoken_of(TALLOC_CTX *ctx,
                                  const struct nx_concepts *concepts,
                                  const char *text)
{
	struct nx_spoken spoken =
	        nx_spoken_of(ctx, concepts, UINT64_MAX, text, strlen(text));

	spoken.clause =
	        nx_clauses_find(ctx, text, strlen(text), &spoken.clauses);
	return spoken;
}

static bool load(TALLOC_CTX *ctx, const struct nx_concepts *concepts,
                 const char *yaml, struct nx_sentences *out,
                 struct nx_error *err)
{
	const struct nx_yaml *root;

	return nx_yaml_parse(ctx, "t.yaml", yaml, strlen(yaml), &root, err) &&
	       nx_sentences_load(ctx, concepts, nx_yaml_get(root, "says"), out,
	                         err);
}

static struct nx_sentences sentences_of(TALLOC_CTX *ctx,
                                        const struct nx_concepts *concepts,
                                        const char *says)
{
	struct nx_sentences sentences;
	struct nx_error err;

	if (!load(ctx, concepts, talloc_asprintf(ctx, "says: %s\n", says),
	          &sentences, &err))
		fail_msg("%s", err.text);
	return sentences;
}

static const char *part(TALLOC_CTX *ctx, const char *text,
                        struct nx_match match)
{
	return talloc_strndup(ctx, text + match.start, match.end - match.start);
}

/* "all of it|the last", or "" when it is not said. */
static const char *said(TALLOC_CTX *ctx, const struct nx_concepts *concepts,
                        const char *says, const char *text)
{
	const struct nx_sentences sentences = sentences_of(ctx, concepts, says);
	const struct nx_spoken spoken = spoken_of(ctx, concepts, text);
	struct nx_saying saying;

	if (!nx_sentences_find(&sentences, &spoken, UINT64_MAX, 0, &saying))
		return "";
	return talloc_asprintf(ctx, "%s|%s", part(ctx, text, saying.all),
	                       part(ctx, text, saying.last));
}

struct row {
	const char *text, *said;
};

static void check(const struct nx_concepts *concepts, const char *says,
                  const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		const char *got = said(ctx, concepts, says, rows[i].text);

		if (strcmp(got, rows[i].said) != 0)
			fail_msg("%s in \"%s\": \"%s\", wanted \"%s\"", says,
			         rows[i].text, got, rows[i].said);
		talloc_free(ctx);
	}
}

#define USER_MISSING   "'{user} {missing}'"
#define USER_NOT_KNOWN "'{user} {not} {known}'"
#define DOTS_10        ".........."
#define DOTS_20        DOTS_10 DOTS_10
#define DOTS_100       DOTS_20 DOTS_20 DOTS_20 DOTS_20 DOTS_20

static void in_order_anything_may_stand_between(void **state)
{
	static const struct row rows[] = {
	        {"550 5.1.1 User unknown (x)", "User unknown|unknown"},
	        {"user, (as it is: called) - here [a] unknown",
	         "user, (as it is: called) - here [a] unknown|unknown"},
	        {"user" DOTS_100 DOTS_100 "unknown",
	         "user" DOTS_100 DOTS_100 "unknown|unknown"},
	        {"user" DOTS_100 DOTS_100 ".unknown", ""},
	        /* a nearer one is found behind it */
	        {"user" DOTS_100 DOTS_100 ". user unknown",
	         "user unknown|unknown"},
	        {"user known", ""},
	        {"user", ""},
	        {"", ""},
	};

	check(*state, USER_MISSING, rows, COUNT(rows));
}

static void a_sentence_is_said_in_one_clause(void **state)
{
	static const struct row rows[] = {
	        {"a user. It is unknown", ""},
	        {"a user; unknown", ""},
	        {"a user! unknown", ""},
	        {"a user? unknown", ""},
	        {"a user。unknown", ""},
	        {"a user | unknown", ""},
	        {"a user... unknown", "user... unknown|unknown"},
	        {"a user e. g. unknown", "user e. g. unknown|unknown"},
	        {"a user x.y unknown", "user x.y unknown|unknown"},
	        {"user. user unknown. user unknown", "user unknown|unknown"},
	        {"unknown. A user", ""},
	};

	check(*state, USER_MISSING, rows, COUNT(rows));
}

static void in_another_order_they_stand_together(void **state)
{
	static const struct row rows[] = {
	        {"unknown user", "unknown user|unknown"},
	        {"unknown to this user", "unknown to this user|unknown"},
	        {"unknown-user", "unknown-user|unknown"},
	        {"unknown" DOTS_20 "....user",
	         "unknown" DOTS_20 "....user|unknown"},
	        {"unknown" DOTS_20 ".....user", ""},
	        {"unknown, user", ""},
	        {"unknown: user", ""},
	        {"unknown (user)", ""},
	        {"unknown [user]", ""},
	        {"unknown - user", ""},
	        {"unknown -user", "unknown -user|unknown"},
	};

	check(*state, USER_MISSING, rows, COUNT(rows));
}

/* "no gateway for a@b" */
static void hardly_anything_stands_before_a_party(void **state)
{
	static const struct row rows[] = {
	        {"unknown recipient", "unknown recipient|unknown"},
	        {"unknown to recipient", "unknown to recipient|unknown"},
	        {"unknown for recipient", ""},
	        {"recipient for all I know: unknown",
	         "recipient for all I know: unknown|unknown"},
	};

	check(*state, "'{recipient} {missing}'", rows, COUNT(rows));
}

static void a_reach_ends_where_it_is_said_to(void **state)
{
	static const struct row rows[] = {
	        {"user not known", "user not known|known"},
	        {"user is not yet, alas, known",
	         "user is not yet, alas, known|known"},
	        {"user not" DOTS_20 "....known",
	         "user not" DOTS_20 "....known|known"},
	        {"user not" DOTS_20 ".....known", ""},
	        {"user" DOTS_100 "not known",
	         "user" DOTS_100 "not known|known"},
	        {"not known user", "not known user|known"},
	        {"not a user known", "not a user known|known"},
	        {"user known, not", ""},
	        {"known user not", ""},
	        {"user known", ""},
	};
	static const struct row alone[] = {{"it is not", "not|not"}};
	static const struct row none[] = {
	        {"no user", "no user|user"},
	        {"no such user", "no such user|user"},
	        {"user, no", ""},
	};

	check(*state, USER_NOT_KNOWN, rows, COUNT(rows));
	check(*state, "'{not}'", alone, COUNT(alone));
	check(*state, "'{not} {user}'", none, COUNT(none));
}

static void no_other_party_stands_between(void **state)
{
	static const struct row rows[] = {
	        {"user of the sender unknown", ""},
	        {"unknown sender user", ""},
	        {"user of a recipient unknown",
	         "user of a recipient unknown|unknown"},
	        {"user, return to sender, unknown",
	         "user, return to sender, unknown|unknown"},
	        /* whom it is about then is judged elsewhere */
	        {"sender: user unknown", "user unknown|unknown"},
	        {"user unknown to sender", "user unknown|unknown"},
	        {"user of the sender, user unknown", "user unknown|unknown"},
	};
	static const struct row own[] = {
	        {"user of the sender unknown",
	         "user of the sender unknown|unknown"},
	};

	check(*state, USER_MISSING, rows, COUNT(rows));
	check(*state, "'{user} {sender} {missing}'", own, COUNT(own));
}

static void no_other_thing_stands_nearer(void **state)
{
	static const struct row rows[] = {
	        {"user: command unknown", ""},
	        {"command of a user unknown", "user unknown|unknown"},
	        {"unknown command of a user", ""},
	        {"unknown user of a command", "unknown user|unknown"},
	        {"user unknown command", "user unknown|unknown"},
	        {"user x unknown command", ""},
	        {"command. user unknown", "user unknown|unknown"},
	        /* a thing in another language is none here */
	        {"user befehl unknown", "user befehl unknown|unknown"},
	        {"benutzer befehl unbekannt", ""},
	};
	static const struct row missing[] = {
	        {"command unknown", "unknown|unknown"},
	};

	check(*state, USER_MISSING, rows, COUNT(rows));
	check(*state, "'{missing}'", missing, COUNT(missing));
}

static void one_language_has_all_of_the_words(void **state)
{
	static const struct row rows[] = {
	        {"user unbekannt", ""},
	        {"benutzer unknown", ""},
	        {"Benutzer unbekannt", "Benutzer unbekannt|unbekannt"},
	        {"account unbekannt", "account unbekannt|unbekannt"},
	        {"account unknown", "account unknown|unknown"},
	};
	const struct nx_concepts *concepts = *state;
	TALLOC_CTX *ctx = talloc_new(NULL);
	const struct nx_sentences sentences =
	        sentences_of(ctx, concepts, "['{user}', " USER_MISSING "]");
	const struct nx_spoken spoken =
	        spoken_of(ctx, concepts, "account unbekannt");
	const struct nx_match all = {0, strlen("account unbekannt")};
	const struct nx_match before = {all.end, 0}; /* ends before it starts */
	struct nx_saying saying;

	check(concepts, USER_MISSING, rows, COUNT(rows));
	assert_true(nx_sentences_find_in(&sentences, &spoken, all, UINT64_MAX,
	                                 0, &saying));
	assert_int_equal(saying.languages, 3);
	assert_true(
	        nx_sentences_find_in(&sentences, &spoken, all, 2, 0, &saying));
	assert_int_equal(saying.languages, 2);
	assert_false(
	        nx_sentences_find_in(&sentences, &spoken, all, 4, 0, &saying));
	assert_false(nx_sentences_find_in(&sentences, &spoken, before,
	                                  UINT64_MAX, 0, &saying));
	talloc_free(ctx);
}

static void a_word_of_two_concepts_says_both(void **state)
{
	static const struct row rows[] = {
	        {"[MailboxFull]", "MailboxFull|MailboxFull"},
	        {"account full", "account full|full"},
	};

	check(*state, "'{user} {full}'", rows, COUNT(rows));
	check(*state, "'{full} {user}'", rows, 1);
}

static void a_sentence_has_up_to_four_concepts(void **state)
{
	static const struct row four[] = {
	        {"user has no known quota", "user has no known quota|quota"},
	        {"the user not has a known quota.",
	         "user not has a known quota|quota"},
	        {"user has not known", ""},
	};
	static const struct row one[] = {
	        {"it is unknown, unknown", "unknown|unknown"}};

	check(*state, "'{user}{not} {has}  {quota}'", four, COUNT(four));
	check(*state, "'{missing}'", one, COUNT(one));
}

/* The first place counts, whatever the order of the sentences. */
static void the_first_place_is_found(void **state)
{
	static const char text[] = "quota full, user unknown. account full";
	const struct nx_concepts *concepts = *state;
	TALLOC_CTX *ctx = talloc_new(NULL);
	const struct nx_sentences sentences =
	        sentences_of(ctx, concepts,
	                     "[" USER_MISSING ", '{quota} {full}', '{full}']");
	const struct nx_spoken spoken = spoken_of(ctx, concepts, text);
	static const char *const wanted[] = {"quota full", "user unknown",
	                                     "full", NULL};
	struct nx_saying saying;
	size_t from = 0;

	assert_string_equal(sentences.source,
	                    "{user} {missing} | {quota} {full} | {full}");
	for (size_t i = 0; wanted[i] != NULL; i++) {
		assert_true(nx_sentences_find(&sentences, &spoken, UINT64_MAX,
		                              from, &saying));
		assert_string_equal(part(ctx, text, saying.all), wanted[i]);
		from = saying.all.end;
	}
	assert_false(nx_sentences_find(&sentences, &spoken, UINT64_MAX, from,
	                               &saying));
	talloc_free(ctx);
}

static void a_broken_sentence_is_refused_where_it_stands(void **state)
{
	static const struct {
		const char *yaml, *error;
	} bad[] = {
	        {"says: user", "t.yaml:1:7: \"user\" is no sentence: concepts "
	                       "in braces, as in '{user} {missing}'"},
	        {"says: ''", "t.yaml:1:7: \"\" is no sentence"},
	        {"says: '{}'", "t.yaml:1:7: \"\" is no concept"},
	        {"says: '{usr}'",
	         "t.yaml:1:7: \"usr\" is no concept of concepts.yaml"},
	        {"says: '{user'", "t.yaml:1:7: \"{user\" is no sentence"},
	        {"says: ' {user}'", "t.yaml:1:7: \" {user}\" is no sentence"},
	        {"says: '{user} gone'",
	         "t.yaml:1:7: \"{user} gone\" is no sentence"},
	        {"says: '{user}{user}{user}{user}{user}'",
	         "t.yaml:1:7: \"{user}{user}{user}{user}{user}\" is no "
	         "sentence: up to 4 concepts"},
	        {"says: []", "t.yaml:1:7: says: an empty list"},
	        {"says: {a: b}", "t.yaml:1:7: \"\" is no sentence"},
	        {"says:\n  - '{user}'\n  - '{usr}'\n",
	         "t.yaml:3:5: \"usr\" is no concept"},
	        {"says: ['{user}', ['{user}']]",
	         "t.yaml:1:18: \"\" is no sentence"},
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		struct nx_sentences sentences;
		struct nx_error err;

		if (load(ctx, *state, bad[i].yaml, &sentences, &err))
			fail_msg("%s: taken", bad[i].yaml);
		if (strncmp(err.text, bad[i].error, strlen(bad[i].error)) != 0)
			fail_msg("%s: %s", bad[i].yaml, err.text);
		talloc_free(ctx);
	}
}

static void no_sentence_is_never_said(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const struct nx_spoken spoken = spoken_of(ctx, *state, "user unknown");
	struct nx_sentences none;
	struct nx_saying saying;
	struct nx_error err;

	assert_true(load(ctx, *state, "a: b", &none, &err));
	assert_int_equal(none.count, 0);
	assert_string_equal(none.source, "");
	assert_false(nx_sentences_find(&none, &spoken, UINT64_MAX, 0, &saying));
	talloc_free(ctx);
}

enum { ASKED = 2048, SENTENCES = 20, SECONDS = 10 };

/* Words that nearly make a sentence, again and again; what is missing stands
 * too far behind them. */
static const char *hostile(TALLOC_CTX *ctx, const char *words)
{
	char *text = talloc_strdup(ctx, "");

	while (strlen(text) + strlen(words) < ASKED - 250)
		text = talloc_strdup_append(text, words);
	return talloc_asprintf_append(text, "%s has unknown known",
	                              DOTS_100 DOTS_100 DOTS_20);
}

static void hostile_text_is_read_in_no_time(void **state)
{
	static const char *const words[] = {"no user ",
	                                    "user no ",
	                                    "sender user no ",
	                                    "command user no ",
	                                    "user not known, not known user ",
	                                    "has not user "};
	static const char *const says[] = {USER_MISSING,
	                                   USER_NOT_KNOWN,
	                                   "'{known} {not} {user}'",
	                                   "'{user} {not} {has} {known}'",
	                                   "'{known} {has} {not} {user}'",
	                                   "'{not} {user} {not} {has}'"};
	const clock_t start = clock();

	for (size_t i = 0; i < COUNT(words) * COUNT(says); i++) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		const char *text = hostile(ctx, words[i / COUNT(says)]);
		const struct nx_spoken spoken = spoken_of(ctx, *state, text);
		const struct nx_sentences sentences =
		        sentences_of(ctx, *state, says[i % COUNT(says)]);
		struct nx_saying saying;

		for (int n = 0; n < SENTENCES; n++)
			(void)nx_sentences_find(&sentences, &spoken, UINT64_MAX,
			                        0, &saying);
		talloc_free(ctx);
	}
	assert_in_range((clock() - start) / CLOCKS_PER_SEC, 0, SECONDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(in_order_anything_may_stand_between),
	        cmocka_unit_test(a_sentence_is_said_in_one_clause),
	        cmocka_unit_test(in_another_order_they_stand_together),
	        cmocka_unit_test(hardly_anything_stands_before_a_party),
	        cmocka_unit_test(a_reach_ends_where_it_is_said_to),
	        cmocka_unit_test(no_other_party_stands_between),
	        cmocka_unit_test(no_other_thing_stands_nearer),
	        cmocka_unit_test(one_language_has_all_of_the_words),
	        cmocka_unit_test(a_word_of_two_concepts_says_both),
	        cmocka_unit_test(a_sentence_has_up_to_four_concepts),
	        cmocka_unit_test(the_first_place_is_found),
	        cmocka_unit_test(a_broken_sentence_is_refused_where_it_stands),
	        cmocka_unit_test(no_sentence_is_never_said),
	        cmocka_unit_test(hostile_text_is_read_in_no_time),
	};

	return cmocka_run_group_tests(tests, begin, end_words);
}
