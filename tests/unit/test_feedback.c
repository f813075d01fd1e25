/* SPDX-License-Identifier: ISC */
#include "mail.h"

static const struct nx_report *report_of(void **state, const char *fields,
                                         const char *returned)
{
	return read_mail(
	        *state,
	        talloc_asprintf(
	                *state,
	                "From: feedback@provider.example\nSubject: FW: news\n"
	                "Content-Type: multipart/report; boundary=b1;\n"
	                " report-type=\"feedback-report\"\n\n"
	                "--b1\nContent-Type: text/plain\n\nA complaint.\n"
	                "--b1\nContent-Type: message/feedback-report\n\n%s\n"
	                "--b1\nContent-Type: message/rfc822\n\n%s\n\nhi\n"
	                "--b1--\n",
	                fields, returned));
}

static void every_field_is_read(void **state)
{
	const struct nx_report *report =
	        report_of(state,
	                  "Feedback-Type: Abuse\n"
	                  "User-Agent: SomeGenerator/1.0\n"
	                  "Version: 0.1\n"
	                  "Original-Envelope-Id: E1\n"
	                  "Original-Mail-From: <bounces@example.org>\n"
	                  "Original-Rcpt-To: <anna@example.com>\n"
	                  "Original-Rcpt-To: <bert@example.com>\n"
	                  "Original-Rcpt-To: <anna@example.com>\n"
	                  "Received-Date: Sun, 22 Nov 2026 10:00:00 +0000\n"
	                  "Reporting-MTA: dns; mail.provider.example\n"
	                  "Source-Ip: 192.0.2.1\n"
	                  "Source-Port: 4711\n"
	                  "Incidents: 3\n"
	                  "Authentication-Results: provider.example; spf=pass\n"
	                  "Reported-Domain: example.org\n"
	                  "Reported-URI: https://example.org/\n",
	                  RETURNED);
	assert_int_equal(report->kind, NX_KIND_FEEDBACK_REPORT);
	assert_string_equal(report->format, "rfc5965");
	const struct nx_feedback *feedback = report->feedback;
	assert_string_equal(feedback->feedback_type, "abuse");
	assert_string_equal(feedback->user_agent, "SomeGenerator/1.0");
	assert_string_equal(feedback->version, "0.1");
	assert_string_equal(feedback->original_envelope_id, "E1");
	assert_string_equal(feedback->original_mail_from,
	                    "bounces@example.org");
	assert_int_equal(feedback->arrival_date, 1795341600);
	assert_string_equal(feedback->reporting_mta, "mail.provider.example");
	assert_string_equal(feedback->source_ip, "192.0.2.1");
	assert_string_equal(feedback->source_port, "4711");
	assert_int_equal(feedback->incidents, 3);
	assert_int_equal(feedback->all.count, 16);
	assert_string_equal(nx_fields_get(&feedback->all, "reported-domain"),
	                    "example.org");
	assert_int_equal(report->recipients, 2);
	assert_string_equal(report->recipient[0].address, "anna@example.com");
	assert_string_equal(report->recipient[1].address, "bert@example.com");
}

static void a_complaint_counts_once_unless_it_says_more(void **state)
{
	static const struct {
		const char *incidents;
		int64_t number;
	} cases[] = {{"", 1}, {"7", 7}, {"0", 1}, {"-4", 1}, {"many", 1}};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *fields = talloc_asprintf(
		        *state, "Feedback-Type: abuse\nIncidents: %s\n",
		        cases[i].incidents);
		const struct nx_report *report =
		        report_of(state, fields, RETURNED);
		assert_int_equal(report->feedback->incidents, cases[i].number);
	}
}

