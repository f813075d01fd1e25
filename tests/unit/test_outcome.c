/* SPDX-License-Identifier: ISC */
#include "mail.h"

#include "report/outcome.h"

/* What became of a mail, by the words of subject and text. */

static const struct nx_report *report_of(TALLOC_CTX *ctx, const char *subject,
                                         const char *text)
{
	const struct nx_envelope envelope = {
	        .sender = "",
	        .recipient = "",
	        .original_recipient = "",
	        .queue_id = "",
	};
	const char *mail = talloc_asprintf(
	        ctx,
	        "From: someone@example.net\nSubject: %s\nMIME-Version: 1.0\n"
	        "Content-Type: text/plain; charset=utf-8\n\n%s\n",
	        subject, text);

	return nx_report_new(ctx, NULL, shipped_detectors(ctx), NULL,
	                     parse_message(ctx, mail, strlen(mail), &envelope));
}

struct told {
	const char *text;
	enum nx_action action;
};

static void check(TALLOC_CTX *ctx, const struct told *told, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		enum nx_action action =
		        nx_outcome_told(report_of(ctx, "News", told[i].text));

		if (action != told[i].action)
			fail_msg("%s: \"%s\"", told[i].text,
			         nx_action_name(action));
	}
}

static void words_tell_of_delay_and_of_failure(void **state)
{
	static const struct told told[] = {
	        {"", NX_ACTION_NONE},
	        {"550 5.1.1", NX_ACTION_NONE},
	        {"Your message was delivered.", NX_ACTION_NONE},
	        {"Thank you for the letter.", NX_ACTION_NONE},
	        {"THIS IS A WARNING MESSAGE ONLY", NX_ACTION_DELAYED},
	        {"I will keep trying until Monday", NX_ACTION_DELAYED},
	        {"Delivery of it has been delayed", NX_ACTION_DELAYED},
	        {"You do not need to resend it.", NX_ACTION_DELAYED},
	        {"Still undelivered after 4 hours", NX_ACTION_DELAYED},
	        {"Your message could not be delivered", NX_ACTION_FAILED},
	        {"It wasn't delivered.", NX_ACTION_FAILED},
	        {"Unable to deliver your message", NX_ACTION_FAILED},
	        {"I'm giving up on 192.0.2.1.", NX_ACTION_FAILED},
	        {"a permanent fatal error", NX_ACTION_FAILED},
	        {"There is no mailbox of this name.", NX_ACTION_FAILED},
	        {"The mailbox is full.", NX_ACTION_FAILED},
	        {"Could not be\n   delivered", NX_ACTION_FAILED},
	        {"This mailbox\n\nUnknown weather", NX_ACTION_NONE},
	};

	check(*state, told, sizeof told / sizeof *told);
}

static void words_of_many_languages_tell_the_same(void **state)
{
	static const struct told told[] = {
	        {"Ihre Nachricht wurde nicht zugestellt.", NX_ACTION_FAILED},
	        {"Die Zustellung verzögert sich.", NX_ACTION_DELAYED},
	        {"Votre message n'a pas été distribué.", NX_ACTION_FAILED},
	        {"Meddelandet kunde inte levereras.", NX_ACTION_FAILED},
	        {"Beskeden kunne ikke leveres.", NX_ACTION_FAILED},
	        {"Сообщение не доставлено.", NX_ACTION_FAILED},
	        {"Повідомлення не доставлено.", NX_ACTION_FAILED},
	        {"Το μήνυμα δεν παραδόθηκε.", NX_ACTION_FAILED},
	        {"İletiniz teslim edilemedi.", NX_ACTION_FAILED},
	        {"تعذر تسليم الرسالة.", NX_ACTION_FAILED},
	        {"Vielen Dank für Ihren Brief.", NX_ACTION_NONE},
	        {"Merci de votre lettre.", NX_ACTION_NONE},
	};

	check(*state, told, sizeof told / sizeof *told);
}

static void a_subject_counts_as_the_text_does(void **state)
{
	assert_int_equal(
	        nx_outcome_told(report_of(*state, "Delayed mail", "Hello")),
	        NX_ACTION_DELAYED);
	assert_int_equal(
	        nx_outcome_told(report_of(*state, "Undeliverable", "Hello")),
	        NX_ACTION_FAILED);
}

static void who_is_away_returns_no_mail(void **state)
{
	assert_true(nx_outcome_is_return(report_of(
	        *state, "Your letter", "Your mail could not be delivered.")));
	assert_false(nx_outcome_is_return(
	        report_of(*state, "Out of office",
	                  "If my mail could not be delivered, call")));
	assert_false(nx_outcome_is_return(
	        report_of(*state, "Your letter", "Thank you.")));
}

static void words_say_why_or_only_that_mail_failed(void **state)
{
	static const struct {
		const char *words;
		bool say_why;
	} cases[] = {
	        {"", false},
	        {"Your message could not be delivered.", false},
	        {"We have given up.", false},
	        {"The recipient has never had an account with us.", true},
	        {"A postafiók betelt.", true},
	        {"Der Empfänger ist nicht bekannt.", true},
	        {"The host did not respond.", true},
	        {"Your message was rejected as spam.", true},
	        {"The mailbox may be full.", false},
	        {"Perhaps there is no such user. The mailbox is full.", true},
	        {"The mailbox is full, or there is no such user.", false},
	        {"The sender address does not exist.", false},
	        {"The user is misconfigured: a system error.", false},
	};
	const struct nx_report *report = report_of(*state, "News", "");

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (nx_outcome_says_why(*state, report, cases[i].words) !=
		    cases[i].say_why)
			fail_msg("%s", cases[i].words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(words_tell_of_delay_and_of_failure),
	        cmocka_unit_test(words_of_many_languages_tell_the_same),
	        cmocka_unit_test(a_subject_counts_as_the_text_does),
	        cmocka_unit_test(who_is_away_returns_no_mail),
	        cmocka_unit_test(words_say_why_or_only_that_mail_failed),
	};

	return cmocka_run_group_tests(tests, start_mail, end_mail);
}
