/* SPDX-License-Identifier: ISC */
#include "mail.h"

/*
 * Which words belong to which recipient in a report without fields: what it
 * says of one is never given to another.
 */
struct expected {
	const char *address;
	const char *diagnostic;
};

struct text {
	const char *name;
	const char *format; /* the format that reads it */
	const char *headers;
	const char *body;
	struct expected expected[4];
};

static const struct nx_formats *formats;

static int start(void **state)
{
	start_mail(state);
	formats = shipped_formats(*state);
	return 0;
}

static void check(void **state, const struct text *text)
{
	const struct nx_report *report = read_by_formats(
	        *state, formats,
	        talloc_asprintf(*state,
	                        "%sTo: news@example.org\nMIME-Version: 1.0\n"
	                        "Content-Type: text/plain; charset=utf-8\n\n%s",
	                        text->headers, text->body));
	size_t count = 0;

	if (strcmp(report->format, text->format) != 0)
		fail_msg("%s: format \"%s\"", text->name, report->format);
	for (; count < 4 && text->expected[count].address; count++) {
		const struct expected *wanted = &text->expected[count];

		if (count >= report->recipients)
			fail_msg("%s: %zu recipients", text->name, count);
		const struct nx_recipient *is = &report->recipient[count];

		if (strcmp(is->address, wanted->address) != 0 ||
		    strcmp(is->diagnostic, wanted->diagnostic) != 0)
			fail_msg("%s: %s has \"%s\", wanted %s with \"%s\"",
			         text->name, is->address, is->diagnostic,
			         wanted->address, wanted->diagnostic);
	}
	if (report->recipients != count)
		fail_msg("%s: %zu recipients, and %s", text->name,
		         report->recipients, report->recipient[count].address);
}

#define DAEMON "From: MAILER-DAEMON@mx.example.net\n"
#define SMTPD                                                                  \
	"    Hi!\n\n    This is the MAILER-DAEMON, please DO NOT REPLY to "    \
	"this e-mail.\n\n    Something went wrong on the way to:\n\n"
#define QMAIL                                                                  \
	"Hi. This is the qmail-send program at mx.example.net.\n"              \
	"I'm afraid I wasn't able to deliver your message.\n\n"
#define EXIM                                                                   \
	"This message was created automatically by mail delivery software.\n"  \
	"\nA message that you sent could not be delivered. The following "     \
	"address(es) failed:\n\n"

