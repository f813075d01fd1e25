/* SPDX-License-Identifier: ISC */
#include "mail/message.h"
#include "mail/prescan.h"
#include "parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

static TALLOC_CTX *ctx;

static int begin(void **state)
{
	(void)state;
	nx_message_start();
	nx_message_start_charsets();
	nx_message_start_charsets();
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	ctx = talloc_new(NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	return talloc_free(ctx);
}

static const struct nx_message *parse_bytes(const char *text, size_t size)
{
	struct nx_prescan prescan;
	nx_prescan_message(ctx, text, size, &prescan);
	char *exact = talloc_size(ctx, prescan.size);
	memcpy(exact, prescan.bytes, prescan.size);
	prescan.bytes = exact;
	return nx_message_read(ctx, &prescan, NX_MESSAGE_PART_TEXT, NULL);
}

static const struct nx_message *parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

static char *repeat(const char *before, const char *word, size_t times,
                    const char *after)
{
	char *text = talloc_size(ctx, strlen(before) + strlen(after) +
	                                      strlen(word) * times + 1);
	char *at = stpcpy(text, before);
	for (size_t i = 0; i < times; i++)
		at = stpcpy(at, word);
	stpcpy(at, after);
	return text;
}

static const char report[] =
        "Return-Path: <>\n"
        "From: Mail System <mailer-daemon@mx.example.com>\n"
        "To: news@example.org\n"
        "Subject: =?utf-8?q?Undelivered_M=C3=A4il?=\n"
        "Content-Type: multipart/report; report-type=\"Delivery-Status\";\n"
        "\tboundary=\"b1\"\n"
        "\n"
        "This is MIME.\n"
        "--b1\n"
        "Content-Description: Notification\n"
        "Content-Type: text/plain; charset=iso-8859-1\n"
        "Content-Transfer-Encoding: quoted-printable\n"
        "\n"
        "Tut mir leid: unzustellbar f=FCr=\n"
        " <anna@example.net>.\n"
        "--b1\n"
        "Content-Type: message/delivery-status\n"
        "Content-Transfer-Encoding: base64\n"
        "\n"
        "UmVwb3J0aW5nLU1UQTogZG5zOyBteC5leGFtcGxlLmNvbQ0KDQpBY3Rpb246IGZhaWxl"
        "ZA0K\n"
        "--b1\n"
        "Content-Type: message/rfc822\n"
        "\n"
        "Message-ID: <1@example.org>\n"
        "From: News <news@example.org>\n"
        "To: anna@example.net\n"
        "Content-Type: multipart/mixed; boundary=b2\n"
        "\n"
        "--b2\n"
        "\n"
        "Reporting-MTA: dns; evil.example.com\n"
        "--b2\n"
        "Content-Type: message/delivery-status\n"
        "\n"
        "Reporting-MTA: dns; evil.example.com\n"
        "--b2--\n"
        "--b1--\n";

static void a_report_is_read_part_by_part(void **state)
{
	(void)state;
	const struct nx_message *message = parse(report);
	assert_int_equal(message->parts, 4);
	assert_string_equal(message->report_type, "delivery-status");
	assert_false(message->truncated);
	assert_string_equal(nx_message_header(message, "subject"),
	                    "Undelivered M\xc3\xa4il");
	assert_string_equal(nx_message_header(message, "From"),
	                    "Mail System <mailer-daemon@mx.example.com>");
	assert_string_equal(nx_message_header(message, "Absent"), "");

	const struct nx_part *part = message->part;
	assert_string_equal(part[0].type, "multipart/report");
	assert_string_equal(part[0].text, "");
	assert_int_equal(part[0].depth, 0);
	assert_string_equal(part[1].type, "text/plain");
	assert_string_equal(part[1].description, "Notification");
	assert_string_equal(part[1].text, "Tut mir leid: unzustellbar "
	                                  "f\xc3\xbcr <anna@example.net>.");
	assert_string_equal(part[2].type, "message/delivery-status");
	assert_string_equal(part[2].text, "Reporting-MTA: dns; "
	                                  "mx.example.com\n\n"
	                                  "Action: failed\n");
	assert_int_equal(part[2].depth, 1);
	assert_int_equal(part[2].parent, 0);
}

static void a_returned_mail_is_no_evidence(void **state)
{
	(void)state;
	const struct nx_message *message = parse(report);
	const struct nx_part *part = message->part;
	assert_string_equal(part[3].type, "message/rfc822");
	assert_string_equal(part[3].text, "");
	assert_string_equal(nx_fields_get(&part[3].headers, "message-id"),
	                    "<1@example.org>");
	assert_true(nx_fields_has(&part[3].headers, "Content-Type"));
	assert_int_equal(message->parts, 4);
}

static void text_of(const char *text, const char *type, const char *want)
{
	const struct nx_message *message = parse(text);
	assert_true(message->parts > 0);
	const struct nx_part *part = &message->part[message->parts - 1];
	assert_string_equal(part->type, type);
	assert_string_equal(part->text, want);
}

static void damaged_mail_is_read_as_far_as_it_goes(void **state)
{
	(void)state;
	text_of("A: x\n\nwords\n", "text/plain", "words\n");
	text_of("A: x\n", "text/plain", "");
	text_of("no header at all\n", "text/plain", "no header at all\n");
	text_of("\n\nA line\n", "text/plain", "A line\n");
	text_of("Content-Type: text\n\nwords\n", "text/plain", "words\n");
	text_of("Content-Type: nonsense;;=\n\nwords\n", "text/plain",
	        "words\n");
	text_of("Content-Type: multipart/mixed\n\n--b\n\nwords\n",
	        "multipart/mixed", "--b\n\nwords\n");
	text_of("Content-Type: multipart/mixed; boundary=b\n\nwords\n",
	        "multipart/mixed", "words\n");
	text_of("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nwords",
	        "text/plain", "words");
	text_of("Content-Type: TEXT/Plain\n\nwords\r\nmore\r\n", "text/plain",
	        "words\nmore\n");
	text_of("From x\nA: x\n\nwords\n", "text/plain", "words\n");
	text_of("A: x\rB: y\r\rone\rtwo\r", "text/plain", "one\ntwo\n");
	assert_int_equal(parse("")->parts, 0);
	assert_int_equal(parse("\n")->parts, 0);
	const struct nx_message *message = parse_message(ctx, "", 0, NULL);
	assert_int_equal(message->parts, 0);
	assert_string_equal(message->envelope.sender, "");
}

static void character_sets_become_utf8(void **state)
{
	static const struct {
		const char *label, *bytes, *want;
	} cases[] = {
	        {"utf-8", "\xc3\xa9", "\xc3\xa9"},
	        {"utf-8", "\xff", "\xc3\xbf"},
	        {"UTF-8", "", ""},
	        {"us-ascii", "\xe9", "\xc3\xa9"},
	        {"us-ascii", "\xc3\xa9", "\xc3\xa9"},
	        {"iso-8859-1", "\xe9", "\xc3\xa9"},
	        {"ISO_8859-15", "\xa4", "\xe2\x82\xac"},
	        {"windows-1252", "\x80", "\xe2\x82\xac"},
	        {"cp1251", "\xcf", "\xd0\x9f"},
	        {"koi8-r", "\xf0", "\xd0\x9f"},
	        {"iso-2022-jp", "\x1b$B$\"\x1b(B", "\xe3\x81\x82"},
	        {"", "\x1b$B$\"\x1b(B", "\xe3\x81\x82"},
	        {"shift_jis", "\x82\xa0", "\xe3\x81\x82"},
	        {"euc-jp", "\xa4\xa2", "\xe3\x81\x82"},
	        {"gb2312", "\xc4\xe3", "\xe4\xbd\xa0"},
	        {"big5", "\xa7\x41", "\xe4\xbd\xa0"},
	        {"euc-kr", "\xb0\xa1", "\xea\xb0\x80"},
	        {"unicode-1-1-utf-7", "a +AOk- b", "a \xc3\xa9 b"},
	        {"utf-7", "plain", "plain"},
	        {"ibm1390", "abc", "abc"},
	        {"x-unknown", "\xe9", "\xc3\xa9"},
	        {"x-unknown-that-is-very-very-long-indeed", "a", "a"},
	        {"gb18030", "\xc4", "\xef\xbf\xbd"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text = talloc_asprintf(
		        ctx, "Content-Type: text/plain; charset=\"%s\"\n\n%s",
		        cases[i].label, cases[i].bytes);
		text_of(text, "text/plain", cases[i].want);
	}
}

static void headers_are_decoded(void **state)
{
	static const struct {
		const char *raw, *want;
	} cases[] = {
	        {"S: plain", "plain"},
	        {"S:  folded\n\t twice\n more ", "folded twice more"},
	        {"S:", ""},
	        {"S: =?utf-8?q?a_b=3D?=", "a b="},
	        {"S: =?UTF-8?B?w6k=?= x", "\xc3\xa9 x"},
	        {"S: =?utf-8?q?a?=\n =?utf-8?q?b?=", "ab"},
	        {"S: =?utf-8?q?a?= c =?utf-8?q?b?=", "a c b"},
	        {"S: =?utf-8?q?=C3?= =?utf-8?q?=A9?=", "\xc3\xa9"},
	        {"S: =?utf-8*en?q?a?=", "a"},
	        {"S: =?iso-2022-jp?B?GyRCJCIbKEI=?=", "\xe3\x81\x82"},
	        {"S: =?iso-8859-1?q?=E9?= =?utf-8?q?=C3=A9?=",
	         "\xc3\xa9\xc3\xa9"},
	        {"S: \xe9", "\xc3\xa9"},
	        {"S: \xc3\xa9", "\xc3\xa9"},
	        {"S: =?utf-8?q?open", "=?utf-8?q?open"},
	        {"S: =?utf-8?x?a?=", "=?utf-8?x?a?="},
	        {"S: =?", "=?"},
	        {"S: =?=?=?=", "=?=?=?="},
	        {"S: =?utf-8?q?a=0D=0ABcc:_x?=", "a Bcc: x"},
	        {"S: =?ibm1390?B?/w==?=", "\xc3\xbf"},
	        {"From: =?utf-8?q?J=C3=A9?= <j@example.org>",
	         "J\xc3\xa9 <j@example.org>"},
	        {"From: =?utf-8?q?=3Cv=40example=2Ecom=3E?= <j@example.org>",
	         "=?utf-8?q?=3Cv=40example=2Ecom=3E?= <j@example.org>"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text = talloc_asprintf(ctx, "%s\n\n", cases[i].raw);
		const struct nx_message *message = parse(text);
		assert_int_equal(message->headers.count, 1);
		assert_string_equal(message->headers.item[0].value,
		                    cases[i].want);
	}
}

static void a_report_may_have_a_wrong_type(void **state)
{
	static const char *const types[] = {
	        "message/xdelivery-status", "text/x-delivery-status",
	        "application/octet-stream", "application/x-unknown",
	        "message/feedback-report",  "message/global-delivery-status"};
	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		char *text = talloc_asprintf(
		        ctx,
		        "Content-Type: %s\n\nReporting-MTA: dns; x.example\n",
		        types[i]);
		text_of(text, types[i], "Reporting-MTA: dns; x.example\n");
	}
	text_of("Content-Type: application/pdf\n\nwords\n", "application/pdf",
	        "");
	text_of("Content-Type: image/png\n\nReporting-MTA: x\n", "image/png",
	        "");
	text_of("Content-Type: text/rfc822-headers\n\nTo: x\n",
	        "text/rfc822-headers", "To: x\n");
}

static void a_returned_mail_may_be_encoded_or_cut(void **state)
{
	(void)state;
	const struct nx_message *message =
	        parse("Content-Type: message/rfc822\n"
	              "Content-Transfer-Encoding: base64\n\n"
	              "VG86IGFAZXhhbXBsZS5jb20NClN1YmplY3Q6ID0/dXRmLTg/cT9iPz0"
	              "NCg0KdGV4dA==\n");
	assert_int_equal(message->parts, 1);
	assert_string_equal(message->part[0].text, "");
	assert_string_equal(nx_fields_get(&message->part[0].headers, "Subject"),
	                    "b");
	message = parse("Content-Type: message/partial; id=1; number=1\n\n"
	                "To: a@example.com\n\nwords\n");
	assert_string_equal(nx_fields_get(&message->part[0].headers, "To"),
	                    "a@example.com");
	message = parse("Content-Type: message/rfc822\n\n");
	assert_true(message->parts >= 1);
	message = parse("Content-Type: message/rfc822\n\nTo: a@example.com");
	assert_true(message->parts >= 1);
}

static void names_of_files_are_known(void **state)
{
	(void)state;
	const struct nx_message *message =
	        parse("Content-Type: application/octet-stream\n"
	              "Content-Disposition: Attachment; filename=\"a.dsn\"\n"
	              "\nx\n");
	assert_string_equal(message->part[0].file_name, "a.dsn");
	assert_string_equal(message->part[0].disposition, "attachment");
}

static void text_is_bounded(void **state)
{
	(void)state;
	char *text = repeat("A: x\n\n", "0123456789 word\n", 10000, "");
	const struct nx_message *message = parse(text);
	assert_true(message->part[0].cut);
	assert_int_equal(strlen(message->part[0].text), NX_MESSAGE_PART_TEXT);
	text = repeat("A: x\n\n", "\xff", 60000, "");
	message = parse(text);
	assert_true(message->part[0].cut);
	assert_true(strlen(message->part[0].text) <= NX_MESSAGE_PART_TEXT);
	text = repeat("A: x\nContent-Transfer-Encoding: quoted-printable\n\n",
	              "=41=\n", 70000, "");
	message = parse(text);
	assert_true(message->part[0].cut);
	text = repeat("A: x\n\n", "0123456789 word\n", 4000, "");
	message = parse(text);
	assert_false(message->part[0].cut);
	assert_false(message->truncated);

	text = repeat("", "A: x\n", 300, "\n");
	message = parse(text);
	assert_int_equal(message->headers.count, 200);
	assert_true(message->truncated);
}

/* The fields of a report are not prose. */
static void a_report_is_read_whole(void **state)
{
	(void)state;
	static const char *const types[] = {
	        "message/delivery-status", "message/feedback-report",
	        "text/plain", "application/octet-stream"};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		char *head = talloc_asprintf(
		        ctx, "Content-Type: %s\n\nReporting-MTA: dns; a\n\n",
		        types[i]);
		const struct nx_message *message =
		        parse(repeat(head,
		                     "Final-Recipient: a@example.com\n"
		                     "Diagnostic-Code: smtp; 550 the user "
		                     "is not known here\n\n",
		                     8000, "End: x\n"));
		assert_true(strlen(message->part[0].text) >
		            (size_t)9 * NX_MESSAGE_PART_TEXT);
		assert_non_null(strstr(message->part[0].text, "End: x"));
		assert_false(message->part[0].cut);
		assert_false(message->truncated);
	}
}

/* What a report returns may be cut; what may hold an account may not. */
static void what_was_left_out_is_known_by_its_place(void **state)
{
	static const char REPORT[] =
	        "Content-Type: multipart/report; boundary=b\n\n"
	        "--b\n\nwords\n--b\nContent-Type: message/delivery-status\n\n"
	        "Reporting-MTA: dns; a\n\nFinal-Recipient: a@example.com\n";
	static const char RETURNED[] = "--b\nContent-Type: message/rfc822\n\n";
	(void)state;
	char *text = repeat("", "y y y y\n", 200000, "");
	const struct nx_message *message = parse(talloc_asprintf(
	        ctx, "%s\n%sA: x\n\n%s", REPORT, RETURNED, text));
	assert_true(message->part[3].raw_size > 900000);
	assert_false(message->truncated);

	char *header = repeat("To: ", "a@example.com, ", 5000, "\n\n");
	message = parse(
	        talloc_asprintf(ctx, "%s\n%s%s", REPORT, RETURNED, header));
	assert_false(message->truncated);
	message = parse(talloc_asprintf(ctx, "%s%s\n%sA: x\n", REPORT,
	                                repeat("X: ", "abc", 9000, "\n"),
	                                RETURNED));
	assert_true(message->truncated);
	message = parse(talloc_asprintf(
	        ctx, "%s%s", repeat("To: ", "a@b.example, ", 5000, "\n"),
	        REPORT));
	assert_true(message->truncated);

	/* a part for machines may follow */
	message = parse(talloc_asprintf(
	        ctx,
	        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nwords\n"
	        "%sA: x\n\n%s",
	        RETURNED, text));
	assert_true(message->truncated);

	/* the only part is prose */
	message = parse(talloc_asprintf(ctx, "A: x\n\nwords\n%s", text));
	assert_false(message->truncated);
	assert_true(message->part[0].cut);
}

static void parts_are_bounded(void **state)
{
	(void)state;
	char *text = repeat("Content-Type: multipart/mixed; boundary=b\n\n",
	                    "--b\n\nx\n", 1000, "");
	const struct nx_message *message = parse(text);
	assert_int_equal(message->parts, NX_MESSAGE_PARTS);
	assert_true(message->truncated);

	text = talloc_strdup(ctx, "");
	for (int i = 0; i < 1000; i++)
		text = talloc_asprintf_append_buffer(
		        text,
		        "Content-Type: multipart/mixed; boundary=b%d\n\n"
		        "--b%d\n",
		        i, i);
	message = parse(text);
	assert_int_equal(message->parts, NX_MESSAGE_DEPTH + 1);
	assert_true(message->truncated);
}

static double seconds_used(void)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_utime.tv_sec +
	       (double)usage.ru_utime.tv_usec / 1e6;
}

