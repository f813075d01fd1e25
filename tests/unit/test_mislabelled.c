/* SPDX-License-Identifier: ISC */
#include "mail.h"

/* The fields of a delivery report in a part of another type. */
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define SYSTEM "From: Mail System <MAILER-DAEMON@mx.example.net>\n"
#define PERSON "From: Bert <bert@example.net>\n"
#define MIXED                                                                  \
	"Subject: Returned mail\n"                                             \
	"Content-Type: multipart/mixed; boundary=b\n\n"
#define DECLARED                                                                \
	"Subject: Returned mail\nContent-Type: multipart/report; boundary=b;\n" \
	" report-type=delivery-status\n\n"
#define PART(text) "--b\nContent-Type: text/plain\n\n" text "\n"
#define HTML(text) "--b\nContent-Type: text/html\n\n" text "\n"
#define END        "--b--\n"
#define FIELDS                                                                 \
	"Reporting-MTA: dns; mx.example.net\n\n"                               \
	"Final-Recipient: rfc822; anna@example.com\n"                          \
	"Action: failed\nStatus: 5.1.1\n"

static void fields_in_a_wrong_part_are_found_where_they_can_be_nothing_else(
        void **state)
{
	static const struct {
		const char *name, *mail;
		bool is_found;
	} cases[] = {
	        {"the second part of a report",
	         PERSON DECLARED PART("Sorry.") PART(FIELDS) END, true},
	        {"the first part of a report", PERSON DECLARED PART(FIELDS) END,
	         true},
	        {"behind other words, in a report",
	         PERSON DECLARED PART("Sorry.") PART("It says:\n\n" FIELDS) END,
	         true},
	        {"the second part of another mail of the system",
	         SYSTEM MIXED PART("Sorry.") PART(FIELDS) END, true},
	        {"behind blank lines there",
	         SYSTEM MIXED PART("Sorry.") PART("\n \n" FIELDS) END, true},
	        {"of a person", PERSON MIXED PART("Look.") PART(FIELDS) END,
	         false},
	        {"quoted behind other words",
	         SYSTEM MIXED PART("Sorry.") PART("It says:\n\n" FIELDS) END,
	         false},
	        {"among the headers of a mail",
	         SYSTEM MIXED PART("Sorry.")
	                 PART("From: a@example.org\n" FIELDS) END,
	         false},
	        {"the first part of another mail",
	         SYSTEM MIXED PART(FIELDS) END, false},
	        {"in HTML", SYSTEM MIXED PART("Sorry.") HTML(FIELDS) END,
	         false},
	        {"of nobody",
	         SYSTEM MIXED PART("Sorry.")
	                 PART("Reporting-MTA: dns; mx.example.net\n") END,
	         false},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct nx_report *report =
		        read_mail(*state, cases[i].mail);
		bool is_found = strcmp(report->format, "rfc3464") == 0 &&
		                report->recipients == 1 &&
		                strcmp(report->recipient->address,
		                       "anna@example.com") == 0;

		if (is_found != cases[i].is_found)
			fail_msg("%s: format \"%s\", %zu recipients",
			         cases[i].name, report->format,
			         report->recipients);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(
	                fields_in_a_wrong_part_are_found_where_they_can_be_nothing_else),
	};

	return cmocka_run_group_tests(tests, start_mail, end_mail);
}
