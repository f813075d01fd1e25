/* SPDX-License-Identifier: ISC */
#include "words.h"

/* Which words are found in a text, and where. */

static const char list[] =
        "concepts:\n"
        "  - {id: recipient, says: a, party: recipient}\n"
        "  - {id: sender, says: a, party: sender}\n"
        "  - {id: sender-aside, says: a, party: sender, mentioned: aside}\n"
        "  - {id: connection, says: a, party: connection}\n"
        "  - {id: user, says: a, thing: true}\n"
        "  - {id: quota, says: a, thing: true}\n"
        "  - {id: not, says: a, reach: 24}\n"
        "  - {id: known, says: a}\n"
        "  - {id: missing, says: a, opposite: known}\n"
        "  - {id: full, says: a}\n";

static const char *const languages[] = {
        "language: en\n"
        "misspelt: true\n"
        "words:\n"
        "  recipient: recipient\n"
        "  sender: sender, returned\n"
        "  sender-aside: returned\n"
        "  user: user, mailbox\n"
        "  quota: quota\n"
        "  not: no, not\n"
        "  missing: unknown, not found, no such, doesn't exist, closed\n"
        "  full: [full, quota exceeded, closed]\n",
        "language: de\n"
        "words:\n"
        "  sender: absender*\n"
        "  connection: absendername\n"
        "  user: benutzer*, postfach, groß, große, mail box,sendar\n"
        "  missing: unbekannt, ungültig\n",
        "language: da\n"
        "words:\n"
        "  user: brugernøgle,få, postfach\n"
        "  full: unbekannt\n",
        "language: tr\n"
        "words: {user: istemci, missing: bulunamadı}\n",
        "language: pl\n"
        "words: {user: użytkownik*, full: zapełniona}\n",
        "language: ru\n"
        "words: {user: пользовател*, missing: не найден}\n",
        "language: el\n"
        "words: {user: χρήστης, missing: άγνωστος}\n",
        "language: vi\n"
        "words: {missing: không tồn tại}\n",
        "language: zh\n"
        "words: {user: 用户, missing: 不存在}\n",
        "language: ja\n"
        "words: {user: ユーザー}\n",
        "language: ar\n"
        "words: {user: المستخدم, missing: غير موجود}\n",
        "language: hi\n"
        "words: {missing: मौजूद नहीं}\n",
        "language: th\n"
        "words: {missing: ไม่พบ}\n",
        "language: nl\n"
        "words: {user: gros}\n",
        NULL,
};

static int begin(void **state)
{
	return begin_words(state, list, languages);
}

/* "User=user; unknown=missing+full": the bytes of each mark, as written, and
 * its concepts. */
static const char *marked(TALLOC_CTX *ctx, const struct nx_concepts *concepts,
                          uint64_t of, const char *text)
{
	char *out = talloc_strdup(ctx, "");
	size_t count;
	const struct nx_concept_mark *mark =
	        nx_concepts_mark(ctx, concepts, of, text, strlen(text), &count);

	for (size_t i = 0; i < count; i++) {
		const char *between = "=";

		assert_true(mark[i].end <= strlen(text));
		out = talloc_asprintf_append(out, "%s%.*s", i > 0 ? "; " : "",
		                             (int)(mark[i].end - mark[i].start),
		                             text + mark[i].start);
		for (size_t bit = 0; bit < concepts->count; bit++) {
			if ((mark[i].concepts >> bit & 1) == 0)
				continue;
			out = talloc_asprintf_append(out, "%s%s", between,
			                             concepts->concept[bit].id);
			between = "+";
		}
	}
	return out;
}

struct row {
	const char *text, *marks;
};

static void check(void **state, uint64_t of, const struct row *rows,
                  size_t count)
{
	for (size_t i = 0; i < count; i++) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		const char *marks = marked(ctx, *state, of, rows[i].text);

		if (strcmp(marks, rows[i].marks) != 0)
			fail_msg("%s: %s, wanted %s", rows[i].text, marks,
			         rows[i].marks);
		talloc_free(ctx);
	}
}

static void words_of_all_scripts_are_found(void **state)
{
	static const struct row rows[] = {
	        {"550 5.1.1 User unknown", "User=user; unknown=missing"},
	        {"Dieses Postfach ist ungültig",
	         "Postfach=user; ungültig=missing"},
	        {"Użytkownika nie ma", "Użytkownika=user"},
	        {"Пользователь не найден.",
	         "Пользователь=user; не найден=missing"},
	        {"Ο χρήστης είναι άγνωστος", "χρήστης=user; άγνωστος=missing"},
	        {"Hộp thư không tồn tại", "không tồn tại=missing"},
	        {"550 用户不存在。", "用户=user; 不存在=missing"},
	        {"このユーザーは", "ユーザー=user"},
	        {"المستخدم غير موجود", "المستخدم=user; غير موجود=missing"},
	        {"खाता मौजूद नहीं है", "मौजूद नहीं=missing"},
	        {"ไม่พบผู้ใช้", "ไม่พบ=missing"},
	        {"", ""},
	        {" ", ""},
	        {"550 5.7.1", ""},
	};

	check(state, UINT64_MAX, rows, COUNT(rows));
}

