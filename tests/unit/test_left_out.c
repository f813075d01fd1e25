/* SPDX-License-Identifier: ISC */
#include "mail.h"

/*
 * Recipients whom the text for people accuses and the fields leave out.
 */
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define HEAD "Reporting-MTA: dns; mx.example.org\n\n"
#define ANNA                                                                   \
	"Final-Recipient: rfc822; anna@example.com\n"                          \
	"Action: failed\nStatus: 5.1.1\n\n"
#define QMAIL                                                                  \
	"Hi. This is the qmail-send program at mx.example.org.\n"              \
	"I'm afraid I wasn't able to deliver your message to the following "   \
	"addresses.\nThis is a permanent error; I've given up. Sorry it "      \
	"didn't work out.\n\n"
#define GONE(who)                                                              \
	"<" who ">:\n192.0.2.1 does not like recipient.\n"                     \
	"Remote host said: 550 5.1.1 no such user\n"                           \
	"Giving up on 192.0.2.1.\n\n"

static const struct nx_formats *formats;

static int start(void **state)
{
	start_mail(state);
	formats = shipped_formats(*state);
	return 0;
}

static void somebody_whom_only_the_text_accuses_is_added(void **state)
{
	static const struct {
		const char *name, *explanation;
		bool has_formats;
		const char *recipient[3]; /* all of them, in order */
	} cases[] = {
	        {"Bert stands beside Anna",
	         QMAIL GONE("anna@example.com") GONE("bert@example.com"),
	         true,
	         {"anna@example.com", "bert@example.com"}},
	        {"Bert and Carl do, Anna in another spelling",
	         QMAIL GONE("Anna@Example.com") GONE("bert@example.com")
	                 GONE("carl@example.com"),
	         true,
	         {"anna@example.com", "bert@example.com", "carl@example.com"}},
	        {"Anna alone",
	         QMAIL GONE("anna@example.com"),
	         true,
	         {"anna@example.com"}},
	        {"Bert stands for Anna",
	         QMAIL GONE("bert@example.com"),
	         true,
	         {"anna@example.com"}},
	        {"two others stand for Anna",
	         QMAIL GONE("bert@example.com") GONE("carl@example.com"),
	         true,
	         {"anna@example.com"}},
	        {"nothing refused Bert",
	         QMAIL GONE("anna@example.com") "<bert@example.com>:\n"
	                                        "I could not find him.\n",
	         true,
	         {"anna@example.com"}},
	        {"nobody can read the text",
	         QMAIL GONE("anna@example.com") GONE("bert@example.com"),
	         false,
	         {"anna@example.com"}},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct nx_report *report = read_by_formats(
		        *state, cases[i].has_formats ? formats : NULL,
		        delivery_mail(*state, "failure notice",
		                      cases[i].explanation, HEAD ANNA,
		                      RETURNED));
		size_t count = 0;

		for (; count < 3 && cases[i].recipient[count]; count++) {
			const char *wanted = cases[i].recipient[count];

			if (count >= report->recipients ||
			    strcmp(report->recipient[count].address, wanted) !=
			            0)
				fail_msg("%s: %s is not there", cases[i].name,
				         wanted);
		}
		if (report->recipients != count)
			fail_msg("%s: %zu recipients", cases[i].name,
			         report->recipients);
	}
}

static void who_is_added_keeps_what_was_said_of_him(void **state)
{
	const struct nx_report *report =
	        read_by_formats(*state, formats,
	                        delivery_mail(*state, "failure notice",
	                                      QMAIL GONE("anna@example.com")
	                                              GONE("bert@example.com"),
	                                      HEAD ANNA, RETURNED));

	assert_int_equal(report->recipients, 2);
	assert_string_equal(report->format, "rfc3464");
	assert_int_equal(report->recipient[1].action, NX_ACTION_FAILED);
	assert_int_equal(report->recipient[1].reply.code, 550);
	assert_non_null(
	        strstr(report->recipient[1].diagnostic, "no such user"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(somebody_whom_only_the_text_accuses_is_added),
	        cmocka_unit_test(who_is_added_keeps_what_was_said_of_him),
	};

	return cmocka_run_group_tests(tests, start, end_mail);
}
