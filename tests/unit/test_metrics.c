/* SPDX-License-Identifier: ISC */
#include "serve/counters.h"
#include "stores.h"

/* What a daemon counts, and how Prometheus is told. */

static const int64_t ONE_FREE[NX_CHECKEDS] = {[NX_CHECKED_FREE] = 1};

static const struct nx_tables *tables_of(const struct fixture *f)
{
	return nx_policy_tables(f->policy);
}

static const char *text_of(struct fixture *f, struct nx_counters *counters)
{
	return nx_metrics_text(f, nx_counters_copy(f, counters));
}

static void expect(const char *text, const char *line)
{
	const char *at = strstr(text, line);

	if (!at || (at > text && at[-1] != '\n') || at[strlen(line)] != '\n')
		fail_msg("%s is not in\n%s", line, text);
}

static struct nx_reading reading_of(const char *reason, const char *rule)
{
	struct nx_reading reading = {.record = {.kind = NX_KIND_OTHER}};

	reading.record.verdict = (struct nx_verdict){
	        .class = NX_CLASS_HARD, .reason = reason, .rule = rule};
	return reading;
}

/* --- the text ------------------------------------------------------------- */

static void each_family_is_told_once_with_help_and_type(void **state)
{
	struct fixture *f = *state;
	struct nx_counters *counters = nx_counters_new(f);
	const char *text = text_of(f, counters);
	size_t families = 0;

	for (const char *at = text; (at = strstr(at, "# HELP ")); at++) {
		const size_t size = strcspn(at + 7, " ");
		const char *type =
		        talloc_asprintf(f, "\n# TYPE %.*s ", (int)size, at + 7);
		const char *first = strstr(text, type);

		families++;
		assert_non_null(first);
		assert_null(strstr(first + 1, type));
		assert_true(strncmp(at + 7, "nixie_", 6) == 0 ||
		            strncmp(at + 7, "process_", 8) == 0);
	}
	assert_true(families > 30);
	nx_counters_close(counters);
}

static void a_label_is_escaped(void **state)
{
	struct fixture *f = *state;
	const struct nx_counted verdict = {"hard", "a\"b\\c\nd", 3};
	struct nx_metrics metrics = {
	        .rules = "", .verdict = &verdict, .verdicts = 1};

	expect(nx_metrics_text(f, &metrics),
	       "nixie_verdicts_total{class=\"hard\",reason=\"a\\\"b\\\\c\\nd\"} "
	       "3");
}

static void what_could_not_be_read_is_not_told(void **state)
{
	struct fixture *f = *state;
	struct nx_metrics metrics = {.rules = ""};
	const char *text = nx_metrics_text(f, &metrics);

	assert_null(strstr(text, "nixie_quarantine_messages"));
	assert_null(strstr(text, "nixie_suppressions"));
	assert_null(strstr(text, "\nnixie_store_readable "));
	metrics.gauge.is_known = true;
	expect(nx_metrics_text(f, &metrics), "nixie_store_readable 0");
	metrics.gauge.is_read = metrics.gauge.is_counted = true;
	metrics.gauge.suppressions[NX_CAUSE_HARD] = 7;
	metrics.gauge.store.reports.messages = 4;
	metrics.gauge.store_volume = (struct nx_volume){10, 20};
	text = nx_metrics_text(f, &metrics);
	expect(text, "nixie_suppressions{class=\"hard\"} 7");
	expect(text, "nixie_quarantine_messages{group=\"reports\"} 4");
	expect(text, "nixie_disk_free_bytes{of=\"store\"} 10");
	assert_null(strstr(text, "of=\"spool\""));
}

/* --- counting ------------------------------------------------------------- */

