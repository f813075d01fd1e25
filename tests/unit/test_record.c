/* SPDX-License-Identifier: ISC */
#include "mail.h"
#include "record.h"

#include <stdio.h>

#define HEAD "Reporting-MTA: dns; mx.example.net\n\n"

/* A verdict without tables, so that a record can be tested alone. */
static const struct nx_result *result_of(TALLOC_CTX *ctx, const char *mail)
{
	struct nx_result *result = talloc_zero(ctx, struct nx_result);
	result->report = read_mail(ctx, mail);
	size_t count = result->report->recipients;
	result->verdicts = count > 0 ? count : 1;
	struct nx_verdict *verdict =
	        talloc_array(ctx, struct nx_verdict, result->verdicts);
	for (size_t i = 0; i < result->verdicts; i++)
		verdict[i] = (struct nx_verdict){
		        .class = NX_CLASS_HARD,
		        .reason = "unknown-user",
		        .fault = NX_FAULT_RECIPIENT,
		        .advice = "never",
		        .rule = "status/5.1.1",
		        .basis = NX_BASIS_STATUS,
		        .matched = "5.1.1",
		};
	result->verdict = verdict;
	return result;
}

static const char *members(TALLOC_CTX *ctx, const char *line)
{
	/* names at depth one, in order */
	char *names = talloc_strdup(ctx, "");
	int depth = 0;
	bool name = false;
	for (const char *at = line; *at != '\0'; at++) {
		if (*at == '"') {
			size_t size = strcspn(at + 1, "\"");
			name = depth == 1 && at[size + 2] == ':';
			if (name)
				names = talloc_asprintf_append(
				        names, "%.*s ", (int)size, at + 1);
			at += size + 1;
		}
		depth += *at == '{' || *at == '[';
		depth -= *at == '}' || *at == ']';
	}
	return names;
}

static void members_stand_in_a_stable_order(void **state)
{
	const struct nx_result *result = result_of(
	        *state,
	        delivery_mail(*state, "x", "",
	                      HEAD "Final-Recipient: rfc822; a@example.com\n"
	                           "Action: failed\nStatus: 5.1.1\n",
	                      RETURNED));
	char *line = nx_record_write(*state, result);
	assert_string_equal(members(*state, line),
	                    "kind format recipients original reporting_mta "
	                    "arrival_date date envelope ");
	assert_non_null(strstr(
	        line, "\"recipients\":[{\"address\":\"a@example.com\","
	              "\"class\":\"hard\",\"reason\":\"unknown-user\","
	              "\"fault\":\"recipient\",\"action\":\"failed\","
	              "\"status\":\"5.1.1\",\"reply\":null,\"diagnostic\":\"\","
	              "\"remote_mta\":\"\",\"rule\":\"status/5.1.1\","
	              "\"basis\":\"status\",\"matched\":\"5.1.1\","
	              "\"advice\":\"never\",\"original_recipient\":\"\","
	              "\"final_recipient\":\"a@example.com\"}]"));
	line = nx_record_write(*state, result_of(*state, "Subject: x\n\nhi\n"));
	assert_string_equal(members(*state, line),
	                    "kind format recipients original reporting_mta "
	                    "arrival_date date envelope verdict ");
	line = nx_record_unparsed(*state, "killed by signal 11");
	assert_string_equal(members(*state, line),
	                    "kind format recipients original reporting_mta "
	                    "arrival_date date envelope verdict cause ");
}

