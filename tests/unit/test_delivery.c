/* SPDX-License-Identifier: ISC */
#include "base/text.h"
#include "mail.h"

#define HEAD  "Reporting-MTA: dns; mx.example.net\n\n"
#define ANNA  "Final-Recipient: rfc822; anna@example.com\n"
#define BERT  "Final-Recipient: rfc822; bert@example.com\n"
#define FAILS "Action: failed\nStatus: 5.1.1\n"

static void check_text(const char *what, const char *got, const char *wanted)
{
	if (strcmp(got, wanted) != 0)
		fail_msg("%s: \"%s\", wanted \"%s\"", what, got, wanted);
}

static const struct nx_report *report_of(void **state, const char *explanation,
                                         const char *fields)
{
	const char *mail = delivery_mail(*state, "Returned mail", explanation,
	                                 fields, RETURNED);
	return read_mail(*state, mail);
}

static void every_field_is_read(void **state)
{
	const struct nx_report *report = report_of(
	        state, "",
	        "Original-Envelope-Id: QQ314159\n"
	        "Reporting-MTA: dns; mx.example.net\n"
	        "DSN-Gateway: dns; gw.example.net\n"
	        "Received-From-MTA: dns; out.example.org\n"
	        "Arrival-Date: Sun, 22 Nov 2026 10:00:00 +0000\n\n"
	        "Original-Recipient: rfc822;anna@example.com\n"
	        "Final-Recipient: RFC822; anna.long@mail.example.com\n"
	        "Action: failed (no such user)\n"
	        "Status: 5.0.0 (permanent failure)\n"
	        "Remote-MTA: dns; mail.example.com. (192.0.2.1, mail)\n"
	        "Diagnostic-Code: smtp; 550 5.1.1 <anna.long@mail.example.com>"
	        "\n    no such user\n"
	        "Last-Attempt-Date: Sun, 22 Nov 2026 10:00:05 +0000\n"
	        "Final-Log-ID: L1\n"
	        "Will-Retry-Until: Sun, 22 Nov 2026 11:00:00 +0000\n");
	assert_int_equal(report->kind, NX_KIND_DELIVERY_REPORT);
	check_text("format", report->format, "rfc3464");
	check_text("envid", report->original_envelope_id, "QQ314159");
	check_text("reporting", report->reporting_mta, "mx.example.net");
	check_text("gateway", report->dsn_gateway, "gw.example.net");
	check_text("from mta", report->received_from_mta, "out.example.org");
	assert_int_equal(report->arrival_date, 1795341600);
	assert_int_equal(report->recipients, 1);

	const struct nx_recipient *anna = report->recipient;
	check_text("address", anna->address, "anna@example.com");
	check_text("final", anna->final_recipient,
	           "anna.long@mail.example.com");
	assert_int_equal(anna->action, NX_ACTION_FAILED);
	check_text("remote", anna->remote_mta, "mail.example.com");
	check_text("type", anna->diagnostic_type, "smtp");
	check_text("diagnostic", anna->diagnostic,
	           "550 5.1.1 <anna.long@mail.example.com> no such user");
	assert_int_equal(anna->reply.code, 550);
	assert_int_equal(anna->status.subject, 1);
	assert_int_equal(anna->status_field.subject, 0);
	assert_int_equal(anna->last_attempt_date, 1795341605);
	check_text("log", anna->final_log_id, "L1");
	assert_int_equal(anna->will_retry_until, 1795345200);
}

static void the_returned_headers_are_decoded(void **state)
{
	const struct nx_report *report = report_of(state, "", HEAD ANNA FAILS);
	check_text("id", report->original.message_id, "<n1@news.example.org>");
	check_text("subject", report->original.subject, "Olá");
}

