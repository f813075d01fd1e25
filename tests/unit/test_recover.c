/* SPDX-License-Identifier: ISC */
#include "mail.h"

/*
 * The address that a report means but does not give where it should: by
 * evidence, or none.
 */
#define HEAD   "Reporting-MTA: dns; mx.example.com\n\n"
#define FAILS  "Action: failed\nStatus: 5.1.1\n"
#define TO     "To: anna@example.com\n"
#define OURS   "From: News <news@example.org>\nReturn-Path: <b@example.org>\n"
#define HOP(a) "Received: from web by mx with ESMTP id 1\n\tfor <" a ">; now\n"
#define PAST   "Received: from mx by mx.example.com\n\tfor <x@example.com>; now\n"

struct report {
	const char *name;
	const char *fields; /* of the recipient */
	const char *explanation;
	const char *returned;
	const char *address; /* wanted */
};

static void check(void **state, const struct report *wanted)
{
	const struct nx_report *report = read_mail(
	        *state,
	        delivery_mail(*state, "Returned mail", wanted->explanation,
	                      talloc_asprintf(*state, HEAD "%s" FAILS,
	                                      wanted->fields),
	                      wanted->returned));
	const char *got =
	        report->recipients ? report->recipient->address : "nobody";

	if (strcmp(got, wanted->address) != 0)
		fail_msg("%s: \"%s\", wanted \"%s\"", wanted->name, got,
		         wanted->address);
}

static void our_own_address_yields_to_what_the_text_names(void **state)
{
	static const struct report reports[] = {
	        {"the reply names him",
	         "Final-Recipient: rfc822; bounces@example.org\n"
	         "Diagnostic-Code: smtp; 550 <anna@example.com> has left\n",
	         "", OURS, "anna@example.com"},
	        {"the text does",
	         "Final-Recipient: rfc822; bounces@example.org\n",
	         "<anna@example.com>: has left\n", OURS, "anna@example.com"},
	        {"both name only us",
	         "Final-Recipient: rfc822; bounces@example.org\n"
	         "Diagnostic-Code: smtp; 550 <bounces@example.org> refused\n",
	         "<bounces@example.org>: refused\n", OURS,
	         "bounces@example.org"},
	        {"several are named",
	         "Final-Recipient: rfc822; bounces@example.org\n",
	         "<anna@example.com>: no\n<bert@example.com>: no\n", OURS,
	         "bounces@example.org"},
	};

	for (size_t i = 0; i < sizeof reports / sizeof *reports; i++)
		check(state, &reports[i]);
}

static void a_local_part_alone_is_completed_from_evidence(void **state)
{
	static const struct report reports[] = {
	        {"the returned message is to that name",
	         "Final-Recipient: rfc822; anna\n", "", TO OURS,
	         "anna@example.com"},
	        {"with a tag of its own", "Final-Recipient: rfc822; anna\n", "",
	         "To: anna+news@example.com\n" OURS, "anna+news@example.com"},
	        {"the text names him", "Final-Recipient: rfc822; anna\n",
	         "No anna@example.com\nhere.\n", OURS, "anna@example.com"},
	        {"and breaks off", "Final-Recipient: rfc822; anna\n",
	         "No anna@mail.harbour\nexample.com here.\n", OURS, ""},
	        {"to another name", "Final-Recipient: rfc822; bert\n", "",
	         TO OURS, ""},
	        {"to one of several", "Final-Recipient: rfc822; bert\n", "",
	         "To: anna@example.com, Bert <bert@example.net>\n" OURS,
	         "bert@example.net"},
	        {"to two of that name", "Final-Recipient: rfc822; anna\n", "",
	         "To: anna@example.com, anna@example.net\n" OURS, ""},
	        {"to a name that begins so", "Final-Recipient: rfc822; ann\n",
	         "", TO OURS, ""},
	        {"the text has it in full", "Final-Recipient: rfc822; anna\n",
	         "It was for anna@mail.example.com, who has left.\n", OURS,
	         "anna@mail.example.com"},
	        {"the text has two", "Final-Recipient: rfc822; anna\n",
	         "For anna@example.com or anna@example.net.\n", OURS, ""},
	        {"the name is ours", "Final-Recipient: rfc822; news\n",
	         "From news@example.org\n", OURS, ""},
	};

	for (size_t i = 0; i < sizeof reports / sizeof *reports; i++)
		check(state, &reports[i]);
}