static void a_hidden_recipient_is_never_an_address(void **state)
{
	static const struct {
		const char *told, *returned, *address;
	} cases[] = {
	        {"redacted@example.com", "", ""},
	        {"hashed@example.com", "", ""},
	        {"[redacted]", "", ""},
	        {"x@x", "", ""},
	        {"xxxx@example.com", "", ""},
	        {"an**@example.com", "", ""},
	        {"redacted@", "", ""},
	        {"anna@redacted.invalid", "", ""},
	        {"anna@[redacted]", "", ""},
	        /* RFC 6590 */
	        {"3f2a9c0d51b87e6640aa12cd9be3f705@example.com", "", ""},
	        {"Zm9vYmFyYmF6cXV4Y29ycGZvbw=@example.com", "", ""},
	        {"redacted@example.com",
	         "X-Apparently-To: anna@example.com via 192.0.2.1; today\n",
	         "anna@example.com"},
	        /* a list is not a subscriber */
	        {"redacted@example.com",
	         "To: news@lists.example.org\n"
	         "List-Post: <mailto:news@lists.example.org>\n",
	         ""},
	        {"redacted@example.com", "To: anna@example.com\n",
	         "anna@example.com"},
	        {"redacted@example.com", "To: Anna <anna@example.com>\n",
	         "anna@example.com"},
	        {"redacted@example.com",
	         "To: anna@example.com, bert@example.com\n", ""},
	        {"redacted@example.com", "To: hashed@example.com\n", ""},
	        {"redacted@example.com",
	         "X-HmXmrOriginalRecipient: anna@example.com\n"
	         "To: bert@example.com\n",
	         "anna@example.com"},
	        {"redacted@example.com",
	         "Received: from a by b with ESMTP for <anna@example.com>;\n"
	         " Sun, 22 Nov 2026 10:00:00 +0000\n",
	         "anna@example.com"},
	        /* named openly: nothing is looked up */
	        {"anna@example.com", "To: bert@example.com\n",
	         "anna@example.com"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *fields = talloc_asprintf(
		        *state, "Feedback-Type: abuse\nOriginal-Rcpt-To: %s\n",
		        cases[i].told);
		char *returned = talloc_asprintf(*state, "%s" RETURNED,
		                                 cases[i].returned);
		const struct nx_report *report =
		        report_of(state, fields, returned);
		assert_int_equal(report->recipients, 1);
		if (strcmp(report->recipient->address, cases[i].address) != 0)
			fail_msg("%s, %s: \"%s\"", cases[i].told,
			         cases[i].returned, report->recipient->address);
		assert_int_equal(report->recipient->redacted,
		                 *cases[i].address == '\0');
	}
}

static void a_hidden_recipient_leaves_clues(void **state)
{
	const struct nx_report *report =
	        report_of(state,
	                  "Feedback-Type: abuse\n"
	                  "Original-Rcpt-To: redacted@example.com\n",
	                  "X-MS-Has-Attach: no\nX-Reader: 47\n"
	                  "CFBL-Feedback-ID: abc\n" RETURNED);
	const struct nx_fields *clues = &report->feedback->clues;
	assert_int_equal(clues->count, 2);
	assert_string_equal(nx_fields_get(clues, "X-Reader"), "47");
	assert_string_equal(nx_fields_get(clues, "CFBL-Feedback-ID"), "abc");
}

static void the_type_is_spelled_as_registered(void **state)
{
	static const char *const cases[][2] = {
	        {"Not Spam", "not-spam"},
	        {"auth_failure", "auth-failure"},
	        {"ABUSE (from the button)", "abuse"},
	        {"abuse; x=y", "abuse"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *fields = talloc_asprintf(*state, "Feedback-Type: %s\n",
		                               cases[i][0]);
		const struct nx_report *report =
		        report_of(state, fields, RETURNED);
		assert_string_equal(report->feedback->feedback_type,
		                    cases[i][1]);
	}
}

static void an_opt_out_names_whom_to_remove(void **state)
{
	const struct nx_report *report =
	        report_of(state,
	                  "Feedback-Type: opt-out\n"
	                  "Removal-Recipient: anna@example.com\n",
	                  RETURNED);
	assert_string_equal(report->feedback->feedback_type, "opt-out");
	assert_string_equal(report->recipient->address, "anna@example.com");
}

static void the_older_jmrp_form_is_a_complaint(void **state)
{
	const struct nx_report *report = read_mail(
	        *state, "From: <staff@hotmail.com>\n"
	                "Subject:  complaint about message from 192.0.2.7\n"
	                "Content-Type: multipart/mixed; boundary=b1\n\n"
	                "--b1\nContent-Type: message/rfc822\n\n"
	                "X-HmXmrOriginalRecipient: anna@example.com\n"
	                "To: someone@example.com\n" RETURNED "\nhi\n--b1--\n");
	assert_int_equal(report->kind, NX_KIND_FEEDBACK_REPORT);
	assert_string_equal(report->format, "jmrp");
	assert_string_equal(report->feedback->feedback_type, "abuse");
	assert_string_equal(report->feedback->source_ip, "192.0.2.7");
	assert_string_equal(report->recipient->address, "anna@example.com");
}

static void a_complaint_passed_on_by_a_person_is_none(void **state)
{
	const struct nx_report *report = read_mail(
	        *state, "From: <help@example.org>\n"
	                "Subject: Fwd: complaint about message from 192.0.2.7\n"
	                "Content-Type: multipart/mixed; boundary=b1\n\n"
	                "--b1\nContent-Type: text/plain\n\nOurs?\n"
	                "--b1\nContent-Type: message/rfc822\n\n"
	                "Content-Type: multipart/report; boundary=b2;\n"
	                " report-type=feedback-report\n\n"
	                "--b2\nContent-Type: message/feedback-report\n\n"
	                "Feedback-Type: abuse\n"
	                "Original-Rcpt-To: anna@example.com\n\n"
	                "--b2--\n--b1--\n");
	assert_int_equal(report->kind, NX_KIND_OTHER);
}

static void a_complaint_passed_on_by_a_program_counts(void **state)
{
	static const struct {
		const char *from, *subject, *more, *format;
	} cases[] = {
	        {"a@carrier.example", "Complaint", "", "rfc5965"},
	        {"abuse@carrier.example", "Fwd: spam", "", "rfc5965"},
	        {"a@carrier.example", "Fwd: x\nAuto-Submitted: auto-generated",
	         "", "rfc5965"},
	        {"complaints@email-abuse.amazonses.com",
	         "complaint about message from 192.0.2.7", "", "rfc5965"},
	        {"a@carrier.example", "Fwd: spam", "", ""},
	        {"a@carrier.example", "Complaint",
	         "--b1\nContent-Type: message/rfc822\n\nTo: bert@example.com\n"
	         "Content-Type: text/plain\n\nhi\n",
	         "rfc5965"},
	        {"a@carrier.example", "Complaint",
	         "--b1\nContent-Type: message/rfc822\n\nContent-Type: "
	         "multipart/report; report-type=delivery-status\n\nhi\n",
	         ""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct nx_report *report = read_mail(
		        *state,
		        talloc_asprintf(
		                *state,
		                "From: %s\nSubject: %s\n"
		                "Content-Type: multipart/mixed; boundary=b1\n\n"
		                "--b1\nContent-Type: text/plain\n\nFor you.\n"
		                "%s--b1\nContent-Type: message/rfc822\n\n"
		                "Content-Type: multipart/report; boundary=b2;\n"
		                " report-type=feedback-report\n\n"
		                "--b2\nContent-Type: message/feedback-report\n\n"
		                "Feedback-Type: abuse\n"
		                "Original-Rcpt-To: anna@example.com\n\n"
		                "--b2--\n--b1--\n",
		                cases[i].from, cases[i].subject,
		                cases[i].more));
		assert_string_equal(report->format, cases[i].format);
		if (*report->format)
			assert_string_equal(report->recipient->address,
			                    "anna@example.com");
	}
}

static void the_part_may_be_mislabelled(void **state)
{
	const struct nx_report *report = read_mail(
	        *state, "From: a@provider.example\nSubject: x\n"
	                "Content-Type: multipart/report; boundary=b1;\n"
	                " report-type=feedback-report\n\n"
	                "--b1\nContent-Type: text/plain\n\nhi\n"
	                "--b1\nContent-Type: text/plain\n\n"
	                "Source-IP: 192.0.2.1\nFeedback-Type: fraud\n--b1--\n");
	assert_int_equal(report->kind, NX_KIND_FEEDBACK_REPORT);
	assert_string_equal(report->feedback->feedback_type, "fraud");
	assert_string_equal(report->recipient->address, "");
}

static void blank_lines_between_fields_are_passed_over(void **state)
{
	const struct nx_report *report = report_of(
	        state,
	        "\nFeedback-Type: abuse\n\nSource-IP: 192.0.2.1\n \n"
	        "Original-Rcpt-To: <anna@example.com>\n\n\nIncidents: 2\n",
	        RETURNED);
	assert_int_equal(report->kind, NX_KIND_FEEDBACK_REPORT);
	assert_string_equal(report->feedback->feedback_type, "abuse");
	assert_string_equal(report->feedback->source_ip, "192.0.2.1");
	assert_int_equal(report->feedback->incidents, 2);
	assert_int_equal(report->feedback->all.count, 4);
	assert_int_equal(report->recipients, 1);
	assert_string_equal(report->recipient->address, "anna@example.com");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_field_is_read),
	        cmocka_unit_test(blank_lines_between_fields_are_passed_over),
	        cmocka_unit_test(a_complaint_counts_once_unless_it_says_more),
	        cmocka_unit_test(a_hidden_recipient_is_never_an_address),
	        cmocka_unit_test(a_hidden_recipient_leaves_clues),
	        cmocka_unit_test(the_type_is_spelled_as_registered),
	        cmocka_unit_test(a_complaint_passed_on_by_a_person_is_none),
	        cmocka_unit_test(a_complaint_passed_on_by_a_program_counts),
	        cmocka_unit_test(an_opt_out_names_whom_to_remove),
	        cmocka_unit_test(the_older_jmrp_form_is_a_complaint),
	        cmocka_unit_test(the_part_may_be_mislabelled),
	};
	return cmocka_run_group_tests(tests, start_mail, end_mail);
}