static void what_is_written_is_read_back(void **state)
{
	const struct nx_result *result = result_of(
	        *state,
	        delivery_mail(
	                *state, "x", "",
	                "Arrival-Date: Sun, 22 Nov 2026 10:00:00 +0000\n"
	                "Original-Envelope-Id: QQ1\n" HEAD
	                "Final-Recipient: rfc822; a@example.com\n"
	                "Original-Recipient: rfc822; b@example.com\n"
	                "Action: failed\nStatus: 5.1.1\n"
	                "Remote-MTA: dns; mx.example.com\n"
	                "Diagnostic-Code: smtp; 550 caf\xc3\xa9 unknown\n",
	                RETURNED "List-Id: <news.example.org>\n"));
	char *line = nx_record_write(*state, result);
	struct nx_record record;
	struct nx_error err;
	assert_true(nx_record_read(*state, line, strlen(line), &record, &err));
	assert_int_equal(record.kind, NX_KIND_DELIVERY_REPORT);
	assert_string_equal(record.format, "rfc3464");
	assert_string_equal(record.reporting_mta, "mx.example.net");
	assert_int_equal(record.arrival_date, 1795341600);
	assert_int_equal(record.date, 0);
	assert_string_equal(record.envelope_id, "QQ1");
	assert_int_equal(record.incidents, 1);
	assert_string_equal(record.message_id, "<n1@news.example.org>");
	assert_string_equal(record.list_id, "<news.example.org>");
	assert_int_equal(record.recipients, 1);
	const struct nx_record_recipient *recipient = record.recipient;
	assert_string_equal(recipient->address, "b@example.com");
	assert_string_equal(recipient->original_recipient, "b@example.com");
	assert_string_equal(recipient->final_recipient, "a@example.com");
	assert_int_equal(recipient->action, NX_ACTION_FAILED);
	assert_string_equal(recipient->status, "5.1.1");
	assert_int_equal(recipient->reply, 550);
	assert_string_equal(recipient->diagnostic, "550 caf\xc3\xa9 unknown");
	assert_string_equal(recipient->remote_mta, "mx.example.com");
	assert_int_equal(recipient->verdict.class, NX_CLASS_HARD);
	assert_int_equal(recipient->verdict.fault, NX_FAULT_RECIPIENT);
	assert_int_equal(recipient->verdict.basis, NX_BASIS_STATUS);
	assert_string_equal(recipient->verdict.reason, "unknown-user");
}

static void a_record_tells_when_the_mail_was_written(void **state)
{
	char *line = nx_record_write(
	        *state, result_of(*state, "Subject: x\nDate: Sun, 22 Nov 2026 "
	                                  "10:00:00 +0000\n\nhi\n"));
	struct nx_record record;
	struct nx_error err;
	assert_true(nx_record_read(*state, line, strlen(line), &record, &err));
	assert_int_equal(record.date, 1795341600);
	assert_string_equal(record.envelope_id, "");
}

static void a_verdict_that_waits_tells_its_days(void **state)
{
	const struct nx_result *result = result_of(
	        *state,
	        delivery_mail(*state, "x", "",
	                      HEAD "Final-Recipient: rfc822; a@example.com\n"
	                           "Action: failed\nStatus: 5.1.1\n",
	                      RETURNED));
	struct nx_verdict *verdict = (struct nx_verdict *)result->verdict;
	struct nx_record record;
	struct nx_error err;
	verdict->class = NX_CLASS_SOFT;
	verdict->confirm_days = 2;
	const char *line = nx_record_write(*state, result);
	assert_non_null(
	        strstr(line, "\"class\":\"soft\",\"confirm\":2,\"reason\""));
	assert_true(nx_record_read(*state, line, strlen(line), &record, &err));
	assert_int_equal(record.recipient[0].verdict.confirm_days, 2);
	char *hostile = talloc_strdup(*state, line);
	*(strstr(hostile, "\"confirm\":") + 10) = '9';
	assert_true(nx_record_read(*state, hostile, strlen(hostile), &record,
	                           &err));
	assert_int_equal(record.recipient[0].verdict.confirm_days, 0);
}

static void a_feedback_report_tells_all_its_fields(void **state)
{
	const struct nx_result *result = result_of(
	        *state, "From: f@provider.example\nSubject: x\n"
	                "Content-Type: multipart/report; boundary=b1;\n"
	                " report-type=feedback-report\n\n"
	                "--b1\nContent-Type: text/plain\n\nhi\n"
	                "--b1\nContent-Type: message/feedback-report\n\n"
	                "Feedback-Type: abuse\nIncidents: 4\n"
	                "Original-Rcpt-To: a@example.com\n"
	                "Reported-Domain: example.org\n\n--b1--\n");
	char *line = nx_record_write(*state, result);
	assert_non_null(strstr(line,
	                       "\"fields\":[{\"name\":\"Original-Rcpt-To\","
	                       "\"value\":\"a@example.com\"},"
	                       "{\"name\":\"Reported-Domain\","
	                       "\"value\":\"example.org\"}]"));
	struct nx_record record;
	struct nx_error err;
	assert_true(nx_record_read(*state, line, strlen(line), &record, &err));
	assert_int_equal(record.kind, NX_KIND_FEEDBACK_REPORT);
	assert_string_equal(record.feedback_type, "abuse");
	assert_int_equal(record.incidents, 4);
}