static void a_word_ends_where_no_letter_is_adjacent(void **state)
{
	static const struct row rows[] = {
	        {"user", "user=user"},
	        {"superuser", ""},
	        {"userland", ""},
	        {"usér", "usér=user"},
	        {"userä", ""},
	        {"äuser", ""},
	        {"user_name", "user=user"},
	        {"user1 2user", "user=user; user=user"},
	        {"no-user!", "no=not; user=user"},
	        {"<user>:unknown", "user=user; unknown=missing"},
	        {"“user”", "user=user"},
	        {"пользователь7", "пользователь=user"},
	        {"该user不存在", "user=user; 不存在=missing"},
	        {"непользователь", ""},
	        /* a combining mark belongs to a letter */
	        {"e\xCC\x81user", ""},
	        {"user\xCC\x81s", ""},
	};

	check(state, UINT64_MAX, rows, COUNT(rows));
}

static void words_that_are_joined_by_their_capitals_are_found(void **state)
{
	static const struct row rows[] = {
	        {"[SenderUnknown]", "Sender=sender; Unknown=missing"},
	        {"MailUserUnknown", "User=user; Unknown=missing"},
	        {"userUnknown", "user=user; Unknown=missing"},
	        {"UserunKnown", ""},
	        {"senderunknown", ""},
	        {"SENDERUNKNOWN", ""},
	};

	check(state, UINT64_MAX, rows, COUNT(rows));
}

static void a_stem_takes_any_ending(void **state)
{
	static const struct row rows[] = {
	        {"Benutzer", "Benutzer=user"},
	        {"Benutzername fehlt", "Benutzername=user"},
	        {"Benutzerkönig7", "Benutzerkönig=user"},
	        {"Benutzer-Name", "Benutzer=user"},
	        {"Mitbenutzer", ""},
	        {"Absenderadresse", "Absenderadresse=sender"},
	        /* a complete form is meant before a stem */
	        {"Absendername", "Absendername=connection"},
	        {"Absendernamen", "Absendernamen=sender"},
	};

	check(state, UINT64_MAX, rows, COUNT(rows));
}

static void the_longest_word_counts(void **state)
{
	static const struct row rows[] = {
	        {"not unknown", "not=not; unknown=missing"},
	        {"not found", "not found=missing"},
	        {"no such user", "no such=missing; user=user"},
	        {"quota exceeded", "quota exceeded=full"},
	        {"quota not exceeded", "quota=quota; not=not"},
	        {"not not found", "not=not; not found=missing"},
	};

	check(state, UINT64_MAX, rows, COUNT(rows));
}

static void two_bytes_are_a_word_behind_a_blank(void **state)
{
	static const struct row rows[] = {
	        {"no user", "no=not; user=user"},
	        {"say no", "no=not"},
	        {"no no no", "no=not; no=not; no=not"},
	        {"(no)", ""},
	        {"noon", ""},
	        {"say fa it",
	         "fa=user"}, /* also where no blank is in the list */
	        {"afa", ""},
	};

	check(state, UINT64_MAX, rows, COUNT(rows));
}

static void case_accents_and_width_do_not_matter(void **state)
{
	static const struct row rows[] = {
	        {"UNGÜLTIG und", "UNGÜLTIG=missing"},
	        {"ungultig", "ungultig=missing"},
	        {"UNGU\xCC\x88LTIG!", "UNGU\xCC\x88LTIG=missing"},
	        {"\xCC\x88 user", "user=user"},
	        {"user\xCC\x88", "user\xCC\x88=user"},
	        {"x große y", "große=user"},
	        {"ein GROSSE", "GROSSE=user"},
	        {"ein GRO\xE1\xBA\x9E"
	         "E?",
	         "GRO\xE1\xBA\x9E"
	         "E=user"},
	        {"ßß user", "user=user"},
	        {"groß", "groß=user"}, /* and not "gros" */
	        {"groß user", "groß=user; user=user"},
	        {"BRUGERNØGLE", "BRUGERNØGLE=user"},
	        {"brugernogle x", "brugernogle=user"},
	        {"İSTEMCİ user", "İSTEMCİ=user; user=user"},
	        {"istemci bulunamadı", "istemci=user; bulunamadı=missing"},
	        {"BULUNAMADI", "BULUNAMADI=missing"},
	        {"ZAPEŁNIONA", "ZAPEŁNIONA=full"},
	        {"ΆΓΝΩΣΤΟΣ", "ΆΓΝΩΣΤΟΣ=missing"},
	        {"αγνωστος", "αγνωστος=missing"},
	        {"ｕｓｅｒ　ｕｎｋｎｏｗｎ",
	         "ｕｓｅｒ=user; ｕｎｋｎｏｗｎ=missing"},
	        {"doesn’t exist", "doesn’t exist=missing"},
	        {"no\xC2\xA0such", "no\xC2\xA0such=missing"},
	        {"НЕ НАЙДЕН", "НЕ НАЙДЕН=missing"},
	        {"не наи\xCC\x86"
	         "ден",
	         "не наи\xCC\x86"
	         "ден=missing"},
	        {"غَيْر موجود", "غَيْر موجود=missing"},
	};

	check(state, UINT64_MAX, rows, COUNT(rows));
}