static void a_histogram_is_cumulative(void **state)
{
	struct fixture *f = *state;
	struct nx_counters *counters = nx_counters_new(f);
	const int64_t two[NX_CHECKEDS] = {1, 1, 0};

	nx_counters_checks(counters, NX_VIA_POLICY, ONE_FREE, 10000);
	nx_counters_checks(counters, NX_VIA_POLICY, two, 10001);
	nx_counters_checks(counters, NX_VIA_POLICY, ONE_FREE, 2000000000);
	const char *text = text_of(f, counters);
	expect(text, "nixie_check_duration_seconds_bucket{via=\"policy\","
	             "le=\"1e-05\"} 1");
	expect(text, "nixie_check_duration_seconds_bucket{via=\"policy\","
	             "le=\"5e-05\"} 3");
	expect(text, "nixie_check_duration_seconds_bucket{via=\"policy\","
	             "le=\"1\"} 3");
	expect(text, "nixie_check_duration_seconds_bucket{via=\"policy\","
	             "le=\"+Inf\"} 4");
	expect(text, "nixie_check_duration_seconds_count{via=\"policy\"} 4");
	expect(text, "nixie_check_duration_seconds_sum{via=\"policy\"} "
	             "2.000030002");
	expect(text, "nixie_checks_total{via=\"policy\",result=\"free\"} 3");
	expect(text,
	       "nixie_checks_total{via=\"policy\",result=\"suppressed\"} 1");
	expect(text, "nixie_checks_total{via=\"door\",result=\"free\"} 0");
	nx_counters_close(counters);
}

/* A worker may say anything, and each name would be kept for ever. */
static void names_that_no_rule_has_are_one(void **state)
{
	struct fixture *f = *state;
	struct nx_counters *counters = nx_counters_new(f);

	for (int i = 0; i < 10000; i++) {
		const struct nx_reading reading =
		        reading_of(talloc_asprintf(f, "made-up-%d", i),
		                   talloc_asprintf(f, "made/up-%d", i));
		nx_counters_message(counters, "lmtp", &reading, tables_of(f));
	}
	const struct nx_reading real = reading_of("unknown-user", "");
	nx_counters_message(counters, "spool", &real, tables_of(f));
	const struct nx_metrics *metrics = nx_counters_copy(f, counters);
	assert_int_equal(metrics->rules_hit, 1);
	assert_int_equal(metrics->verdicts, 2);
	const char *text = text_of(f, counters);
	expect(text, "nixie_rule_hits_total{rule=\"other\"} 10000");
	expect(text, "nixie_verdicts_total{class=\"other\",reason=\"other\"} "
	             "10000");
	expect(text, "nixie_verdicts_total{class=\"hard\","
	             "reason=\"unknown-user\"} 1");
	expect(text, "nixie_messages_total{source=\"lmtp\",kind=\"other\"} "
	             "10000");
	expect(text, "nixie_messages_total{source=\"spool\",kind=\"other\"} 1");
	nx_counters_close(counters);
}

static void what_was_known_is_judged_once(void **state)
{
	struct fixture *f = *state;
	struct nx_counters *counters = nx_counters_new(f);
	struct nx_reading reading = reading_of("unknown-user", "");

	nx_counters_message(counters, "lmtp", &reading, tables_of(f));
	reading.outcome.known = true;
	nx_counters_message(counters, "lmtp", &reading, tables_of(f));
	const char *text = text_of(f, counters);
	expect(text, "nixie_messages_total{source=\"lmtp\",kind=\"other\"} 2");
	expect(text, "nixie_verdicts_total{class=\"hard\","
	             "reason=\"unknown-user\"} 1");
	nx_counters_close(counters);
}

static void the_last_hour_is_told(void **state)
{
	struct fixture *f = *state;
	struct nx_counters *counters = nx_counters_new(f);
	const struct nx_pipeline_tally tally = {.messages = 5, .deferred = 3};

	nx_counters_tally(counters, &tally);
	nx_counters_tally(counters, &tally);
	nx_counters_store_error(counters);
	const struct nx_lately lately = nx_counters_lately(counters);
	assert_int_equal(lately.messages, 5);
	assert_int_equal(lately.deferred, 3);
	assert_int_equal(lately.store_errors, 1);
	nx_counters_close(counters);
}

