/* SPDX-License-Identifier: ISC */
#include "engine.h"
#include "mail.h"

static const struct nx_engine *engine_of(TALLOC_CTX *ctx)
{
	static const char reasons[] =
	        "reasons:\n"
	        "  - id: unknown-user\n    class: hard\n    fault: recipient\n"
	        "    advice: never\n    says: There is no such mailbox.\n";
	const struct nx_source sources[] = {
	        {"rules/reasons.yaml", reasons, sizeof reasons - 1, false}};
	const struct nx_engine *engine = NULL;
	struct nx_error err;
	if (!nx_engine_compile(ctx, sources, 1, &engine, &err))
		print_message("%s\n", err.text);
	return engine;
}

static const struct nx_result *result_of(TALLOC_CTX *ctx, const char *mail,
                                         struct nx_envelope envelope,
                                         bool explain)
{
	const struct nx_input input = {
	        .prescan = {.bytes = mail, .size = strlen(mail)},
	        .envelope = envelope,
	        .explain = explain,
	};
	return nx_engine_read(ctx, engine_of(ctx), &input);
}

static void headers_stand_in_for_the_envelope(void **state)
{
	const struct nx_result *result =
	        result_of(*state,
	                  "Return-Path: <>\nX-Original-To: old@example.org\n"
	                  "Delivered-To: new@example.org\nSubject: x\n\nhi\n",
	                  (struct nx_envelope){0}, false);
	const struct nx_envelope *envelope = &result->report->message->envelope;
	assert_true(envelope->sender_known);
	assert_string_equal(envelope->sender, "");
	assert_string_equal(envelope->recipient, "new@example.org");
	assert_string_equal(envelope->original_recipient, "old@example.org");
	assert_string_equal(envelope->queue_id, "");
}

static void the_envelope_goes_before_the_headers(void **state)
{
	const struct nx_result *result =
	        result_of(*state,
	                  "Return-Path: <b@example.com>\n"
	                  "Envelope-To: new@example.org\nSubject: x\n\nhi\n",
	                  (struct nx_envelope){.sender = "a@example.com",
	                                       .sender_known = true,
	                                       .recipient = "r@example.org",
	                                       .original_recipient = "",
	                                       .queue_id = "Q1"},
	                  false);
	const struct nx_envelope *envelope = &result->report->message->envelope;
	assert_string_equal(envelope->sender, "a@example.com");
	assert_string_equal(envelope->recipient, "r@example.org");
	assert_string_equal(envelope->queue_id, "Q1");
}

static void there_is_one_verdict_a_recipient(void **state)
{
	char *mail = delivery_mail(
	        *state, "x", "",
	        "Final-Recipient: rfc822; a@example.com\nAction: failed\n"
	        "Status: 5.1.1\n\n"
	        "Final-Recipient: rfc822; b@example.com\nAction: delayed\n"
	        "Status: 4.4.1\n",
	        "");
	const struct nx_result *result =
	        result_of(*state, mail, (struct nx_envelope){0}, true);
	assert_int_equal(result->report->recipients, 2);
	assert_int_equal(result->verdicts, 2);
	assert_non_null(result->trace);
}

static void mail_that_tells_of_nobody_has_one_verdict(void **state)
{
	static const char *const mails[] = {"", "\n\n", "hello",
	                                    "Subject: x\n\nhi\n"};
	for (size_t i = 0; i < sizeof mails / sizeof *mails; i++) {
		const struct nx_result *result = result_of(
		        *state, mails[i], (struct nx_envelope){0}, false);
		assert_int_equal(result->report->recipients, 0);
		assert_int_equal(result->verdicts, 1);
		assert_int_equal(result->verdict[0].class, NX_CLASS_NONE);
		assert_null(result->trace);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(headers_stand_in_for_the_envelope),
	        cmocka_unit_test(the_envelope_goes_before_the_headers),
	        cmocka_unit_test(there_is_one_verdict_a_recipient),
	        cmocka_unit_test(mail_that_tells_of_nobody_has_one_verdict),
	};
	return cmocka_run_group_tests(tests, start_mail, end_mail);
}
