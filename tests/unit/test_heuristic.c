/* SPDX-License-Identifier: ISC */
#include "mail.h"

#include "base/text.h"
#include "report/conditions/formats.h"

/* Reports in forms that no format recognises, read without any format except
 * the lines at which returned messages start. */

static const char markers[] = "markers:\n"
                              "  - '^Received: '\n"
                              "  - '^-+ Original message -+'\n";

static const struct nx_report *read_text(TALLOC_CTX *ctx, const char *from,
                                         const char *subject, const char *body)
{
	const struct nx_envelope envelope = {
	        .sender = "",
	        .recipient = "",
	        .original_recipient = "",
	        .queue_id = "",
	};
	const struct nx_source source = {"formats/markers.yaml", markers,
	                                 strlen(markers), false};
	const struct nx_formats *formats = NULL;
	struct nx_error error;
	char *text = talloc_asprintf(ctx,
	                             "From: %s\nTo: news@example.org\n"
	                             "Subject: %s\nMIME-Version: 1.0\n"
	                             "Content-Type: text/plain; charset=utf-8\n"
	                             "\n%s",
	                             from, subject, body);

	assert_true(nx_formats_compile(ctx, &source, 1, &formats, &error));
	return nx_report_read(
	        ctx, formats, shipped_detectors(ctx), NULL,
	        parse_message(ctx, text, strlen(text), &envelope));
}

static const char DAEMON[] = "Mail System <MAILER-DAEMON@mx.example.net>";

struct expected {
	const char *address;
	int reply;
	enum nx_action action;
	const char *words; /* in the diagnostic */
};

struct mail {
	const char *subject, *body;
	struct expected expected[3];
};

static void check(TALLOC_CTX *ctx, const struct mail *mail)
{
	const struct nx_report *report =
	        read_text(ctx, DAEMON, mail->subject, mail->body);
	size_t count = 0;

	while (count < 3 && mail->expected[count].address)
		count++;
	if (report->recipients != count)
		fail_msg("%s\n%zu recipients", mail->body, report->recipients);
	assert_string_equal(report->format, "text");
	assert_int_equal(report->kind, NX_KIND_DELIVERY_REPORT);
	for (size_t i = 0; i < count; i++) {
		const struct expected *want = &mail->expected[i];
		const struct nx_recipient *is = &report->recipient[i];

		assert_string_equal(is->address, want->address);
		assert_int_equal(is->reply.code, want->reply);
		assert_int_equal(is->action, want->action);
		if (!nx_text_find(is->diagnostic, want->words))
			fail_msg("%s: %s", want->address, is->diagnostic);
	}
}