/* --- the store ------------------------------------------------------------ */

static void suppressions_are_counted_by_class(void **state)
{
	struct fixture *f = *state;
	int64_t count[NX_GAUGES_CAUSES];

	need(f, nx_store_begin(f->store, &f->err));
	for (unsigned i = 0; i < 1200; i++)
		add_one(f, i, talloc_asprintf(f, "u%u@example.net", i),
		        i % 10 == 0 ? NX_CLASS_HARD : NX_CLASS_COMPLAINT, 0);
	need(f, nx_store_commit(f->store, &f->err));
	need(f, nx_gauges_count(f->store, T0 + 1, count, &f->err));
	assert_int_equal(count[NX_CAUSE_HARD], 120);
	assert_int_equal(count[NX_CAUSE_COMPLAINT], 1080);
	assert_int_equal(count[NX_CAUSE_MANUAL], 0);
	need(f, nx_gauges_count(f->store, T0 + 30 * NX_DAY, count, &f->err));
	assert_int_equal(count[NX_CAUSE_HARD], 0);
	assert_int_equal(count[NX_CAUSE_COMPLAINT], 1080);
}

static void quarantine(struct fixture *f, uint8_t number,
                       enum nx_quarantine_why why, int64_t time)
{
	static const struct nx_quarantine_limits limits = {100, 100000, 100};
	struct nx_delivery delivery = {
	        .digest = {number},
	        .time = time,
	        .source = "test",
	        .record = &f->record,
	        .limits = &limits,
	        .keep = {.digest = {number},
	                 .time = time,
	                 .why = why,
	                 .envelope = {"", false, "", "", ""},
	                 .size = 3,
	                 .bytes = "abc",
	                 .kept = 3},
	};
	add_delivery(f, &delivery);
}

static void what_came_lately_is_told_apart(void **state)
{
	struct fixture *f = *state;
	struct nx_store_gauges gauges;

	quarantine(f, 1, NX_QUARANTINE_NO_ADDRESS, T0);
	quarantine(f, 2, NX_QUARANTINE_ORDINARY, T0 + NX_HOUR);
	quarantine(f, 3, NX_QUARANTINE_UNPARSED, T0 + NX_HOUR);
	need(f,
	     nx_gauges_read(f->store, T0 + NX_HOUR, T0 + 1, &gauges, &f->err));
	assert_int_equal(gauges.reports.messages, 2);
	assert_int_equal(gauges.reports.bytes, 6);
	assert_int_equal(gauges.ordinary.messages, 1);
	assert_int_equal(gauges.lately, 1);
	assert_int_equal(gauges.held, 0);
	assert_int_equal(gauges.blocks, 0);
}

static void what_is_held_is_told(void **state)
{
	struct fixture *f = *state;
	struct nx_store_gauges gauges;

	need(f, nx_store_begin(f->store, &f->err));
	for (unsigned i = 0; i < 230; i++)
		add_one(f, i, talloc_asprintf(f, "u%u@example.net", i),
		        NX_CLASS_HARD, 0);
	need(f, nx_store_commit(f->store, &f->err));
	need(f, nx_gauges_read(f->store, T0, T0, &gauges, &f->err));
	assert_int_equal(gauges.held, 30);
	assert_int_equal(gauges.holds, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        STORE_TEST(each_family_is_told_once_with_help_and_type),
	        STORE_TEST(a_label_is_escaped),
	        STORE_TEST(what_could_not_be_read_is_not_told),
	        STORE_TEST(a_histogram_is_cumulative),
	        STORE_TEST(names_that_no_rule_has_are_one),
	        STORE_TEST(what_was_known_is_judged_once),
	        STORE_TEST(the_last_hour_is_told),
	        STORE_TEST(suppressions_are_counted_by_class),
	        STORE_TEST(what_came_lately_is_told_apart),
	        STORE_TEST(what_is_held_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
