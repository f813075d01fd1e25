/* SPDX-License-Identifier: ISC */
#include "blocks.h"
#include "config/config.h"
#include "store/blocks.h"
#include "store/verify.h"
#include "stores.h"

/* Block events open, count and close, and suppress nobody. */

#define REFUSAL                                                                \
	"554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org"

static int set_up_blocks(void **state)
{
	set_up(state);
	struct fixture *f = *state;
	struct nx_source policy = {"policy.yaml", LADDER, sizeof(LADDER) - 1,
	                           false};
	need(f, nx_policy_compile(f, &policy, shipped_tables(f), &f->policy,
	                          &f->err));
	return 0;
}

#define BLOCKS_TEST(name)                                                      \
	cmocka_unit_test_setup_teardown(name, set_up_blocks, tear_down)

static struct nx_event refusal(unsigned number, const char *address,
                               const char *diagnostic, int64_t hour)
{
	struct nx_event event = event_of(number, address, NX_CLASS_SOFT, hour);
	event.verdict.reason = "blocklisted";
	event.verdict.fault = NX_FAULT_SENDER;
	event.verdict.advice = "delist https://check.spamhaus.org/";
	event.diagnostic = diagnostic;
	event.remote_mta = "mx.example.net";
	return event;
}

/* Number N is refused, as of that hour, and read in another. */
static void refuse_late(struct fixture *f, unsigned number,
                        const char *diagnostic, int64_t hour, int64_t read)
{
	const char *address = talloc_asprintf(f, "u%u@example.com", number);
	struct nx_outcome outcome;
	const struct nx_event event =
	        refusal(number, address, diagnostic, hour);
	struct nx_delivery delivery = delivery_of(f, &event, 1);
	delivery.time = T0 + read * NX_HOUR;
	need(f,
	     nx_store_add(f->store, f->policy, &delivery, &outcome, &f->err));
	assert_int_equal(outcome.added, 1);
	assert_int_equal(outcome.suppressed, 0);
	assert_false(is_suppressed(f, address, read));
}

static void refuse(struct fixture *f, unsigned number, const char *diagnostic,
                   int64_t hour)
{
	refuse_late(f, number, diagnostic, hour, hour);
}

struct listed {
	TALLOC_CTX *ctx;
	struct nx_block block[NX_BLOCKS_OPEN + NX_BLOCKS_CLOSED];
	size_t count;
};

static bool keep(void *user, const struct nx_block *block)
{
	struct listed *listed = user;
	struct nx_block *out = &listed->block[listed->count++];
	*out = *block;
	out->provider = talloc_strdup(listed->ctx, block->provider);
	out->ours = talloc_strdup(listed->ctx, block->ours);
	out->list = talloc_strdup(listed->ctx, block->list);
	out->reason = talloc_strdup(listed->ctx, block->reason);
	out->url = talloc_strdup(listed->ctx, block->url);
	out->how = talloc_strdup(listed->ctx, block->how);
	return true;
}

static const struct listed *list(struct fixture *f, bool all, int64_t hour)
{
	struct listed *listed = talloc_zero(f, struct listed);
	listed->ctx = listed;
	need(f, nx_blocks_list(f->store, all, T0 + hour * NX_HOUR, keep, listed,
	                       &f->err));
	return listed;
}

static size_t open_at(struct fixture *f, int64_t hour)
{
	struct nx_store_status status;
	const size_t count = list(f, false, hour)->count;
	need(f, nx_store_status(f, f->store, T0 + hour * NX_HOUR, &status,
	                        &f->err));
	assert_int_equal(status.blocks, count);
	return count;
}

static void delivered(struct fixture *f, const char *address, int64_t hour)
{
	bool changed;
	need(f, nx_store_delivered(f->store, f->policy, address,
	                           T0 + hour * NX_HOUR, &changed, &f->err));
	assert_false(changed);
}

static void fail_finding(void *user, const char *line)
{
	(void)user;
	fail_msg("%s", line);
}

static void verify(struct fixture *f)
{
	size_t findings;
	need(f,
	     nx_store_verify(f->store, fail_finding, NULL, &findings, &f->err));
}

/* -------------------------------------------------------------------------- */