static void a_path_and_a_pipe_are_nobodys_address(void **state)
{
	static const struct report reports[] = {
	        {"a mailbox", "Final-Recipient: rfc822; /var/mail/anna\n", "",
	         TO OURS, "anna@example.com"},
	        {"a folder in quotes",
	         "Final-Recipient: rfc822; \"/srv/mail/anna/Maildir/\"\n", "",
	         TO OURS, "anna@example.com"},
	        {"a pipe with an address in it",
	         "Final-Recipient: rfc822; |/bin/filter -f root@example.com\n",
	         "", TO OURS, "anna@example.com"},
	        {"the original goes first",
	         "Original-Recipient: rfc822; bert@example.com\n"
	         "Final-Recipient: rfc822; /var/mail/anna\n",
	         "", TO OURS, "bert@example.com"},
	        {"the text goes before what is returned",
	         "Final-Recipient: rfc822; /var/mail/bert\n",
	         "<bert@example.com>: has left\n", TO OURS, "bert@example.com"},
	};

	for (size_t i = 0; i < sizeof reports / sizeof *reports; i++)
		check(state, &reports[i]);
}

static void xtext_is_read_where_something_agrees(void **state)
{
	static const struct report reports[] = {
	        {"with the returned message",
	         "Original-Recipient: rfc822; anna+2Bnews@example.com\n", "",
	         "To: anna+news@example.com\n" OURS, "anna+news@example.com"},
	        {"with the final recipient",
	         "Original-Recipient: rfc822; anna+3Dnews@example.com\n"
	         "Final-Recipient: rfc822; anna=news@example.com\n",
	         "", OURS, "anna=news@example.com"},
	        {"with the text",
	         "Final-Recipient: rfc822; anna+2Bnews@example.com\n",
	         "For anna+news@example.com: has left\n", OURS,
	         "anna+news@example.com"},
	        {"a tag that the returned message has",
	         "Original-Recipient: rfc822; anna+2Bnews@example.com\n", "",
	         "To: anna+2Bnews@example.com\n" OURS,
	         "anna+2Bnews@example.com"},
	        {"nothing agrees",
	         "Original-Recipient: rfc822; anna+2Bnews@example.com\n", "",
	         TO OURS, "anna+2Bnews@example.com"},
	        {"small letters are none",
	         "Original-Recipient: rfc822; anna+2bnews@example.com\n", "",
	         "To: anna+news@example.com\n" OURS, "anna+2bnews@example.com"},
	        {"no address as it stands",
	         "Original-Recipient: rfc822; anna+40example.com\n"
	         "Final-Recipient: rfc822; /var/mail/anna\n",
	         "", OURS, "anna@example.com"},
	};

	for (size_t i = 0; i < sizeof reports / sizeof *reports; i++)
		check(state, &reports[i]);
}