/* Mail that took gigabytes or the stack before it was pre-scanned. The time
 * limit leaves room for sanitizers and slow machines. */
static void bombs_do_not_go_off(void **state)
{
	static const char mixed[] =
	        "Content-Type: multipart/mixed; boundary=b\n\n";
	static const char inner[] = "Content-Type: message/rfc822\n\n";
	const struct {
		const char *before, *word;
		size_t times;
	} bombs[] = {
	        {"To: ", "a:", 50000},
	        {"From: ", "(", 90000},
	        {"From: ", "<", 90000},
	        {"From: ", "\"", 90000},
	        {"From: ", "=?", 90000},
	        {"From: ", "=?utf-8?q?x?= ", 10000},
	        {"Subject: ", "=? ", 90000},
	        {"Content-Type: ", "(", 90000},
	        {"Content-Type: text/plain", "; a=b", 30000},
	        {"Content-Type: text/plain", "; a*0*=b", 30000},
	        {"Content-Disposition: x", "; filename*1*=''%41", 30000},
	        {mixed, "--b\n\n", 1000000},
	        {"", "A: x\n", 2000000},
	        {"", "To: x\n", 500000},
	        {"", "Received: a\n b\n", 500000},
	        {mixed, "--b\nContent-Type: multipart/mixed; boundary=b\n\n",
	         30000},
	        {inner, "Content-Type: message/rfc822\n\n", 30000},
	        {inner, "To: a:a:a:a:a:a:a:a:a:a:a:a:\n", 30000},
	        {"Content-Type: multipart/digest; boundary=b\n\n",
	         "--b\n\nTo: a:a:a:a:a:a\n", 30000},
	        {mixed, "--", 1000000},
	        {"A: x\n\n", "-", 3000000},
	        {"References: ", "<a@b> ", 100000},
	        {"", " ", 1000000},
	        {"", "\r", 1000000},
	        {"A", ":", 1000000},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(bombs) / sizeof(*bombs); i++) {
		char *text = repeat(bombs[i].before, bombs[i].word,
		                    bombs[i].times, "\n\nend\n");
		double start = seconds_used();
		parse(text);
		double took = seconds_used() - start;
		if (took > 0.2)
			print_message("bomb %zu: %.3f s\n", i, took);
		assert_true(took < 2.0);
		talloc_free_children(ctx);
	}
}

