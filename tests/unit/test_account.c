/* SPDX-License-Identifier: ISC */
#include "mail.h"

/*
 * Which words belong to which recipient of a delivery report: what the text for
 * people says of one is never given to another.
 */
#define HEAD  "Reporting-MTA: dns; mx.example.org\n\n"
#define FAILS "Action: failed\nStatus: 5.0.0\n"
#define ANNA  "Final-Recipient: rfc822; anna@example.com\n" FAILS "\n"
#define BERT  "Final-Recipient: rfc822; bert@example.com\n" FAILS "\n"
#define CARL  "Final-Recipient: rfc822; carl@example.com\n" FAILS "\n"
#define TALK                                                                   \
	"   ----- Transcript of session follows -----\n"                       \
	"... while talking to mx.example.com.:\n"

struct report {
	const char *name;
	const char *fields;
	const char *explanation;
	const char *diagnostic[3]; /* per recipient, in order */
};

static void check(void **state, const struct report *wanted)
{
	const struct nx_report *report =
	        read_mail(*state, delivery_mail(*state, "Returned mail",
	                                        wanted->explanation,
	                                        wanted->fields, RETURNED));

	for (size_t i = 0; i < 3 && wanted->diagnostic[i]; i++) {
		if (i >= report->recipients)
			fail_msg("%s: %zu recipients", wanted->name,
			         report->recipients);
		const char *got = report->recipient[i].diagnostic;

		if (strcmp(got, wanted->diagnostic[i]) != 0)
			fail_msg("%s: %s has \"%s\", wanted \"%s\"",
			         wanted->name, report->recipient[i].address,
			         got, wanted->diagnostic[i]);
	}
}

static void a_reply_of_a_transcript_is_of_whom_it_is_for(void **state)
{
	static const struct report reports[] = {
	        {"a reply that names another is not shared",
	         HEAD ANNA BERT,
	         TALK "<<< 550 5.1.1 <bert@example.com>... User unknown\n",
	         {"", "550 5.1.1 <bert@example.com>... User unknown"}},
	        {"nor one that names somebody whom the report leaves out",
	         HEAD ANNA,
	         TALK ">>> DATA\n<<< 550 5.1.1 <dora@example.com>: gone\n",
	         {""}},
	        {"one that names our sender is about everybody",
	         HEAD ANNA BERT,
	         TALK ">>> MAIL From:<bounces@example.org>\n"
	              "<<< 553 5.1.8 <bounces@example.org>... no such domain\n",
	         {"553 5.1.8 <bounces@example.org>... no such domain",
	          "553 5.1.8 <bounces@example.org>... no such domain"}},
	        {"one that says whom to ask is about everybody",
	         HEAD ANNA BERT,
	         TALK
	         ">>> DATA\n<<< 554 5.7.1 spam, contact help@example.com\n",
	         {"554 5.7.1 spam, contact help@example.com",
	          "554 5.7.1 spam, contact help@example.com"}},
	        {"the line below tells whom a reply is for, the command does not",
	         HEAD ANNA BERT CARL,
	         TALK ">>> DATA\n"
	              "<<< 550 nobody of that name\n"
	              "550 5.1.1 <anna@example.com>... User unknown\n"
	              "<<< 552 the box is full\n"
	              "552 5.2.2 <bert@example.com>... Mailbox full\n"
	              "<<< 503 need RCPT\n",
	         {"550 nobody of that name", "552 the box is full", ""}},
	        {"the lines below that say the same of others share it",
	         HEAD ANNA BERT CARL,
	         TALK ">>> DATA\n"
	              "<<< 550 nobody of that name\n"
	              "550 5.1.1 <anna@example.com>... User unknown\n"
	              "550 5.1.1 <bert@example.com>... User unknown\n"
	              "552 5.2.2 <carl@example.com>... Mailbox full\n",
	         {"550 nobody of that name", "550 nobody of that name",
	          "552 5.2.2 <carl@example.com>... Mailbox full"}},
	        {"the command is that of the last recipient",
	         HEAD ANNA BERT,
	         TALK ">>> RCPT To:<bert@example.com>\n"
	              "<<< 550 nobody of that name\n"
	              "550 5.1.1 <anna@example.com>... User unknown\n"
	              "<<< 552 the box is full\n"
	              "552 5.2.2 <bert@example.com>... Mailbox full\n",
	         {"550 nobody of that name", "552 the box is full"}},
	        {"replies one below the other that name their recipients",
	         HEAD ANNA BERT,
	         TALK ">>> DATA\n"
	              "<<< 550 <anna@example.com> has left\n"
	              "<<< 552 <bert@example.com> is full\n",
	         {"550 <anna@example.com> has left",
	          "552 <bert@example.com> is full"}},
	        {"a reply to a command may name what the recipient stands for",
	         HEAD ANNA BERT,
	         TALK ">>> RCPT To:<anna@example.com>\n"
	              "<<< 550 5.1.1 <anna@old.example.com>: not here\n",
	         {"550 5.1.1 <anna@old.example.com>: not here", ""}},
	        {"of one host for those of that host",
	         HEAD "Final-Recipient: rfc822; anna@example.com\n"
	              "Remote-MTA: dns; mx.example.com\n" FAILS "\n"
	              "Final-Recipient: rfc822; bert@example.net\n"
	              "Remote-MTA: dns; mx.example.net\n" FAILS "\n" CARL,
	         TALK ">>> DATA\n<<< 554 5.7.1 no list mail\n"
	              "... while talking to mx.example.net.:\n"
	              ">>> DATA\n<<< 554 5.7.1 your host is listed\n",
	         {"554 5.7.1 no list mail", "554 5.7.1 your host is listed",
	          ""}},
	};

	for (size_t i = 0; i < sizeof reports / sizeof *reports; i++)
		check(state, &reports[i]);
}