/* Many recipients, and texts that grow sixfold when escaped. */
static void a_record_never_outgrows_its_cap(void **state)
{
	char *noise = talloc_array(*state, char, 3001);
	memset(noise, '\x01', 3000);
	noise[3000] = '\0';
	char *fields = talloc_strdup(*state, HEAD);
	for (int i = 0; i < NX_REPORT_RECIPIENTS; i++)
		fields = talloc_asprintf_append(
		        fields,
		        "Final-Recipient: rfc822; u%d@example.com\n"
		        "Action: failed\nStatus: 5.1.1\n"
		        "Diagnostic-Code: smtp; 550 %s unknown\n\n",
		        i, i < 150 ? noise : "is");
	const struct nx_result *result = result_of(
	        *state,
	        delivery_mail(*state, "x", "", fields,
	                      talloc_asprintf(*state, "To: %s\n", noise)));
	char *line = nx_record_write(*state, result);
	assert_true(strlen(line) <= NX_RECORD_SIZE);
	assert_non_null(strstr(line, "\"truncated\":true"));
	struct nx_record record;
	struct nx_error err;
	assert_true(nx_record_read(*state, line, strlen(line), &record, &err));
	assert_int_equal(record.recipients, NX_REPORT_RECIPIENTS);
	assert_true(record.truncated);
}

/* The longest report possible: every recipient is in the record, and where
 * there is no room for what was said of them the record says so. */
static void a_thousand_recipients_have_room(void **state)
{
	char *words = talloc_array(*state, char, 801);
	memset(words, 'w', 800);
	words[800] = '\0';
	char *fields = talloc_strdup(*state, HEAD);
	for (int i = 0; i < NX_REPORT_RECIPIENTS; i++)
		fields = talloc_asprintf_append_buffer(
		        fields,
		        "Final-Recipient: rfc822; u%d@example.com\n"
		        "Action: failed\nStatus: 5.1.1\n"
		        "Diagnostic-Code: smtp; 550 %s\n\n",
		        i, words);
	char *line = nx_record_write(
	        *state,
	        result_of(*state, delivery_mail(*state, "x", "", fields, "")));
	struct nx_record record;
	struct nx_error err;
	assert_true(nx_record_read(*state, line, strlen(line), &record, &err));
	assert_int_equal(record.recipients, 1000);
	assert_string_equal(record.recipient[999].address, "u999@example.com");
	assert_true(strlen(record.recipient[999].diagnostic) >= 500);
	assert_true(record.truncated);
}

static void what_a_report_lacks_is_told(void **state)
{
	char *fields = talloc_strdup(*state, HEAD);
	struct nx_record record;
	struct nx_error err;
	for (int i = 0; i <= NX_REPORT_RECIPIENTS; i++) {
		fields = talloc_asprintf_append_buffer(
		        fields,
		        "Final-Recipient: rfc822; u%d@example.com\n"
		        "Action: failed\n\n",
		        i);
		if (i + 1 < NX_REPORT_RECIPIENTS)
			continue;
		char *line = nx_record_write(
		        *state, result_of(*state, delivery_mail(*state, "x", "",
		                                                fields, "")));
		assert_true(nx_record_read(*state, line, strlen(line), &record,
		                           &err));
		assert_int_equal(record.recipients, NX_REPORT_RECIPIENTS);
		assert_int_equal(record.truncated, i == NX_REPORT_RECIPIENTS);
	}
}

static void texts_are_cut_between_characters(void **state)
{
	char *text = talloc_array(*state, char, 3002);
	for (size_t i = 0; i < 3000; i += 3)
		memcpy(text + i, "\xe6\xb8\xac", 4);
	char *fields = talloc_asprintf(
	        *state,
	        HEAD "Final-Recipient: rfc822; a@example.com\n"
	             "Action: failed\nDiagnostic-Code: smtp; %s\n",
	        text);
	char *line = nx_record_write(
	        *state,
	        result_of(*state, delivery_mail(*state, "x", "", fields, "")));
	struct nx_record record;
	struct nx_error err;
	assert_true(nx_record_read(*state, line, strlen(line), &record, &err));
	const char *diagnostic = record.recipient->diagnostic;
	assert_int_equal(strlen(diagnostic), 2046);
	assert_memory_equal(diagnostic + 2043, "\xe6\xb8\xac", 3);
}

