/* SPDX-License-Identifier: ISC */
#include "mail/reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct reply_case {
	const char *diagnostic;
	int code;
	const char *status;
	const char *phase;
	const char *text; /* NULL: not looked at */
};

static void check(const struct reply_case *cases, size_t count)
{
	size_t wrong = 0;
	for (size_t i = 0; i < count; i++) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		const struct reply_case *want = &cases[i];
		struct nx_reply got;
		char status[NX_STATUS_SIZE];
		nx_reply_parse(ctx, want->diagnostic, &got);
		nx_status_text(got.status, status);
		bool good = got.code == want->code &&
		            strcmp(status, want->status) == 0 &&
		            strcmp(nx_phase_name(got.phase), want->phase) == 0;
		if (want->text != NULL && strcmp(got.text, want->text) != 0)
			good = false;
		if (!good)
			print_error("%s\n  got %d \"%s\" \"%s\" \"%s\"\n",
			            want->diagnostic, got.code, status,
			            nx_phase_name(got.phase), got.text);
		wrong += !good;
		talloc_free(ctx);
	}
	assert_int_equal(wrong, 0);
}

#define CHECK(cases) check(cases, sizeof(cases) / sizeof(*(cases)))

static void a_plain_reply_is_read(void **state)
{
	static const struct reply_case cases[] = {
	        {"", 0, "", "", ""},
	        {"smtp;", 0, "", "", ""},
	        {"smtp; 550 5.1.1 User unknown", 550, "5.1.1", "",
	         "550 5.1.1 User unknown"},
	        {"smtp;550 5.1.1 User unknown", 550, "5.1.1", "",
	         "550 5.1.1 User unknown"},
	        {"SMTP; 550 User unknown", 550, "", "", "550 User unknown"},
	        {"550 5.1.1 <a@example.com>... User unknown", 550, "5.1.1", "",
	         "550 5.1.1 <a@example.com>... User unknown"},
	        {"smtp; 250 2.0.0 Ok: queued as 9F3A11", 250, "2.0.0", "",
	         "250 2.0.0 Ok: queued as 9F3A11"},
	        {"smtp; -554", 554, "", "", "-554"},
	        {"smtp; 550", 550, "", "", "550"},
	        {"550", 550, "", "", "550"},
	        {"smtp; 421-Too busy", 421, "", "", "421-Too busy"},
	        {"smtp; 550: no such user here", 550, "", "",
	         "550: no such user here"},
	        {"smtp; 550 : User unknown", 550, "", "", "550 : User unknown"},
	        {"smtp; 550 5.1.1: no such user", 550, "5.1.1", "",
	         "550 5.1.1: no such user"},
	        {"550 #5.1.0 Address rejected", 550, "5.1.0", "",
	         "550 #5.1.0 Address rejected"},
	        {"#5.1.0 Address rejected", 0, "5.1.0", "",
	         "#5.1.0 Address rejected"},
	        {"smtp; 550= 5.3.5 <a@example.com>... error", 550, "5.3.5", "",
	         "550= 5.3.5 <a@example.com>... error"},
	        {"smtp; 550 5.1.1= <a@example.com>... gone", 550, "5.1.1", "",
	         "550 5.1.1= <a@example.com>... gone"},
	        {"smtp; 571 message refused", 571, "", "",
	         "571 message refused"},
	        {"smtp; 550 sorry, no mailbox here by that name (#5.1.1)", 550,
	         "5.1.1", "",
	         "550 sorry, no mailbox here by that name (#5.1.1)"},
	        {"smtp; 550 [5.1.1] gone", 550, "5.1.1", "", NULL},
	        {"smtp; 550 Requested action not taken (5.2.2)", 550, "5.2.2",
	         "", NULL},
	        {"smtp;  450   4.2.0 \t greylisted,\n come back", 450, "4.2.0",
	         "", "450 4.2.0 greylisted, come back"},
	        {"lmtp; 552 5.2.2 <a@example.com> over quota", 552, "5.2.2", "",
	         "552 5.2.2 <a@example.com> over quota"},
	        {"5.1.1 550 no such user", 550, "5.1.1", "",
	         "5.1.1 550 no such user"},
	        {"5.4.4 unable to route", 0, "5.4.4", "",
	         "5.4.4 unable to route"},
	        {"smtp; 554 5.7.1 rejected, sender got 4.7.1 before", 554,
	         "5.7.1", "", "554 5.7.1 rejected, sender got 4.7.1 before"},
	};
	(void)state;
	CHECK(cases);
}