static void the_first_report_opens_and_others_count(void **state)
{
	struct fixture *f = *state;
	refuse(f, 1, REFUSAL, 0);
	refuse(f, 2, REFUSAL, 5);
	refuse(f, 3, REFUSAL "; https://www.spamhaus.org/", 3);
	const struct listed *now = list(f, false, 6);
	assert_int_equal(now->count, 1);
	const struct nx_block *block = &now->block[0];
	assert_string_equal(block->provider, "example.net");
	assert_string_equal(block->ours, "192.0.2.1");
	assert_string_equal(block->list, "zen.spamhaus.org");
	assert_string_equal(block->reason, "blocklisted");
	assert_string_equal(block->url, "https://check.spamhaus.org/");
	assert_int_equal(block->reports, 3);
	assert_int_equal(block->first, T0);
	assert_int_equal(block->last, T0 + 5 * NX_HOUR);
	assert_int_equal(block->until, T0 + 29 * NX_HOUR);
	assert_int_equal(block->closed, 0);
	verify(f);
}

static void a_report_that_comes_twice_counts_once(void **state)
{
	struct fixture *f = *state;
	const struct nx_event event = refusal(1, "a@example.com", REFUSAL, 0);
	add_events(f, &event, 1);
	add_events(f, &event, 1);
	assert_int_equal(list(f, false, 1)->block[0].reports, 1);
}

static void what_differs_is_apart(void **state)
{
	struct fixture *f = *state;
	refuse(f, 1, REFUSAL, 0);
	refuse(f, 2,
	       "554 Client host [192.0.2.2] blocked using "
	       "zen.spamhaus.org",
	       0);
	refuse(f, 3, "554 Client host [192.0.2.1] blocked using bl.spamcop.net",
	       0);
	refuse(f, 4, "554 Client host [192.0.2.1] blocked", 0);
	struct nx_event other = refusal(5, "a@example.com", REFUSAL, 0);
	other.remote_mta = "mx.example.edu";
	add_events(f, &other, 1);
	/* no list is named, and it is for another reason */
	other = refusal(6, "a@example.com", "554 [192.0.2.1] too fast", 0);
	other.verdict.reason = "rate-limited";
	other.verdict.advice = "slow-down";
	add_events(f, &other, 1);
	assert_int_equal(open_at(f, 1), 6);
	assert_int_equal(open_at(f, 5), 5); /* a rate is of four hours */
}

static void it_closes_by_itself(void **state)
{
	struct fixture *f = *state;
	refuse(f, 1, REFUSAL, 0);
	assert_int_equal(open_at(f, 23), 1);
	assert_int_equal(open_at(f, 24), 0);
	const struct listed *all = list(f, true, 30);
	assert_int_equal(all->count, 1);
	assert_string_equal(all->block[0].how, "time");
	assert_int_equal(all->block[0].closed, T0 + 24 * NX_HOUR);
	/* and what is reported then is another */
	refuse(f, 2, REFUSAL, 40);
	assert_int_equal(open_at(f, 41), 1);
	all = list(f, true, 41);
	assert_int_equal(all->count, 2);
	assert_true(all->block[0].id > all->block[1].id);
	assert_int_equal(all->block[0].reports, 1);
	assert_int_equal(all->block[1].closed, T0 + 24 * NX_HOUR);
	verify(f);
}

static void old_mail_opens_nothing_that_is_over(void **state)
{
	struct fixture *f = *state;
	refuse_late(f, 1, REFUSAL, 0, 24);
	assert_int_equal(list(f, true, 24)->count, 0);
	refuse_late(f, 2, REFUSAL, 0, 23);
	const struct listed *now = list(f, false, 23);
	assert_int_equal(now->count, 1);
	assert_int_equal(now->block[0].until, T0 + 24 * NX_HOUR);
	/* nor does it lengthen what is open */
	refuse(f, 3, REFUSAL, 23);
	refuse_late(f, 4, REFUSAL, 1, 24);
	now = list(f, false, 24);
	assert_int_equal(now->block[0].until, T0 + 47 * NX_HOUR);
	assert_int_equal(now->block[0].first, T0);
	assert_int_equal(now->block[0].reports, 3);
}

static void a_delivery_to_the_provider_closes_it(void **state)
{
	struct fixture *f = *state;
	refuse(f, 1, REFUSAL, 0); /* of example.com, at example.net */
	delivered(f, "other@example.org", 1);
	assert_int_equal(open_at(f, 1), 1);
	delivered(f, "other@example.com", 1);
	assert_int_equal(open_at(f, 1), 0);
	const struct listed *all = list(f, true, 2);
	assert_string_equal(all->block[0].how, "delivery");
	assert_int_equal(all->block[0].closed, T0 + NX_HOUR);
	/* the provider's own domain, too */
	refuse(f, 2, "554 [192.0.2.9] blocked using zen.spamhaus.org", 2);
	delivered(f, "postmaster@mail.example.net", 3);
	assert_int_equal(open_at(f, 3), 0);
	/* nothing refuses: nothing is written */
	delivered(f, "postmaster@mail.example.net", 4);
	verify(f);
}