static void one_typing_error_within_a_word_is_found(void **state)
{
	static const struct row rows[] = {
	        {"the recpient is", "recpient=recipient"},
	        {"a recipiient", "recipiient=recipient"},
	        {"a receipient unknown",
	         "receipient=recipient; unknown=missing"},
	        {"a recibient", "recibient=recipient"},
	        {"a recipeint", "recipeint=recipient"},
	        {"user unkown now", "user=user; unkown=missing"},
	        {"user unknwon, user", "user=user; unknwon=missing; user=user"},
	        {"malibox qouta exceded", "malibox=user; qouta exceded=full"},
	        {"qouta exceeded!", "qouta exceeded=full"},
	        {"doesnt exist", "doesnt exist=missing"},
	        /* the first letter and the last are right */
	        {"becipient", ""},
	        {"recipiens", ""},
	        {"ecipient", ""},
	        {"recipien", ""},
	        /* two errors */
	        {"recpiemt", ""},
	        {"reicpeint", ""},
	        /* short words */
	        {"usr usser uesr", ""},
	        /* languages in which errors are not found */
	        {"unbekant ungulltig", ""},
	        {"benuzername", ""},
	        /* a word that is known, of whatever language */
	        {"sendar sendor", "sendar=user; sendor=sender"},
	        {"no recipient", "no=not; recipient=recipient"},
	};

	check(state, UINT64_MAX, rows, COUNT(rows));
}

static void only_what_is_asked_for_is_found(void **state)
{
	static const struct row rows[] = {
	        {"user unknown to sender", "unknown=missing"},
	        {"sendar", ""},
	};
	const struct nx_concepts *concepts = *state;
	static const struct row parties[] = {
	        {"sendar", ""}, /* known, though not asked for */
	        {"user unknown to sender", "sender=sender"},
	        {"no recipient", "recipient=recipient"},
	};

	check(state, bit_of(concepts, "missing"), rows, COUNT(rows));
	check(state, concepts->parties, parties, COUNT(parties));
}

/* A word may stand for more in a language, and in another for something else:
 * it stands for all of it, in all of these languages. */
static void a_word_may_have_several_meanings(void **state)
{
	static const struct row rows[] = {
	        {"mailbox closed", "mailbox=user; closed=missing+full"},
	        {"unbekannt", "unbekannt=missing+full"},
	};
	static const struct {
		const char *text;
		uint64_t languages; /* by their order above */
	} of[] = {{"user", 1 << 0},
	          {"postfach", 1 << 1 | 1 << 2},
	          {"unbekannt", 1 << 1 | 1 << 2},
	          {"ユーザー", 1 << 9}};

	check(state, UINT64_MAX, rows, COUNT(rows));
	for (size_t i = 0; i < COUNT(of); i++) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		size_t count;
		const struct nx_concept_mark *mark =
		        nx_concepts_mark(ctx, *state, UINT64_MAX, of[i].text,
		                         strlen(of[i].text), &count);

		assert_int_equal(count, 1);
		assert_int_equal(nx_concept_mark_languages(mark, UINT64_MAX),
		                 of[i].languages);
		talloc_free(ctx);
	}
}

/* Of two ways to name a party, the one that is declared last counts. */
static void a_mark_tells_its_party(void **state)
{
	const struct nx_concepts *concepts = *state;
	struct nx_concept_mark mark = {.concepts = bit_of(concepts, "user")};
	TALLOC_CTX *ctx = talloc_new(NULL);
	size_t count;

	assert_null(nx_concept_of_mark(concepts, &mark));
	mark = *nx_concepts_mark(ctx, concepts, UINT64_MAX, "returned", 8,
	                         &count);
	assert_int_equal(mark.concepts, bit_of(concepts, "sender-aside"));
	assert_string_equal(nx_concept_of_mark(concepts, &mark)->id,
	                    "sender-aside");
	assert_true(nx_concept_of_mark(concepts, &mark)->aside);
	assert_int_equal(nx_concept_of_mark(concepts, &mark)->party,
	                 NX_PARTY_SENDER);
	talloc_free(ctx);
}