static void an_address_counts_next_to_evidence(void **state)
{
	static const struct mail mails[] = {
	        {"Mail problem",
	         "Sorry!\n\nanna@example.com: 550 5.1.1 nobody here\n"
	         "berta@example.com: 552 5.2.2 mailbox is full\n",
	         {{"anna@example.com", 550, NX_ACTION_FAILED, "nobody"},
	          {"berta@example.com", 552, NX_ACTION_FAILED, "full"}}},
	        {"Undelivered",
	         "No luck with:\n\n   <carl@example.com>\n\n"
	         "The reason:\nUser unknown\n",
	         {{"carl@example.com", 0, NX_ACTION_FAILED, "User unknown"}}},
	        {"Undelivered",
	         "550 5.1.1 <dora@example.com>... not in our list\n",
	         {{"dora@example.com", 550, NX_ACTION_FAILED, "not in our"}}},
	        {"Undelivered",
	         ">>> RCPT TO:<emil@example.com>\n<<< 553 no thanks\n",
	         {{"emil@example.com", 553, NX_ACTION_FAILED, "no thanks"}}},
	        {"Undelivered",
	         "These could not be delivered:\n\n"
	         "  frida@example.com\n  gustav@example.com\n",
	         {{"frida@example.com", 0, NX_ACTION_FAILED, "could not"},
	          {"gustav@example.com", 0, NX_ACTION_FAILED, "could not"}}},
	        {"Undelivered",
	         "I could not deliver your mail.\n\n"
	         "To: <frida@example.com>, <gustav@example.com>\n"
	         "Recipients: <frida@example.com>, <gustav@example.com>\n"
	         "Reason: 550 5.1.1 <frida@example.com> is not here\n",
	         {{"frida@example.com", 550, NX_ACTION_FAILED, "not here"},
	          {"gustav@example.com", 0, NX_ACTION_FAILED, ""}}},
	        {"Undelivered",
	         "anna@example.com (550 nobody here), "
	         "bert@example.com (552 mailbox full)\n",
	         {{"anna@example.com", 550, NX_ACTION_FAILED, "nobody here)"},
	          {"bert@example.com", 552, NX_ACTION_FAILED, "full"}}},
	        {"Undelivered",
	         "Error: user unknown\nAddress: frida@example.com\n\n"
	         "Error: mailbox full\nAddress: gustav@example.com\n",
	         {{"frida@example.com", 0, NX_ACTION_FAILED, "unknown"},
	          {"gustav@example.com", 0, NX_ACTION_FAILED, "full"}}},
	        {"Undelivered",
	         "Mail to anna@example.com could not be delivered.\n\n"
	         "Mail to bert@example.com could not be delivered.\n\n"
	         "550 5.1.1 nobody here\n",
	         {{"anna@example.com", 0, NX_ACTION_FAILED, "could not"},
	          {"bert@example.com", 550, NX_ACTION_FAILED, "nobody"}}},
	        {"Hitilafu",
	         "Barua kwa anna@example.com imeshindikana.\n\n"
	         "550 5.1.1 hakuna mtu\n\n"
	         "Uliza: msaada@example.net\n\n"
	         "Received: from mx by mx\nTo: anna@example.com\n",
	         {{"anna@example.com", 550, NX_ACTION_FAILED, "hakuna"}}},
	        {"Your mail",
	         "Your mail to hanna@example.com was rejected, because\n"
	         "the mailbox does not exist.\n",
	         {{"hanna@example.com", 0, NX_ACTION_FAILED, "not exist"}}},
	        {"Unzustellbar",
	         "Empfänger: ida@example.com\nDas Postfach ist voll.\n",
	         {{"ida@example.com", 0, NX_ACTION_FAILED, "ist voll"}}},
	};

	for (size_t i = 0; i < sizeof mails / sizeof *mails; i++)
		check(*state, &mails[i]);
}

static void a_warning_is_no_failure(void **state)
{
	static const struct mail mails[] = {
	        {"Delayed mail",
	         "<jana@example.com>: 451 4.4.1 connection timed out\n",
	         {{"jana@example.com", 451, NX_ACTION_DELAYED, "timed"}}},
	        {"Your message awaits moderator approval",
	         "Your mail to mona@example.com is held, as you are an unknown "
	         "user of the list: user unknown.\n",
	         {{"mona@example.com", 0, NX_ACTION_DELAYED, "is held"}}},
	        {"Zustellung",
	         "Die Nachricht an lars@example.com konnte nicht zugestellt\n"
	         "werden, es wird weiter versucht.\n\n451 4.1.1 unbekannt\n",
	         {{"lars@example.com", 451, NX_ACTION_DELAYED, "unbekannt"}}},
	        {"Your message",
	         "Your message to kurt@example.com has not yet been delivered."
	         "\nThis is just a warning, delivery attempts will continue.\n",
	         {{"kurt@example.com", 0, NX_ACTION_DELAYED, "not yet"}}},
	};

	for (size_t i = 0; i < sizeof mails / sizeof *mails; i++)
		check(*state, &mails[i]);
}

