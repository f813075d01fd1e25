/* SPDX-License-Identifier: ISC */
#include "verdicts.h"

#include "config/config.h"
#include "event/judge_again.h"

/* Verdicts on events of which only the fields are known. */

static TALLOC_CTX *kept;

static int begin(void **state)
{
	const struct nx_rules_from from = {
	        .shipped = RULES_DIR, .site = "", .profile = "", .policy = ""};
	struct nx_rules rules;
	struct nx_error err;

	kept = talloc_new(NULL);
	if (!nx_rules_load(kept, &from, &rules, &err))
		fail_msg("%s", err.text);
	*state = (void *)(uintptr_t)nx_engine_tables(rules.engine);
	return 0;
}

static int end(void **state)
{
	(void)state;
	talloc_free(kept);
	return 0;
}

static struct nx_event event_of(const char *diagnostic)
{
	return (struct nx_event){.address = "someone@example.com",
	                         .sending_domain = "news.example.org",
	                         .verdict = {.class = NX_CLASS_SOFT,
	                                     .reason = "unknown",
	                                     .rule = "site/gone",
	                                     .advice = "",
	                                     .matched = "",
	                                     .basis = NX_BASIS_STATUS},
	                         .kind = NX_KIND_DELIVERY_REPORT,
	                         .action = NX_ACTION_FAILED,
	                         .status = "5.1.1",
	                         .reply = 550,
	                         .diagnostic = diagnostic,
	                         .remote_mta = "mx.example.com",
	                         .reporting_mta = "mta.example.org",
	                         .message_id = "",
	                         .list_id = "",
	                         .stream = "",
	                         .incidents = 1};
}

static void the_words_are_judged_by_the_rules_of_today(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_verdict verdict;
	const struct nx_event event = event_of("550 5.1.1 User unknown");

	assert_true(nx_event_judge_again(ctx, *state, &event, "", &verdict));
	assert_int_equal(verdict.class, NX_CLASS_HARD);
	assert_string_equal(verdict.reason, "unknown-user");
	assert_false(nx_event_judge_again_is_same(&verdict, &event.verdict));
	assert_true(nx_event_judge_again_is_same(&verdict, &verdict));
	talloc_free(ctx);
}

/* They were too old to be kept, or never in a field. */
static void without_its_words_a_verdict_stays(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_verdict verdict;
	struct nx_event event = event_of("");

	assert_false(nx_event_judge_again(ctx, *state, &event, "", &verdict));
	event = event_of("550 5.1.1 User unknown");
	event.verdict.basis = NX_BASIS_TEXT;
	event.verdict.matched = "no such mailbox";
	assert_false(nx_event_judge_again(ctx, *state, &event, "", &verdict));
	event.verdict.matched = "User unknown";
	assert_true(nx_event_judge_again(ctx, *state, &event, "", &verdict));
	event.verdict.basis = NX_BASIS_ADDRESS;
	assert_false(nx_event_judge_again(ctx, *state, &event, "", &verdict));
	talloc_free(ctx);
}

static void a_complaint_stays_one(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_verdict verdict;
	struct nx_event event = event_of("");

	event.kind = NX_KIND_FEEDBACK_REPORT;
	event.status = "";
	event.reply = 0;
	event.verdict.basis = NX_BASIS_FEEDBACK;
	assert_true(
	        nx_event_judge_again(ctx, *state, &event, "abuse", &verdict));
	assert_int_equal(verdict.class, NX_CLASS_COMPLAINT);
	talloc_free(ctx);
}

/* Which hosts were ours is not recorded. */
static void a_refusal_of_our_own_stays_one(void **state)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct nx_verdict verdict;
	struct nx_event event =
	        event_of("550 5.7.1 suppressed by nixie (hard user-unknown)");

	event.status = "5.7.1";
	assert_true(nx_event_judge_again(ctx, *state, &event, "", &verdict));
	assert_string_equal(verdict.reason, "policy");
	event.verdict.reason = "own-refusal";
	assert_true(nx_event_judge_again(ctx, *state, &event, "", &verdict));
	assert_string_equal(verdict.reason, "own-refusal");
	assert_int_equal(verdict.class, NX_CLASS_NONE);
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_words_are_judged_by_the_rules_of_today),
	        cmocka_unit_test(without_its_words_a_verdict_stays),
	        cmocka_unit_test(a_complaint_stays_one),
	        cmocka_unit_test(a_refusal_of_our_own_stays_one),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
