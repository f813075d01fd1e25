/* SPDX-License-Identifier: ISC */
#include "base/date.h"
#include "policies.h"
#include "policy/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define T0 INT64_C(1767571200) /* 2026-01-05T00:00:00Z */

static void a_line_is_an_event(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t time;
		enum nx_trigger trigger;
		enum nx_cause cause;
		const char *reason;
	} cases[] = {
	        {"2026-01-05 bounce hard", T0, NX_TRIGGER_BOUNCE, NX_CAUSE_HARD,
	         ""},
	        {"  2026-01-05\tbounce  soft mailbox-full", T0,
	         NX_TRIGGER_BOUNCE, NX_CAUSE_SOFT, "mailbox-full"},
	        {"2026-01-05T10:00 attempt", T0 + 10 * NX_HOUR,
	         NX_TRIGGER_ATTEMPT, NX_CAUSE_NONE, ""},
	        {"2026-01-05T10:00:30 attempt", T0 + 10 * NX_HOUR + 30,
	         NX_TRIGGER_ATTEMPT, NX_CAUSE_NONE, ""},
	        {"2026-01-05T10:00:00+01:00 delivered", T0 + 9 * NX_HOUR,
	         NX_TRIGGER_DELIVERED, NX_CAUSE_NONE, ""},
	        {"+24h complaint", T0 + NX_DAY, NX_TRIGGER_COMPLAINT,
	         NX_CAUSE_NONE, ""},
	        {"+0 unsubscribe", T0, NX_TRIGGER_UNSUBSCRIBE, NX_CAUSE_NONE,
	         ""},
	        {"2026-01-06 suppress", T0 + NX_DAY, NX_TRIGGER_MANUAL,
	         NX_CAUSE_NONE, ""},
	        {"@1767571201 release", T0 + 1, NX_TRIGGER_RELEASE,
	         NX_CAUSE_NONE, ""},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		struct nx_scenario_line line;
		struct nx_error err;
		if (!nx_scenario_parse(ctx, cases[i].text, T0, NULL, &line,
		                       &err))
			fail_msg("%s: %s", cases[i].text, err.text);
		assert_int_equal(line.time, cases[i].time);
		assert_int_equal(line.trigger, cases[i].trigger);
		assert_int_equal(line.cause, cases[i].cause);
		assert_string_equal(line.reason, cases[i].reason);
		assert_int_equal(line.mails, 0);
		talloc_free(ctx);
	}
}

static void a_line_may_be_many_mails(void **state)
{
	(void)state;
	static const struct {
		const char *words;
		int mails;
		int64_t every;
		bool asks;
	} cases[] = {
	        {"weekly for 52 times against a dead mailbox", 52, 7 * NX_DAY,
	         false},
	        {"weekly for 1 times against a dead mailbox peeking", 1,
	         7 * NX_DAY, false},
	        {"daily for 10000 times against a dead mailbox asking", 10000,
	         NX_DAY, true},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		TALLOC_CTX *ctx = talloc_new(NULL);
		struct nx_scenario_line line;
		struct nx_error err;
		if (!nx_scenario_parse(ctx,
		                       talloc_asprintf(ctx, "2026-01-05 %s",
		                                       cases[i].words),
		                       0, NULL, &line, &err))
			fail_msg("%s: %s", cases[i].words, err.text);
		assert_int_equal(line.mails, cases[i].mails);
		assert_int_equal(line.every, cases[i].every);
		assert_int_equal(line.asks, cases[i].asks);
		talloc_free(ctx);
	}
}

static void what_is_wrong_with_a_line_is_said(void **state)
{
	(void)state;
	static const struct {
		const char *text, *words;
	} cases[] = {
	        {"tomorrow attempt", "tomorrow: neither a time"},
	        {"2026-02-30 attempt", "neither a time"},
	        {"+soon attempt", "neither a time"},
	        {"2026-01-04 attempt", "before what happened last"},
	        {"+forever attempt", "not from 1970 to 9999"},
	        {"@9223372036854775807 attempt", "not from 1970 to 9999"},
	        {"2026-01-05", "what happens are wanted"},
	        {"", "what happens are wanted"},
	        {"2026-01-05 sneeze", "sneeze: not bounce hard"},
	        {"2026-01-05 bounce", "bounce: not bounce hard"},
	        {"2026-01-05 bounce firm", "bounce: not bounce hard"},
	        {"2026-01-05 bounce hard moon", "moon: undeclared reason"},
	        {"2026-01-05 bounce hard unknown-user now", "now: one word"},
	        {"2026-01-05 attempt now", "now: one word too many"},
	        {"2026-01-05 weekly", "must be \"weekly for N times"},
	        {"2026-01-05 weekly for 0 times against a dead mailbox",
	         "must be \"weekly"},
	        {"2026-01-05 weekly for 10001 times against a dead mailbox",
	         "must be \"weekly"},
	        {"2026-01-05 weekly for 5x times against a dead mailbox",
	         "must be \"weekly"},
	        {"2026-01-05 daily for 5 times against a live mailbox",
	         "must be \"daily"},
	        {"2026-01-05 daily for 5 times against a dead mailbox loudly",
	         "must be \"daily"},
	        {"2026-01-05 daily for 5 times against a dead mailbox asking x",
	         "too many words"},
	};
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_source reasons = source("reasons.yaml", REASONS);
	const struct nx_tables *tables;
	struct nx_scenario_line line;
	struct nx_error err;
	assert_true(compile_sources(ctx, &reasons, 1, &tables, &err));
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		err = (struct nx_error){.kind = NX_ERROR_NONE};
		if (nx_scenario_parse(ctx, cases[i].text, T0, tables, &line,
		                      &err) ||
		    !strstr(err.text, cases[i].words))
			fail_msg("%s: \"%s\"", cases[i].text, err.text);
		assert_int_equal(err.kind, NX_ERROR_DATA);
	}
	assert_false(
	        nx_scenario_parse(ctx, "+1h attempt", 0, tables, &line, &err));
	assert_non_null(strstr(err.text, "nothing has happened before"));
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_line_is_an_event),
	        cmocka_unit_test(a_line_may_be_many_mails),
	        cmocka_unit_test(what_is_wrong_with_a_line_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