static void a_concept_tells_what_is_declared(void **state)
{
	const struct nx_concepts *concepts = *state;
	const struct nx_concept *missing = &concepts->concept[8];

	assert_int_equal(concepts->count, 10);
	assert_int_equal(concepts->parties, 0xF);
	assert_int_equal(concepts->things, 0x30);
	assert_int_equal(concepts->concept[6].reach, 24);
	assert_string_equal(missing->id, "missing");
	assert_string_equal(missing->file, "concepts.yaml");
	assert_int_equal(missing->line, 10);
	assert_int_equal(missing->column, 5);
	assert_int_equal(missing->opposite, 1 << 7);
	assert_int_equal(concepts->concept[7].opposite, 1 << 8);
	assert_int_equal(nx_concept_number(concepts, "miss", 4),
	                 NX_CONCEPT_NONE);
	assert_int_equal(nx_concept_number(concepts, "missing}", 7), 8);
	assert_int_equal(nx_concept_number(concepts, "", 0), NX_CONCEPT_NONE);
}

static void a_language_has_a_word_for_a_concept(void **state)
{
	const struct nx_concepts *concepts = *state;
	const struct nx_language *german = &concepts->language[1];

	assert_int_equal(concepts->languages, 14);
	assert_string_equal(german->id, "de");
	assert_int_equal(german->concepts, concepts->count);
	assert_string_equal(german->word[4], "benutzer");
	assert_string_equal(german->word[9], "");
	assert_string_equal(concepts->language[0].word[6], "no");
}

static void a_file_is_known_by_its_name(void **state)
{
	(void)state;
	assert_true(nx_concepts_is_source("concepts.yaml"));
	assert_true(nx_concepts_is_source("r/concepts.yaml"));
	assert_true(nx_concepts_is_source("words/de.yaml"));
	assert_true(nx_concepts_is_source("/r/words/zh-Hans.yaml"));
	assert_false(nx_concepts_is_source("r/keywords/de.yaml"));
	assert_false(nx_concepts_is_source("r/words/x/de.yaml"));
	assert_false(nx_concepts_is_source("r/words.yaml"));
	assert_false(nx_concepts_is_source("r/my-concepts.yaml"));
}

static void nothing_is_found_without_words(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const struct nx_concepts *none;
	struct nx_error err;
	size_t count = 1;

	(void)state;
	assert_true(nx_concepts_compile(ctx, NULL, 0, &none, &err));
	nx_concepts_mark(ctx, none, UINT64_MAX, "user", 4, &count);
	assert_int_equal(count, 0);
	talloc_free(ctx);
}

/* One language may have several files. */
static void files_of_one_language_add_up(void **state)
{
	static const char *const files[] = {
	        "language: en\nwords: {user: user}\n",
	        "language: en\nwords: {user: person, full: full}\n", NULL};
	TALLOC_CTX *ctx = talloc_new(NULL);
	const struct nx_concepts *concepts = concepts_of(ctx, list, files);

	(void)state;
	assert_int_equal(concepts->languages, 1);
	assert_string_equal(concepts->language[0].word[4], "user");
	assert_string_equal(concepts->language[0].word[9], "full");
	assert_string_equal(
	        marked(ctx, concepts, UINT64_MAX, "person or user full"),
	        "person=user; user=user; full=full");
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(words_of_all_scripts_are_found),
	        cmocka_unit_test(a_word_ends_where_no_letter_is_adjacent),
	        cmocka_unit_test(
	                words_that_are_joined_by_their_capitals_are_found),
	        cmocka_unit_test(a_stem_takes_any_ending),
	        cmocka_unit_test(the_longest_word_counts),
	        cmocka_unit_test(two_bytes_are_a_word_behind_a_blank),
	        cmocka_unit_test(case_accents_and_width_do_not_matter),
	        cmocka_unit_test(one_typing_error_within_a_word_is_found),
	        cmocka_unit_test(only_what_is_asked_for_is_found),
	        cmocka_unit_test(a_word_may_have_several_meanings),
	        cmocka_unit_test(a_mark_tells_its_party),
	        cmocka_unit_test(a_concept_tells_what_is_declared),
	        cmocka_unit_test(a_language_has_a_word_for_a_concept),
	        cmocka_unit_test(a_file_is_known_by_its_name),
	        cmocka_unit_test(nothing_is_found_without_words),
	        cmocka_unit_test(files_of_one_language_add_up),
	};

	return cmocka_run_group_tests(tests, begin, end_words);
}