static void lines_of_one_reply_are_joined(void **state)
{
	static const struct reply_case cases[] = {
	        {"smtp; 550-5.1.1 The account does not exist. 550 5.1.1 Bye.",
	         550, "5.1.1", "",
	         "550-5.1.1 The account does not exist. Bye."},
	        {"smtp; 550-5.7.1 one 550-5.7.1 two 550 5.7.1 three", 550,
	         "5.7.1", "", "550-5.7.1 one two three"},
	        {"smtp; 550-Please sign in 550 before you send", 550, "", "",
	         "550-Please sign in before you send"},
	        {"521-5.7.1 no; client [192.0.2.25] listed 521 5.7.1 see there",
	         521, "5.7.1", "",
	         "521-5.7.1 no; client [192.0.2.25] listed see there"},
	        {"550-5.1.1 one\n550-5.1.1 two\n550 5.1.1 three", 550, "5.1.1",
	         "", "550-5.1.1 one two three"},
	        {"550-first\n550 5.1.1 second", 550, "5.1.1", "",
	         "550-first second"},
	        {"smtp; 452-4.2.2 full 452 4.2.2 p=OverQuota x9 - gsmtp", 452,
	         "4.2.2", "", "452-4.2.2 full p=OverQuota x9 - gsmtp"},
	        {"550-5.7.1 [2001:db8::25 13] many 550 5.7.1 addresses", 550,
	         "5.7.1", "", "550-5.7.1 [2001:db8::25 13] many addresses"},
	        {"smtp; 550 you may send 550 messages a day", 550, "", "",
	         "550 you may send 550 messages a day"},
	};
	(void)state;
	CHECK(cases);
}

static void the_last_refusal_counts(void **state)
{
	static const struct reply_case cases[] = {
	        {"host mx1.example.com[192.0.2.1] said: 451 4.3.0 later (in "
	         "reply to RCPT TO command); host mx2.example.com[192.0.2.2] "
	         "said: 550 5.1.1 no such user (in reply to RCPT TO command)",
	         550, "5.1.1", "rcpt", "550 5.1.1 no such user"},
	        {"host a.example[192.0.2.1] said: 550 5.1.1 no; host "
	         "b.example[192.0.2.2] said: 550 5.1.1 no such user",
	         550, "5.1.1", "", "550 5.1.1 no such user"},
	        {"smtp;550 5.1.351 Remote server returned unknown recipient -> "
	         "550 5.1.1 no such mailbox",
	         550, "5.1.1", "",
	         "550 5.1.351 Remote server returned unknown recipient -> 550 5.1.1 no such mailbox"},
	        {"smtp;550 5.1.351 Remote server said no -> 550 : User unknown",
	         550, "", "",
	         "550 5.1.351 Remote server said no -> 550 : User unknown"},
	        {"550 5.4.300 Message expired -> 451 4.2.0 Throttled", 451,
	         "4.2.0", "",
	         "550 5.4.300 Message expired -> 451 4.2.0 Throttled"},
	        {"smtp; 554 4.4.7 Message expired: unable to deliver in 840 "
	         "minutes.<421 4.4.2 Connection timed out>",
	         421, "4.4.2", "",
	         "554 4.4.7 Message expired: unable to deliver in 840 minutes.<421 4.4.2 Connection timed out>"},
	        {"smtp; 220-mail.example.net 421 4.2.1 Service refused", 421,
	         "4.2.1", "", "220-mail.example.net 421 4.2.1 Service refused"},
	        {"smtp; 550 5.1.1 no such user; 250 2.1.0 ok before", 550,
	         "5.1.1", "", NULL},
	        {"smtp; 5.1.0 - Unknown address error 550-'5.2.2 "
	         "<a@example.com>... Mailbox Full' (delivery attempts: 0)",
	         550, "5.2.2", "",
	         "550-'5.2.2 <a@example.com>... Mailbox Full'"},
	        {"#< #5.1.1 smtp;550 5.1.1 no such user>", 550, "5.1.1", "",
	         "#< #5.1.1 smtp;550 5.1.1 no such user>"},
	        {"<mx.example.com #5.1.1 smtp; 550 5.1.1 <a@example.com>: "
	         "unknown>",
	         550, "5.1.1", "", NULL},
	        {">>> RCPT TO:<a@example.com>\n<<< 450 4.2.0 greylisted\n"
	         ">>> RCPT TO:<a@example.com>\n<<< 550 5.1.1 User unknown",
	         550, "5.1.1", "rcpt",
	         ">>> RCPT TO:<a@example.com> <<< 450 4.2.0 greylisted >>> RCPT TO:<a@example.com> <<< 550 5.1.1 User unknown"},
	};
	(void)state;
	CHECK(cases);
}

