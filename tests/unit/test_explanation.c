/* SPDX-License-Identifier: ISC */
#include "hostile.h"
#include "mail.h"

#include "base/text.h"
#include "report/explanation.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define HEAD        "From: MAILER-DAEMON@mx.example.net\nMIME-Version: 1.0\n"
#define MIXED       HEAD "Content-Type: multipart/mixed; boundary=b\n\n"
#define ALTERNATIVE HEAD "Content-Type: multipart/alternative; boundary=b\n\n"
#define PLAIN(text) "--b\nContent-Type: text/plain\n\n" text "\n"
#define HTML(text)  "--b\nContent-Type: text/html\n\n" text "\n"
#define RETURNED_MAIL                                                          \
	"--b\nContent-Type: message/rfc822\n\n"                                \
	"From: a@example.org\n\nHello Anna.\n"
#define END "--b--\n"

static const struct nx_message *message_of(TALLOC_CTX *ctx, const char *text)
{
	const struct nx_envelope envelope = {
	        .sender = "",
	        .recipient = "",
	        .original_recipient = "",
	        .queue_id = "",
	};
	return parse_message(ctx, text, strlen(text), &envelope);
}

static void the_part_for_people_is_the_first_that_says_something(void **state)
{
	static const struct {
		const char *name, *mail;
		const char *type; /* "" when there is no such part */
		const char *text;
	} cases[] = {
	        {"a mail without parts", HEAD "\nYour mail came back.\n",
	         "text/plain", "Your mail came back.\n"},
	        {"blanks say nothing",
	         MIXED PLAIN(" \n\t\n") PLAIN("Your mail came back.")
	                 PLAIN("Other words.") END,
	         "text/plain", "Your mail came back."},
	        {"plain text goes before HTML that stands in front",
	         MIXED HTML("<p>In HTML</p>") PLAIN("Your mail came back.") END,
	         "text/plain", "Your mail came back."},
	        {"HTML where plain text is blank",
	         MIXED PLAIN(" ") HTML("<p>Your mail<br>came&nbsp;back</p>")
	                 END,
	         "text/html", "Your mail\ncame back\n"},
	        {"HTML where its other form is a stub without an address",
	         ALTERNATIVE PLAIN("Your reader cannot show this.")
	                 HTML("<p>anna@example.com is gone</p>") END,
	         "text/html", "anna@example.com is gone\n"},
	        {"the other form when it has an address",
	         ALTERNATIVE PLAIN("anna@example.com is gone")
	                 HTML("<p>In HTML: anna@example.com</p>") END,
	         "text/plain", "anna@example.com is gone"},
	        {"what stands beside HTML is no stub when it is no other form",
	         MIXED PLAIN("Your mail came back.")
	                 HTML("<p>anna@example.com</p>") END,
	         "text/plain", "Your mail came back."},
	        {"a multipart that has lost its parts",
	         MIXED "Your mail came back.\n", "multipart/mixed",
	         "Your mail came back.\n"},
	        {"nothing of the returned message", MIXED RETURNED_MAIL END, "",
	         ""},
	        {"nor where the text in front of it is blank",
	         MIXED PLAIN("  ") RETURNED_MAIL END, "", ""},
	        {"no text at all",
	         HEAD "Content-Type: image/png\n\nYour mail came back.\n", "",
	         ""},
	        {"no body", HEAD "\n", "", ""},
	        {"no mail", "", "", ""},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct nx_message *message =
		        message_of(*state, cases[i].mail);
		const struct nx_part *part = nx_explanation_part(message);
		const char *type = part != NULL ? part->type : "";
		const char *text = nx_explanation_text(*state, message);

		if (strcmp(type, cases[i].type) != 0 ||
		    strcmp(text, cases[i].text) != 0)
			fail_msg("%s: %s \"%s\"", cases[i].name, type, text);
	}
}