/* Fields, and the recipients that they name, in order. */
static void groups_are_told_apart_by_their_fields(void **state)
{
	static const struct {
		const char *name;
		const char *fields;
		const char *address[3];
	} cases[] = {
	        {"well formed",
	         HEAD ANNA FAILS "\n" BERT FAILS,
	         {"anna@example.com", "bert@example.com"}},
	        {"no blank line between",
	         HEAD ANNA FAILS BERT FAILS,
	         {"anna@example.com", "bert@example.com"}},
	        {"no blank line behind the first group",
	         "Reporting-MTA: dns; mx.example.net\n" ANNA FAILS,
	         {"anna@example.com"}},
	        {"no first group", ANNA FAILS, {"anna@example.com"}},
	        {"blank lines inside",
	         HEAD ANNA "\nAction: failed\n\n\n"
	                   "Status: 5.1.1\n\n" BERT
	                   "\nAction: failed\nStatus: 5.2.2\n",
	         {"anna@example.com", "bert@example.com"}},
	        {"action first",
	         HEAD "Action: failed\n" ANNA "Status: 5.1.1\n\n"
	              "Action: failed\n" BERT "Status: 5.1.1\n",
	         {"anna@example.com", "bert@example.com"}},
	        {"original behind final",
	         HEAD ANNA "Original-Recipient: rfc822;a@example.com\n" FAILS
	                   "\n" BERT
	                   "Original-Recipient: rfc822;b@example.com\n" FAILS,
	         {"a@example.com", "b@example.com"}},
	        {"second original starts a recipient",
	         HEAD "Original-Recipient: rfc822;a@example.com\n" FAILS
	              "Original-Recipient: rfc822;b@example.com\n" FAILS,
	         {"a@example.com", "b@example.com"}},
	        {"message fields behind",
	         ANNA FAILS "\n" HEAD,
	         {"anna@example.com"}},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct nx_report *report =
		        report_of(state, "", cases[i].fields);
		size_t wanted = cases[i].address[1] != NULL ? 2 : 1;
		if (report->recipients != wanted)
			fail_msg("%s: %zu recipients", cases[i].name,
			         report->recipients);
		for (size_t j = 0; j < wanted; j++) {
			const struct nx_recipient *recipient =
			        &report->recipient[j];
			check_text(cases[i].name, recipient->address,
			           cases[i].address[j]);
			assert_int_equal(recipient->action, NX_ACTION_FAILED);
			assert_int_equal(recipient->status.class, 5);
		}
	}
}