static void what_sendmail_makes_of_a_code_is_not_what_was_said(void **state)
{
	static const struct report reports[] = {
	        {"the remote's word decides",
	         HEAD ANNA,
	         TALK ">>> RCPT To:<anna@example.com>\n"
	              "<<< 550 too many links in your mail\n"
	              "550 5.1.1 <anna@example.com>... User unknown\n",
	         {"550 too many links in your mail"}},
	        {"also when it is not about one alone",
	         HEAD ANNA BERT,
	         TALK ">>> DATA\n"
	              "<<< 550 too many links in your mail\n"
	              "550 5.1.1 <anna@example.com>... User unknown\n"
	              "550 5.1.1 <bert@example.com>... User unknown\n",
	         {"550 too many links in your mail",
	          "550 too many links in your mail"}},
	        {"where it is lost nothing is known",
	         HEAD ANNA,
	         TALK ">>> RCPT To:<anna@example.com>\n"
	              "550 5.1.1 <anna@example.com>... User unknown\n",
	         {""}},
	        {"also when only the fields tell that a host was asked",
	         HEAD "Final-Recipient: rfc822; anna@example.com\n"
	              "Remote-MTA: dns; mx.example.com\n" FAILS
	              "Diagnostic-Code: smtp; 550\n\n",
	         "   ----- Transcript of session follows -----\n"
	         "550 5.1.1 <anna@example.com>... User unknown\n",
	         {"550"}},
	        {"where no host was asked it is a local mailer's word",
	         HEAD ANNA,
	         "   ----- Transcript of session follows -----\n"
	         "550 5.1.1 <anna@example.com>... User unknown\n",
	         {"550 5.1.1 <anna@example.com>... User unknown"}},
	        {"beside another who was asked about elsewhere",
	         HEAD ANNA BERT,
	         TALK ">>> RCPT To:<bert@example.com>\n"
	              "<<< 552 the box is full\n"
	              "552 5.2.2 <bert@example.com>... Mailbox full\n"
	              "550 5.1.1 <anna@example.com>... User unknown\n",
	         {"550 5.1.1 <anna@example.com>... User unknown",
	          "552 the box is full"}},
	        {"a delivery agent speaks before it",
	         HEAD ANNA BERT,
	         "   ----- Transcript of session follows -----\n"
	         "mail.local: /var/mail/anna: disk quota exceeded\n"
	         "554 5.3.0 <anna@example.com>... unknown mailer error 1\n"
	         "550 5.1.1 <bert@example.com>... User unknown\n",
	         {"mail.local: /var/mail/anna: disk quota exceeded 554 5.3.0 "
	          "<anna@example.com>... unknown mailer error 1",
	          "550 5.1.1 <bert@example.com>... User unknown"}},
	};

	for (size_t i = 0; i < sizeof reports / sizeof *reports; i++)
		check(state, &reports[i]);
}

