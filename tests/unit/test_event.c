/* SPDX-License-Identifier: ISC */
#include "base/date.h"
#include "event/attribute.h"
#include "event/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define RECEIVED "Received: from a.example by b.example; Sun, 22 Nov 2026\n"
#define OLDER    "Received: from c.example by a.example; Sat, 21 Nov 2026\n"
#define NAME     "Message-ID: <r@example.net>\n"
#define CONTENT                                                                \
	"From: MAILER-DAEMON@example.net\nSubject: x\n" NAME                   \
	"X-Long: one\n two\n\nReceived: in the body\n\nFrom here on\nhello\n"

static void digest_of(const char *text, uint8_t out[NX_DIGEST_SIZE])
{
	nx_event_content(text, strlen(text), out);
}

static bool is_same(const char *one, const char *other)
{
	uint8_t first[NX_DIGEST_SIZE];
	uint8_t second[NX_DIGEST_SIZE];
	digest_of(one, first);
	digest_of(other, second);
	return memcmp(first, second, sizeof(first)) == 0;
}

static void a_message_is_the_same_however_it_comes(void **state)
{
	(void)state;
	static const char *const same[] = {
	        CONTENT,
	        RECEIVED OLDER CONTENT,
	        OLDER CONTENT,
	        "Return-Path: <>\nDelivered-To: b@example.org\n" RECEIVED
	                CONTENT,
	        "From MAILER-DAEMON Sun Nov 22 10:00:00 2026\n"
	        "X-Original-To: b@example.org\n" RECEIVED CONTENT "\n\n",
	        "Return-path: <x@example.com>\nEnvelope-to: b@example.org\n"
	        "Delivery-date: Sun, 22 Nov 2026 10:00:00 +0000\n"
	        "Received: by another.example\n\twith a fold; today\n" CONTENT,
	        "X-Delivered-to: b@example.org\nStatus: RO\nX-UID: 7\n" CONTENT,
	        "From: MAILER-DAEMON@example.net\r\nSubject: x\r\n"
	        "Message-ID: <r@example.net>\r\nX-Long: one\r\n two\r\n\r\n"
	        "Received: in the body\r\n\r\nFrom here on\r\nhello\r\n",
	        "From: MAILER-DAEMON@example.net\nSubject: x\n" NAME
	        "X-Long: one\n two\n\n"
	        "Received: in the body\n\n>From here on\nhello",
	};
	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		if (!is_same(RECEIVED CONTENT, same[i]))
			fail_msg("%s", same[i]);
}

static void another_message_has_another_digest(void **state)
{
	(void)state;
	static const char *const others[] = {
	        RECEIVED CONTENT "more\n",
	        RECEIVED "X-New: 1\n" CONTENT,
	        RECEIVED "Status: 5.1.1\n" CONTENT,
	        RECEIVED "From: MAILER-DAEMON@example.net\nSubject: x\n" NAME,
	        RECEIVED "From: MAILER-DAEMON@example.net\nSubject: x\n"
	                 "Message-ID: <s@example.net>\n"
	                 "X-Long: one\n two\n\n"
	                 "Received: in the body\n\nFrom here on\nhello\n",
	        "",
	};
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (is_same(RECEIVED CONTENT, others[i]))
			fail_msg("%s", others[i]);
}

/* Two days, two bounces in the same words: nothing but the way tells one from
 * the other. */
static void without_a_name_the_first_hop_tells_messages_apart(void **state)
{
	(void)state;
#define NAMELESS "Subject: failed\nMessage-ID:\nDate: \n\nanna@example.com\n"
	assert_true(is_same(OLDER NAMELESS, RECEIVED OLDER NAMELESS));
	assert_false(is_same(OLDER NAMELESS, RECEIVED NAMELESS));
}

/* A message of more than a MiB is cut there, with CRLF after fewer lines. */
static void where_a_large_message_is_cut_makes_no_difference(void **state)
{
	const size_t head = strlen(CONTENT);
	const size_t size = head + 2048L * 1024;
	char *large = talloc_size(*state, size);
	uint8_t first[NX_DIGEST_SIZE];
	uint8_t other[NX_DIGEST_SIZE];
	memset(large, 'x', size);
	memcpy(large, CONTENT, head);
	nx_event_content(large, size / 2, first);
	nx_event_content(large, size, other);
	assert_memory_equal(first, other, sizeof(first));
	large[head + 1000] = 'y';
	nx_event_content(large, size, other);
	assert_memory_not_equal(first, other, sizeof(first));
}