static void the_returned_message_tells_of_one_recipient(void **state)
{
	static const struct report reports[] = {
	        {"in Cc", "Final-Recipient: rfc822;\n", "",
	         "To: undisclosed-recipients:;\nCc: anna@example.com\n" OURS,
	         "anna@example.com"},
	        {"in both, the same", "Final-Recipient: rfc822;\n", "",
	         TO "Cc: Anna <anna@example.com>\n" OURS, "anna@example.com"},
	        {"in both, different", "Final-Recipient: rfc822;\n", "",
	         TO "Cc: bert@example.com\n" OURS, ""},
	        {"the oldest hop agrees", "Final-Recipient: rfc822;\n", "",
	         PAST HOP("anna@example.com") TO OURS, "anna@example.com"},
	        {"the oldest hop tells which", "Final-Recipient: rfc822;\n", "",
	         HOP("bert@example.com") TO "Cc: bert@example.com\n" OURS,
	         "bert@example.com"},
	        {"the oldest hop tells of somebody else",
	         "Final-Recipient: rfc822;\n", "",
	         HOP("bert@example.com") TO OURS, ""},
	        {"only the oldest hop tells", "Final-Recipient: rfc822;\n", "",
	         HOP("anna@example.com") OURS, "anna@example.com"},
	        {"our own", "Final-Recipient: rfc822;\n", "",
	         "To: news@example.org\n" OURS, ""},
	        {"at home with the sender", "Final-Recipient: rfc822;\n", "",
	         "To: readers@example.org\n" OURS, ""},
	        {"a list", "Final-Recipient: rfc822;\n", "",
	         "To: talk@example.net\n"
	         "List-Post: <mailto:talk@example.net>\n" OURS,
	         ""},
	        {"it is asked only by who has no other",
	         "Final-Recipient: rfc822; bert@example.com\n", "", TO OURS,
	         "bert@example.com"},
	};

	for (size_t i = 0; i < sizeof reports / sizeof *reports; i++)
		check(state, &reports[i]);
}

/* A text, and the mail that is returned in it. */
static void a_text_that_names_nobody_is_about_whom_it_returns(void **state)
{
	static const struct {
		const char *name, *from, *subject, *body, *address;
	} mails[] = {
	        {"it failed", "MAILER-DAEMON@mx.example.net",
	         "Undelivered mail",
	         "Your message could not be delivered: 550 user unknown.\n\n"
	         "----- Original message -----\n" OURS TO "\nHello\n",
	         "anna@example.com"},
	        {"to several", "MAILER-DAEMON@mx.example.net",
	         "Undelivered mail",
	         "Your message could not be delivered: 550 user unknown.\n\n"
	         "----- Original message -----\n" OURS
	         "To: anna@example.com, bert@example.com\n\nHello\n",
	         "nobody"},
	        {"it names somebody whom it does not accuse",
	         "MAILER-DAEMON@mx.example.net", "Undelivered mail",
	         "Your message could not be delivered.\n\n"
	         "There are carl@example.com and dora@example.com.\n\n"
	         "----- Original message -----\n" OURS TO "\nHello\n",
	         "nobody"},
	        {"it names whom to ask", "MAILER-DAEMON@mx.example.net",
	         "Undelivered mail",
	         "Your message could not be delivered: 550 user unknown.\n\n"
	         "Ask carl@example.com if you have questions.\n\n"
	         "----- Original message -----\n" OURS TO "\nHello\n",
	         "anna@example.com"},
	        {"somebody answers", "Bert <bert@example.com>",
	         "Your message could not be delivered",
	         "I was away.\n\n"
	         "----- Original message -----\n" OURS TO "\nHello\n",
	         "nobody"},
	};
	const struct nx_formats *formats = shipped_formats(*state);

	for (size_t i = 0; i < sizeof mails / sizeof *mails; i++) {
		const struct nx_report *report = read_by_formats(
		        *state, formats,
		        talloc_asprintf(*state,
		                        "From: %s\nTo: bounces@example.org\n"
		                        "Subject: %s\n\n%s",
		                        mails[i].from, mails[i].subject,
		                        mails[i].body));
		const char *got = report->recipients
		                          ? report->recipient->address
		                          : "nobody";

		if (strcmp(got, mails[i].address) != 0)
			fail_msg("%s: \"%s\" by \"%s\"", mails[i].name, got,
			         report->format);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(our_own_address_yields_to_what_the_text_names),
	        cmocka_unit_test(a_local_part_alone_is_completed_from_evidence),
	        cmocka_unit_test(a_path_and_a_pipe_are_nobodys_address),
	        cmocka_unit_test(xtext_is_read_where_something_agrees),
	        cmocka_unit_test(the_returned_message_tells_of_one_recipient),
	        cmocka_unit_test(
	                a_text_that_names_nobody_is_about_whom_it_returns),
	};

	return cmocka_run_group_tests(tests, start_mail, end_mail);
}
