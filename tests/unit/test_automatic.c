/* SPDX-License-Identifier: ISC */
#include "mail.h"

static const struct nx_report *report_of(void **state, const char *headers)
{
	return read_mail(*state,
	                 talloc_asprintf(*state, "%s\nHello\n", headers));
}

static void replies_of_programs_are_known(void **state)
{
	static const struct {
		const char *headers, *format;
	} cases[] = {
	        {"From: a@example.com\nAuto-Submitted: auto-replied\n",
	         "rfc3834"},
	        {"From: a@example.com\n"
	         "Auto-Submitted: auto-replied (vacation)\n",
	         "rfc3834"},
	        {"From: a@example.com\nAuto-Submitted: auto-notified; x=y\n",
	         "rfc3834"},
	        {"From: a@example.com\nAuto-Submitted: auto-generated\n"
	         "X-Auto-Response-Suppress: All\n",
	         "rfc3834"},
	        {"From: a@example.com\nX-Autoreply: yes\n", "vacation"},
	        {"From: a@example.com\nPrecedence: auto_reply\n", "vacation"},
	        {"From: a@example.com\nSubject: Automatic reply: news\n",
	         "vacation"},
	        {"From: a@example.com\nSubject: [Automatyczna odpowied"
	         "\xc5\xba] x\n",
	         "vacation"},
	        {"From: a@example.com\nSubject: =?UTF-8?B?6Ieq5YuV5b+c562U?=\n",
	         "vacation"},
	        {"From: a@example.com\n"
	         "Content-Type: multipart/report; boundary=b;\n"
	         " report-type=disposition-notification\n",
	         "rfc8098"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct nx_report *report =
		        report_of(state, cases[i].headers);
		if (report->kind != NX_KIND_AUTO_REPLY ||
		    strcmp(report->format, cases[i].format) != 0)
			fail_msg("%s: %s %s", cases[i].headers,
			         nx_kind_name(report->kind), report->format);
		assert_int_equal(report->recipients, 0);
	}
}

static void other_mail_is_left_alone(void **state)
{
	static const char *const cases[] = {
	        "From: a@example.com\nSubject: Hello\n",
	        "From: a@example.com\nAuto-Submitted: no\n",
	        "From: a@example.com\nAuto-Submitted: auto-generated\n",
	        "From: a@example.com\nPrecedence: bulk\n",
	        "From: a@example.com\nSubject: My vacation in Rome\n",
	        /* the mail system: perhaps a bounce that is not understood */
	        "From: MAILER-DAEMON@example.com\n"
	        "Auto-Submitted: auto-replied\nSubject: failure notice\n",
	        "From: Postmaster <postmaster@example.com>\n"
	        "Auto-Submitted: auto-replied\n",
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct nx_report *report = report_of(state, cases[i]);
		if (report->kind != NX_KIND_OTHER)
			fail_msg("%s: %s", cases[i],
			         nx_kind_name(report->kind));
	}
}

static void a_null_sender_with_the_subject_of_a_bounce_is_no_reply(void **state)
{
	static const char mail[] = "From: Mail Office <office@example.com>\n"
	                           "Auto-Submitted: auto-replied\n"
	                           "Subject: Undeliverable: news\n\nSorry.\n";
	const struct nx_envelope envelope = {
	        .sender = "",
	        .sender_known = true,
	        .recipient = "",
	        .original_recipient = "",
	        .queue_id = "",
	};
	const struct nx_report *report = nx_report_read(
	        *state, NULL, shipped_detectors(*state), NULL,
	        parse_message(*state, mail, sizeof mail - 1, &envelope));
	assert_int_equal(report->kind, NX_KIND_OTHER);
}

static void a_challenge_dressed_as_a_report_is_a_challenge(void **state)
{
	const struct nx_report *report = read_mail(
	        *state, "From: Anna via <noreply@boxbe.com>\n"
	                "Subject: news (Action Required)\n"
	                "Content-Type: multipart/report; boundary=b1;\n"
	                " report-type=delivery-status\n\n"
	                "--b1\nContent-Type: text/plain\n\nPlease verify.\n"
	                "--b1\nContent-Type: message/delivery-status\n\n"
	                "Reporting-MTA: dns; boxbe.com\n\n"
	                "Final-Recipient: rfc822; anna@example.com\n"
	                "Action: failed\nStatus: 5.7.1\n--b1--\n");
	assert_int_equal(report->kind, NX_KIND_AUTO_REPLY);
	assert_string_equal(report->format, "challenge");
	assert_int_equal(report->recipients, 0);
}

static void what_machines_tell_is_other_mail_with_a_name(void **state)
{
	static const struct {
		const char *headers, *format;
	} cases[] = {
	        {"From: tls@example.com\n"
	         "Content-Type: multipart/report; boundary=b;\n"
	         " report-type=tlsrpt\n",
	         "tlsrpt"},
	        {"From: d@example.com\nSubject: Report domain: example.org "
	         "Submitter: example.com Report-ID: 1\n",
	         "dmarc-aggregate"},
	        {"From: l@example.com\n"
	         "Subject: Your message to Choir awaits moderator approval\n",
	         "moderation"},
	        {"From: root@example.com\nSubject: Cron <root@mx> backup\n",
	         "cron"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct nx_report *report =
		        report_of(state, cases[i].headers);
		assert_int_equal(report->kind, NX_KIND_OTHER);
		assert_string_equal(report->format, cases[i].format);
		assert_int_equal(report->recipients, 0);
	}
}

static void without_signs_nothing_is_automatic(void **state)
{
	static const char mail[] =
	        "From: a@example.com\nAuto-Submitted: auto-replied\n\nhi\n";
	const struct nx_envelope envelope = {
	        .sender = "",
	        .recipient = "",
	        .original_recipient = "",
	        .queue_id = "",
	};
	const struct nx_report *report = nx_report_read(
	        *state, NULL, NULL, NULL,
	        parse_message(*state, mail, sizeof mail - 1, &envelope));
	assert_int_equal(report->kind, NX_KIND_OTHER);
}

static void a_delivery_report_beats_the_marks_of_a_reply(void **state)
{
	char *mail = delivery_mail(*state,
	                           "Automatic reply: x\n"
	                           "Auto-Submitted: auto-replied",
	                           "",
	                           "Reporting-MTA: dns; a.example\n\n"
	                           "Final-Recipient: rfc822; a@example.com\n"
	                           "Action: failed\nStatus: 5.1.1\n",
	                           "");
	assert_int_equal(read_mail(*state, mail)->kind,
	                 NX_KIND_DELIVERY_REPORT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(replies_of_programs_are_known),
	        cmocka_unit_test(other_mail_is_left_alone),
	        cmocka_unit_test(
	                a_null_sender_with_the_subject_of_a_bounce_is_no_reply),
	        cmocka_unit_test(
	                a_challenge_dressed_as_a_report_is_a_challenge),
	        cmocka_unit_test(what_machines_tell_is_other_mail_with_a_name),
	        cmocka_unit_test(without_signs_nothing_is_automatic),
	        cmocka_unit_test(a_delivery_report_beats_the_marks_of_a_reply),
	};
	return cmocka_run_group_tests(tests, start_mail, end_mail);
}