/* As stores hold them: of "b@example.org", and of what is left of the text. */
/* However much stands above it. */
static void a_name_counts_wherever_it_stands(void **state)
{
	uint8_t first[NX_DIGEST_SIZE], other[NX_DIGEST_SIZE];
	char *fields = talloc_size(*state, 400001);
	for (int i = 0; i < 400000; i++)
		fields[i] = i % 80 == 0 ? '\n' : 'x';
	memcpy(fields, "X-A: ", 5);
	for (int i = 80; i < 400000; i += 80)
		fields[i + 1] = ' ';
	fields[400000] = '\0';
	for (int i = 0; i < 2; i++) {
		const char *mail = talloc_asprintf(
		        *state, "%s\nMessage-ID: <%d@example.com>\n\nText\n",
		        fields, i);
		nx_event_content(mail, strlen(mail), i == 0 ? first : other);
	}
	assert_memory_not_equal(first, other, NX_DIGEST_SIZE);
}

static void older_digests_stay_as_they_were(void **state)
{
	(void)state;
	static const char text[] =
	        "From x\nReturn-Path: <>\nReceived: a\r\n b\nReceived: c\n"
	        "Subject: s\r\n\r\nhi\r\n\nbye";
	static const char *const hex[NX_OLDER_DIGESTS] = {
	        "520151531aafd534ebdf8b800237bd5d"
	        "80c972d3fcb0f57679c6481a4672392a",
	        "3e0e3a3cc7526c0c0f000cae4567cfdc"
	        "ffa07f332769f3238b2c00318bd7104b"};
	for (int kind = 0; kind < NX_OLDER_DIGESTS; kind++) {
		uint8_t older[NX_DIGEST_SIZE];
		char is[2 * NX_DIGEST_SIZE + 1];
		nx_event_older_digest(kind, "b@example.org", text, strlen(text),
		                      older);
		assert_string_equal(nx_digest_hex(older, sizeof(older), is),
		                    hex[kind]);
	}
}

/* --- events --------------------------------------------------------------- */

static const struct nx_streams NO_STREAMS = {.fallback = ""};
static const struct nx_attribution ANY = {&NO_STREAMS, ""};
static const struct nx_attribution NEWS = {&NO_STREAMS, "news"};

static const struct nx_event_source source = {
        .message = {1, 2, 3}, .content = {4, 5}, .to = &ANY, .time = 1};

static struct nx_record_recipient recipient_of(const char *address,
                                               enum nx_class class)
{
	return (struct nx_record_recipient){
	        .address = address,
	        .original_recipient = "",
	        .final_recipient = "",
	        .action = NX_ACTION_FAILED,
	        .status = "5.1.1",
	        .reply = 550,
	        .diagnostic = "unknown",
	        .remote_mta = "mx.example.com",
	        .verdict = {.class = class,
	                    .reason = "unknown-user",
	                    .advice = "never",
	                    .rule = "r",
	                    .matched = ""},
	};
}

static struct nx_record record_of(const struct nx_record_recipient *recipient,
                                  size_t count)
{
	return (struct nx_record){
	        .kind = NX_KIND_DELIVERY_REPORT,
	        .format = "rfc3464",
	        .reporting_mta = "mx.example.net",
	        .feedback_type = "",
	        .incidents = 1,
	        .sender = "",
	        .envelope_recipient = "bounces@example.org",
	        .message_id = "<m@example.org>",
	        .from = "",
	        .envelope_id = "",
	        .list_id = "news.example.org",
	        .verdict = {.reason = "",
	                    .advice = "",
	                    .rule = "",
	                    .matched = ""},
	        .recipient = recipient,
	        .recipients = count,
	};
}