static void a_paragraph_ends_where_another_recipient_begins(void **state)
{
	static const struct report reports[] = {
	        {"a line that begins with another address",
	         HEAD ANNA BERT,
	         "anna@example.com: the box is full\n"
	         "bert@example.com: has left\n",
	         {"the box is full", "has left"}},
	        {"in brackets and further in",
	         HEAD ANNA BERT,
	         "   <anna@example.com> the box is full\n"
	         "   <bert@example.com> has left\n",
	         {"the box is full", "has left"}},
	        {"somebody whom the fields leave out",
	         HEAD ANNA,
	         "anna@example.com: the box is full\n"
	         "dora@example.com: has left\n",
	         {"the box is full"}},
	        {"a wrapped line that begins with her own",
	         HEAD ANNA,
	         "<anna@example.com>: host mx.example.com[192.0.2.1] said: 550\n"
	         "    <anna@example.com>: has left\n",
	         {"host mx.example.com[192.0.2.1] said: 550 "
	          "<anna@example.com>: has left"}},
	        {"or with what she stands for",
	         HEAD ANNA,
	         "<anna@example.com>: host mx.example.com[192.0.2.1] said: 550\n"
	         "    <anna@old.example.com>: has left\n",
	         {"host mx.example.com[192.0.2.1] said: 550 "
	          "<anna@old.example.com>: has left"}},
	        {"or with our sender",
	         HEAD ANNA,
	         "anna@example.com: refused, because\n"
	         "bounces@example.org: is no sender\n",
	         {"refused, because bounces@example.org: is no sender"}},
	        {"a line that ends with another address",
	         HEAD ANNA BERT,
	         "550 5.1.1 has left: anna@example.com\n"
	         "452 4.2.2 the box is full: bert@example.com\n"
	         "is all that happened\n",
	         {"550 5.1.1 has left: anna@example.com",
	          "452 4.2.2 the box is full: bert@example.com is all that "
	          "happened"}},
	        {"but not with one of her own",
	         HEAD "Original-Recipient: rfc822; anna@old.example.com\n" ANNA,
	         "Mail to <anna@old.example.com> was given up:\n"
	         "550 5.1.1 nobody here is <anna@example.com>\n",
	         {"Mail to <anna@old.example.com> was given up: 550 5.1.1 "
	          "nobody here is <anna@example.com>"}},
	        {"and a reply to one goes before words about the other",
	         HEAD "Original-Recipient: rfc822; anna@old.example.com\n" ANNA,
	         "Mail to <anna@old.example.com> goes on to others.\n\n"
	         "anna@example.com: 550 5.1.1 nobody here\n",
	         {"550 5.1.1 nobody here"}},
	        {"nor with half of it",
	         HEAD "Final-Recipient: rfc822; o'neil@example.com\n" FAILS,
	         "Mail to o'neil@example.com was given up:\n"
	         "550 5.1.1 nobody here is o'neil@example.com\n",
	         {"550 5.1.1 nobody here is o'neil@example.com"}},
	        {"a name with an apostrophe",
	         HEAD "Final-Recipient: rfc822; o'neil@example.com\n" FAILS
	              "\n" BERT,
	         "o'neil@example.com: the box is full\n"
	         "bert@example.com: has left\n",
	         {"the box is full", "has left"}},
	};

	for (size_t i = 0; i < sizeof reports / sizeof *reports; i++)
		check(state, &reports[i]);
}