static void nobody_else_is_named(void **state)
{
	static const struct mail mails[] = {
	        /* postmasters and the like, senders, the returned message */
	        {"Undelivered",
	         "A mail from lisa@example.net failed:\n\n"
	         "<max@example.com>: 550 no such user\n\n"
	         "Please write to helper@example.net if this is wrong.\n"
	         "postmaster@example.net: 550\n\n"
	         "Received: from mx by mx for <nora@example.com>; 550\n"
	         "otto@example.com: 550 user unknown\n",
	         {{"max@example.com", 550, NX_ACTION_FAILED, "no such"}}},
	        /* our own addresses */
	        {"Undelivered",
	         "<news@example.org>: 550 sender rejected\n"
	         "<paul@example.com>: 550 sender rejected\n",
	         {{"paul@example.com", 550, NX_ACTION_FAILED, "rejected"}}},
	};

	for (size_t i = 0; i < sizeof mails / sizeof *mails; i++)
		check(*state, &mails[i]);
}

/* Before, between and after those that failed. */
static void senders_and_contacts_are_nobody(void **state)
{
	static const char *const others[] = {
	        "A message sent by\n\n  carl@example.com\n\nwas returned.",
	        "Sender: carl@example.com",
	        "From: News <carl@example.com>",
	        "X-Envelope-From: carl@example.com",
	        "For help contact carl@example.com.",
	        "Questions? Write to\ncarl@example.com",
	        "Please forward this to <carl@example.com>",
	        "Contact: <mailto:carl@example.com>",
	        "Admin: carl@example.com",
	        "Successful recipients:\ncarl@example.com",
	        "Verwalter: Carl <carl@example.com>",
	        "Bei Fragen schreiben Sie an carl@example.com",
	        "Absender: carl@example.com",
	        "Pour toute question, contactez carl@example.com",
	        "Para más información escriba a carl@example.com",
	        "Em caso de dúvidas, entre em contato com carl@example.com",
	        "Per assistenza scrivere a carl@example.com",
	        "Neem voor vragen contact op met carl@example.com",
	        "Vid frågor, kontakta carl@example.com",
	        "V případě dotazů kontaktujte carl@example.com",
	        "W razie pytań prosimy o kontakt: carl@example.com",
	        "По вопросам обращайтесь на carl@example.com",
	        "Отправитель: carl@example.com",
	        "Sorularınız için carl@example.com adresine yazın",
	        "ご不明な点は carl@example.com までご連絡ください",
	        "如有疑问，请联系 carl@example.com",
	        "문의: carl@example.com",
	};
	const struct nx_formats *formats = shipped_formats(*state);

	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		const struct nx_report *report = read_by_formats(
		        *state, formats,
		        talloc_asprintf(*state,
		                        "From: %s\nTo: news@example.org\n"
		                        "Subject: Undelivered\n"
		                        "MIME-Version: 1.0\nContent-Type: "
		                        "text/plain; charset=utf-8\n\n"
		                        "%s\n\nanna@example.com\n"
		                        "550 5.1.1 user unknown\n\n%s\n\n"
		                        "bert@example.com\n"
		                        "550 5.1.1 user unknown\n\n%s\n",
		                        DAEMON, others[i], others[i],
		                        others[i]));

		if (report->recipients != 2)
			fail_msg("%s: %zu by \"%s\"", others[i],
			         report->recipients, report->format);
		assert_string_equal(report->recipient[0].address,
		                    "anna@example.com");
		assert_string_equal(report->recipient[1].address,
		                    "bert@example.com");
		assert_int_equal(report->recipient[1].reply.code, 550);
	}
}