static void any_character_set_may_be_named(void **state)
{
	static const char *const sets[] = {"IBM1390", "ISO-2022-CN-EXT",
	                                   "EBCDIC-US", "UTF-16", "../x"};
	(void)state;
	struct rlimit old;
	getrlimit(RLIMIT_NOFILE, &old);
	struct rlimit none = {0, old.rlim_max};
	setrlimit(RLIMIT_NOFILE, &none);
	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
		char *text = talloc_asprintf(
		        ctx,
		        "Subject: =?%s?B?QUJDREVG?=\n"
		        "Content-Type: message/rfc822\n\n"
		        "From: =?%s?B?QUJDREVG?= <a@example.com>\n"
		        "Content-Type: text/plain; charset=%s;"
		        " name*=%s''%%41\n\nABC\n",
		        sets[i], sets[i], sets[i], sets[i]);
		const struct nx_message *message = parse(text);
		assert_string_equal(nx_message_header(message, "Subject"),
		                    "ABCDEF");
		assert_true(message->parts >= 1);
	}
	text_of("Content-Type: text/plain; charset=gb2312\n\n\xc4\xe3",
	        "text/plain", "\xe4\xbd\xa0");
	setrlimit(RLIMIT_NOFILE, &old);
}

static void the_envelope_is_kept(void **state)
{
	struct nx_envelope envelope = {.sender = "",
	                               .sender_known = true,
	                               .recipient = "b+1@example.org",
	                               .original_recipient = "",
	                               .queue_id = "ABC"};
	(void)state;
	const struct nx_message *message =
	        parse_message(ctx, "A: x\n\n", 6, &envelope);
	assert_true(message->envelope.sender_known);
	assert_string_equal(message->envelope.recipient, "b+1@example.org");
	assert_string_equal(message->envelope.queue_id, "ABC");
}