static void a_notice_in_json_is_taken_out_of_the_other(void **state)
{
	static const struct {
		const char *name, *body, *text;
	} cases[] = {
	        {"a text inside of another",
	         "{\"Type\": \"Notification\",\n"
	         " \"Message\": \"{\\\"bounceType\\\":\\\"Permanent\\\"}\"}\n",
	         "{\"bounceType\":\"Permanent\"}"},
	        {"whose line end was put in by a gateway",
	         "{\"Message\":\"{\\\"reason\\\":\\\"mail\n box\\\"}\"}\n",
	         "{\"reason\":\"mailbox\"}"},
	        {"a text that is none of JSON is left where it is",
	         "{\"Message\":\"the box is full\"}\n",
	         "{\"Message\":\"the box is full\"}\n"},
	        {"an object without a message",
	         "{\"bounceType\": \"Permanent\"}\n",
	         "{\"bounceType\":\"Permanent\"}\n"},
	        {"one that is broken is only joined",
	         "{\"Message\": \"{\\\"a\\\":1}\"\n",
	         "{\"Message\":\"{\\\"a\\\":1}\""},
	        {"prose that begins with a brace", "{ is a brace }\n",
	         "{ is a brace }\n"},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *mail =
		        talloc_asprintf(*state, HEAD "\n%s", cases[i].body);
		const char *text =
		        nx_explanation_text(*state, message_of(*state, mail));

		if (strcmp(text, cases[i].text) != 0)
			fail_msg("%s: \"%s\"", cases[i].name, text);
	}
}

static void the_only_address_is_that_of_all_lines_that_name_one(void **state)
{
	static const struct {
		const char *name, *text, *address;
	} cases[] = {
	        {"one line", "Sorry:\n<anna@example.com>: gone\n",
	         "anna@example.com"},
	        {"that stands further in", "\t <anna@example.com>: gone",
	         "anna@example.com"},
	        {"two lines in two spellings",
	         "<Anna@example.com>: gone\n<anna@EXAMPLE.com>: really\n",
	         "Anna@example.com"},
	        {"two people",
	         "<anna@example.com>: gone\n<bert@example.com>: gone\n", ""},
	        {"a third who is the first again",
	         "<anna@example.com>: a\n<bert@example.com>: b\n"
	         "<anna@example.com>: c\n",
	         ""},
	        {"somebody whom a line names otherwise",
	         "<anna@example.com>: gone\nmail <bert@example.com>: or not\n",
	         "anna@example.com"},
	        {"no brackets", "anna@example.com: gone\n", ""},
	        {"no colon", "<anna@example.com> gone\n", ""},
	        {"no close in that line", "<anna@example.com\n>: gone\n", ""},
	        {"no address", "<|/usr/bin/filter>: failed\n", ""},
	        {"no end of the line",
	         "<anna@example.com>:", "anna@example.com"},
	        {"no text", "", ""},
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *address =
		        nx_explanation_only_address(*state, cases[i].text);

		if (!nx_text_equal(address, cases[i].address))
			fail_msg("%s: \"%s\"", cases[i].name, address);
	}
}

static void three_letters_in_a_row_are_a_word(void **state)
{
	static const struct {
		const char *text;
		bool has_words;
	} cases[] = {
	        {"", false},
	        {"550 5.1.1", false},
	        {"#5.1.1", false},
	        {"OK", false},
	        {"a b c d", false},
	        {"ab1cd2", false},
	        {"x9-yz", false},
	        {"550 5.1.1 no way", true},
	        {"abc", true},
	        {"550-Ok.GONE", true},
	        {"\xd0\xbd\xd0\xb5", true},
	        {"\xe6\x8b\x92", true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (nx_explanation_has_words(cases[i].text) !=
		    cases[i].has_words)
			fail_msg("%s", cases[i].text);
}

static void any_text_is_read_up_to_a_limit(void **state)
{
	for (size_t i = 0; i < HOSTILE; i++) {
		TALLOC_CTX *ctx = talloc_new(*state);
		char *text = hostile_text(ctx, i);
		char *mail = talloc_asprintf(
		        ctx, HEAD "Content-Type: text/plain\n\n%s", text);
		const char *explanation =
		        nx_explanation_text(ctx, message_of(ctx, mail));
		/* fields of a report are worth more than prose */
		bool has_fields = strstr(text, "Final-Recipient:") != NULL;
		size_t limit =
		        has_fields ? NX_MESSAGE_ALL_TEXT : NX_MESSAGE_PART_TEXT;

		/* nothing of it is an address of somebody */
		assert_string_equal(nx_explanation_only_address(ctx, text), "");
		(void)nx_explanation_has_words(text);
		if (strlen(explanation) > limit)
			fail_msg("\"%s\": %zu bytes", hostile_pieces[i],
			         strlen(explanation));
		talloc_free(ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(
	                the_part_for_people_is_the_first_that_says_something),
	        cmocka_unit_test(a_notice_in_json_is_taken_out_of_the_other),
	        cmocka_unit_test(
	                the_only_address_is_that_of_all_lines_that_name_one),
	        cmocka_unit_test(three_letters_in_a_row_are_a_word),
	        cmocka_unit_test(any_text_is_read_up_to_a_limit),
	};

	return cmocka_run_group_tests(tests, start_mail, end_mail);
}