static void a_reply_is_found_in_what_a_program_says(void **state)
{
	static const struct reply_case cases[] = {
	        {"x-postfix; host mx.example.com[192.0.2.1] said: 550 5.1.1 "
	         "<a@example.com>: Recipient address rejected: User unknown "
	         "(in reply to RCPT TO command)",
	         550, "5.1.1", "rcpt",
	         "550 5.1.1 <a@example.com>: Recipient address rejected: User unknown"},
	        {"host mx.example.com[192.0.2.1] said: 550 User unknown", 550,
	         "", "", "550 User unknown"},
	        {"host mx.example.com[192.0.2.1]:25 said: 550 Messages are "
	         "not taken from you",
	         550, "", "", "550 Messages are not taken from you"},
	        {"SMTP error from remote mail server after "
	         "RCPT TO:<a@example.com>: host mx.example.com [192.0.2.1]: "
	         "550 No such user",
	         550, "", "rcpt", "550 No such user"},
	        {"SMTP error from remote mail server after "
	         "MAIL FROM:<b@example.org> SIZE=2048: host mx.example.com "
	         "[192.0.2.1]: 550-blocked 550 see example.com/550",
	         550, "", "mail", "550-blocked see example.com/550"},
	        {"SMTP error from remote mail server after end of data: "
	         "host mx.example.com [2001:db8::1]: 554 5.7.1 spam",
	         554, "5.7.1", "data", "554 5.7.1 spam"},
	        {"SMTP error from remote mail server after initial "
	         "connection: host mx.example.com [192.0.2.1]: 554 go away",
	         554, "", "connect", "554 go away"},
	        {"SMTP error from remote server after RCPT command:\n"
	         "host: mx.example.com\n550 <a@example.com>: unknown",
	         550, "", "rcpt", "550 <a@example.com>: unknown"},
	        {"X-Postfix; delivery temporarily suspended: connect to "
	         "mx.example.com[192.0.2.9]: server refused to talk to me: "
	         "421 Service not available",
	         421, "", "connect", "421 Service not available"},
	        {"host mx.example.com[192.0.2.1] refused to talk to me: 554 "
	         "5.7.1 blocked",
	         554, "5.7.1", "connect", "554 5.7.1 blocked"},
	        {"lost connection with mx.example.com[192.0.2.1] while "
	         "sending RCPT TO",
	         0, "", "rcpt",
	         "lost connection with mx.example.com[192.0.2.1] while "
	         "sending RCPT TO"},
	        {"conversation with mx.example.com[192.0.2.1] timed out while "
	         "receiving the initial server greeting",
	         0, "", "connect", NULL},
	        {"Remote host said: 550 5.2.1 disabled", 550, "5.2.1", "",
	         "550 5.2.1 disabled"},
	        {"192.0.2.1 does not like recipient.\nRemote host said: 550 "
	         "5.1.1 no\nGiving up on 192.0.2.1.",
	         550, "5.1.1", "rcpt", "550 5.1.1 no"},
	        {"192.0.2.1 failed after I sent the message.\nRemote host "
	         "said: 552 too big",
	         552, "", "data", "552 too big"},
	        {"Connected to 192.0.2.1 but sender was rejected.\nRemote "
	         "host said: 553 no",
	         553, "", "mail", "553 no"},
	        {"Connected to 192.0.2.1 but greeting failed.\nRemote host "
	         "said: 421 busy",
	         421, "", "connect", "421 busy"},
	        {"Connected to 192.0.2.1 but my name was rejected.", 0, "",
	         "helo", NULL},
	        {"The error that the other server returned was: 550 5.1.1 "
	         "gone",
	         550, "5.1.1", "",
	         "The error that the other server returned was: 550 5.1.1 gone"},
	        {"returned SMTP error code 553 sender refused", 553, "", "",
	         "553 sender refused"},
	        {"[Status: Error, ResponseCode 421, , Host not reachable.]",
	         421, "", "", NULL},
	        {"a@example.com Invalid Address, ERROR_CODE :550, "
	         "ERROR_CODE :5.1.1 unknown",
	         550, "5.1.1", "", NULL},
	        {"host mx.example.com[192.0.2.1] said: 535 5.7.8 bad password "
	         "(in reply to AUTH PLAIN command)",
	         535, "5.7.8", "auth", "535 5.7.8 bad password"},
	        {"host h.example[192.0.2.1] said: 502 no (in reply to HELO "
	         "command)",
	         502, "", "helo", "502 no"},
	        {"host h.example[192.0.2.1] said: 550 spam (in reply to end "
	         "of DATA command)",
	         550, "", "data", "550 spam"},
	        {"host h.example[192.0.2.1] said: 503 no (in reply to DATA "
	         "command)",
	         503, "", "data", "503 no"},
	        {"host h.example[192.0.2.1] said: 550 no (in reply to MAIL "
	         "FROM command)",
	         550, "", "mail", "550 no"},
	        {"MAIL FROM command failed: 501 5.1.8 bad sender", 501, "5.1.8",
	         "mail", "501 5.1.8 bad sender"},
	        {"hMailServer sent: RCPT TO:<a@example.com>\nRemote server "
	         "replied: 550 Unknown user",
	         550, "", "rcpt", "550 Unknown user"},
	        {"The error was: 550 550 5.1.1 gone (state 14).", 550, "5.1.1",
	         "", NULL},
	        {"Server reply \"554 5.7.1 no\"", 554, "5.7.1", "", NULL},
	        {"SMTP module(domain example.com) reports: host "
	         "mx.example.com says: 550 no such user",
	         550, "", "", "550 no such user"},
	};
	(void)state;
	CHECK(cases);
}