static void mail_that_is_quoted_below_is_no_account(void **state)
{
	static const char lost[] = "Your message to Bo was lost: 550 5.1.1 user"
	                           " unknown <bo@example.com>\n\n";
	static const char *const quoted[] = {
	        "| Dear all,\n| <anna@example.com>: user unknown\n"
	        "| 550 5.1.1 no such user\n",
	        "> Dear all,\n>\n> anna@example.com\n"
	        ">   550 5.1.1 user unknown\n> Yours\n",
	        ">Dear all,\n>> anna@example.com\n>> 550 5.1.1 unknown\n",
	        "> anna@example.com does not exist: user unknown\n",
	};

	for (size_t i = 0; i < sizeof quoted / sizeof *quoted; i++) {
		const struct nx_report *report = read_text(
		        *state, DAEMON, "Undelivered",
		        talloc_asprintf(*state, "%s%s", lost, quoted[i]));

		if (report->recipients != 1)
			fail_msg("%s%zu", quoted[i], report->recipients);
		assert_string_equal(report->recipient[0].address,
		                    "bo@example.com");
		report = read_text(*state, DAEMON, "Undelivered",
		                   talloc_asprintf(*state, "It was lost.\n\n%s",
		                                   quoted[i]));
		if (report->recipients)
			fail_msg("%s", quoted[i]);
	}
}

static void what_mail_systems_mark_is_no_quoted_mail(void **state)
{
	static const char *const marked[] = {
	        /* all of the notice */
	        "> It was lost.\n>\n> <anna@example.com>: 550 5.1.1 unknown\n",
	        /* the refusal, and sessions */
	        "It was lost.\n\n> 550 5.1.1 <anna@example.com>: unknown\n",
	        "It was lost.\n\n| 550-5.1.1 <anna@example.com>:\n"
	        "| 550 5.1.1 unknown\n",
	        "It was lost.\n\n> RCPT TO:<anna@example.com>\n"
	        "< 550 5.1.1 unknown\n",
	        "It was lost.\n\n>>> RCPT TO:<anna@example.com>\n"
	        "<<< 550 5.1.1 unknown\n",
	        /* lists and tables */
	        "It was lost:\n\n> anna@example.com\n\n550 5.1.1 unknown\n",
	        "It was lost:\n\n> anna@example.com - 550 5.1.1 unknown\n",
	        "It was lost:\n\n| anna@example.com | 550 5.1.1 unknown |\n",
	        /* a bracket that closes */
	        "It was lost:\n\n<anna@example.com\n>: 550 5.1.1 unknown\n",
	};

	for (size_t i = 0; i < sizeof marked / sizeof *marked; i++) {
		const struct nx_report *report =
		        read_text(*state, DAEMON, "Undelivered", marked[i]);

		if (report->recipients != 1)
			fail_msg("%s%zu", marked[i], report->recipients);
		assert_string_equal(report->recipient[0].address,
		                    "anna@example.com");
		assert_int_equal(report->recipient[0].reply.code, 550);
	}
}

static void other_mail_is_left_alone(void **state)
{
	static const struct {
		const char *from, *subject, *body;
	} mails[] = {
	        /* people who write about a bounce */
	        {"Rita <rita@example.com>", "Undeliverable: your news",
	         "<sven@example.com>: 550 5.1.1 user unknown\n"},
	        /* the system, but nothing has failed */
	        {DAEMON, "Welcome", "Your mailbox tina@example.com is ready\n"},
	        {DAEMON, "Undelivered", "We do not say who.\n"},
	        /* what programs tell their operator */
	        {"root <root@mx.example.net>", "Cron <root@mx> check",
	         "delivery failed: udo@example.com 550 user unknown\n"},
	};

	for (size_t i = 0; i < sizeof mails / sizeof *mails; i++) {
		const struct nx_report *report = read_text(
		        *state, mails[i].from, mails[i].subject, mails[i].body);

		if (report->recipients)
			fail_msg("%s: %s", mails[i].subject,
			         report->recipient[0].address);
		assert_int_not_equal(report->kind, NX_KIND_DELIVERY_REPORT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(an_address_counts_next_to_evidence),
	        cmocka_unit_test(a_warning_is_no_failure),
	        cmocka_unit_test(nobody_else_is_named),
	        cmocka_unit_test(senders_and_contacts_are_nobody),
	        cmocka_unit_test(mail_that_is_quoted_below_is_no_account),
	        cmocka_unit_test(what_mail_systems_mark_is_no_quoted_mail),
	        cmocka_unit_test(other_mail_is_left_alone),
	};

	return cmocka_run_group_tests(tests, start_mail, end_mail);
}
