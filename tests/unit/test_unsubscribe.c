/* SPDX-License-Identifier: ISC */
#include "mail.h"

static const struct nx_report *read_from(void **state, const char *sender,
                                         const char *mail)
{
	const struct nx_envelope envelope = {
	        .sender = sender,
	        .sender_known = true,
	        .recipient = "",
	        .original_recipient = "",
	        .queue_id = "",
	};
	return nx_report_read(
	        *state, NULL, shipped_detectors(*state), NULL,
	        parse_message(*state, mail, strlen(mail), &envelope));
}

static void a_wish_to_leave_is_known_by_its_subject(void **state)
{
	static const char *const subjects[] = {
	        "unsubscribe", "Unsubscribe",           "STOP",
	        "abmelden",    "D\xc3\xa9sinscription", "=?UTF-8?B?6YCA6K6i?=",
	};
	for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
		const struct nx_report *report = read_mail(
		        *state,
		        talloc_asprintf(*state,
		                        "From: Anna <anna@example.com>\n"
		                        "Subject: %s\n\nplease\n",
		                        subjects[i]));
		if (report->kind != NX_KIND_UNSUBSCRIBE)
			fail_msg("%s: %s", subjects[i],
			         nx_kind_name(report->kind));
		assert_int_equal(report->recipients, 1);
		assert_string_equal(report->recipient->address,
		                    "anna@example.com");
	}
}

static void from_goes_before_the_envelope_sender(void **state)
{
	const struct nx_report *report =
	        read_from(state, "gateway@other.example",
	                  "From: anna@example.com\nSubject: unsubscribe\n\n");
	assert_string_equal(report->recipient->address, "anna@example.com");
	report = read_from(state, "anna@example.com",
	                   "Subject: unsubscribe\n\n");
	assert_string_equal(report->recipient->address, "anna@example.com");
}

static void the_address_tells_list_and_subscriber(void **state)
{
	static const struct {
		const char *to, *address, *list;
	} cases[] = {
	        {"unsub+k4x@example.org", "anna@example.com", "k4x"},
	        {"unsubscribe-spring@example.org", "anna@example.com",
	         "spring"},
	        {"leave-47-11@example.org", "anna@example.com", "47-11"},
	        {"spring-unsubscribe@example.org", "anna@example.com",
	         "spring"},
	        {"spring-unsubscribe-bo=example.net@example.org",
	         "bo@example.net", "spring"},
	        {"unsub+spring+bo=example.net@example.org", "bo@example.net",
	         "spring"},
	        {"unsub+a=b@example.org", "anna@example.com", "a=b"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct nx_report *report = read_mail(
		        *state,
		        talloc_asprintf(*state,
		                        "From: anna@example.com\nTo: %s\n\n",
		                        cases[i].to));
		assert_int_equal(report->kind, NX_KIND_UNSUBSCRIBE);
		assert_string_equal(report->recipient->address,
		                    cases[i].address);
		assert_string_equal(report->list, cases[i].list);
	}
}

static void nobody_unsubscribes_our_own_address(void **state)
{
	const struct nx_report *report =
	        read_mail(*state, "From: unsub+k4x@example.org\n"
	                          "To: unsub+k4x@example.org\n"
	                          "Subject: unsubscribe\n\n");
	assert_int_equal(report->kind, NX_KIND_OTHER);
	assert_int_equal(report->recipients, 0);
}

static void an_answer_may_say_it_above_the_quotation(void **state)
{
	const struct nx_report *report = read_mail(
	        *state, "From: anna@example.com\nSubject: Re: news\n\n"
	                "Hello,\nplease remove me from your list.\n\n"
	                "> List-Id: <news.example.org>\n> We have news.\n");
	assert_int_equal(report->kind, NX_KIND_UNSUBSCRIBE);
	assert_string_equal(report->list, "news.example.org");
	report = read_mail(*state,
	                   "From: anna@example.com\nSubject: Re: news\n\n"
	                   "I like it.\n\n> unsubscribe\n");
	assert_int_equal(report->kind, NX_KIND_OTHER);
}

static void apple_may_say_that_a_program_wrote_it(void **state)
{
	const struct nx_report *report = read_mail(
	        *state, "From: anna@example.com\nSubject: unsubscribe\n"
	                "Auto-Submitted: auto-replied\n"
	                "X-Apple-Unsubscribe: true\n\nhello\n");
	assert_int_equal(report->kind, NX_KIND_UNSUBSCRIBE);
	assert_string_equal(report->format, "apple-unsubscribe");
}

static void other_mail_with_the_word_in_it_is_none(void **state)
{
	static const char *const mails[] = {
	        "From: a@example.com\nSubject: How do I unsubscribe?\n\nx\n",
	        "From: a@example.com\nSubject: About news\n\nunsubscribe\n",
	        ("From: a@example.com\nSubject: unsubscribe\n"
	         "Auto-Submitted: auto-replied\n\nI am away\n"),
	};
	for (size_t i = 0; i < sizeof mails / sizeof *mails; i++)
		assert_int_not_equal(read_mail(*state, mails[i])->kind,
		                     NX_KIND_UNSUBSCRIBE);
	/* a bounce of something with that name */
	const struct nx_report *report = read_from(
	        state, "", "From: a@example.com\nSubject: unsubscribe\n\n");
	assert_int_equal(report->kind, NX_KIND_OTHER);
}

static void a_long_mail_is_about_something_else(void **state)
{
	char *mail = talloc_strdup(*state, "From: a@example.com\n"
	                                   "Subject: unsubscribe\n\n");
	for (int i = 0; i < 50; i++)
		mail = talloc_strdup_append(mail, "There is more to say.\n");
	assert_int_equal(read_mail(*state, mail)->kind, NX_KIND_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_wish_to_leave_is_known_by_its_subject),
	        cmocka_unit_test(from_goes_before_the_envelope_sender),
	        cmocka_unit_test(the_address_tells_list_and_subscriber),
	        cmocka_unit_test(nobody_unsubscribes_our_own_address),
	        cmocka_unit_test(an_answer_may_say_it_above_the_quotation),
	        cmocka_unit_test(apple_may_say_that_a_program_wrote_it),
	        cmocka_unit_test(other_mail_with_the_word_in_it_is_none),
	        cmocka_unit_test(a_long_mail_is_about_something_else),
	};
	return cmocka_run_group_tests(tests, start_mail, end_mail);
}