static void recipients_in_every_spelling(void **state)
{
	static const struct {
		const char *fields, *address;
	} cases[] = {
	        {"Final-Recipient: <anna@example.com>\n", "anna@example.com"},
	        {"Final-Recipient: anna@example.com\n", "anna@example.com"},
	        {"Final-recipient: rfc822;anna@example.com\n",
	         "anna@example.com"},
	        {"Final-Recipient: rfc822;<anna@example.com>\n",
	         "anna@example.com"},
	        {"Final-Recipient: LOCAL;<anna>\n"
	         "Original-Recipient: rfc822;<anna@example.com>\n",
	         "anna@example.com"},
	        {"Final-Recipient: rfc822;|/usr/bin/filter -x a@b.example\n"
	         "X-Actual-Recipient: rfc822; anna@example.com\n",
	         "anna@example.com"},
	        {"Final-Recipient: utf-8; \\x{6D4B}@example.com\n",
	         "测@example.com"},
	        {"Final-Recipient: rfc822;\n"
	         "Diagnostic-Code: smtp; 550 <anna@example.com> unknown\n",
	         "anna@example.com"},
	        /* the sender is refused, and is one of our addresses */
	        {"Final-Recipient: rfc822; carl\n"
	         "Diagnostic-Code: smtp; 550 <bounces@example.org> denied\n",
	         "carl@example.com"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *fields = talloc_asprintf(*state, HEAD "%s" FAILS,
		                               cases[i].fields);
		char *mail = delivery_mail(*state, "Returned mail", "", fields,
		                           "To: carl@example.com\n" RETURNED);
		const struct nx_report *report = read_mail(*state, mail);
		assert_int_equal(report->recipients, 1);
		check_text(cases[i].fields, report->recipient->address,
		           cases[i].address);
	}
}

static void an_address_is_never_guessed_among_several(void **state)
{
	const struct nx_report *report = read_mail(
	        *state,
	        delivery_mail(*state, "Returned mail",
	                      "<a@example.com>: no\n<b@example.com>: no\n",
	                      HEAD "Final-Recipient: rfc822; local\n" FAILS,
	                      "To: a@example.com, b@example.com\n" RETURNED));
	assert_int_equal(report->recipients, 1);
	check_text("address", report->recipient->address, "");
}

static void actions_in_every_spelling(void **state)
{
	static const struct {
		const char *subject, *explanation, *fields;
		enum nx_action action;
	} cases[] = {
	        {"", "", "Action: failure\nStatus: 5.0.0\n", NX_ACTION_FAILED},
	        {"", "", "Action: Failed (gone)\n", NX_ACTION_FAILED},
	        {"", "will be retried", "Action: expired\nStatus: 4.4.7\n",
	         NX_ACTION_DELAYED},
	        {"", "was not able to be delivered",
	         "Action: expired\nStatus:\n", NX_ACTION_FAILED},
	        {"", "", "Action: expired\nStatus: 5.4.7\n", NX_ACTION_FAILED},
	        {"", "", "Action: deliverable\nStatus: 2.1.5\n",
	         NX_ACTION_DELIVERED},
	        {"", "", "Action: relayed\nStatus: 2.0.0\n", NX_ACTION_RELAYED},
	        {"", "", "Action: expanded\nStatus: 2.0.0\n",
	         NX_ACTION_EXPANDED},
	        {"", "will be retried", "Action: failed\nStatus: 4.4.1\n",
	         NX_ACTION_FAILED},
	        /* without the field */
	        {"", "", "Status: 5.1.1\n", NX_ACTION_FAILED},
	        {"", "", "Status: 2.0.0\n", NX_ACTION_DELIVERED},
	        {"Delayed Mail (still being retried)", "", "Status: 4.4.1\n",
	         NX_ACTION_DELAYED},
	        {"", "We will keep trying for five days.", "Status: 4.4.1\n",
	         NX_ACTION_DELAYED},
	        {"", "It could not be delivered.", "Status: 4.4.7\n",
	         NX_ACTION_FAILED},
	        {"", "Hello", "Status: 4.4.7\n", NX_ACTION_NONE},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *fields = talloc_asprintf(*state, HEAD ANNA "%s",
		                               cases[i].fields);
		const struct nx_report *report = read_mail(
		        *state,
		        delivery_mail(*state, cases[i].subject,
		                      cases[i].explanation, fields, ""));
		assert_int_equal(report->recipients, 1);
		if (report->recipient->action != cases[i].action)
			fail_msg("case %zu: %s", i,
			         nx_action_name(report->recipient->action));
	}
}

static void status_in_every_spelling(void **state)
{
	static const struct {
		const char *fields, *status;
		int reply;
	} cases[] = {
	        {"Status: 5.1.1 User unknown\n", "5.1.1", 0},
	        {"Status: 5.0\n", "5.0.0", 0},
	        {"Status: 5.7.1.0\n", "5.7.1", 0},
	        {"Status: 0.0.0\n", "", 0},
	        {"Status: 553 Exceeded maximum size\n", "", 553},
	        /* the reply is more precise */
	        {"Status: 5.0.0\nDiagnostic-Code: smtp; 550 5.2.2 full\n",
	         "5.2.2", 550},
	        {"Status: 5.1.0\nDiagnostic-Code: smtp; 550 5.1.1 unknown\n",
	         "5.1.1", 550},
	        /* or says something else */
	        {"Status: 5.0.0\nDiagnostic-Code: smtp; 450 4.2.2 full\n",
	         "5.0.0", 450},
	        {"Status: 5.7.1\nDiagnostic-Code: smtp; 550 5.0.0 no\n",
	         "5.7.1", 550},
	        {"Diagnostic-Code: 550 5.1.1 unknown; bye\n", "5.1.1", 550},
	        /* a number of sysexits.h is not a reply */
	        {"Status: 4.0.0\nDiagnostic-Code: X-Unix; 450\n", "4.0.0", 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *fields =
		        talloc_asprintf(*state, HEAD ANNA "Action: failed\n%s",
		                        cases[i].fields);
		const struct nx_report *report = report_of(state, "", fields);
		char buffer[NX_STATUS_SIZE];
		check_text(cases[i].fields,
		           nx_status_text(report->recipient->status, buffer),
		           cases[i].status);
		assert_int_equal(report->recipient->reply.code, cases[i].reply);
	}
}

static void the_human_part_speaks_when_the_code_is_silent(void **state)
{
	static const struct {
		const char *name, *explanation, *fields, *diagnostic, *mta;
	} cases[] = {
	        {"a paragraph of its own",
	         "Sorry.\n\n<bert@example.com>: host mx.example.com said: no\n"
	         "\n<anna@example.com>: host mail.example.com[192.0.2.1] said:\n"
	         "    550 5.1.1 who is that (in reply to RCPT TO command)\n"
	         "<carl@example.com>: fine\n",
	         "Diagnostic-Code: smtp;\n",
	         "host mail.example.com[192.0.2.1] said: 550 5.1.1 who is that "
	         "(in reply to RCPT TO command)",
	         "mail.example.com"},
	        {"behind a bare code", "<anna@example.com>: mailbox is full\n",
	         "Diagnostic-Code: smtp; 554\n", "554 mailbox is full", ""},
	        {"instead of an exit number",
	         "<anna@example.com>\n    (reason: Data format error)\n",
	         "Diagnostic-Code: X-Unix; 65\n", "(reason: Data format error)",
	         ""},
	        {"the transcript, as far as it is about her",
	         "... while talking to mail.example.com.:\n"
	         ">>> RCPT To:<anna@example.com>\n"
	         "<<< 550-5.1.1 who\n<<< 550 5.1.1 is that\n"
	         ">>> RCPT To:<bert@example.com>\n<<< 552 5.2.2 full\n"
	         ">>> DATA\n<<< 503 5.0.0 Need RCPT\n",
	         "", "550-5.1.1 who 550 5.1.1 is that", "mail.example.com"},
	        {"a delivery agent, in front of the codes",
	         "   ----- Transcript of session follows -----\n"
	         "mail.local: unknown user: anna\n"
	         "554 <anna@example.com>... Service unavailable\n",
	         "Diagnostic-Code: X-Unix; 69\n",
	         "mail.local: unknown user: anna 554 <anna@example.com>... "
	         "Service unavailable",
	         ""},
	        {"what everybody was told",
	         "... while talking to mail.example.com.:\n"
	         ">>> DATA\n<<< 554 5.7.1 spam\n",
	         "", "554 5.7.1 spam", "mail.example.com"},
	        {"words of its own stay", "<anna@example.com>: other words\n",
	         "Diagnostic-Code: smtp; 550 unknown user\n",
	         "550 unknown user", ""},
	        {"headers of the mail are no words",
	         "To: anna@example.com\nSubject: mailbox is full\n", "", "",
	         ""},
	        {"another address is not she",
	         "<susanna@example.com>: gone\n"
	         "<anna@example.com.example>: gone\n",
	         "", "", ""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *fields = talloc_asprintf(*state, HEAD ANNA FAILS "%s",
		                               cases[i].fields);
		const struct nx_report *report =
		        report_of(state, cases[i].explanation, fields);
		check_text(cases[i].name, report->recipient->diagnostic,
		           cases[i].diagnostic);
		check_text(cases[i].name, report->recipient->remote_mta,
		           cases[i].mta);
	}
}

static const char *part_of_type(TALLOC_CTX *ctx, const char *report_type,
                                const char *type, const char *text)
{
	return talloc_asprintf(
	        ctx,
	        "From: MAILER-DAEMON@mx.example.net\nSubject: x\n"
	        "Content-Type: multipart/%s; boundary=b1\n\n"
	        "--b1\nContent-Type: text/plain\n\nhello\n"
	        "--b1\nContent-Type: %s\n\n%s\n--b1--\n",
	        report_type, type, text);
}

static void the_part_is_known_under_other_names(void **state)
{
	static const struct {
		const char *report, *type, *format;
	} cases[] = {
	        {"mixed", "message/delivery-status", "rfc3464"},
	        {"report; report-type=delivery-status", "text/plain",
	         "rfc3464"},
	        {"report; report-type=delivery-status",
	         "application/octet-stream", "rfc3464"},
	        {"report", "message/xdelivery-status", "rfc3464"},
	        {"report; report-type=global-delivery-status",
	         "message/global-delivery-status", "rfc6533"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct nx_report *report = read_mail(
		        *state, part_of_type(*state, cases[i].report,
		                             cases[i].type, HEAD ANNA FAILS));
		assert_int_equal(report->kind, NX_KIND_DELIVERY_REPORT);
		check_text(cases[i].type, report->format, cases[i].format);
		check_text(cases[i].type, report->recipient->address,
		           "anna@example.com");
	}
}

/* A gateway has turned the report into one text. */
static void a_flattened_report_of_the_mail_system_is_read(void **state)
{
	static const char text[] =
	        "Subject: Returned mail\n\n--b1\n\nSorry.\n--b1\n"
	        "Content-Type: message/delivery-status\n\n" HEAD ANNA FAILS
	        "\n--b1\nContent-Type: message/rfc822\n\n"
	        "Final-Recipient: rfc822; nobody@example.com\n";
	const struct nx_report *report = read_mail(
	        *state,
	        talloc_asprintf(*state, "From: <MAILER-DAEMON>\n%s", text));
	assert_int_equal(report->recipients, 1);
	check_text("address", report->recipient->address, "anna@example.com");
	report = read_mail(
	        *state,
	        talloc_asprintf(*state, "From: a@example.com\n%s", text));
	assert_int_equal(report->kind, NX_KIND_OTHER);
}

static void an_empty_report_is_about_whom_the_mail_was_for(void **state)
{
	const struct nx_report *report = read_mail(
	        *state,
	        delivery_mail(*state, "Delivery Status Notification (Failure)",
	                      "Message not delivered", "\n",
	                      "To: anna@example.com\n" RETURNED));
	assert_int_equal(report->recipients, 1);
	check_text("address", report->recipient->address, "anna@example.com");
	assert_int_equal(report->recipient->action, NX_ACTION_FAILED);
}

static void a_returned_report_is_no_evidence(void **state)
{
	char *inner = delivery_mail(*state, "x", "", HEAD ANNA FAILS, "");
	const struct nx_report *report = read_mail(
	        *state,
	        talloc_asprintf(*state,
	                        "From: a@example.com\nSubject: look\n"
	                        "Content-Type: multipart/mixed; boundary=o\n\n"
	                        "--o\nContent-Type: text/plain\n\nfyi\n"
	                        "--o\nContent-Type: message/rfc822\n\n%s"
	                        "--o--\n",
	                        inner));
	assert_int_equal(report->kind, NX_KIND_OTHER);
	assert_int_equal(report->recipients, 0);
}

static void a_report_without_recipients_is_none(void **state)
{
	const struct nx_report *report = report_of(state, "hello", HEAD);
	assert_int_equal(report->kind, NX_KIND_OTHER);
	assert_int_equal(report->recipients, 0);
}

static const struct nx_report *report_on(void **state, int recipients,
                                         const char *type)
{
	char *words = talloc_array(*state, char, 801);
	memset(words, 'w', 800);
	words[800] = '\0';
	char *fields = talloc_strdup(*state, HEAD);
	for (int i = 0; i < recipients; i++)
		fields = talloc_asprintf_append_buffer(
		        fields,
		        "Final-Recipient: rfc822; u%d@example.com\n" FAILS
		        "Diagnostic-Code: smtp; 550 5.1.1 %s %d\n\n",
		        i, words, i);
	return read_mail(
	        *state,
	        talloc_asprintf(*state,
	                        "From: MAILER-DAEMON@mx.example.net\n"
	                        "Content-Type: multipart/report; boundary=b1;\n"
	                        " report-type=delivery-status\n\n"
	                        "--b1\n\nwords\n--b1\nContent-Type: %s\n\n%s\n"
	                        "--b1--\n",
	                        type, fields));
}

/* Whatever the part for machines is called, all of it is read: 850 KB. */
static void a_thousand_recipients_are_read(void **state)
{
	static const char *const types[] = {"message/delivery-status",
	                                    "text/plain",
	                                    "application/octet-stream"};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		const struct nx_report *report =
		        report_on(state, 1000, types[i]);
		assert_int_equal(report->recipients, 1000);
		const struct nx_recipient *last = &report->recipient[999];
		check_text("last", last->address, "u999@example.com");
		assert_true(nx_text_ends(last->diagnostic, "w 999"));
		assert_false(report->truncated);
	}
}

static void of_more_recipients_it_is_known(void **state)
{
	const struct nx_report *report =
	        report_on(state, 1001, "message/delivery-status");
	assert_int_equal(report->recipients, 1000);
	assert_true(report->truncated);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_field_is_read),
	        cmocka_unit_test(the_returned_headers_are_decoded),
	        cmocka_unit_test(groups_are_told_apart_by_their_fields),
	        cmocka_unit_test(recipients_in_every_spelling),
	        cmocka_unit_test(an_address_is_never_guessed_among_several),
	        cmocka_unit_test(actions_in_every_spelling),
	        cmocka_unit_test(status_in_every_spelling),
	        cmocka_unit_test(the_human_part_speaks_when_the_code_is_silent),
	        cmocka_unit_test(the_part_is_known_under_other_names),
	        cmocka_unit_test(a_flattened_report_of_the_mail_system_is_read),
	        cmocka_unit_test(
	                an_empty_report_is_about_whom_the_mail_was_for),
	        cmocka_unit_test(a_returned_report_is_no_evidence),
	        cmocka_unit_test(a_report_without_recipients_is_none),
	        cmocka_unit_test(a_thousand_recipients_are_read),
	        cmocka_unit_test(of_more_recipients_it_is_known),
	};
	return cmocka_run_group_tests(tests, start_mail, end_mail);
}