static void a_list_has_the_reason_right_below_it(void **state)
{
	static const struct report reports[] = {
	        {"all of it",
	         HEAD ANNA BERT CARL,
	         "anna@example.com\nbert@example.com\ncarl@example.com\n"
	         "  the host does not answer\n",
	         {"the host does not answer", "the host does not answer",
	          "the host does not answer"}},
	        {"and nobody above it",
	         HEAD ANNA BERT CARL,
	         "anna@example.com\n  has left\n\n"
	         "bert@example.com\ncarl@example.com\n"
	         "  the host does not answer\n",
	         {"has left", "the host does not answer",
	          "the host does not answer"}},
	        {"nor below it",
	         HEAD ANNA BERT CARL,
	         "anna@example.com\nbert@example.com\n  have left\n"
	         "carl@example.com\n",
	         {"have left", "have left", ""}},
	        {"but only whom a reply names, when it names one",
	         HEAD ANNA BERT,
	         "anna@example.com\nbert@example.com\n"
	         "550 5.1.1 no such user <bert@example.com>\n",
	         {"", "550 5.1.1 no such user <bert@example.com>"}},
	};

	for (size_t i = 0; i < sizeof reports / sizeof *reports; i++)
		check(state, &reports[i]);
}

#define LOST "Your message could not be delivered to "

static void a_reason_may_stand_apart_from_the_address(void **state)
{
	static const struct report reports[] = {
	        {"below the sentence that names it",
	         HEAD ANNA,
	         LOST "anna@example.com.\n\nThe mailbox is full.\n",
	         {LOST "anna@example.com. The mailbox is full."}},
	        {"for each its own",
	         HEAD ANNA BERT,
	         LOST "anna@example.com.\n\nThe mailbox is full.\n\n" LOST
	              "bert@example.com.\n\nThere is no such user.\n",
	         {LOST "anna@example.com. The mailbox is full.",
	          LOST "bert@example.com. There is no such user."}},
	        {"of whom nothing is said nothing is taken",
	         HEAD ANNA BERT,
	         LOST "anna@example.com.\n\n" LOST
	              "bert@example.com.\n\nThere is no such user.\n",
	         {LOST "anna@example.com.",
	          LOST "bert@example.com. There is no such user."}},
	        {"also of whom the report leaves out",
	         HEAD ANNA,
	         LOST "anna@example.com.\n\n" LOST
	              "dora@example.com.\n\nThere is no such user.\n",
	         {LOST "anna@example.com."}},
	        {"anywhere, when the report is about one alone",
	         HEAD ANNA,
	         "This is the mail system.\n\nYour message was not "
	         "delivered.\n\nThe mailbox of the recipient is full.\n\n"
	         "For further assistance, write to postmaster.\n",
	         {"The mailbox of the recipient is full."}},
	        {"but not when it is about two",
	         HEAD ANNA BERT,
	         "Your message was not delivered.\n\nThe mailbox of the "
	         "recipient is full.\n",
	         {"", ""}},
	        {"nor what is said of the sender",
	         HEAD ANNA,
	         LOST "anna@example.com.\n\nThe sender does not exist.\n",
	         {LOST "anna@example.com."}},
	        {"nor what may be or not",
	         HEAD ANNA,
	         LOST "anna@example.com.\n\nThe mailbox is full, or there "
	              "is no such user.\n",
	         {LOST "anna@example.com."}},
	        {"a text of any kind is no reason",
	         HEAD ANNA,
	         "This is the mail system at host mx.example.org.\n\n"
	         "For further assistance, write to postmaster.\n",
	         {""}},
	};

	for (size_t i = 0; i < sizeof reports / sizeof *reports; i++)
		check(state, &reports[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_reply_of_a_transcript_is_of_whom_it_is_for),
	        cmocka_unit_test(
	                what_sendmail_makes_of_a_code_is_not_what_was_said),
	        cmocka_unit_test(
	                a_paragraph_ends_where_another_recipient_begins),
	        cmocka_unit_test(a_list_has_the_reason_right_below_it),
	        cmocka_unit_test(a_reason_may_stand_apart_from_the_address),
	};

	return cmocka_run_group_tests(tests, start_mail, end_mail);
}
