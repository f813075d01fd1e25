/* SPDX-License-Identifier: ISC */
#include "mail/reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

struct reply_case {
	const char *name;
	const char *diagnostic;
	int code;
	const char *status;
	const char *phase;
	const char *text; /* NULL: not looked at */
};

static const struct reply_case replies[] = {
        /* --- a plain reply --- */
        {"nothing", "", 0, "", "", ""},
        {"only a type", "smtp;", 0, "", "", ""},
        {"type, reply, code and words", "smtp; 550 5.1.1 User unknown", 550,
         "5.1.1", "", "550 5.1.1 User unknown"},
        {"no blank behind the type", "smtp;550 5.1.1 User unknown", 550,
         "5.1.1", "", "550 5.1.1 User unknown"},
        {"a type in other letters, no code", "SMTP; 550 User unknown", 550, "",
         "", "550 User unknown"},
        {"no type", "550 5.1.1 <a@example.com>... User unknown", 550, "5.1.1",
         "", "550 5.1.1 <a@example.com>... User unknown"},
        {"a reply that accepts", "smtp; 250 2.0.0 Ok: queued as 9F3A11", 250,
         "2.0.0", "", "250 2.0.0 Ok: queued as 9F3A11"},
        {"a hyphen in front", "smtp; -554", 554, "", "", "-554"},
        {"only a number behind a type", "smtp; 550", 550, "", "", "550"},
        {"only a number", "550", 550, "", "", "550"},
        {"a hyphen behind the number", "smtp; 421-Too busy", 421, "", "",
         "421-Too busy"},
        {"a colon behind the number", "smtp; 550: no such user here", 550, "",
         "", "550: no such user here"},
        {"a colon with a blank", "smtp; 550 : User unknown", 550, "", "",
         "550 : User unknown"},
        {"a colon behind the code", "smtp; 550 5.1.1: no such user", 550,
         "5.1.1", "", "550 5.1.1: no such user"},
        {"a code behind a hash", "550 #5.1.0 Address rejected", 550, "5.1.0",
         "", "550 #5.1.0 Address rejected"},
        {"a code alone behind a hash", "#5.1.0 Address rejected", 0, "5.1.0",
         "", "#5.1.0 Address rejected"},
        {"a number that ends with an equals sign",
         "smtp; 550= 5.3.5 <a@example.com>... error", 550, "5.3.5", "",
         "550= 5.3.5 <a@example.com>... error"},
        {"a code that ends with an equals sign",
         "smtp; 550 5.1.1= <a@example.com>... gone", 550, "5.1.1", "",
         "550 5.1.1= <a@example.com>... gone"},
        {"a number that no RFC has", "smtp; 571 message refused", 571, "", "",
         "571 message refused"},
        {"a code in brackets with a hash at the end",
         "smtp; 550 sorry, no mailbox here by that name (#5.1.1)", 550, "5.1.1",
         "", "550 sorry, no mailbox here by that name (#5.1.1)"},
        {"a code in square brackets", "smtp; 550 [5.1.1] gone", 550, "5.1.1",
         "", NULL},
        {"a code in brackets at the end",
         "smtp; 550 Requested action not taken (5.2.2)", 550, "5.2.2", "",
         NULL},
        {"blanks in a row, and a line end",
         "smtp;  450   4.2.0 \t greylisted,\n come back", 450, "4.2.0", "",
         "450 4.2.0 greylisted, come back"},
        {"LMTP", "lmtp; 552 5.2.2 <a@example.com> over quota", 552, "5.2.2", "",
         "552 5.2.2 <a@example.com> over quota"},
        {"the code before the number", "5.1.1 550 no such user", 550, "5.1.1",
         "", "5.1.1 550 no such user"},
        {"a code alone", "5.4.4 unable to route", 0, "5.4.4", "",
         "5.4.4 unable to route"},
        {"a code that the words tell of",
         "smtp; 554 5.7.1 rejected, sender got 4.7.1 before", 554, "5.7.1", "",
         "554 5.7.1 rejected, sender got 4.7.1 before"},
        /* --- lines of one reply are joined --- */
        {"the last line repeats number and code",
         "smtp; 550-5.1.1 The account does not exist. 550 5.1.1 Bye.", 550,
         "5.1.1", "", "550-5.1.1 The account does not exist. Bye."},
        {"all lines repeat number and code",
         "smtp; 550-5.7.1 one 550-5.7.1 two 550 5.7.1 three", 550, "5.7.1", "",
         "550-5.7.1 one two three"},
        {"lines that repeat only the number",
         "smtp; 550-Please sign in 550 before you send", 550, "", "",
         "550-Please sign in before you send"},
        {"another number, behind a semicolon",
         "521-5.7.1 no; client [192.0.2.25] listed 521 5.7.1 see there", 521,
         "5.7.1", "", "521-5.7.1 no; client [192.0.2.25] listed see there"},
        {"lines with line ends",
         "550-5.1.1 one\n550-5.1.1 two\n550 5.1.1 three", 550, "5.1.1", "",
         "550-5.1.1 one two three"},
        {"only the second line has a code", "550-first\n550 5.1.1 second", 550,
         "5.1.1", "", "550-first second"},
        {"a hyphen within the last line",
         "smtp; 452-4.2.2 full 452 4.2.2 p=OverQuota x9 - gsmtp", 452, "4.2.2",
         "", "452-4.2.2 full p=OverQuota x9 - gsmtp"},
        {"a number within an address",
         "550-5.7.1 [2001:db8::25 13] many 550 5.7.1 addresses", 550, "5.7.1",
         "", "550-5.7.1 [2001:db8::25 13] many addresses"},
        {"a number that is no line",
         "smtp; 550 you may send 550 messages a day", 550, "", "",
         "550 you may send 550 messages a day"},
        /* --- the last refusal counts --- */
        {"two hosts, and commands",
         "host mx1.example.com[192.0.2.1] said: 451 4.3.0 later (in "
         "reply to RCPT TO command); host mx2.example.com[192.0.2.2] "
         "said: 550 5.1.1 no such user (in reply to RCPT TO command)",
         550, "5.1.1", "rcpt", "550 5.1.1 no such user"},
        {"two hosts without commands",
         "host a.example[192.0.2.1] said: 550 5.1.1 no; host "
         "b.example[192.0.2.2] said: 550 5.1.1 no such user",
         550, "5.1.1", "", "550 5.1.1 no such user"},
        {"a reply within a reply",
         "smtp;550 5.1.351 Remote server returned unknown recipient -> "
         "550 5.1.1 no such mailbox",
         550, "5.1.1", "",
         "550 5.1.351 Remote server returned unknown recipient -> 550 5.1.1 no such mailbox"},
        {"a reply without a code within a reply",
         "smtp;550 5.1.351 Remote server said no -> 550 : User unknown", 550,
         "", "", "550 5.1.351 Remote server said no -> 550 : User unknown"},
        {"a temporary reply within a permanent one",
         "550 5.4.300 Message expired -> 451 4.2.0 Throttled", 451, "4.2.0", "",
         "550 5.4.300 Message expired -> 451 4.2.0 Throttled"},
        {"a reply in angle brackets",
         "smtp; 554 4.4.7 Message expired: unable to deliver in 840 "
         "minutes.<421 4.4.2 Connection timed out>",
         421, "4.4.2", "",
         "554 4.4.7 Message expired: unable to deliver in 840 minutes.<421 4.4.2 Connection timed out>"},
        {"a refusal behind a greeting",
         "smtp; 220-mail.example.net 421 4.2.1 Service refused", 421, "4.2.1",
         "", "220-mail.example.net 421 4.2.1 Service refused"},
        {"an acceptance behind a refusal",
         "smtp; 550 5.1.1 no such user; 250 2.1.0 ok before", 550, "5.1.1", "",
         NULL},
        {"a reply in single quotes",
         "smtp; 5.1.0 - Unknown address error 550-'5.2.2 "
         "<a@example.com>... Mailbox Full' (delivery attempts: 0)",
         550, "5.2.2", "", "550-'5.2.2 <a@example.com>... Mailbox Full'"},
        {"a reply behind a type within brackets",
         "#< #5.1.1 smtp;550 5.1.1 no such user>", 550, "5.1.1", "",
         "#< #5.1.1 smtp;550 5.1.1 no such user>"},
        {"a reply behind host, code and type",
         "<mx.example.com #5.1.1 smtp; 550 5.1.1 <a@example.com>: "
         "unknown>",
         550, "5.1.1", "", NULL},
        {"a transcript of two commands",
         ">>> RCPT TO:<a@example.com>\n<<< 450 4.2.0 greylisted\n"
         ">>> RCPT TO:<a@example.com>\n<<< 550 5.1.1 User unknown",
         550, "5.1.1", "rcpt",
         ">>> RCPT TO:<a@example.com> <<< 450 4.2.0 greylisted >>> RCPT TO:<a@example.com> <<< 550 5.1.1 User unknown"},
        /* --- a reply is found in what a program says --- */
        {"Postfix",
         "x-postfix; host mx.example.com[192.0.2.1] said: 550 5.1.1 "
         "<a@example.com>: Recipient address rejected: User unknown "
         "(in reply to RCPT TO command)",
         550, "5.1.1", "rcpt",
         "550 5.1.1 <a@example.com>: Recipient address rejected: User unknown"},
        {"Postfix without a command",
         "host mx.example.com[192.0.2.1] said: 550 User unknown", 550, "", "",
         "550 User unknown"},
        {"Postfix with a port",
         "host mx.example.com[192.0.2.1]:25 said: 550 Messages are "
         "not taken from you",
         550, "", "", "550 Messages are not taken from you"},
        {"Exim after RCPT TO",
         "SMTP error from remote mail server after "
         "RCPT TO:<a@example.com>: host mx.example.com [192.0.2.1]: "
         "550 No such user",
         550, "", "rcpt", "550 No such user"},
        {"Exim after MAIL FROM, with a link that has a number",
         "SMTP error from remote mail server after "
         "MAIL FROM:<b@example.org> SIZE=2048: host mx.example.com "
         "[192.0.2.1]: 550-blocked 550 see example.com/550",
         550, "", "mail", "550-blocked see example.com/550"},
        {"Exim after the end of data",
         "SMTP error from remote mail server after end of data: "
         "host mx.example.com [2001:db8::1]: 554 5.7.1 spam",
         554, "5.7.1", "data", "554 5.7.1 spam"},
        {"Exim after the connection",
         "SMTP error from remote mail server after initial "
         "connection: host mx.example.com [192.0.2.1]: 554 go away",
         554, "", "connect", "554 go away"},
        {"after a command that is only named, host on a line",
         "SMTP error from remote server after RCPT command:\n"
         "host: mx.example.com\n550 <a@example.com>: unknown",
         550, "", "rcpt", "550 <a@example.com>: unknown"},
        {"Postfix that waits for a host",
         "X-Postfix; delivery temporarily suspended: connect to "
         "mx.example.com[192.0.2.9]: server refused to talk to me: "
         "421 Service not available",
         421, "", "connect", "421 Service not available"},
        {"Postfix with a host that refused to talk",
         "host mx.example.com[192.0.2.1] refused to talk to me: 554 "
         "5.7.1 blocked",
         554, "5.7.1", "connect", "554 5.7.1 blocked"},
        {"a connection that was lost at a command",
         "lost connection with mx.example.com[192.0.2.1] while "
         "sending RCPT TO",
         0, "", "rcpt",
         "lost connection with mx.example.com[192.0.2.1] while "
         "sending RCPT TO"},
        {"a connection that timed out at the greeting",
         "conversation with mx.example.com[192.0.2.1] timed out while "
         "receiving the initial server greeting",
         0, "", "connect", NULL},
        {"qmail", "Remote host said: 550 5.2.1 disabled", 550, "5.2.1", "",
         "550 5.2.1 disabled"},
        {"qmail that was told at the recipient",
         "192.0.2.1 does not like recipient.\nRemote host said: 550 "
         "5.1.1 no\nGiving up on 192.0.2.1.",
         550, "5.1.1", "rcpt", "550 5.1.1 no"},
        {"qmail that was told behind the data",
         "192.0.2.1 failed after I sent the message.\nRemote host "
         "said: 552 too big",
         552, "", "data", "552 too big"},
        {"qmail that was told at the sender",
         "Connected to 192.0.2.1 but sender was rejected.\nRemote "
         "host said: 553 no",
         553, "", "mail", "553 no"},
        {"qmail that was told at the greeting",
         "Connected to 192.0.2.1 but greeting failed.\nRemote host "
         "said: 421 busy",
         421, "", "connect", "421 busy"},
        {"the EHLO of a program's words", "EHLO command failed: 550 no", 550,
         "", "helo", "550 no"},
        {"the HELO of a program's words", "HELO command failed: 550 no", 550,
         "", "helo", "550 no"},
        {"the RCPT of a program's words", "RCPT TO command failed: 550 no", 550,
         "", "rcpt", "550 no"},
        {"the DATA of a program's words", "DATA command failed: 550 no", 550,
         "", "data", "550 no"},
        {"the AUTH of a program's words", "AUTH command failed: 550 no", 550,
         "", "auth", "550 no"},
        {"qmail whose name was rejected",
         "Connected to 192.0.2.1 but my name was rejected.", 0, "", "helo",
         NULL},
        {"Gmail",
         "The error that the other server returned was: 550 5.1.1 "
         "gone",
         550, "5.1.1", "",
         "The error that the other server returned was: 550 5.1.1 gone"},
        {"a number behind error code",
         "returned SMTP error code 553 sender refused", 553, "", "",
         "553 sender refused"},
        {"a number behind response code",
         "[Status: Error, ResponseCode 421, , Host not reachable.]", 421, "",
         "", NULL},
        {"number and code behind error code",
         "a@example.com Invalid Address, ERROR_CODE :550, "
         "ERROR_CODE :5.1.1 unknown",
         550, "5.1.1", "", NULL},
        {"the command AUTH",
         "host mx.example.com[192.0.2.1] said: 535 5.7.8 bad password "
         "(in reply to AUTH PLAIN command)",
         535, "5.7.8", "auth", "535 5.7.8 bad password"},
        {"the command HELO",
         "host h.example[192.0.2.1] said: 502 no (in reply to HELO "
         "command)",
         502, "", "helo", "502 no"},
        {"the end of the data",
         "host h.example[192.0.2.1] said: 550 spam (in reply to end "
         "of DATA command)",
         550, "", "data", "550 spam"},
        {"the command DATA",
         "host h.example[192.0.2.1] said: 503 no (in reply to DATA "
         "command)",
         503, "", "data", "503 no"},
        {"the command MAIL",
         "host h.example[192.0.2.1] said: 550 no (in reply to MAIL "
         "FROM command)",
         550, "", "mail", "550 no"},
        {"a command that failed",
         "MAIL FROM command failed: 501 5.1.8 bad sender", 501, "5.1.8", "mail",
         "501 5.1.8 bad sender"},
        {"a program that shows command and reply",
         "hMailServer sent: RCPT TO:<a@example.com>\nRemote server "
         "replied: 550 Unknown user",
         550, "", "rcpt", "550 Unknown user"},
        {"a number twice, and a state",
         "The error was: 550 550 5.1.1 gone (state 14).", 550, "5.1.1", "",
         NULL},
        {"a reply in quotes", "Server reply \"554 5.7.1 no\"", 554, "5.7.1", "",
         NULL},
        {"a host that says",
         "SMTP module(domain example.com) reports: host "
         "mx.example.com says: 550 no such user",
         550, "", "", "550 no such user"},
        /* --- a number is no code --- */
        {"the status of a program", "x-unix; 75", 0, "", "", "75"},
        {"a status that looks like a reply", "X-Unix; 550", 0, "", "", "550"},
        {"a number in words of a program",
         "x-unix; deliver: user 550 not found", 0, "", "", NULL},
        {"a port of three digits",
         "connect to mx.example.com[192.0.2.1]:465: Connection refused", 0, "",
         "", NULL},
        {"a port behind a name", "connect to mx.example.com:587: timed out", 0,
         "", "", NULL},
        {"an address that begins like a reply",
         "Connection from 250.1.1.1 refused", 0, "", "", NULL},
        {"an address that holds one", "no answer from 10.550.2.1", 0, "", "",
         NULL},
        {"how many mails", "550 messages are waiting", 0, "", "", NULL},
        {"how large a box is", "mailbox holds 512 KB of 500 MB", 0, "", "",
         NULL},
        {"how many recipients", "limit is 500 recipients", 0, "", "", NULL},
        {"how many bytes", "the size limit: 550 bytes", 0, "", "", NULL},
        {"a version", "rejected by filter version 5.2.1", 0, "", "", NULL},
        {"a version behind a slash", "rejected by filter/5.2.1", 0, "", "",
         NULL},
        {"a long version", "sent by mailer 5.5.2653", 0, "", "", NULL},
        {"a queue id", "queued as 4A550F since 2023", 0, "", "", NULL},
        {"a ticket", "ticket 550-2231-441 opened", 0, "", "", NULL},
        {"a path of a link", "see https://example.com/help/550", 0, "", "",
         NULL},
        {"seconds", "took 4.5.3s", 0, "", "", NULL},
        {"a number that goes on", "delivery failed 421x", 0, "", "", NULL},
        {"an extension of an address", "user a+550@example.com is gone", 0, "",
         "", NULL},
        {"a local part", "user 550@example.com is gone", 0, "", "", NULL},
        {"a fraction", "quota 450.25 exceeded", 0, "", "", NULL},
        {"a thousand", "1,550 unread", 0, "", "", NULL},
        {"a number in square brackets", "see [505] there", 0, "", "", NULL},
        {"a state", "host (state 14)", 0, "", "", NULL},
        {"four numbers", "address 5.5.0.1 refused", 0, "", "", NULL},
        {"words alone", "retry timeout exceeded", 0, "", "",
         "retry timeout exceeded"},
        {"a number behind a hash in words",
         "smtp; 554 blocked by example.net-1369#554 [abc.us222]", 554, "", "",
         "554 blocked by example.net-1369#554 [abc.us222]"},
        {"four numbers behind a reply",
         "smtp; 452 limit of 500 hit, 4.5.3.2 refused", 452, "", "",
         "452 limit of 500 hit, 4.5.3.2 refused"},
        {"two numbers behind a reply",
         "smtp; 552 5.3.4 Message size 552 exceeds 500 KB", 552, "5.3.4", "",
         "552 5.3.4 Message size 552 exceeds 500 KB"},
        {"a number of many digits",
         "smtp; DNS Error: 24275403 lookup of example.org: no answer", 0, "",
         "", NULL},
};

static bool is_read(const struct reply_case *want)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_reply got;
	char status[NX_STATUS_SIZE];
	nx_reply_parse(ctx, want->diagnostic, &got);
	nx_status_text(got.status, status);
	const char *phase = nx_phase_name(got.phase);
	bool good = got.code == want->code &&
	            strcmp(status, want->status) == 0 &&
	            strcmp(phase, want->phase) == 0 &&
	            (want->text == NULL || strcmp(got.text, want->text) == 0);
	if (!good)
		print_error("%s: %s\n  got %d \"%s\" \"%s\" \"%s\"\n",
		            want->name, want->diagnostic, got.code, status,
		            phase, got.text);
	talloc_free(ctx);
	return good;
}

static void a_reply_is_read_from_any_diagnostic(void **state)
{
	size_t wrong = 0;
	(void)state;
	for (size_t i = 0; i < COUNT(replies); i++)
		wrong += !is_read(&replies[i]);
	assert_int_equal(wrong, 0);
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
	        cmocka_unit_test(a_reply_is_read_from_any_diagnostic),
	        cmocka_unit_test(hostile_text_is_harmless),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
