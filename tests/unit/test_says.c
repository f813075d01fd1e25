/* SPDX-License-Identifier: ISC */
#include "refusal.h"
#include "verdicts.h"

#include "match/pattern.h"
#include "snapshot/layouts.h"

/* Rules that ask what is said. */

static const char concepts[] =
        "concepts:\n"
        "  - {id: recipient, says: a, party: recipient}\n"
        "  - {id: sender, says: a, party: sender}\n"
        "  - {id: sender-behind, says: a, party: sender, mentioned: behind}\n"
        "  - {id: content, says: a, party: content}\n"
        "  - {id: user, says: a, thing: true}\n"
        "  - {id: domain, says: a, thing: true}\n"
        "  - {id: not, says: a, reach: 24}\n"
        "  - {id: known, says: a}\n"
        "  - {id: missing, says: a, opposite: known}\n"
        "  - {id: disabled, says: a}\n"
        "  - {id: moved, says: a}\n"
        "  - {id: full, says: a}\n"
        "  - {id: blocked, says: a}\n"
        "  - {id: doubt, says: a}\n";

static const char english[] = "language: en\n"
                              "misspelt: true\n"
                              "words:\n"
                              "  recipient: recipient\n"
                              "  sender: sender\n"
                              "  sender-behind: contact the sender\n"
                              "  content: attachment\n"
                              "  user: user, mailbox\n"
                              "  domain: domain\n"
                              "  not: not\n"
                              "  known: known\n"
                              "  missing: unknown, no such recipient\n"
                              "  disabled: disabled\n"
                              "  moved: moved\n"
                              "  full: full\n"
                              "  blocked: blocked\n"
                              "  doubt: perhaps\n";

static const char german[] = "language: de\n"
                             "words:\n"
                             "  sender: absender*\n"
                             "  user: benutzer, postfach\n"
                             "  missing: unbekannt\n"
                             "  doubt: vielleicht\n";

static const char rules[] =
        "rules:\n"
        "  - id: says/missing\n"
        "    when:\n"
        "      says: ['{user} {missing}', '{user} {not} {known}',\n"
        "             '{recipient} {missing}']\n"
        "      unless: ['{doubt}', '{user} {full}']\n"
        "    reason: unknown-user\n"
        "    examples: [User unknown, 550 Benutzer unbekannt]\n"
        "    counterexamples: ['550 User perhaps unknown']\n"
        "  - id: says/disabled\n"
        "    when: {says: '{user} {disabled}', not: 'for spam'}\n"
        "    reason: unknown-user\n"
        "    examples: [Mailbox disabled]\n"
        "  - id: says/moved\n"
        "    when: {says: '{moved}', status: '5\\.1\\.6', phase: rcpt}\n"
        "    reason: unknown-user\n"
        "    examples: [{text: 5.1.6 moved, phase: rcpt}]\n"
        "  - id: says/full\n"
        "    when: {says: '{full}'}\n"
        "    reason: full\n"
        "    examples: [it is full]\n"
        "  - id: says/vague\n"
        "    when: {says: '{domain} {missing}'}\n"
        "    vague: true\n"
        "    reason: unknown-user\n"
        "    examples: [unknown domain]\n"
        "  - id: says/blocked\n"
        "    when: {says: '{blocked}', unless: '{user} {blocked}'}\n"
        "    reason: policy\n"
        "    examples: [blocked]\n";

static const char parties[] =
        "parties:\n"
        "  - {party: sender, reason: blocked, examples: [Sender unknown]}\n"
        "  - {party: content, reason: policy, examples: [attachment!]}\n";

static int begin(void **state)
{
	const struct nx_source sources[] = {
	        source("actions.yaml", actions),
	        source("concepts.yaml", concepts),
	        source("parties.yaml", parties),
	        source("reasons.yaml", reasons),
	        source("replies.yaml", replies),
	        source("text.yaml", rules),
	        source("words/de.yaml", german),
	        source("words/en.yaml", english),
	};
	return begin_sources(state, sources, COUNT(sources));
}

