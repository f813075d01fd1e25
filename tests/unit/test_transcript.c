/* SPDX-License-Identifier: ISC */
#include "hostile.h"
#include "mail.h"

#include "report/readers/transcript.h"

/*
 * What a transcript by itself says of whom; how that and the rest of the text
 * go together is for test_account.c.
 */
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

#define PERSON(name)                                                           \
	"Final-Recipient: rfc822; " name "@example.com\n"                      \
	"Action: failed\nStatus: 5.0.0\n\n"
#define SESSION "   ----- Transcript of session follows -----\n"
#define TALK    SESSION "... while talking to mx.example.com.:\n"
#define ANNA    "anna@example.com"
#define BERT    "bert@example.com"
#define UNKNOWN "... User unknown\n"

/* The report of Anna, Bert and a thousand-and-first; its text is given apart.
 */
static const struct nx_report *report;

static int start(void **state)
{
	start_mail(state);
	report = read_mail(*state,
	                   delivery_mail(*state, "Returned mail", "Sorry.",
	                                 "Reporting-MTA: dns; mx.example.org\n"
	                                 "\n" PERSON("anna") PERSON("bert"),
	                                 RETURNED));
	return report->recipients == 2 ? 0 : -1;
}

static struct nx_transcript *transcript_of(TALLOC_CTX *ctx, const char *text)
{
	return nx_transcript_read(ctx, nx_places_find(ctx, report, text), text);
}

struct saying {
	const char *name;
	const char *text;
	const char *said; /* NULL: not looked at */
	const char *mta;
};

static void check_said(const struct saying *wanted, struct nx_said got)
{
	if (strcmp(got.text, wanted->said) != 0)
		fail_msg("%s: said \"%s\", wanted \"%s\"", wanted->name,
		         got.text, wanted->said);
	if (wanted->mta != NULL && strcmp(got.mta, wanted->mta) != 0)
		fail_msg("%s: by \"%s\", wanted \"%s\"", wanted->name, got.mta,
		         wanted->mta);
}

