/* SPDX-License-Identifier: ISC */
#include "export/csv_report.h"
#include "stores.h"

#define A "a@example.org"

static const char *print(struct fixture *f, const char *name, int64_t since,
                         int64_t until)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	need(f, nx_csv_report_print(f->store, name, T0 + since * NX_HOUR,
	                            T0 + until * NX_HOUR, out, &f->err));
	fclose(out);
	const char *copy = talloc_strdup(f, text);
	free(text);
	return copy;
}

#define BOUNCES                                                                \
	"\"time\",\"address\",\"class\",\"reason\",\"fault\",\"status\","      \
	"\"reply\",\"diagnostic\",\"remote_mta\",\"reporting_mta\","           \
	"\"rule\",\"trust\",\"stream\",\"message_id\",\"event\"\r\n"
#define ORIGIN                                                                 \
	"\"list_id\",\"reporting_mta\",\"trust\",\"stream\",\"message_id\","   \
	"\"event\"\r\n"
#define COMPLAINTS                                                             \
	"\"time\",\"address\",\"reason\",\"feedback_type\",\"incidents\"," ORIGIN
#define UNSUBSCRIBES "\"time\",\"address\",\"reason\"," ORIGIN
#define SUPPRESSIONS                                                                     \
	"\"address\",\"holds_for\",\"stream\",\"class\",\"reason\",\"since\",\"until\"," \
	"\"rung\"\r\n"
#define BLOCKED                                                                \
	"\"time\",\"address\",\"stream\",\"class\",\"reason\",\"since\","      \
	"\"until\",\"sender\",\"queue_id\",\"source\"\r\n"

static void a_report_of_nothing_is_its_header(void **state)
{
	struct fixture *f = *state;
	assert_string_equal(print(f, "bounces", 0, 9), BOUNCES);
	assert_string_equal(print(f, "complaints", 0, 9), COMPLAINTS);
	assert_string_equal(print(f, "unsubscribes", 0, 9), UNSUBSCRIBES);
	assert_string_equal(print(f, "suppressions", 0, 9), SUPPRESSIONS);
	assert_string_equal(print(f, "blocked", 0, 9), BLOCKED);
}

static void bounces_are_told_with_their_evidence(void **state)
{
	struct fixture *f = *state;
	add_one(f, 1, A, NX_CLASS_HARD, 1);
	add_one(f, 2, A, NX_CLASS_COMPLAINT, 2);
	add_one(f, 3, A, NX_CLASS_NONE, 3);
	struct nx_event event =
	        event_of(4, "=1+1@example.org", NX_CLASS_SOFT, 4);
	event.reply = 0;
	event.status = "";
	event.diagnostic = "\"full\"\r\n\x1b[31m";
	event.stream = "news";
	add_events(f, &event, 1);
	assert_string_equal(
	        print(f, "bounces", 0, 9), BOUNCES
	        "\"2026-01-01T01:00:00Z\",\"a@example.org\",\"hard\","
	        "\"unknown-user\",\"recipient\",\"5.1.1\",\"550\","
	        "\"550 5.1.1 no such user\",\"mx.example.org\","
	        "\"mail.example.com\",\"status/5.1.1\",\"claimed\",\"\","
	        "\"<1@example.com>\",\"01000000000000000000000000000000\"\r\n"
	        "\"2026-01-01T04:00:00Z\",\"'=1+1@example.org\",\"soft\","
	        "\"mailbox-full\",\"recipient\",\"\",\"\","
	        "\"\"\"full\"\"\\x0D\\x0A\\x1B[31m\",\"mx.example.org\","
	        "\"mail.example.com\",\"status/5.1.1\",\"claimed\",\"news\","
	        "\"<1@example.com>\",\"04000000000000000000000000000000\"\r\n");
	assert_string_equal(print(f, "bounces", 2, 4), BOUNCES);
}

static void complaints_are_told_with_their_type(void **state)
{
	static const char line[] = "{\"kind\":\"feedback-report\","
	                           "\"format\":\"rfc5965\","
	                           "\"feedback\":{\"feedback_type\":\"abuse\"},"
	                           "\"recipients\":[]}";
	struct fixture *f = *state;
	struct nx_event event = event_of(1, A, NX_CLASS_COMPLAINT, 1);
	need(f, nx_record_read(f, line, sizeof(line) - 1, &f->record, &f->err));
	f->record.feedback_type = "abuse";
	event.incidents = 3;
	event.list_id = "<news.example.com>";
	add_events(f, &event, 1);
	assert_string_equal(print(f, "complaints", 0, 9), COMPLAINTS
	                    "\"2026-01-01T01:00:00Z\",\"a@example.org\","
	                    "\"unknown-user\",\"abuse\",\"3\","
	                    "\"<news.example.com>\",\"mail.example.com\","
	                    "\"claimed\",\"\",\"<1@example.com>\","
	                    "\"01000000000000000000000000000000\"\r\n");
}