static void a_line_that_begins_with_another_address_ends_an_account(
        void **state)
{
	static const struct text texts[] = {
	        {"OpenSMTPD, a name with a blank",
	         "opensmtpd",
	         DAEMON "Subject: Delivery status notification: error\n",
	         SMTPD "anna@example.com: 552 the box is full\n"
	               "\"bert b\"@example.com: 550 5.1.1 no such user\n"
	               "carl@example.com: 450 come back later\n",
	         {{"anna@example.com", "552 the box is full"},
	          {"carl@example.com", "450 come back later"}}},
	        {"qmail",
	         "qmail",
	         DAEMON "Subject: failure notice\n",
	         QMAIL "<anna@example.com>:\nuser is over quota\n"
	               "bert@example.com:\nno mailbox here by that name\n",
	         {{"anna@example.com", "user is over quota"}}},
	        {"qmail, what others said of it",
	         "qmail",
	         DAEMON "Subject: failure notice\n",
	         QMAIL "<anna@example.com>:\n192.0.2.1 does not like recipient."
	               "\nRemote host said: 552 the box is full\n"
	               "Giving up on 192.0.2.1.\n",
	         {{"anna@example.com",
	           "192.0.2.1 does not like recipient. Remote host said: 552 "
	           "the box is full"}}},
	        {"Exim, an address in quotes",
	         "exim",
	         "From: Mail Delivery System <Mailer-Daemon@mx.example.net>\n"
	         "Subject: Mail delivery failed: returning message to sender\n",
	         EXIM "  anna@example.com\n    mailbox is full\n"
	              "  \"bert b\"@example.com\n    unknown user\n"
	              "  carl@example.com\n    retry timeout exceeded\n",
	         {{"anna@example.com", "mailbox is full"},
	          {"carl@example.com", "retry timeout exceeded"}}},
	        {"Exim, a rule across the page behind an at",
	         "exim",
	         "From: Mail Delivery System <Mailer-Daemon@mx.example.net>\n"
	         "Subject: Mail delivery failed: returning message to sender\n",
	         EXIM "  anna@example.com\n    mailbox is full\n"
	              "  <other@---\n    unknown user\n",
	         {{"anna@example.com", "mailbox is full"}}},
	        {"Postfix",
	         "postfix",
	         DAEMON "Subject: Undelivered Mail Returned to Sender\n",
	         "This is the mail system at host mx.example.net.\n\n"
	         "<anna@example.com>: host mx.example.com[192.0.2.1] said:\n"
	         "    552 the box is full\n"
	         "<\"bert b\"@example.com>: unknown user: \"bert\"\n"
	         "<carl@example.com>: connect to mx: timed out\n",
	         {{"anna@example.com",
	           "host mx.example.com[192.0.2.1] said: 552 the box is full"},
	          {"carl@example.com", "connect to mx: timed out"}}},
	        {"Postfix, a wrapped line that begins with an alias",
	         "postfix",
	         DAEMON "Subject: Undelivered Mail Returned to Sender\n",
	         "This is the mail system at host mx.example.net.\n\n"
	         "<anna@example.com>: host mx.example.com[192.0.2.1] said: 550\n"
	         "    <anna@old.example.com>: has left\n",
	         {{"anna@example.com",
	           "host mx.example.com[192.0.2.1] said: 550 "
	           "<anna@old.example.com>: has left"}}},
	        {"Courier",
	         "courier",
	         "From: Courier mail server at mx <postmaster@mx.example.net>\n"
	         "Subject: NOTICE: mail delivery status.\n",
	         "                 UNDELIVERABLE MAIL\n\n"
	         "<anna@example.com>:\n     mx.example.com [192.0.2.1]:\n"
	         " >>> RCPT TO:<anna@example.com>\n <<< 552 the box is full\n"
	         "<\"bert b\"@example.com>:\n     550 no such user\n",
	         {{"anna@example.com", "552 the box is full"}}},
	        {"hMailServer",
	         "hmailserver",
	         DAEMON "Subject: Message undeliverable: News\n",
	         "The following recipient(s) could not be reached:\n\n"
	         "anna@example.com\n   Error Type: SMTP\n"
	         "   Remote server (192.0.2.1) issued an error.\n"
	         "   Remote server replied: 552 the box is full\n"
	         "\"bert b\"@example.com\n   Error Type: SMTP\n   550 no such user\n\n"
	         "carl@example.com\n   Error Type: SMTP\n\n"
	         "dora@example.com\n   Error Type: SMTP\n"
	         "   Remote server replied: 550 no such user\n",
	         {{"anna@example.com", "552 the box is full"},
	          {"carl@example.com", ""},
	          {"dora@example.com", "550 no such user"}}},
	        {"MailEnable",
	         "mailenable",
	         DAEMON "Subject: Message Delivery Failure\n",
	         "MailEnable: Message Delivery Failure.\n\n"
	         "\tRecipient: [SMTP:anna@example.com]\n"
	         "\tReason: Remote SMTP Server Returned: 552 the box is full\n"
	         "bert@example.com: no such user\n",
	         {{"anna@example.com", "552 the box is full"}}},
	        {"several in one line",
	         "failed-list",
	         DAEMON "Subject: Undeliverable\n",
	         "Your message could not be delivered to:\n\n"
	         "anna@example.com (552 the box is full), "
	         "bert@example.com (550 5.1.1 user unknown)\n",
	         {{"anna@example.com", "552 the box is full),"},
	          {"bert@example.com", "550 5.1.1 user unknown)"}}},
	        {"no format, a list with numbers",
	         "text",
	         DAEMON "Subject: Delivery failed\n",
	         "Postzustellung am Ende:\n\n"
	         "  1. anna@example.com\n     Reason: mailbox full\n"
	         "  2. bert@example.com\n     Reason: user unknown\n",
	         {{"anna@example.com",
	           "1. anna@example.com Reason: mailbox full"},
	          {"bert@example.com",
	           "2. bert@example.com Reason: user unknown"}}},
	        {"no format, sentences",
	         "text",
	         DAEMON "Subject: Delivery failed\n",
	         "The server of anna@example.com said: 552 mailbox full\n"
	         "The server of bert@example.com said: 550 user unknown\n",
	         {{"anna@example.com",
	           "The server of anna@example.com said: 552 mailbox full"},
	          {"bert@example.com",
	           "The server of bert@example.com said: 550 user unknown"}}},
	        {"a descendant of qmail, reasons in the line",
	         "qmail-forks",
	         DAEMON "Subject: failure notice\n",
	         "<anna@example.com> 552 the box is full\n"
	         "<bert@example.com>\n550 user unknown\n",
	         {{"anna@example.com", "552 the box is full"},
	          {"bert@example.com", "550 user unknown"}}},
	        {"no format, a host of theirs",
	         "text",
	         DAEMON "Subject: Delivery failed\n",
	         "Postzustellung am Ende:\n\n"
	         "anna@example.com: 552 mailbox full\n"
	         "bert@mailhub: 550 5.1.1 user unknown\n",
	         {{"anna@example.com", "552 mailbox full"}}},
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		check(state, &texts[i]);
}

static void one_reason_holds_for_the_list_right_above_it(void **state)
{
	static const struct text texts[] = {
	        {"Apache James",
	         "james-delivery",
	         DAEMON "Subject: Re: News\n",
	         "Hi. This is the James mail server at mx.example.net.\n\n"
	         "Failed recipient(s):\nanna@example.com\nbert@example.com\n\n"
	         "Error message:\n550 the host is gone\n",
	         {{"anna@example.com", "550 the host is gone"},
	          {"bert@example.com", "550 the host is gone"}}},
	        {"Apache James, a reply that names one",
	         "james-delivery",
	         DAEMON "Subject: Re: News\n",
	         "Hi. This is the James mail server at mx.example.net.\n\n"
	         "Failed recipient(s):\nanna@example.com\nbert@example.com\n\n"
	         "Error message:\n550 5.1.1 <bert@example.com>: no such user\n",
	         {{"anna@example.com", ""},
	          {"bert@example.com",
	           "550 5.1.1 <bert@example.com>: no such user"}}},
	        {"Apache James, where the reason above names one",
	         "apache-james",
	         DAEMON "Subject: [BOUNCE] News\n",
	         "Unknown user: anna@example.com\n\n"
	         "Error message below:\n550 5.1.1 no such user\n\n"
	         "Message details:\n  Subject: News\n"
	         "  MAIL FROM: news@example.org\n"
	         "  RCPT TO: anna@example.com\n"
	         "           bert@example.com\n",
	         {{"anna@example.com",
	           "Unknown user: anna@example.com 550 5.1.1 no such user"},
	          {"bert@example.com", ""}}},
	        {"an old Sendmail, where the next line tells more",
	         "sendmail-v5",
	         DAEMON "Subject: Returned mail: User unknown\n",
	         "   ----- Transcript of session follows -----\n"
	         "550 local mailer: the box is gone\n"
	         "550 <anna@example.com>... Service unavailable\n"
	         "550 <bert@example.net>... Host unknown\n",
	         {{"anna@example.com", "Service unavailable 550 local mailer: "
	                               "the box is gone"},
	          {"bert@example.net", "Host unknown"}}},
	        {"qmail",
	         "qmail",
	         DAEMON "Subject: failure notice\n",
	         QMAIL "<anna@example.com>:\n<bert@example.com>:\n"
	               "Sorry, I couldn't find any host named example.com.\n\n"
	               "<carl@example.com>:\n\n"
	               "<dora@example.com>:\nno mailbox here by that name\n",
	         {{"anna@example.com",
	           "Sorry, I couldn't find any host named example.com."},
	          {"bert@example.com",
	           "Sorry, I couldn't find any host named example.com."},
	          {"carl@example.com", ""},
	          {"dora@example.com", "no mailbox here by that name"}}},
	        {"MailEnable, one with nothing said",
	         "mailenable",
	         DAEMON "Subject: Message Delivery Failure\n",
	         "MailEnable: Message Delivery Failure.\n\n"
	         "\tRecipient: [SMTP:anna@example.com]\n\n"
	         "\tRecipient: [SMTP:bert@example.com]\n"
	         "\tReason: 550 no such user\n",
	         {{"anna@example.com", "Message could not be delivered"},
	          {"bert@example.com", "550 no such user"}}},
	        {"no format, nothing said of the last",
	         "text",
	         DAEMON "Subject: Delivery failed\n",
	         "Recipient address: anna@example.com\nReason: mailbox full\n\n"
	         "Recipient address: bert@example.com\n",
	         {{"anna@example.com",
	           "Recipient address: anna@example.com Reason: mailbox full"}}},
	        {"MailEnable, an account between",
	         "mailenable",
	         DAEMON "Subject: Message Delivery Failure\n",
	         "MailEnable: Message Delivery Failure.\n\n"
	         "\tRecipient: [SMTP:anna@example.com]\n"
	         "\tReason: 552 the box is full\n\n"
	         "\tRecipient: [SMTP:bert@example.com]\n"
	         "\tRecipient: [SMTP:carl@example.com]\n"
	         "\tReason: 550 no such users\n\n"
	         "\tRecipient: [SMTP:dora@example.com]\n",
	         {{"anna@example.com", "552 the box is full"},
	          {"bert@example.com", "550 no such users"},
	          {"carl@example.com", "550 no such users"},
	          {"dora@example.com", "Message could not be delivered"}}},
	        {"a small mailer",
	         "failed-list",
	         DAEMON "Subject: Undeliverable Mail\n",
	         "A message could not be delivered to:\n\n"
	         "  anna@example.com\n  bert@example.com\n"
	         "550 no such people\n"
	         "  carl@example.com\n",
	         {{"anna@example.com", "550 no such people"},
	          {"bert@example.com", "550 no such people"},
	          {"carl@example.com", "could not be delivered"}}},
	        {"no format, a reply that names one of them",
	         "text",
	         DAEMON "Subject: Delivery failed\n",
	         "Postzustellung am Ende:\n\n"
	         "anna@example.com\nbert@example.com\n\n"
	         "Sorry, bert@example.com is a user unknown here.\n",
	         {{"bert@example.com",
	           "Sorry, bert@example.com is a user unknown here."}}},
	        {"no format, a paragraph that names each",
	         "text",
	         DAEMON "Subject: Delivery failed\n",
	         "Postzustellung am Ende:\n\n"
	         "anna@example.com\nbert@example.com\n\n"
	         "They say that anna@example.com is full:\n"
	         "552 5.2.2 over quota\n"
	         "They say that bert@example.com has left:\n"
	         "550 5.1.1 user unknown\n",
	         {{"anna@example.com", "They say that anna@example.com is "
	                               "full: 552 5.2.2 over quota"},
	          {"bert@example.com", "They say that bert@example.com has "
	                               "left: 550 5.1.1 user unknown"}}},
	        {"no format, all of them",
	         "text",
	         DAEMON "Subject: Delivery failed\n",
	         "Postzustellung am Ende:\n\n"
	         "anna@example.com\nbert@example.com\n\n"
	         "550 5.1.1 user unknown\n",
	         {{"anna@example.com", "550 5.1.1 user unknown"},
	          {"bert@example.com", "550 5.1.1 user unknown"}}},
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		check(state, &texts[i]);
}

#define SENDMAIL                                                               \
	"The original message was received at Mon, 2 Mar 2026\n\n"             \
	"   ----- The following addresses had permanent fatal errors -----\n"
#define TALK                                                                   \
	"\n   ----- Transcript of session follows -----\n"                     \
	"... while talking to mx.example.com.:\n"

static void a_session_that_is_shown_decides(void **state)
{
	static const struct text texts[] = {
	        {"commands in one go",
	         "sendmail",
	         DAEMON "Subject: Returned mail\n",
	         SENDMAIL "<anna@example.com>\n<bert@example.com>\n" TALK
	                  ">>> DATA\n<<< 550 no mail with links\n"
	                  "550 5.1.1 <anna@example.com>... User unknown\n"
	                  "<<< 552 the box is full\n"
	                  "552 5.2.2 <bert@example.com>... Mailbox full\n",
	         {{"anna@example.com", "550 no mail with links"},
	          {"bert@example.com", "552 the box is full"}}},
	        {"a reply that names another",
	         "sendmail",
	         DAEMON "Subject: Returned mail\n",
	         SENDMAIL "<anna@example.com>\n<bert@example.com>\n" TALK
	                  "<<< 550 5.1.1 <bert@example.com>... User unknown\n",
	         {{"anna@example.com", ""},
	          {"bert@example.com",
	           "550 5.1.1 <bert@example.com>... User unknown"}}},
	        {"a reply that is lost",
	         "sendmail",
	         DAEMON "Subject: Returned mail\n",
	         SENDMAIL "<anna@example.com>\n" TALK
	                  ">>> RCPT To:<anna@example.com>\n"
	                  "550 5.1.1 <anna@example.com>... User unknown\n",
	         {{"anna@example.com", "550"}}},
	        {"a local mailer",
	         "sendmail",
	         DAEMON "Subject: Returned mail\n",
	         SENDMAIL "<anna@example.com>\n"
	                  "\n   ----- Transcript of session follows -----\n"
	                  "550 5.1.1 <anna@example.com>... User unknown\n",
	         {{"anna@example.com",
	           "550 5.1.1 <anna@example.com>... User unknown"}}},
	        {"an old one",
	         "sendmail-v5",
	         DAEMON "Subject: Returned mail: User unknown\n",
	         "   ----- Transcript of session follows -----\n"
	         "While talking to mx.example.com:\n"
	         ">>> RCPT To:<anna@example.com>\n<<< 550 no mail with links\n"
	         "550 <anna@example.com>... User unknown\n"
	         "550 <bert@example.net>... Host unknown\n",
	         {{"anna@example.com", "550 no mail with links"},
	          {"bert@example.net", "Host unknown"}}},
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		check(state, &texts[i]);
}

static void a_header_that_lists_recipients_yields_to_the_text(void **state)
{
	static const struct text texts[] = {
	        {"somebody else",
	         "exim",
	         "From: Mail Delivery System <Mailer-Daemon@mx.example.net>\n"
	         "X-Failed-Recipients: bert@example.com\n",
	         EXIM "  anna@example.com\n    mailbox is full\n",
	         {{"anna@example.com", "mailbox is full"}}},
	        {"nobody in the text",
	         "exim",
	         "From: Mail Delivery System <Mailer-Daemon@mx.example.net>\n"
	         "X-Failed-Recipients: bert@example.com\n",
	         EXIM "  an undisclosed address\n    mailbox is full\n",
	         {{"bert@example.com", "mailbox is full"}}},
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		check(state, &texts[i]);
}

/* The returned mail names others, and reports them as failed. */
static const char *const returned[] = {
        /* a bounce */
        "From: MAILER-DAEMON@mx.example.org\nSubject: failure notice\n\n"
        "Hi. This is the qmail-send program at mx.example.org.\n\n"
        "<dora@example.org>:\n550 5.1.1 no such user\n",
        /* one with a part for machines */
        "From: MAILER-DAEMON@mx.example.org\n"
        "Content-Type: multipart/report; boundary=b\n\n--b\n\nHello\n--b\n"
        "Content-Type: message/delivery-status\n\n"
        "Final-Recipient: rfc822; dora@example.org\nAction: failed\n"
        "Status: 5.1.1\n\n--b--\n",
        /* a list's moderation */
        "From: talk-owner@lists.example.org\n"
        "Subject: Your message to Talk awaits moderator approval\n\n"
        "Your mail to 'talk' is being held until the list moderator can "
        "review it.\ndora@example.org: user unknown\n",
        /* a vacation */
        "From: dora@example.org\nSubject: Out of office\n"
        "Auto-Submitted: auto-replied\n\n"
        "I am away until Monday. Will be retried then.\n",
        /* a newsletter about bounces */
        "From: news@example.org\nSubject: Why mail bounces\n\n"
        "dora@example.org: 550 5.1.1 user unknown\n"
        "THIS IS A WARNING MESSAGE ONLY, it will be retried.\n",
};

static const char *const separators[] = {
        "--- Below this line is a copy of the message.\n\n",
        "------ This is a copy of the message, including all the headers. "
        "------\n\n",
        "-----Original Message-----\n",
        "----- Original message -----\n\n",
        "Original message headers:\n\n",
        "   ----- Unsent message follows -----\n",
        "-----Urspr\xc3\xbcngliche Nachricht-----\n",
        "Urspr\xc3\xbcngliche Nachrichtenkopfzeilen:\n\n",
        "----- Message d'origine -----\n",
        "----- Mensaje original -----\n",
        "----- Mensagem original -----\n",
        "----- Messaggio originale -----\n",
        "----- Oorspronkelijk bericht -----\n",
        "----- Oryginalna wiadomo\xc5\x9b\xc4\x87 -----\n",
        "----- \xd0\x98\xd1\x81\xd1\x85\xd0\xbe\xd0\xb4\xd0\xbd\xd0\xbe\xd0"
        "\xb5 -----\n",
        "----- \xe5\x85\x83\xe3\x81\xae\xe3\x83\xa1\xe3\x83\x83\xe3\x82\xbb"
        "\xe3\x83\xbc\xe3\x82\xb8 -----\n",
        /* no word at all */
        "Return-Path: <news@example.org>\n",
        "Subject: hello\nDate: now\nMIME-Version: 1.0\n",
};

static void the_notice_is_judged_and_not_what_it_returns(void **state)
{
	static const char notice[] = "Anything may stand here.\n\n"
	                             "anna@example.com: 552 mailbox full\n\n";

	for (size_t i = 0; i < sizeof returned / sizeof *returned; i++)
		for (size_t j = 0; j < sizeof separators / sizeof *separators;
		     j++) {
			const struct text text = {
			        separators[j],
			        "text",
			        DAEMON "Subject: Delivery failed\n",
			        talloc_asprintf(*state, "%s%s%s", notice,
			                        separators[j], returned[i]),
			        {{"anna@example.com", "552 mailbox full"}},
			};

			check(state, &text);
		}
}

static void what_is_returned_does_not_delay_a_notice(void **state)
{
	const struct nx_report *report = read_by_formats(
	        *state, formats,
	        talloc_asprintf(*state,
	                        DAEMON "Subject: failure notice\n\n%s%s%s",
	                        QMAIL "<anna@example.com>:\nno such user\n\n",
	                        separators[0], returned[4]));

	assert_int_equal(report->recipients, 1);
	assert_int_equal(report->recipient->action, NX_ACTION_FAILED);
	assert_string_equal(report->recipient->address, "anna@example.com");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(
	                a_line_that_begins_with_another_address_ends_an_account),
	        cmocka_unit_test(one_reason_holds_for_the_list_right_above_it),
	        cmocka_unit_test(a_session_that_is_shown_decides),
	        cmocka_unit_test(
	                a_header_that_lists_recipients_yields_to_the_text),
	        cmocka_unit_test(the_notice_is_judged_and_not_what_it_returns),
	        cmocka_unit_test(what_is_returned_does_not_delay_a_notice),
	};

	return cmocka_run_group_tests(tests, start, end_mail);
}