static void a_line_of_the_remote_decides(void **state)
{
	static const struct saying cases[] = {
	        {"and not what Sendmail makes of it",
	         TALK ">>> RCPT To:<" ANNA ">\n<<< 550 too many links\n"
	              "550 5.1.1 <" ANNA ">" UNKNOWN,
	         "550 too many links", "mx.example.com"},
	        {"what Sendmail makes of it alone is nobody's word",
	         TALK ">>> RCPT To:<" ANNA ">\n550 5.1.1 <" ANNA ">" UNKNOWN,
	         "", ""},
	        {"also where no host was asked",
	         SESSION "550 5.1.1 <" ANNA ">" UNKNOWN, "", ""},
	        {"a temporary one, too",
	         TALK ">>> RCPT To:<" ANNA ">\n<<< 451 4.7.1 come back\n",
	         "451 4.7.1 come back", "mx.example.com"},
	        {"which the line below gives to her, not the command",
	         TALK ">>> DATA\n<<< 550 nobody\n550 5.1.1 <" ANNA ">" UNKNOWN,
	         "550 nobody", "mx.example.com"},
	        {"which names her",
	         TALK ">>> DATA\n<<< 550 <" ANNA "> has left\n",
	         "550 <" ANNA "> has left", "mx.example.com"},
	        {"in another spelling",
	         TALK ">>> RCPT To:<Anna@EXAMPLE.com>\n<<< 550 gone\n",
	         "550 gone", "mx.example.com"},
	        {"of several lines",
	         TALK ">>> RCPT To:<" ANNA ">\n<<< 550-one\n<<< 550-two\n"
	              "<<< 550 three\n",
	         "550-one 550-two 550 three", "mx.example.com"},
	        {"behind a tab, or nothing",
	         TALK ">>>\tRCPT To:<" ANNA ">\n<<<\t550 one\n<<<550 two\n",
	         "550 one 550 two", "mx.example.com"},
	        {"the last one",
	         TALK ">>> RCPT To:<" ANNA ">\n<<< 451 later\n"
	              "... while talking to mx2.example.com.:\n"
	              ">>> RCPT To:<" ANNA ">\n<<< 550 never\n",
	         "550 never", "mx2.example.com"},
	        {"also where a yes follows",
	         TALK ">>> RCPT To:<" ANNA ">\n<<< 550 never\n"
	              ">>> QUIT\n<<< 221 bye\n",
	         "550 never", "mx.example.com"},
	        {"503 is only about the order of commands",
	         TALK ">>> RCPT To:<" ANNA ">\n<<< 550 never\n"
	              ">>> DATA\n<<< 503 need RCPT\n",
	         "550 never", "mx.example.com"},
	        {"also where commands went in one go",
	         TALK ">>> RCPT To:<" ANNA
	              ">\n<<< 550 never\n<<< 503 need RCPT\n",
	         "550 never", "mx.example.com"},
	        {"a yes is no refusal",
	         TALK ">>> RCPT To:<" ANNA ">\n<<< 250 welcome\n", "", ""},
	        {"nor is a number",
	         TALK ">>> RCPT To:<" ANNA ">\n<<< 5500 mails\n<<< 55 of\n", "",
	         ""},
	        {"what another was told is not hers",
	         TALK ">>> RCPT To:<" BERT ">\n<<< 550 <" BERT "> gone\n", "",
	         ""},
	        {"what is said to all is not her own",
	         TALK ">>> DATA\n<<< 554 spam\n", "", ""},
	        {"of a host that is not told",
	         "Sorry.\n>>> RCPT To:<" ANNA ">\n<<< 550 gone\n", "550 gone",
	         ""},
	        {"of a host with a port or a number",
	         "... while talking to mx.example.com.[192.0.2.1]:25:\n"
	         ">>> RCPT To:<" ANNA ">\n<<< 550 gone\n",
	         "550 gone", "mx.example.com"},
	        {"without an end of the line",
	         TALK ">>> RCPT To:<" ANNA ">\n<<< 550 gone", "550 gone",
	         "mx.example.com"},
	        {"no transcript", "550 <" ANNA "> gone\n", "", ""},
	        {"no text", "", "", ""},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_said(&cases[i],
		           nx_transcript_own(
		                   *state, transcript_of(*state, cases[i].text),
		                   ANNA));
}

static void a_delivery_agent_speaks_before_the_code(void **state)
{
	static const struct saying cases[] = {
	        {"with the line of codes that follows",
	         SESSION "mail.local: /var/mail/anna: quota\n"
	                 "552 5.2.2 <" ANNA ">... Mailbox full\n",
	         "mail.local: /var/mail/anna: quota 552 5.2.2 <" ANNA
	         ">... Mailbox full",
	         ""},
	        {"only its last line",
	         SESSION "Hello.\nmail.local: no\n550 <" ANNA ">" UNKNOWN,
	         "mail.local: no 550 <" ANNA ">... User unknown", ""},
	        {"of another",
	         SESSION "mail.local: no\n550 5.1.1 <" BERT ">" UNKNOWN, "",
	         ""},
	        {"a code alone is none", SESSION "550 5.1.1 <" ANNA ">" UNKNOWN,
	         "", ""},
	        {"nor is a command",
	         TALK ">>> RCPT To:<" ANNA ">\n550 5.1.1 <" ANNA ">" UNKNOWN,
	         "", ""},
	        {"nor a line before the transcript",
	         "Sorry, no.\n550 5.1.1 <" ANNA ">" UNKNOWN SESSION, "", ""},
	        {"nor one behind it",
	         SESSION "   ----- The mail -----\nSorry, no.\n"
	                 "550 5.1.1 <" ANNA ">" UNKNOWN,
	         "", ""},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_said(&cases[i],
		           nx_transcript_agent(
		                   *state, transcript_of(*state, cases[i].text),
		                   ANNA));
}

static void a_reply_that_names_nobody_is_for_all_of_that_host(void **state)
{
	static const char text[] =
	        TALK ">>> DATA\n<<< 554 no lists\n"
	             "... while talking to mx.example.net.:\n"
	             ">>> DATA\n<<< 554 you are listed\n";
	static const struct {
		struct saying wanted;
		const char *host;
	} cases[] = {
	        {{"the last of any", text, "554 you are listed",
	          "mx.example.net"},
	         ""},
	        {{"that of the host", text, "554 no lists", "mx.example.com"},
	         "MX.example.com"},
	        {{"none of a third", text, "", ""}, "mx.example.org"},
	        {{"of a host that is not told",
	          SESSION ">>> DATA\n<<< 554 spam\n", "554 spam", ""},
	         "mx.example.org"},
	        {{"a command asked about somebody",
	          TALK ">>> RCPT To:<" ANNA ">\n<<< 550 no\n", "", ""},
	         ""},
	        {{"but not the command before the last",
	          TALK ">>> RCPT To:<" ANNA ">\n<<< 250 yes\n"
	               ">>> DATA\n<<< 554 spam\n",
	          "554 spam", "mx.example.com"},
	         ""},
	        {{"it names somebody",
	          TALK ">>> DATA\n<<< 550 <" BERT "> is gone\n", "", ""},
	         ""},
	        {{"the line below does",
	          TALK ">>> DATA\n<<< 550 no\n"
	               "550 5.1.1 <" ANNA ">" UNKNOWN,
	          "", ""},
	         ""},
	        {{"nothing", "", "", ""}, ""},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_said(&cases[i].wanted,
		           nx_transcript_shared(
		                   *state,
		                   transcript_of(*state, cases[i].wanted.text),
		                   cases[i].host));
}

static void a_command_tells_that_a_host_was_asked(void **state)
{
	struct nx_transcript *one =
	        transcript_of(*state, TALK ">>> MAIL From:<" BERT ">\n"
	                                   ">>> RCPT To:<" ANNA ">\n");

	assert_true(nx_transcript_was_asked(one, ANNA));
	assert_true(nx_transcript_was_asked(one, "Anna@Example.com"));
	assert_false(nx_transcript_was_asked(one, BERT));
	assert_false(nx_transcript_was_asked(one, "na@example.com"));
	assert_false(nx_transcript_was_asked(one, ""));
}

static void unknown_user_behind_dots_is_a_translation(void **state)
{
	static const struct {
		const char *line;
		bool is_one;
	} cases[] = {
	        {"550 5.1.1 <anna@example.com>... User unknown", true},
	        {"551 <anna@example.com>... user unknown", true},
	        {"553 5.1.3 anna... User unknown\n550 no", true},
	        {"<<< 550 5.1.1 <anna@example.com>... User unknown", false},
	        {"550 5.1.1 User unknown", false},
	        {"550 no such user\n550 <a@example.com>... User unknown",
	         false},
	        {"250 <anna@example.com>... User unknown", false},
	        {"503 <anna@example.com>... User unknown", false},
	        {"5500 <anna@example.com>... User unknown", false},
	        {"55", false},
	        {"", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (nx_transcript_is_translation(nx_line_at(cases[i].line)) !=
		    cases[i].is_one)
			fail_msg("%s", cases[i].line);
}

static void the_words_of_sendmail_tell_that_it_wrote(void **state)
{
	(void)state;
	assert_true(nx_transcript_is_in(TALK));
	assert_true(nx_transcript_is_in("----- TRANSCRIPT OF SESSION FOLLOWS"));
	assert_true(nx_transcript_is_in(
	        "--- The following addresses had permanent fatal errors"));
	assert_false(nx_transcript_is_in("The following address failed:"));
	assert_false(nx_transcript_is_in("<<< 550 no"));
	assert_false(nx_transcript_is_in(""));
}

static void what_is_said_is_one_line_of_two_kilobytes_at_most(void **state)
{
	/* characters of two bytes, so that half of one would show */
	char *text = talloc_asprintf(
	        *state, TALK ">>> RCPT To:<" ANNA ">\n<<< 550 %s\n",
	        repeated(*state, "\xc3\xa9", 4999));
	struct nx_said said =
	        nx_transcript_own(*state, transcript_of(*state, text), ANNA);

	assert_int_equal(strlen(said.text), 2048);
	assert_int_equal((unsigned char)said.text[2047], 0xA9);
	assert_null(strchr(said.text, '\n'));
}

static void a_thousand_recipients_have_their_own_replies(void **state)
{
	char *text = talloc_strdup(*state, TALK);

	for (int i = 0; i < 1000; i++)
		text = talloc_asprintf_append_buffer(
		        text, ">>> RCPT To:<u%d@example.com>\n<<< 550 not %d\n",
		        i, i);
	struct nx_transcript *all = transcript_of(*state, text);

	for (int i = 0; i < 1000; i++) {
		const char *address =
		        talloc_asprintf(*state, "u%d@example.com", i);

		assert_string_equal(
		        nx_transcript_own(*state, all, address).text,
		        talloc_asprintf(*state, "550 not %d", i));
		assert_true(nx_transcript_was_asked(all, address));
	}
}

static void any_text_is_read(void **state)
{
	for (size_t i = 0; i < HOSTILE; i++) {
		TALLOC_CTX *ctx = talloc_new(*state);
		const char *text =
		        talloc_asprintf(ctx, TALK "%s", hostile_text(ctx, i));
		struct nx_transcript *read = transcript_of(ctx, text);

		assert_string_equal(nx_transcript_own(ctx, read, ANNA).text,
		                    "");
		assert_string_equal(nx_transcript_agent(ctx, read, ANNA).text,
		                    "");
		assert_true(strlen(nx_transcript_shared(ctx, read, "").text) <=
		            2048);
		assert_false(nx_transcript_was_asked(read, ANNA));
		talloc_free(ctx);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_line_of_the_remote_decides),
	        cmocka_unit_test(a_delivery_agent_speaks_before_the_code),
	        cmocka_unit_test(
	                a_reply_that_names_nobody_is_for_all_of_that_host),
	        cmocka_unit_test(a_command_tells_that_a_host_was_asked),
	        cmocka_unit_test(unknown_user_behind_dots_is_a_translation),
	        cmocka_unit_test(the_words_of_sendmail_tell_that_it_wrote),
	        cmocka_unit_test(
	                what_is_said_is_one_line_of_two_kilobytes_at_most),
	        cmocka_unit_test(a_thousand_recipients_have_their_own_replies),
	        cmocka_unit_test(any_text_is_read),
	};

	return cmocka_run_group_tests(tests, start, end_mail);
}