static void unsubscribes_are_told_with_their_list(void **state)
{
	struct fixture *f = *state;
	add_one(f, 1, A, NX_CLASS_UNSUBSCRIBE, 1);
	assert_string_equal(print(f, "unsubscribes", 0, 9), UNSUBSCRIBES
	                    "\"2026-01-01T01:00:00Z\",\"a@example.org\","
	                    "\"unknown-user\",\"\",\"mail.example.com\","
	                    "\"claimed\",\"\",\"<1@example.com>\","
	                    "\"01000000000000000000000000000000\"\r\n");
}

static void suppressions_are_those_that_hold_at_the_end(void **state)
{
	struct fixture *f = *state;
	add_one(f, 1, A, NX_CLASS_HARD, 0);
	add_one(f, 2, "b@example.org", NX_CLASS_COMPLAINT, 0);
	assert_string_equal(print(f, "suppressions", 0, 9), SUPPRESSIONS
	                    "\"a@example.org\",\"all\",\"\",\"hard\","
	                    "\"unknown-user\",\"2026-01-01T00:00:00Z\","
	                    "\"2026-01-02T00:00:00Z\",\"1\"\r\n"
	                    "\"b@example.org\",\"bulk\",\"\",\"complaint\","
	                    "\"unknown-user\",\"2026-01-01T00:00:00Z\","
	                    "\"never\",\"1\"\r\n");
	assert_string_equal(print(f, "suppressions", 0, 24), SUPPRESSIONS
	                    "\"b@example.org\",\"bulk\",\"\",\"complaint\","
	                    "\"unknown-user\",\"2026-01-01T00:00:00Z\","
	                    "\"never\",\"1\"\r\n");
}

static void blocked_tells_what_was_to_be_mailed(void **state)
{
	struct fixture *f = *state;
	add_one(f, 1, A, NX_CLASS_HARD, 0);
	attempt(f, "news", A, 1);
	attempt(f, "news", A, 2);
	assert_string_equal(
	        print(f, "blocked", 0, 9),
	        BLOCKED "\"2026-01-01T01:00:00Z\",\"a@example.org\",\"news\","
	                "\"hard\",\"unknown-user\",\"2026-01-01T00:00:00Z\","
	                "\"2026-01-03T01:00:00Z\",\"\",\"\",\"check\"\r\n"
	                "\"2026-01-01T02:00:00Z\",\"a@example.org\",\"news\","
	                "\"hard\",\"unknown-user\",\"2026-01-01T00:00:00Z\","
	                "\"2026-01-03T01:00:00Z\",\"\",\"\",\"check\"\r\n");
}

static void the_names_are_known(void **state)
{
	struct fixture *f = *state;
	assert_true(nx_csv_report_is_known("bounces"));
	assert_false(nx_csv_report_is_known("bounce"));
	assert_false(nx_csv_report_is_known(""));
	assert_non_null(strstr(nx_csv_report_names(), "blocked"));
	assert_false(
	        nx_csv_report_print(f->store, "moon", 0, 1, stdout, &f->err));
	assert_int_equal(f->err.kind, NX_ERROR_USAGE);
}

static void a_report_that_cannot_be_written_says_so(void **state)
{
	struct fixture *f = *state;
	add_one(f, 1, A, NX_CLASS_HARD, 0);
	FILE *full = fopen("/dev/full", "w");
	assert_non_null(full);
	assert_false(nx_csv_report_print(f->store, "bounces", 0, T0 + NX_DAY,
	                                 full, &f->err));
	assert_int_equal(f->err.kind, NX_ERROR_TEMPORARY);
	assert_non_null(strstr(f->err.text, "No space left"));
	fclose(full);
}

#define STORE_TEST(name)                                                       \
	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        STORE_TEST(a_report_of_nothing_is_its_header),
	        STORE_TEST(bounces_are_told_with_their_evidence),
	        STORE_TEST(complaints_are_told_with_their_type),
	        STORE_TEST(unsubscribes_are_told_with_their_list),
	        STORE_TEST(suppressions_are_those_that_hold_at_the_end),
	        STORE_TEST(blocked_tells_what_was_to_be_mailed),
	        STORE_TEST(the_names_are_known),
	        STORE_TEST(a_report_that_cannot_be_written_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