static void a_number_is_no_code(void **state)
{
	static const struct reply_case cases[] = {
	        {"x-unix; 75", 0, "", "", "75"},
	        {"X-Unix; 550", 0, "", "", "550"},
	        {"x-unix; deliver: user 550 not found", 0, "", "", NULL},
	        {"connect to mx.example.com[192.0.2.1]:465: Connection refused",
	         0, "", "", NULL},
	        {"connect to mx.example.com:587: timed out", 0, "", "", NULL},
	        {"Connection from 250.1.1.1 refused", 0, "", "", NULL},
	        {"no answer from 10.550.2.1", 0, "", "", NULL},
	        {"550 messages are waiting", 0, "", "", NULL},
	        {"mailbox holds 512 KB of 500 MB", 0, "", "", NULL},
	        {"limit is 500 recipients", 0, "", "", NULL},
	        {"the size limit: 550 bytes", 0, "", "", NULL},
	        {"rejected by filter version 5.2.1", 0, "", "", NULL},
	        {"rejected by filter/5.2.1", 0, "", "", NULL},
	        {"sent by mailer 5.5.2653", 0, "", "", NULL},
	        {"queued as 4A550F since 2023", 0, "", "", NULL},
	        {"ticket 550-2231-441 opened", 0, "", "", NULL},
	        {"see https://example.com/help/550", 0, "", "", NULL},
	        {"took 4.5.3s", 0, "", "", NULL},
	        {"delivery failed 421x", 0, "", "", NULL},
	        {"user a+550@example.com is gone", 0, "", "", NULL},
	        {"user 550@example.com is gone", 0, "", "", NULL},
	        {"quota 450.25 exceeded", 0, "", "", NULL},
	        {"1,550 unread", 0, "", "", NULL},
	        {"see [505] there", 0, "", "", NULL},
	        {"host (state 14)", 0, "", "", NULL},
	        {"address 5.5.0.1 refused", 0, "", "", NULL},
	        {"retry timeout exceeded", 0, "", "", "retry timeout exceeded"},
	        {"smtp; 554 blocked by example.net-1369#554 [abc.us222]", 554,
	         "", "", "554 blocked by example.net-1369#554 [abc.us222]"},
	        {"smtp; 452 limit of 500 hit, 4.5.3.2 refused", 452, "", "",
	         "452 limit of 500 hit, 4.5.3.2 refused"},
	        {"smtp; 552 5.3.4 Message size 552 exceeds 500 KB", 552,
	         "5.3.4", "", "552 5.3.4 Message size 552 exceeds 500 KB"},
	        {"smtp; DNS Error: 24275403 lookup of example.org: no answer",
	         0, "", "", NULL},
	};
	(void)state;
	CHECK(cases);
}

static void hostile_text_is_harmless(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	static const char *const pieces[] = {"550 ",   "550-", "<",   ":",
	                                     "5.1.1 ", "\n",   "-> ", "after "};
	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		char *text = talloc_strdup(ctx, "smtp; ");
		for (int n = 0; n < 5000; n++)
			text = talloc_strdup_append_buffer(text, pieces[i]);
		struct nx_reply reply;
		nx_reply_parse(ctx, text, &reply);
		assert_true(strlen(reply.text) <= strlen(text));
	}
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_plain_reply_is_read),
	        cmocka_unit_test(lines_of_one_reply_are_joined),
	        cmocka_unit_test(the_last_refusal_counts),
	        cmocka_unit_test(a_reply_is_found_in_what_a_program_says),
	        cmocka_unit_test(a_number_is_no_code),
	        cmocka_unit_test(hostile_text_is_harmless),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