static void every_address_gets_one_event(void **state)
{
	const struct nx_record_recipient recipient[] = {
	        recipient_of("Anna@Example.COM", NX_CLASS_HARD),
	        recipient_of("local", NX_CLASS_HARD),
	        recipient_of("anna@example.com", NX_CLASS_SOFT),
	        recipient_of("bert@example.com", NX_CLASS_SOFT),
	        recipient_of("", NX_CLASS_HARD),
	};
	struct nx_record record = record_of(recipient, 5);
	size_t count;
	const struct nx_event_source news = {
	        .message = {1, 2, 3}, .to = &NEWS, .time = 1000};
	const struct nx_event *event =
	        nx_event_of_record(*state, &record, &news, &count);
	assert_int_equal(count, 2);
	assert_string_equal(event[0].address, "anna@example.com");
	assert_int_equal(event[0].verdict.class, NX_CLASS_HARD);
	assert_string_equal(event[0].stream, "news");
	assert_int_equal(event[0].time, 1000);
	assert_int_equal(event[0].reply, 550);
	assert_string_equal(event[0].status, "5.1.1");
	assert_string_equal(event[0].message_id, "<m@example.org>");
	assert_int_equal(event[0].trust, NX_TRUST_CLAIMED);
	assert_memory_equal(event[0].message, news.message, NX_DIGEST_SIZE);
	assert_string_equal(event[1].address, "bert@example.com");
	assert_memory_not_equal(event[0].id, event[1].id, NX_EVENT_ID_SIZE);
}

static void a_failure_is_not_lost_behind_a_delay(void **state)
{
	const struct nx_record_recipient recipient[] = {
	        recipient_of("anna@example.com", NX_CLASS_NONE),
	        recipient_of("anna@example.com", NX_CLASS_HARD),
	};
	struct nx_record record = record_of(recipient, 2);
	size_t count;
	const struct nx_event *event =
	        nx_event_of_record(*state, &record, &source, &count);
	assert_int_equal(count, 1);
	assert_int_equal(event->verdict.class, NX_CLASS_HARD);
}

/* The event of one recipient; what is given differs from what usually is. */
struct told {
	const char *mail; /* Message-ID */
	const char *envelope_id;
	const char *address;
	bool of_news; /* the stream */
	const char *list;
	enum nx_class class;
	enum nx_kind kind;
	uint8_t content;
	int64_t time;
};

static struct nx_event event_of(TALLOC_CTX *ctx, struct told told)
{
	struct nx_event_source from = {
	        .to = told.of_news ? &NEWS : &ANY,
	        .content = {told.content},
	        .message = {told.content},
	        .time = told.time ? told.time : NX_DAY * 20000,
	};
	const struct nx_record_recipient recipient = recipient_of(
	        told.address ? told.address : "anna@example.com", told.class);
	struct nx_record record = record_of(&recipient, 1);
	size_t count;
	record.message_id = told.mail ? told.mail : "";
	record.envelope_id = told.envelope_id ? told.envelope_id : "";
	record.list_id = told.list ? told.list : "";
	record.kind = told.kind ? told.kind : NX_KIND_DELIVERY_REPORT;
	const struct nx_event *event =
	        nx_event_of_record(ctx, &record, &from, &count);
	assert_int_equal(count, 1);
	return *event;
}

static bool is_one(const struct nx_event *a, const struct nx_event *b)
{
	bool is = memcmp(a->id, b->id, NX_EVENT_ID_SIZE) == 0;
	for (int i = 0; i < NX_EVENT_TWINS; i++)
		is |= memcmp(a->twin[i], b->id, NX_EVENT_ID_SIZE) == 0;
	return is;
}

static bool are_one(TALLOC_CTX *ctx, struct told one, struct told other)
{
	const struct nx_event a = event_of(ctx, one);
	const struct nx_event b = event_of(ctx, other);
	assert_true(is_one(&a, &b) == is_one(&b, &a));
	return is_one(&a, &b);
}

#define ONE(...) assert_true(are_one(*state, usual, (struct told){__VA_ARGS__}))
#define TWO(...)                                                               \
	assert_false(are_one(*state, usual, (struct told){__VA_ARGS__}))

