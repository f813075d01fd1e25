/* SPDX-License-Identifier: ISC */
#include "classify/party.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "refusal.h"
#include "words.h"

static const char concepts[] =
        "concepts:\n"
        "  - {id: recipient, says: a, party: recipient}\n"
        "  - {id: recipient-aside, says: a, party: recipient,\n"
        "     mentioned: aside}\n"
        "  - {id: sender, says: a, party: sender}\n"
        "  - {id: sender-behind, says: a, party: sender, mentioned: behind}\n"
        "  - {id: connection, says: a, party: connection}\n"
        "  - {id: content, says: a, party: content}\n"
        "  - {id: user, says: a, thing: true}\n"
        "  - {id: missing, says: a}\n";

static const char words[] = "language: en\n"
                            "words:\n"
                            "  recipient: recipient, empfänger*, 收件人\n"
                            "  recipient-aside: recipient table\n"
                            "  sender: sender, absender*, отправител*, 发件人\n"
                            "  sender-behind: contact the sender\n"
                            "  connection: helo\n"
                            "  content: attachment\n"
                            "  user: user, 用户\n"
                            "  missing: unknown, 不存在\n";

static const struct nx_concepts *compile_words(TALLOC_CTX *ctx)
{
	return concepts_of(ctx, concepts, (const char *const[]){words, NULL});
}

static struct nx_facts facts_of(TALLOC_CTX *ctx, const char *diagnostic)
{
	struct nx_recipient *recipient = talloc(ctx, struct nx_recipient);
	struct nx_report *report = talloc(ctx, struct nx_report);

	*report = refusal_of(ctx, diagnostic, recipient);
	return nx_facts_read(ctx, compile_words(ctx), report, 0);
}

static struct nx_match where(const struct nx_facts *facts, const char *said)
{
	const char *at = strstr(facts->text, said);

	assert_non_null(at);
	return (struct nx_match){(size_t)(at - facts->text),
	                         (size_t)(at - facts->text) + strlen(said)};
}