static const struct {
	const char *diagnostic;
	const char *rule, *matched, *class;
} rows[] = {
        /* --- what is quoted is what is said --- */
        {"550 5.1.1 The user is unknown here", "says/missing",
         "user is unknown", "hard"},
        {"550 5.1.1 The\n  mailbox\tis NOT   known.", "says/missing",
         "mailbox is NOT known", "hard"},
        {"550 UserUnknown", "says/missing", "UserUnknown", "hard"},
        {"550 unkown user", "says/missing", "unkown user", "hard"},
        {"550 Postfach ist unbekannt", "says/missing", "Postfach ist unbekannt",
         "hard"},
        {"550 anna@kunde.example: unknown", "says/missing",
         "anna@kunde.example: unknown", "hard"},
        {"550 user unbekannt", "reply/550", NULL, "hard"},
        /* words that overlap: the party is a part of what is said */
        {"550 no such recipient", "says/missing", "no such recipient", "hard"},
        /* a party counts in every language */
        {"550 recipient unbekannt", "says/missing", "recipient unbekannt",
         "hard"},
        /* --- a temporary answer is soft --- */
        {"450 4.1.1 user unknown", "says/missing", "user unknown", "soft"},
        {"450 user unknown", "says/missing", "user unknown", "soft"},
        {"4.2.1 user unknown", "says/missing", "user unknown", "soft"},
        {"550 user unknown (4.3.0)", "says/missing", "user unknown", NULL},
        /* --- of somebody else --- */
        {"550 sender: user unknown", "party/sender", NULL, "soft"},
        {"550 <news@send.example>: user unknown", "party/sender", NULL, "soft"},
        {"550 Absender: Benutzer unbekannt", "party/sender", NULL, "soft"},
        {"550 user unknown, attachment", "says/missing", "user unknown",
         "hard"},
        {"550 attachment of user unknown", "party/content", NULL, "soft"},
        {"550 user unknown, please contact the sender", "says/missing",
         "user unknown", "hard"},
        {"550 sender unknown. recipient is unknown", "says/missing",
         "recipient is unknown", "hard"},
        {"550 user of the sender unknown", "party/sender", NULL, "soft"},
        {"550 sender of unknown domain", "party/sender", NULL, "soft"},
        {"550 unknown domain", "says/vague", "unknown domain", "hard"},
        /* --- in a quotation, which the sentence goes on after --- */
        {"550 reply 'user unknown' was not expected here", "reply/550", NULL,
         "hard"},
        {"550 the server said: 'user unknown'", "says/missing", "user unknown",
         "hard"},
        {"550 'user' unknown to me", "says/missing", "user' unknown", "hard"},
        /* --- a word inside a name is part of the name --- */
        {"550 user a.unknown@third.example", "reply/550", NULL, "hard"},
        {"550 user, see https://b.example/unknown", "reply/550", NULL, "hard"},
        {"550 user of unknown.example", "reply/550", NULL, "hard"},
        /* --- unless --- */
        {"550 user unknown, perhaps", "reply/550", NULL, "hard"},
        {"550 perhaps user unknown", "reply/550", NULL, "hard"},
        {"550 user unknown. perhaps", "says/missing", "user unknown", "hard"},
        {"550 perhaps; user unknown", "says/missing", "user unknown", "hard"},
        /* in the language of what is said */
        {"550 user unknown, vielleicht", "says/missing", "user unknown",
         "hard"},
        {"550 user unknown, user full", "says/full", "full", "soft"},
        {"550 perhaps user unknown. user not known", "says/missing",
         "user not known", "hard"},
        {"554 blocked", "says/blocked", "blocked", "soft"},
        {"554 user blocked", "reply/554", NULL, "soft"},
        {"554 user: abc. you are blocked", "says/blocked", "blocked", "soft"},
        /* --- beside other conditions --- */
        {"550 mailbox disabled", "says/disabled", "mailbox disabled", "hard"},
        {"550 mailbox disabled for spam", "reply/550", NULL, "hard"},
        {"550 mailbox disabled. never for spam", "says/disabled",
         "mailbox disabled", "hard"},
        {"550 5.1.6 moved (in reply to RCPT TO command)", "says/moved", "moved",
         "hard"},
        {"550 5.1.7 moved (in reply to RCPT TO command)", "reply/550", NULL,
         "hard"},
        {"550 5.1.6 moved", "reply/550", NULL, "hard"},
        /* --- nothing --- */
        {"", "action/failed", NULL, "soft"},
        {"550 .", "reply/550", NULL, "hard"},
};

static void judge_all(const struct nx_tables *tables)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		struct nx_recipient recipient;
		const struct nx_report report =
		        refusal_of(ctx, rows[i].diagnostic, &recipient);
		const struct nx_verdict got =
		        nx_classify(ctx, tables, &report, 0, NULL);

		if (strcmp(got.rule, rows[i].rule) != 0 ||
		    (rows[i].matched != NULL &&
		     strcmp(got.matched, rows[i].matched) != 0) ||
		    (rows[i].class != NULL &&
		     strcmp(nx_class_name(got.class), rows[i].class) != 0))
			fail_msg("%s: %s by %s of \"%s\"", rows[i].diagnostic,
			         nx_class_name(got.class), got.rule,
			         got.matched);
		talloc_free(ctx);
	}
}

static void what_is_said_decides(void **state)
{
	judge_all(*state);
}

static void an_image_of_the_rules_judges_alike(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	size_t size;
	char *bytes = nx_image_write(ctx, *state, &nx_tables_layout, &size);
	const struct nx_tables *tables = nx_image_read(bytes, size);
	const struct nx_pattern *pattern;

	assert_non_null(tables);
	judge_all(tables);
	for (size_t i = 0; (pattern = nx_image_listed(bytes, i)) != NULL; i++)
		nx_pattern_forget(pattern);
	talloc_free(ctx);
}

static void a_list_shows_what_a_rule_asks_for(void **state)
{
	struct nx_rule_info info;

	assert_true(nx_tables_find(*state, "says/missing", &info));
	assert_string_equal(info.pattern,
	                    "{user} {missing} | {user} {not} {known} | "
	                    "{recipient} {missing}");
	assert_true(nx_tables_find(*state, "party/sender", &info));
	assert_string_equal(info.pattern, "sender");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(what_is_said_decides),
	        cmocka_unit_test(an_image_of_the_rules_judges_alike),
	        cmocka_unit_test(a_list_shows_what_a_rule_asks_for),
	};

	return cmocka_run_group_tests(tests, begin, free_rules);
}