static void refused_again_after_a_delivery_it_goes_on(void **state)
{
	struct fixture *f = *state;
	refuse(f, 1, REFUSAL, 0);
	const int64_t id = list(f, false, 0)->block[0].id;
	delivered(f, "u9@example.com", 2);
	refuse_late(f, 2, REFUSAL, 1, 3); /* from before the delivery */
	assert_int_equal(open_at(f, 3), 0);
	refuse(f, 3, REFUSAL, 4);
	const struct listed *now = list(f, false, 4);
	assert_int_equal(now->count, 1);
	assert_int_equal(now->block[0].id, id);
	assert_int_equal(now->block[0].reports, 2);
	assert_string_equal(now->block[0].how, "");
	delivered(f, "u9@example.com", 5);
	refuse(f, 4, REFUSAL, 30);
	assert_true(list(f, false, 30)->block[0].id > id);
	verify(f);
}

static void ack(struct fixture *f, int64_t id, int64_t hour)
{
	const struct nx_block_ack by = {
	        .who = "ann", .note = "asked", .now = T0 + hour * NX_HOUR};
	struct listed before = {.ctx = f};
	need(f, nx_blocks_ack(f->store, &id, 1, &by, keep, &before, &f->err));
	assert_int_equal(before.count, 1);
}

static void by_hand_it_closes_with_a_note(void **state)
{
	struct fixture *f = *state;
	struct nx_block block;
	refuse(f, 1, REFUSAL, 0);
	const int64_t id = list(f, false, 0)->block[0].id;
	ack(f, id, 2);
	ack(f, id, 3); /* stays as it was */
	need(f,
	     nx_block_find(f, f->store, id, T0 + 4 * NX_HOUR, &block, &f->err));
	assert_string_equal(block.how, "hand");
	assert_string_equal(block.who, "ann");
	assert_string_equal(block.note, "asked");
	assert_int_equal(block.closed, T0 + 2 * NX_HOUR);
	assert_string_equal(block.address, "u1@example.com");
	assert_string_equal(block.diagnostic, REFUSAL);
	/* what was under way then says nothing new, what comes later does */
	refuse_late(f, 2, REFUSAL, 1, 3);
	assert_int_equal(open_at(f, 3), 0);
	refuse(f, 3, REFUSAL, 4);
	assert_true(list(f, false, 4)->block[0].id > id);
	verify(f);
}

static void of_ids_that_are_not_there_nothing_is_closed(void **state)
{
	struct fixture *f = *state;
	struct nx_block block;
	refuse(f, 1, REFUSAL, 0);
	const int64_t ids[] = {list(f, false, 0)->block[0].id, 77};
	const struct nx_block_ack by = {.who = "", .note = "", .now = T0};
	assert_false(nx_blocks_ack(f->store, ids, 2, &by, keep, NULL, &f->err));
	assert_int_equal(f->err.kind, NX_ERROR_USAGE);
	assert_int_equal(open_at(f, 0), 1);
	assert_false(nx_block_find(f, f->store, 77, T0, &block, &f->err));
	assert_int_equal(f->err.kind, NX_ERROR_USAGE);
}

static void the_quiet_ones_make_room(void **state)
{
	struct fixture *f = *state;
	need(f, nx_store_begin(f->store, &f->err));
	for (unsigned i = 0; i < NX_BLOCKS_OPEN + 10; i++)
		refuse(f, i,
		       talloc_asprintf(f, "554 [10.1.%u.%u] is blocked",
		                       i / 250, i % 250),
		       i / 500);
	need(f, nx_store_commit(f->store, &f->err));
	const struct listed *now = list(f, true, 5);
	assert_int_equal(now->count, NX_BLOCKS_OPEN);
	for (size_t i = 0; i < now->count; i++)
		assert_string_not_equal(now->block[i].ours, "10.1.0.3");
	verify(f);
	/* those that are closed have room of their own */
	delivered(f, "a@example.com", 6);
	refuse(f, 9000, REFUSAL, 6);
	delivered(f, "a@example.com", 6);
	assert_int_equal(list(f, true, 6)->count, NX_BLOCKS_CLOSED);
	verify(f);
}

