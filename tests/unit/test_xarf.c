/* SPDX-License-Identifier: ISC */
#include "mail.h"

#define WHO "\"ReporterInfo\": {\"ReporterOrg\": \"Heath\"}"

/* A report with the JSON as its third part. */
static const struct nx_report *report_of(TALLOC_CTX *ctx, const char *json)
{
	return read_mail(
	        ctx, talloc_asprintf(
	                     ctx,
	                     "From: Linnea <linnea@heath.example>\n"
	                     "To: fbl@juniper.example\nSubject: spam\n"
	                     "Content-Type: multipart/report; boundary=b1;\n"
	                     " report-type=feedback-report\n\n"
	                     "--b1\nContent-Type: text/plain\n\nSpam.\n"
	                     "--b1\nContent-Type: message/feedback-report\n\n"
	                     "Feedback-Type: xarf\nUser-Agent: Loop/1\n"
	                     "Reported-Domain: juniper.example\n"
	                     "--b1\nContent-Type: application/json\n\n%s\n"
	                     "--b1--\n",
	                     json));
}

static void the_type_says_whether_a_person_complains(void **state)
{
	static const char *const cases[][2] = {
	        {WHO ",\"Report\":{\"ReportType\":\"Spam\"}", "abuse"},
	        {WHO ",\"Report\":{\"ReportClass\":\"Activity\","
	             "\"ReportType\":\"Spam\"}",
	         "abuse"},
	        {WHO ",\"Report\":{\"ReportClass\":\"Content\","
	             "\"ReportType\":\"Malware\"}",
	         "content/malware"},
	        {WHO ",\"Report\":{\"ReportClass\":\"Vulnerability\","
	             "\"ReportType\":\"OpenService\"}",
	         "vulnerability/openservice"},
	        {"\"xarf_version\":\"4.0.0\",\"class\":\"messaging\","
	         "\"type\":\"spam\",\"protocol\":\"smtp\"",
	         "abuse"},
	        {"\"xarf_version\":\"4.0.0\",\"category\":\"messaging\","
	         "\"type\":\"bulk_messaging\"",
	         "abuse"},
	        {"\"xarf_version\":\"4.0.0\",\"category\":\"messaging\","
	         "\"type\":\"spam\",\"protocol\":\"sms\"",
	         "messaging/spam/sms"},
	        {"\"xarf_version\":\"4.0.0\",\"category\":\"content\","
	         "\"type\":\"phishing\"",
	         "content/phishing"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct nx_report *report = report_of(
		        *state, talloc_asprintf(*state, "{%s}", cases[i][0]));
		assert_string_equal(report->format, "xarf");
		assert_string_equal(report->feedback->feedback_type,
		                    cases[i][1]);
		assert_int_equal(report->recipients, 1);
		assert_true(report->recipient->redacted);
	}
}

static void members_become_the_fields_of_rfc_5965(void **state)
{
	const struct nx_report *report = report_of(
	        *state,
	        "{\"Version\": \"3\", " WHO ", \"Report\": {\n"
	        " \"ReportType\": \"spam\", \"Date\": \"2026-11-22T10:00:00Z\","
	        " \"Source\": {\"IP\": \"2001:db8::7\", \"Port\": 4711},\n"
	        " \"SmtpMailFromAddress\": \"<b@juniper.example>\",\n"
	        " \"SmtpRcptToAddress\": \"tove@heath.example\"}}\n");
	const struct nx_feedback *feedback = report->feedback;
	assert_string_equal(feedback->user_agent, "Loop/1");
	assert_string_equal(feedback->version, "3");
	assert_string_equal(feedback->source_ip, "2001:db8::7");
	assert_string_equal(feedback->source_port, "4711");
	assert_string_equal(feedback->original_mail_from, "b@juniper.example");
	assert_int_equal(feedback->arrival_date, 1795341600);
	assert_string_equal(nx_fields_get(&feedback->all, "Reported-Domain"),
	                    "juniper.example");
	assert_int_equal(report->recipients, 1);
	assert_string_equal(report->recipient->address, "tove@heath.example");
}

static void the_complainer_is_never_one_of_us(void **state)
{
	static const char *const cases[][3] = {
	        {"post@juniper.example", "tove@heath.example",
	         "tove@heath.example"},
	        {"post@juniper.example", "post@juniper.example", ""},
	        {"post@juniper.example", "FBL@juniper.example", ""},
	        {"post@juniper.example", "redacted@heath.example", ""},
	        {"post@juniper.example", "not told", ""},
	        {"", "", ""},
	        /* who reports is who complains */
	        {"post@juniper.example", "linnea@heath.example",
	         "linnea@heath.example"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct nx_report *report = report_of(
		        *state, talloc_asprintf(*state,
		                                "{\"xarf_version\": \"4\","
		                                "\"category\": \"messaging\","
		                                "\"type\": \"spam\","
		                                "\"smtp_from\": \"%s\","
		                                "\"smtp_to\": \"%s\"}",
		                                cases[i][0], cases[i][1]));
		assert_string_equal(report->recipient->address, cases[i][2]);
		assert_int_equal(report->recipient->ours, NX_OURS_NOT);
	}
}

static void the_sample_is_the_returned_message(void **state)
{
	static const char *const payloads[] = {
	        /* base64 of the next */
	        "UmV0dXJuLVBhdGg6IDxiQGp1bmlwZXIuZXhhbXBsZT4KTWVzc2FnZS1JRDogPG"
	        "4xQGp1bmlwZXIuZXhhbXBsZT4KRnJvbTogcG9zdEBqdW5pcGVyLmV4YW1wbGUK"
	        "VG86IHRvdmVAaGVhdGguZXhhbXBsZQoKaGkK",
	        "Return-Path: <b@juniper.example>\\nMessage-ID: "
	        "<n1@juniper.example>\\nFrom: post@juniper.example\\nTo: "
	        "tove@heath.example\\n\\nhi\\n",
	        /* a gateway broke the line */
	        "UmV0dXJuLVBhdGg6IDxiQGp1bmlwZXIuZXhhbXBsZT4KTWVzc2FnZS1JRDogPG"
	        "4xQGp1bmlwZXIuZXhhbXBsZT4K\nRnJvbTogcG9zdEBqdW5pcGVyLmV4YW1wbGU"
	        "KVG86IHRvdmVAaGVhdGguZXhhbXBsZQoKaGkK",
	};
	for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++) {
		const struct nx_report *report = report_of(
		        *state,
		        talloc_asprintf(
		                *state,
		                "{\"category\":\"messaging\",\"evidence\":["
		                "{\"content_type\":\"image/png\","
		                "\"payload\":\"iVBORw0K\"},"
		                "{\"content_type\":\"message/rfc822\","
		                "\"payload\":\"%s\"}],"
		                "\"type\":\"spam\",\"xarf_version\":\"4.2\"}",
		                payloads[i]));
		assert_string_equal(report->format, "xarf");
		assert_string_equal(report->original.message_id,
		                    "<n1@juniper.example>");
		assert_string_equal(report->recipient->address,
		                    "tove@heath.example");
	}
}

static void what_is_no_xarf_is_no_complaint(void **state)
{
	static const char *const cases[] = {
	        "",
	        "{",
	        "[]",
	        "null",
	        "{\"xarf_version\": \"4.0.0\"}",
	        "{\"Report\": {\"ReportType\": \"Spam\"}}",
	        "{" WHO ", \"Report\": [\"ReportType\"]}",
	        "{\"xarf_version\": \"4\", \"type\": \"spam\", \"type\": 1}",
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct nx_report *report = report_of(*state, cases[i]);
		assert_string_equal(report->format, "rfc5965");
		assert_string_equal(report->feedback->feedback_type, "xarf");
	}
}

static void the_json_of_another_report_is_not_read(void **state)
{
	static const char *const cases[][2] = {
	        {"multipart/mixed", "xarf"},
	        {"multipart/report; report-type=feedback-report", "xarf"},
	        {"multipart/report; report-type=delivery-status", ""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct nx_report *report = read_mail(
		        *state,
		        talloc_asprintf(
		                *state,
		                "From: r@heath.example\nSubject: spam\n"
		                "Content-Type: %s; boundary=b1\n\n"
		                "--b1\nContent-Type: text/plain\n\nSpam.\n"
		                "--b1\nContent-Type: application/octet-stream;\n"
		                " name=xarf.json\n\n"
		                "{\"xarf_version\":\"4\",\"type\":\"ddos\"}\n"
		                "--b1--\n",
		                cases[i][0]));
		assert_string_equal(report->format, cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_type_says_whether_a_person_complains),
	        cmocka_unit_test(members_become_the_fields_of_rfc_5965),
	        cmocka_unit_test(the_complainer_is_never_one_of_us),
	        cmocka_unit_test(the_sample_is_the_returned_message),
	        cmocka_unit_test(what_is_no_xarf_is_no_complaint),
	        cmocka_unit_test(the_json_of_another_report_is_not_read),
	};
	return cmocka_run_group_tests(tests, start_mail, end_mail);
}