static void changed_bytes_are_harmless(void **state)
{
	static const char pieces[] = ":;\n\n-=?<>\"(\r \x1b\xff\0b1";
	(void)state;
	srand(2);
	for (int round = 0; round < 3000; round++) {
		char text[sizeof(report)];
		memcpy(text, report, sizeof(report));
		for (int i = 0; i < 1 + round % 20; i++)
			text[(size_t)rand() % sizeof(text)] =
			        pieces[(size_t)rand() % sizeof(pieces)];
		size_t size = (size_t)rand() % sizeof(text);
		const struct nx_message *message = parse_bytes(text, size);
		for (size_t i = 0; i < message->parts; i++)
			assert_true(message->part[i].parent <= i);
		talloc_free_children(ctx);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(a_report_is_read_part_by_part),
	        TEST(a_returned_mail_is_no_evidence),
	        TEST(damaged_mail_is_read_as_far_as_it_goes),
	        TEST(character_sets_become_utf8),
	        TEST(headers_are_decoded),
	        TEST(a_report_may_have_a_wrong_type),
	        TEST(a_returned_mail_may_be_encoded_or_cut),
	        TEST(names_of_files_are_known),
	        TEST(text_is_bounded),
	        TEST(a_report_is_read_whole),
	        TEST(what_was_left_out_is_known_by_its_place),
	        TEST(parts_are_bounded),
	        TEST(bombs_do_not_go_off),
	        TEST(any_character_set_may_be_named),
	        TEST(the_envelope_is_kept),
	        TEST(changed_bytes_are_harmless),
	};
	return cmocka_run_group_tests(tests, begin, NULL);
}