static void hostile_records_are_refused_or_read_as_nothing(void **state)
{
	static const char *const refused[] = {
	        "", "null", "[]", "{", "\"x\"", "{\"kind\":1,\"kind\":2}", "1",
	};
	struct nx_record record;
	struct nx_error err;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		assert_false(nx_record_read(*state, refused[i],
		                            strlen(refused[i]), &record, &err));

	static const char nonsense[] =
	        "{\"kind\":\"boss\",\"format\":7,\"arrival_date\":\"never\","
	        "\"feedback\":[],\"original\":3,\"envelope\":null,"
	        "\"recipients\":[{\"address\":[],\"class\":\"HARD\","
	        "\"fault\":\"nobody\",\"action\":\"sacked\","
	        "\"status\":\"5.1.1; drop\",\"reply\":99999,"
	        "\"basis\":\"hearsay\"},17,null]}";
	assert_true(nx_record_read(*state, nonsense, sizeof nonsense - 1,
	                           &record, &err));
	assert_int_equal(record.kind, NX_KIND_UNPARSED);
	assert_string_equal(record.format, "");
	assert_int_equal(record.arrival_date, 0);
	assert_int_equal(record.incidents, 1);
	assert_int_equal(record.recipients, 3);
	for (size_t i = 0; i < 3; i++) {
		const struct nx_record_recipient *recipient =
		        &record.recipient[i];
		assert_string_equal(recipient->address, "");
		assert_int_equal(recipient->action, NX_ACTION_NONE);
		assert_string_equal(recipient->status, "");
		assert_int_equal(recipient->reply, 0);
		assert_int_equal(recipient->verdict.class, NX_CLASS_NONE);
		assert_int_equal(recipient->verdict.fault, NX_FAULT_UNKNOWN);
		assert_int_equal(recipient->verdict.basis, NX_BASIS_NONE);
	}
}

static void a_record_has_no_more_recipients_than_a_report(void **state)
{
	char *line = talloc_strdup(*state, "{\"recipients\":[");
	for (int i = 0; i <= NX_REPORT_RECIPIENTS; i++)
		line = talloc_asprintf_append(line, "%s{}", i > 0 ? "," : "");
	line = talloc_strdup_append(line, "]}");
	struct nx_record record;
	struct nx_error err;
	assert_true(nx_record_read(*state, line, strlen(line), &record, &err));
	assert_int_equal(record.recipients, NX_REPORT_RECIPIENTS);
	assert_true(record.truncated);
}

static void an_unparsed_message_says_why(void **state)
{
	char *line = nx_record_unparsed(*state, "took too long");
	struct nx_record record;
	struct nx_error err;
	assert_true(nx_record_read(*state, line, strlen(line), &record, &err));
	assert_int_equal(record.kind, NX_KIND_UNPARSED);
	assert_int_equal(record.recipients, 0);
	assert_string_equal(record.cause, "took too long");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(members_stand_in_a_stable_order),
	        cmocka_unit_test(what_is_written_is_read_back),
	        cmocka_unit_test(a_record_tells_when_the_mail_was_written),
	        cmocka_unit_test(a_verdict_that_waits_tells_its_days),
	        cmocka_unit_test(a_feedback_report_tells_all_its_fields),
	        cmocka_unit_test(a_record_never_outgrows_its_cap),
	        cmocka_unit_test(a_thousand_recipients_have_room),
	        cmocka_unit_test(what_a_report_lacks_is_told),
	        cmocka_unit_test(texts_are_cut_between_characters),
	        cmocka_unit_test(
	                hostile_records_are_refused_or_read_as_nothing),
	        cmocka_unit_test(a_record_has_no_more_recipients_than_a_report),
	        cmocka_unit_test(an_unparsed_message_says_why),
	};
	return cmocka_run_group_tests(tests, start_mail, end_mail);
}