static void one_mail_fails_once_for_one_recipient(void **state)
{
	const struct told usual = {.mail = "<m@example.org>",
	                           .class = NX_CLASS_HARD};
	ONE(.mail = "m@example.org", .class = NX_CLASS_HARD, .content = 7);
	ONE(.mail = " <m@example.org> (as sent)", .class = NX_CLASS_HARD);
	ONE(.mail = "<m@example.org>", .class = NX_CLASS_HARD,
	    .envelope_id = "E", .address = "Anna@Example.COM");
	TWO(.mail = "<n@example.org>", .class = NX_CLASS_HARD);
	TWO(.mail = "<m@example.org>", .class = NX_CLASS_HARD,
	    .address = "bert@example.com");
	ONE(.mail = "<m@example.org>", .class = NX_CLASS_HARD, .of_news = true);
	TWO(.mail = "", .class = NX_CLASS_HARD);
}

static void a_failure_counts_after_a_delay_and_a_complaint_too(void **state)
{
	const struct told usual = {.mail = "<m@example.org>"};
	TWO(.mail = "<m@example.org>", .class = NX_CLASS_HARD);
	TWO(.mail = "<m@example.org>", .class = NX_CLASS_SOFT);
	TWO(.mail = "<m@example.org>", .class = NX_CLASS_COMPLAINT);
}

/* Some senders have one Message-ID for all that they mail. */
static void one_mail_is_believed_for_a_month_or_two(void **state)
{
	const int64_t now = NX_DAY * 20000;
	const struct told usual = {.mail = "<m@example.org>", .time = now};
	for (int days = -30; days <= 30; days++)
		ONE(.mail = "<m@example.org>", .time = now + days * NX_DAY);
	TWO(.mail = "<m@example.org>", .time = now + 60 * NX_DAY);
	TWO(.mail = "<m@example.org>", .time = now - 60 * NX_DAY);
}

static void an_envelope_id_stands_for_a_message_id(void **state)
{
	const struct told usual = {.envelope_id = "QQ1", .content = 1};
	ONE(.envelope_id = "QQ1", .content = 2);
	TWO(.envelope_id = "QQ2", .content = 1);
	TWO(.mail = "<QQ1@example.org>", .content = 1);
}

static void garbage_is_no_message_id(void **state)
{
	static const char *const none[] = {"",    "<>",      "<@>",
	                                   "x",   "<a@>",    "<@b>",
	                                   "< >", "<a b@c>", "(none)"};
	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		const struct told usual = {.mail = none[i], .content = 1};
		TWO(.mail = none[i], .content = 2);
		ONE(.content = 1);
	}
}

static void other_mail_is_one_by_what_it_says(void **state)
{
	const struct told usual = {.mail = "<m@example.org>",
	                           .class = NX_CLASS_UNSUBSCRIBE,
	                           .kind = NX_KIND_UNSUBSCRIBE,
	                           .list = "news",
	                           .content = 1};
	ONE(.class = NX_CLASS_UNSUBSCRIBE, .kind = NX_KIND_UNSUBSCRIBE,
	    .list = "news", .content = 1, .time = 1);
	TWO(.mail = "<m@example.org>", .class = NX_CLASS_UNSUBSCRIBE,
	    .kind = NX_KIND_UNSUBSCRIBE, .list = "news", .content = 2);
	TWO(.class = NX_CLASS_UNSUBSCRIBE, .kind = NX_KIND_UNSUBSCRIBE,
	    .list = "offers", .content = 1);
	TWO(.class = NX_CLASS_UNSUBSCRIBE, .kind = NX_KIND_UNSUBSCRIBE,
	    .list = "news", .content = 1, .of_news = true);
}

static void a_report_has_its_own_time(void **state)
{
	(void)state;
	struct nx_record record = record_of(NULL, 0);
	assert_int_equal(nx_event_own_time(&record, 1000), 1000);
	record.arrival_date = 400;
	assert_int_equal(nx_event_own_time(&record, 1000), 400);
	record.date = 500;
	assert_int_equal(nx_event_own_time(&record, 1000), 500);
	record.date = 2000;
	assert_int_equal(nx_event_own_time(&record, 1000), 1000);
}