static void the_party_is_who_something_is_said_of(void **state)
{
	static const enum nx_party nobody = NX_PARTY_NONE;
	static const enum nx_party recipient = NX_PARTY_RECIPIENT;
	static const enum nx_party sender = NX_PARTY_SENDER;
	static const enum nx_party connection = NX_PARTY_CONNECTION;
	static const struct {
		const char *text, *said;
		const enum nx_party *of, *all;
	} cases[] = {
	        {"550 5.1.1 User unknown", "User unknown", &nobody, &nobody},
	        {"550 5.1.1 <anna@kunde.example>: User unknown", "User unknown",
	         &recipient, &recipient},
	        {"550 5.1.1 <news@send.example>: User unknown", "User unknown",
	         &sender, &sender},
	        {"550 5.1.1 <b+1@rp.send.example>... unknown", "unknown",
	         &sender, &sender},
	        {"550 5.1.1 <other@third.example>: User unknown",
	         "User unknown", &nobody, &nobody},
	        {"550 Unknown sender", "Unknown", &sender, &sender},
	        {"550 <b+1@rp.send.example>: Sender address rejected: User "
	         "unknown in local recipient table",
	         "User unknown", &sender, &sender},
	        {"550 Sender address rejected: undeliverable address: host "
	         "mx.send.example said: 550 5.1.1 The account does not exist. "
	         "Please check the recipient",
	         "does not exist", &sender, &sender},
	        {"550 Sender: news@send.example, recipient "
	         "anna@kunde.example: no such user",
	         "no such user", &recipient, &recipient},
	        {"550 Recipient ok, but sender unknown", "unknown", &sender,
	         &sender},
	        {"550 Mail from news@send.example to anna@kunde.example: user "
	         "unknown",
	         "user unknown", &recipient, &recipient},
	        {"550 Mail to anna@kunde.example refused. Unknown sender",
	         "refused", &recipient, &sender},
	        {"550 Mailbox unavailable. No mail from this sender",
	         "Mailbox unavailable", &nobody, &sender},
	        {"550 This sender is refused. Mailbox unavailable",
	         "Mailbox unavailable", &sender, &sender},
	        {"550 User unknown. Please contact the sender", "User unknown",
	         &nobody, &nobody},
	        {"550 5.1.1 Absenderadresse unbekannt", "unbekannt", &sender,
	         &sender},
	        {"550 5.1.1 Empfängeradresse unbekannt", "unbekannt",
	         &recipient, &recipient},
	        {"550 5.1.1 Отправитель не найден", "не найден", &sender,
	         &sender},
	        {"550 5.1.1 发件人不存在", "不存在", &sender, &sender},
	        {"550 5.1.1 收件人不存在", "不存在", &recipient, &recipient},
	        {"550 收件人有效。发件人不存在", "不存在", &sender, &sender},
	        {"550 5.1.1 “news@send.example” unknown", "unknown", &sender,
	         &sender},
	        {"550 5.1.1 发件人news@send.example不存在", "不存在", &sender,
	         &sender},
	        {"550 5.1.1 发件人不存在，请访问www.third.example", "不存在",
	         &sender, &sender},
	        {"550 from=news@send.example unknown", "unknown", &sender,
	         &sender},
	        {"550 envelope_sender unknown", "unknown", &sender, &sender},
	        {"550 [SenderUnknown] no such user", "no such user", &sender,
	         &sender},
	        {"550 please contact the sender: user unknown", "user unknown",
	         &sender, &sender},
	        {"550 User unknown (delivery from mx1.send.example)",
	         "User unknown", &nobody, &nobody},
	        {"550 User unknown, helo logged", "User unknown", &nobody,
	         &connection},
	        {"550 https://help.example/sender user unknown", "user unknown",
	         &nobody, &nobody},
	        {"Sender verification failed: host mx.send.example[192.0.2.7] "
	         "said: 550 5.1.1 user unknown",
	         "user unknown", &sender, &sender},
	        {"host mx1.kunde.example[192.0.2.25] said: 450 sender unknown "
	         "(in reply to MAIL FROM command); host "
	         "mx2.kunde.example[192.0.2.26] said: 550 User unknown (in "
	         "reply to RCPT TO command)",
	         "User unknown", &nobody, &nobody},
	        {"host mx.kunde.example[192.0.2.25] refused to talk to me: 554 "
	         "unknown",
	         "unknown", &connection, &connection},
	        {"550 anna@kunde.example fehlt (Absender: news@send.example)",
	         "fehlt", &recipient, &recipient},
	        {"550 User unknown (sender: news@send.example)", "User unknown",
	         &sender, &sender},
	        {"550 Absender news@send.example fehlt, Mail an "
	         "anna@kunde.example",
	         "fehlt", &sender, &sender},
	        {"550 5.1.1 Sendername unknown", "unknown", &nobody, &nobody},
	        {"550 5.1.2 send.example: domain not found", "not found",
	         &sender, &sender},
	        {"550 5.1.2 kunde.example: domain not found", "not found",
	         &recipient, &recipient},
	        {"550 unknown host in HELO", "unknown", &connection,
	         &connection},
	        {"550 mx1.send.example: host unknown", "unknown", &connection,
	         &connection},
	        {"550 192.0.2.1 tried users that do not exist", "do not exist",
	         &connection, &connection},
	        {"host mx.kunde.example[192.0.2.25] said: 550 User unknown (in "
	         "reply to RCPT TO command)",
	         "User unknown", &nobody, &nobody},
	        {"host mx.kunde.example[192.0.2.25] said: 550 "
	         "<anna@kunde.example>: User unknown (in reply to MAIL FROM "
	         "command)",
	         "User unknown", &sender, &sender},
	        {"host mx.kunde.example[192.0.2.25] said: 550 User unknown (in "
	         "reply to EHLO command)",
	         "User unknown", &connection, &connection},
	};
	(void)state;
	size_t wrong = 0;

	for (size_t i = 0; i < COUNT(cases); i++) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		struct nx_facts facts = facts_of(ctx, cases[i].text);
		enum nx_party of =
		        nx_party_of(&facts, where(&facts, cases[i].said));
		enum nx_party all = nx_facts_names(&facts)->about;

		if (of != *cases[i].of || all != *cases[i].all) {
			print_error("%s\n  \"%s\": %s, all: %s\n",
			            cases[i].text, cases[i].said,
			            nx_party_name(of), nx_party_name(all));
			wrong++;
		}
		talloc_free(ctx);
	}
	assert_int_equal(wrong, 0);
}

