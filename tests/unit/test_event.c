/* SPDX-License-Identifier: ISC */
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
#define CONTENT                                                                \
	OLDER "From: MAILER-DAEMON@example.net\nSubject: x\n"                  \
	      "X-Long: one\n two\n\nReceived: in the body\nhello\n"

static void digest_of(const char *recipient, const char *text,
                      uint8_t out[NX_DIGEST_SIZE])
{
	uint8_t content[NX_DIGEST_SIZE];
	nx_event_content(text, strlen(text), content);
	nx_event_digest(recipient, content, out);
}

static void a_redelivery_has_the_same_digest(void **state)
{
	(void)state;
	static const char *const same[] = {
	        "Return-Path: <>\nDelivered-To: b@example.org\n" RECEIVED
	                CONTENT,
	        "From MAILER-DAEMON Sun Nov 22 10:00:00 2026\n"
	        "X-Original-To: b@example.org\n" RECEIVED CONTENT,
	        "Return-path: <x@example.com>\nEnvelope-to: b@example.org\n"
	        "Delivery-date: Sun, 22 Nov 2026 10:00:00 +0000\n"
	        "Received: by another.example\n\twith a fold; today\n" CONTENT,
	};
	uint8_t first[NX_DIGEST_SIZE];
	digest_of("b@example.org", RECEIVED CONTENT, first);
	for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
		uint8_t other[NX_DIGEST_SIZE];
		digest_of("b@example.org", same[i], other);
		assert_memory_equal(first, other, sizeof first);
	}
}

static void line_ends_make_no_difference(void **state)
{
	(void)state;
	static const char crlf[] = "Received: x\r\nSubject: a\r\n\r\nhi\r\n";
	static const char lf[] = "Received: y\nSubject: a\n\nhi\n";
	uint8_t first[NX_DIGEST_SIZE];
	uint8_t second[NX_DIGEST_SIZE];
	digest_of("", crlf, first);
	digest_of("", lf, second);
	assert_memory_equal(first, second, sizeof first);
}

static void another_message_has_another_digest(void **state)
{
	(void)state;
	static const char *const others[] = {
	        RECEIVED OLDER CONTENT,
	        RECEIVED CONTENT "more\n",
	        RECEIVED "X-New: 1\n" CONTENT,
	        RECEIVED "From: MAILER-DAEMON@example.net\nSubject: x\n\n",
	        "",
	};
	uint8_t first[NX_DIGEST_SIZE];
	uint8_t other[NX_DIGEST_SIZE];
	digest_of("b@example.org", RECEIVED CONTENT, first);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		digest_of("b@example.org", others[i], other);
		assert_memory_not_equal(first, other, sizeof first);
	}
	digest_of("c@example.org", RECEIVED CONTENT, other);
	assert_memory_not_equal(first, other, sizeof first);
}

static const uint8_t digest[NX_DIGEST_SIZE] = {1, 2, 3};

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
	        .list_id = "news.example.org",
	        .verdict = {.reason = "",
	                    .advice = "",
	                    .rule = "",
	                    .matched = ""},
	        .recipient = recipient,
	        .recipients = count,
	};
}

static const struct nx_streams NO_STREAMS = {.fallback = ""};
static const struct nx_attribution ANY = {&NO_STREAMS, ""};
static const struct nx_attribution NEWS = {&NO_STREAMS, "news"};
static const struct nx_attribution S = {&NO_STREAMS, "s"};

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
	const struct nx_event *event = nx_event_of_record(
	        *state, &record, digest, &NEWS, 1000, &count);
	assert_int_equal(count, 2);
	assert_string_equal(event[0].address, "anna@example.com");
	assert_int_equal(event[0].verdict.class, NX_CLASS_HARD);
	assert_string_equal(event[0].stream, "news");
	assert_int_equal(event[0].time, 1000);
	assert_int_equal(event[0].reply, 550);
	assert_string_equal(event[0].status, "5.1.1");
	assert_string_equal(event[0].message_id, "<m@example.org>");
	assert_int_equal(event[0].trust, NX_TRUST_CLAIMED);
	assert_memory_equal(event[0].message, digest, NX_DIGEST_SIZE);
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
	        nx_event_of_record(*state, &record, digest, &ANY, 1, &count);
	assert_int_equal(count, 1);
	assert_int_equal(event->verdict.class, NX_CLASS_HARD);
}

static void the_id_depends_on_message_stream_and_address(void **state)
{
	const struct nx_record_recipient recipient[] = {
	        recipient_of("anna@example.com", NX_CLASS_HARD)};
	static const uint8_t other[NX_DIGEST_SIZE] = {4};
	struct nx_record record = record_of(recipient, 1);
	size_t count;
	const struct nx_event *a =
	        nx_event_of_record(*state, &record, digest, &ANY, 1, &count);
	const struct nx_event *again =
	        nx_event_of_record(*state, &record, digest, &ANY, 2, &count);
	const struct nx_event *streamed =
	        nx_event_of_record(*state, &record, digest, &S, 1, &count);
	const struct nx_event *elsewhere =
	        nx_event_of_record(*state, &record, other, &ANY, 1, &count);
	assert_memory_equal(a->id, again->id, NX_EVENT_ID_SIZE);
	assert_memory_not_equal(a->id, streamed->id, NX_EVENT_ID_SIZE);
	assert_memory_not_equal(a->id, elsewhere->id, NX_EVENT_ID_SIZE);
}

static void an_unsubscribe_falls_back_on_its_sender(void **state)
{
	struct nx_record record = record_of(NULL, 0);
	record.sender = "anna@example.com";
	size_t count;
	nx_event_of_record(*state, &record, digest, &ANY, 1, &count);
	assert_int_equal(count, 0);
	record.kind = NX_KIND_UNSUBSCRIBE;
	record.verdict.class = NX_CLASS_UNSUBSCRIBE;
	const struct nx_event *event =
	        nx_event_of_record(*state, &record, digest, &ANY, 1, &count);
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
	        cmocka_unit_test(a_redelivery_has_the_same_digest),
	        cmocka_unit_test(line_ends_make_no_difference),
	        cmocka_unit_test(another_message_has_another_digest),
	        cmocka_unit_test(every_address_gets_one_event),
	        cmocka_unit_test(a_failure_is_not_lost_behind_a_delay),
	        cmocka_unit_test(the_id_depends_on_message_stream_and_address),
	        cmocka_unit_test(an_unsubscribe_falls_back_on_its_sender),
	        cmocka_unit_test(an_event_that_names_nobody_is_missing),
	        cmocka_unit_test(
	                a_report_that_names_only_what_is_ours_is_missing),
	};
	return cmocka_run_group_tests(tests, start, end);
}