static void an_unsubscribe_falls_back_on_its_sender(void **state)
{
	struct nx_record record = record_of(NULL, 0);
	record.sender = "anna@example.com";
	size_t count;
	nx_event_of_record(*state, &record, &source, &count);
	assert_int_equal(count, 0);
	record.kind = NX_KIND_UNSUBSCRIBE;
	record.verdict.class = NX_CLASS_UNSUBSCRIBE;
	const struct nx_event *event =
	        nx_event_of_record(*state, &record, &source, &count);
	assert_int_equal(count, 1);
	assert_string_equal(event->address, "anna@example.com");
	assert_int_equal(event->verdict.class, NX_CLASS_UNSUBSCRIBE);
}

/* What counts but names no address leads to no event, and must not be
 * forgotten. */
static void an_event_that_names_nobody_is_missing(void **state)
{
	(void)state;
	static const char *const none[] = {
	        "",
	        "local",
	        "a@",
	        "@example.com",
	        "a@example..com",
	        "a b@example.com",
	        "a@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	        "aaaaaaaaa.example"};
	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		struct nx_record_recipient recipient[] = {
		        recipient_of("anna@example.com", NX_CLASS_HARD),
		        recipient_of(none[i], NX_CLASS_SOFT)};
		const struct nx_record record = record_of(recipient, 2);
		if (!nx_event_is_missing(&record))
			fail_msg("\"%s\" is none", none[i]);
		recipient[1].verdict.class = NX_CLASS_NONE;
		assert_false(nx_event_is_missing(&record));
	}
	struct nx_record record = record_of(NULL, 0);
	assert_false(nx_event_is_missing(&record));
	record.verdict.class = NX_CLASS_UNSUBSCRIBE;
	record.kind = NX_KIND_UNSUBSCRIBE;
	record.sender = "anna@example.com";
	assert_false(nx_event_is_missing(&record));
	record.sender = "anna@example..com";
	assert_true(nx_event_is_missing(&record));
	record.kind = NX_KIND_FEEDBACK_REPORT;
	record.sender = "anna@example.com";
	assert_true(nx_event_is_missing(&record));
}

/* A report about our return path is about an address that it does not name. */
static void a_report_that_names_only_what_is_ours_is_missing(void **state)
{
	(void)state;
	struct nx_record_recipient recipient[] = {
	        recipient_of("b@example.org", NX_CLASS_NONE),
	        recipient_of("anna@example.com", NX_CLASS_NONE)};
	recipient[0].verdict.basis = NX_BASIS_ADDRESS;
	recipient[0].verdict.matched = "return-path";
	const struct nx_record one = record_of(recipient, 1);
	assert_true(nx_event_is_missing(&one));
	const struct nx_record two = record_of(recipient, 2);
	assert_false(nx_event_is_missing(&two));
	recipient[0].verdict.matched = "protected";
	assert_false(nx_event_is_missing(&one));
}

static int start(void **state)
{
	*state = talloc_new(NULL);
	return 0;
}

static int end(void **state)
{
	talloc_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_message_is_the_same_however_it_comes),
	        cmocka_unit_test(another_message_has_another_digest),
	        cmocka_unit_test(
	                without_a_name_the_first_hop_tells_messages_apart),
	        cmocka_unit_test(
	                where_a_large_message_is_cut_makes_no_difference),
	        cmocka_unit_test(a_name_counts_wherever_it_stands),
	        cmocka_unit_test(older_digests_stay_as_they_were),
	        cmocka_unit_test(every_address_gets_one_event),
	        cmocka_unit_test(a_failure_is_not_lost_behind_a_delay),
	        cmocka_unit_test(one_mail_fails_once_for_one_recipient),
	        cmocka_unit_test(
	                a_failure_counts_after_a_delay_and_a_complaint_too),
	        cmocka_unit_test(one_mail_is_believed_for_a_month_or_two),
	        cmocka_unit_test(an_envelope_id_stands_for_a_message_id),
	        cmocka_unit_test(garbage_is_no_message_id),
	        cmocka_unit_test(other_mail_is_one_by_what_it_says),
	        cmocka_unit_test(a_report_has_its_own_time),
	        cmocka_unit_test(an_unsubscribe_falls_back_on_its_sender),
	        cmocka_unit_test(an_event_that_names_nobody_is_missing),
	        cmocka_unit_test(
	                a_report_that_names_only_what_is_ours_is_missing),
	};
	return cmocka_run_group_tests(tests, start, end);
}