static void what_a_refusal_names_is_told_with_whose_it_is(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum nx_mention_kind kind;
		enum nx_party party;
	} names[] = {
	        {"anna@kunde.example", NX_MENTION_ADDRESS, NX_PARTY_RECIPIENT},
	        {"NEWS@send.example", NX_MENTION_ADDRESS, NX_PARTY_SENDER},
	        {"other@send.example", NX_MENTION_ADDRESS, NX_PARTY_SENDER},
	        {"other@kunde.example", NX_MENTION_ADDRESS, NX_PARTY_OTHER},
	        {"mx9.kunde.example", NX_MENTION_HOST, NX_PARTY_THEIRS},
	        {"out.send.example", NX_MENTION_HOST, NX_PARTY_CONNECTION},
	        {"list.third.example", NX_MENTION_HOST, NX_PARTY_OTHER},
	        {"198.51.100.7", NX_MENTION_IP, NX_PARTY_CONNECTION},
	        {"https://a.example/sender?q=anna@kunde.example",
	         NX_MENTION_URL, NX_PARTY_NONE},
	};
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_facts facts = facts_of(
	        ctx, "550 <anna@kunde.example>, (NEWS@send.example), "
	             "other@send.example; other@kunde.example. "
	             "mx9.kunde.example out.send.example list.third.example "
	             "[198.51.100.7] "
	             "https://a.example/sender?q=anna@kunde.example");

	assert_int_equal(nx_facts_names(&facts)->mentions, COUNT(names));
	for (size_t i = 0; i < COUNT(names); i++) {
		const struct nx_mention *mention =
		        &nx_facts_names(&facts)->mention[i];
		const char *text =
		        talloc_strndup(ctx, facts.text + mention->start,
		                       mention->end - mention->start);

		assert_string_equal(text, names[i].text);
		assert_int_equal(mention->kind, names[i].kind);
		assert_int_equal(mention->party, names[i].party);
	}
	talloc_free(ctx);
}

/* A sender in the recipient's domain is recognised by the address. */
static void one_domain_is_not_a_party(void **state)
{
	(void)state;
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_recipient recipient = {
	        .address = "anna@kunde.example",
	        .original_recipient = "",
	        .final_recipient = "",
	        .actual_recipient = "",
	        .remote_mta = "",
	        .diagnostic = "550 kunde.example: <boss@kunde.example> unknown",
	};
	const struct nx_report report = {
	        .kind = NX_KIND_DELIVERY_REPORT,
	        .reporting_mta = "",
	        .recipient = &recipient,
	        .recipients = 1,
	        .original = {.return_path = "boss@kunde.example", .from = ""},
	};

	nx_reply_parse(ctx, recipient.diagnostic, &recipient.reply);

	struct nx_facts facts =
	        nx_facts_read(ctx, compile_words(ctx), &report, 0);

	assert_int_equal(nx_facts_names(&facts)->mentions, 2);
	assert_int_equal(nx_facts_names(&facts)->mention[0].party,
	                 NX_PARTY_NONE);
	assert_int_equal(nx_facts_names(&facts)->mention[1].party,
	                 NX_PARTY_SENDER);
	talloc_free(ctx);
}

static void a_clause_ends_where_a_sentence_does(void **state)
{
	(void)state;
	static const char *const cases[][3] = {
	        {"550 one. two three", "two", " two three"},
	        {"550 <a@b.example>... User unknown", "User",
	         "550 <a@b.example>... User unknown"},
	        {"550 one; two: three, four", "four", " two: three, four"},
	        {"550 see e. g. example.com for more! bye", "more",
	         "550 see e. g. example.com for more!"},
	        {"550 甲。乙不存在", "不存在", "乙不存在"},
	        {"550 one | two", "two", " two"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		struct nx_facts facts = facts_of(ctx, cases[i][0]);
		struct nx_match clause =
		        nx_party_clause(&facts, where(&facts, cases[i][1]));

		assert_string_equal(talloc_strndup(ctx,
		                                   facts.text + clause.start,
		                                   clause.end - clause.start),
		                    cases[i][2]);
		talloc_free(ctx);
	}
}

static void lower_case_keeps_every_place(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
	        {"ABSENDER Ä ÖÜß", "absender ä öüß"},
	        {"Отправитель ЁЇҐ", "отправитель ёїґ"},
	        {"ΑΠΟΣΤΟΛΈΑΣ", "αποστολέασ"},
	        {"Người GỬI ĐÃ", "người gửi đã"},
	        {"ŘŽŠŁŃŐŰİ", "řžšłńőűİ"},
	        {"发件人 ×÷", "发件人 ×÷"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *folded = nx_text_fold(NULL, cases[i][0]);

		assert_string_equal(folded, cases[i][1]);
		assert_int_equal(strlen(folded), strlen(cases[i][0]));
		talloc_free(folded);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_party_is_who_something_is_said_of),
	        cmocka_unit_test(what_a_refusal_names_is_told_with_whose_it_is),
	        cmocka_unit_test(one_domain_is_not_a_party),
	        cmocka_unit_test(a_clause_ends_where_a_sentence_does),
	        cmocka_unit_test(lower_case_keeps_every_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