static void what_opens_again_may_make_room_for_others(void **state)
{
	struct fixture *f = *state;
	refuse(f, 9000, REFUSAL, 0);
	delivered(f, "a@example.com", 0);
	need(f, nx_store_begin(f->store, &f->err));
	for (unsigned i = 1; i <= NX_BLOCKS_OPEN; i++)
		refuse(f, i,
		       talloc_asprintf(f, "554 [10.1.%u.%u] is blocked",
		                       i / 250, i % 250),
		       5);
	need(f, nx_store_commit(f->store, &f->err));
	refuse_late(f, 9001, REFUSAL, 1, 6);
	const struct listed *now = list(f, false, 6);
	assert_int_equal(now->count, NX_BLOCKS_OPEN);
	assert_string_not_equal(now->block[now->count - 1].list,
	                        "zen.spamhaus.org");
	verify(f);
}

static void beyond_the_budget_only_counters_move(void **state)
{
	struct fixture *f = *state;
	const struct nx_budget budget = {.rows = 1};
	struct nx_outcome outcome;
	static const char *const said[] = {REFUSAL, REFUSAL,
	                                   "554 [192.0.2.77] is blocked"};
	for (unsigned i = 0; i < 3; i++) {
		const char *address = talloc_asprintf(f, "u%u@example.com", i);
		const struct nx_event event = refusal(i, address, said[i], 0);
		struct nx_delivery delivery = delivery_of(f, &event, 1);
		delivery.budget = &budget;
		need(f, nx_store_add(f->store, f->policy, &delivery, &outcome,
		                     &f->err));
		assert_int_equal(outcome.cut, i > 0);
	}
	const struct listed *now = list(f, false, 1);
	assert_int_equal(now->count, 1);
	assert_int_equal(now->block[0].reports, 2);
}

static void whoever_follows_hears_of_each_once(void **state)
{
	struct fixture *f = *state;
	struct nx_blocks_seen seen = {.begun = false};
	struct listed told = {.ctx = f};
	refuse(f, 1, "554 [192.0.2.8] is blocked", 0);
	need(f, nx_blocks_follow(f->store, &seen, keep, &told, &f->err));
	assert_int_equal(told.count, 0); /* that was before */
	assert_int_equal(seen.open, 1);
	refuse(f, 2, REFUSAL, 1);
	refuse(f, 3, REFUSAL, 1);
	need(f, nx_blocks_follow(f->store, &seen, keep, &told, &f->err));
	assert_int_equal(told.count, 1);
	assert_int_equal(told.block[0].closed, 0);
	assert_int_equal(seen.open, 2);
	need(f, nx_blocks_expire(f->store, T0 + 24 * NX_HOUR, &f->err));
	need(f, nx_blocks_follow(f->store, &seen, keep, &told, &f->err));
	assert_int_equal(told.count, 2);
	assert_string_equal(told.block[1].ours, "192.0.2.8");
	assert_string_equal(told.block[1].how, "time");
	assert_int_equal(seen.open, 1);
	need(f, nx_blocks_follow(f->store, &seen, keep, &told, &f->err));
	assert_int_equal(told.count, 2);
}

/* However often and on however many days. */
static void no_refusal_of_us_suppresses_anybody(void **state)
{
	struct fixture *f = *state;
	static const char *const reasons[] = {"blocklisted", "reputation",
	                                      "rate-limited", "auth-dmarc"};
	for (unsigned i = 1; i <= 40; i++) {
		struct nx_event event =
		        refusal(i, "a@example.com", REFUSAL, 12 * i);
		event.verdict.reason = reasons[i % 4];
		event.verdict.class = i % 2 ? NX_CLASS_SOFT : NX_CLASS_HARD;
		assert_int_equal(add_events(f, &event, 1).suppressed, 0);
		assert_false(is_suppressed(f, "a@example.com", 12 * i));
	}
	assert_int_equal(answer_of(f, "", "a@example.com", 480).states, 0);
	assert_true(open_at(f, 12 * 40) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        BLOCKS_TEST(the_first_report_opens_and_others_count),
	        BLOCKS_TEST(a_report_that_comes_twice_counts_once),
	        BLOCKS_TEST(what_differs_is_apart),
	        BLOCKS_TEST(it_closes_by_itself),
	        BLOCKS_TEST(old_mail_opens_nothing_that_is_over),
	        BLOCKS_TEST(a_delivery_to_the_provider_closes_it),
	        BLOCKS_TEST(refused_again_after_a_delivery_it_goes_on),
	        BLOCKS_TEST(by_hand_it_closes_with_a_note),
	        BLOCKS_TEST(of_ids_that_are_not_there_nothing_is_closed),
	        BLOCKS_TEST(the_quiet_ones_make_room),
	        BLOCKS_TEST(what_opens_again_may_make_room_for_others),
	        BLOCKS_TEST(beyond_the_budget_only_counters_move),
	        BLOCKS_TEST(whoever_follows_hears_of_each_once),
	        BLOCKS_TEST(no_refusal_of_us_suppresses_anybody),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
