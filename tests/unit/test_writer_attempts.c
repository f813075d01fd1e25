/* SPDX-License-Identifier: ISC */
#include "serve/writer.h"
#include "store/erase.h"
#include "store/hash.h"
#include "store/history.h"
#include "stores.h"

/* Attempts on their way to the store, and what becomes of them. */

#define A "a@example.org"
#define B "b@example.org"

static struct nx_writer_batch batch;
static const struct nx_writer_rules rules;

static void note(void *user, const struct nx_attempt_answer *said)
{
	(void)user;
	(void)said;
}

static struct nx_waiting_attempt *ask(const char *address, const char *queue_id,
                                      bool waits)
{
	const struct nx_question question = nx_question_of(&NO_STREAMS, "");
	struct nx_waiting_attempt *made =
	        nx_attempt_new(&(struct nx_attempt){.question = &question,
	                                            .address = address,
	                                            .source = "door",
	                                            .sender = "s@example.com",
	                                            .queue_id = queue_id});
	made->done = waits ? note : NULL;
	made->rules = &rules;
	made->within = UINT64_C(3600000000000);
	return made;
}

static void begin_batch(struct fixture *f)
{
	batch = (struct nx_writer_batch){
	        .to = {.store = f->store, .policy = f->policy}};
	nx_log_init(f, &batch.log, false);
}

static void give(struct nx_waiting_attempt *attempt)
{
	batch.attempt[batch.attempts++] = attempt;
}

static void drop_batch(void)
{
	for (size_t i = 0; i < batch.attempts; i++)
		talloc_free(batch.attempt[i]);
}

struct rows {
	size_t count;
	char last[200]; /* sender, queue id, source */
};

static bool count_row(void *user, const struct nx_history *history)
{
	struct rows *rows = user;
	rows->count++;
	snprintf(rows->last, sizeof(rows->last), "%s %s %s", history->reporter,
	         history->queue_id, history->source);
	return true;
}

static struct rows recorded(struct fixture *f)
{
	struct rows rows = {.count = 0};
	need(f, nx_store_walk(f->store, 0, 0, INT64_MAX, count_row, &rows,
	                      &f->err));
	return rows;
}

/* Until the end of time, so that the wall clock does not matter. */
static void suppress_always(struct fixture *f, const char *address)
{
	const struct nx_manual_action act = {.mail = {.name = ""},
	                                     .who = "anna",
	                                     .note = "",
	                                     .reason = "manual",
	                                     .now = T0};
	need(f, nx_store_suppress(f->store, f->policy, &act, &address, 1,
	                          &f->err));
}

static void a_group_is_recorded_and_answered(void **state)
{
	struct fixture *f = *state;
	suppress_always(f, A);
	begin_batch(f);
	give(ask(A, "4F2A", true));
	give(ask(B, "4F2B", true));
	nx_writer_record(&batch);
	assert_false(batch.attempt[0]->answer.failed);
	assert_true(batch.attempt[0]->answer.is_blocked);
	assert_int_equal(batch.attempt[0]->answer.cause, NX_CAUSE_MANUAL);
	assert_string_equal(batch.attempt[0]->answer.reason, "manual");
	assert_int_equal(batch.attempt[0]->answer.until, NX_FOREVER);
	assert_false(batch.attempt[1]->answer.failed);
	assert_false(batch.attempt[1]->answer.is_blocked);
	assert_int_equal(batch.tally.batches, 1);
	assert_int_equal(batch.tally.attempts, 1);
	drop_batch();
	const struct rows rows = recorded(f);
	assert_int_equal(rows.count, 1);
	assert_string_equal(rows.last, "s@example.com 4F2A door");
}

/* Its client did not see the answer. */
static void the_same_attempt_counts_once(void **state)
{
	struct fixture *f = *state;
	suppress_always(f, A);
	begin_batch(f);
	give(ask(A, "4F2A", true));
	give(ask(A, "4F2A", true));
	give(ask(A, "4F2C", true));
	give(ask(A, "", true));
	give(ask(A, "", true));
	nx_writer_record(&batch);
	for (size_t i = 0; i < batch.attempts; i++)
		assert_true(batch.attempt[i]->answer.is_blocked);
	drop_batch();
	assert_int_equal(recorded(f).count, 4);
}

static void where_nobody_waits_it_is_tried_again(void **state)
{
	struct fixture *f = *state;
	const char *path = talloc_asprintf(f, "%s/nixie.db", f->directory);
	const char *away = talloc_asprintf(f, "%s/away", f->directory);
	suppress_always(f, A);
	begin_batch(f);
	give(ask(A, "1", false));
	give(ask(A, "2", true));
	assert_int_equal(rename(path, away), 0);
	nx_writer_record(&batch);
	assert_int_equal(rename(away, path), 0);
	assert_true(batch.attempt[0]->answer.failed);
	assert_true(batch.attempt[0]->again);
	assert_true(batch.attempt[1]->answer.failed);
	assert_false(batch.attempt[1]->again);
	nx_writer_record(&batch);
	assert_false(batch.attempt[0]->again);
	assert_int_equal(recorded(f).count, 2);
	drop_batch();
}

/* --- privacy -------------------------------------------------------------- */

/* The sender may be a person, too. */
static void a_hashed_store_keeps_no_sender(void **state)
{
	struct fixture *f = *state;
	suppress_always(f, A);
	begin_batch(f);
	give(ask(A, "1", true));
	nx_writer_record(&batch);
	drop_batch();
	assert_string_equal(recorded(f).last, "s@example.com 1 door");
	need(f, nx_store_hash(f->store, &f->err));
	assert_string_equal(recorded(f).last, " 1 door");
	begin_batch(f);
	give(ask(A, "2", true));
	give(ask(A, "2", true));
	nx_writer_record(&batch);
	assert_true(batch.attempt[0]->answer.is_blocked);
	drop_batch();
	assert_int_equal(recorded(f).count, 2);
	assert_string_equal(recorded(f).last, " 2 door");
}

static void who_is_erased_sent_nothing(void **state)
{
	struct fixture *f = *state;
	struct nx_erased erased;
	suppress_always(f, A);
	begin_batch(f);
	give(ask(A, "1", true));
	nx_writer_record(&batch);
	drop_batch();
	need(f, nx_store_erase(f->store, "s@example.com", true, T0, &erased,
	                       &f->err));
	assert_string_equal(recorded(f).last, " 1 door");
	need(f, nx_store_erase(f->store, A, true, T0, &erased, &f->err));
	assert_int_equal(erased.attempts, 1);
	assert_int_equal(recorded(f).count, 0);
}

/* --- the queue ------------------------------------------------------------ */

static void they_wait_for_others_and_for_their_time(void **state)
{
	struct nx_attempt_queue queue = {.count = 0}, failed = {.count = 0};
	struct nx_waiting_attempt *attempt;
	(void)state;
	assert_true(nx_attempt_queue_due(&queue) == UINT64_MAX);
	nx_attempt_queue_add(&queue, ask(A, "1", false));
	assert_true(nx_attempt_queue_due(&queue) > 0);
	nx_attempt_queue_add(&queue, ask(A, "2", true));
	assert_true(nx_attempt_queue_due(&queue) == 0);
	assert_int_equal(nx_attempt_queue_take(&queue, &attempt, 1), 1);
	assert_string_equal(attempt->attempt.queue_id, "1");
	/* one that failed is the first again, but not at once */
	attempt->within = 0;
	nx_attempt_queue_add(&failed, attempt);
	nx_attempt_queue_put_back(&queue, &failed);
	assert_int_equal(queue.count, 2);
	assert_int_equal(nx_attempt_queue_take(&queue, &attempt, 1), 1);
	assert_string_equal(attempt->attempt.queue_id, "1");
	nx_attempt_queue_add(&failed, attempt);
	assert_int_equal(nx_attempt_queue_take(&queue, &attempt, 1), 1);
	talloc_free(attempt);
	nx_attempt_queue_put_back(&queue, &failed);
	assert_true(nx_attempt_queue_due(&queue) > 0);
	assert_int_equal(nx_attempt_queue_take(&queue, &attempt, 1), 1);
	talloc_free(attempt);
	assert_true(nx_attempt_queue_due(&queue) == UINT64_MAX);
}

static void a_full_group_waits_no_longer(void **state)
{
	struct nx_attempt_queue queue = {.count = 0};
	struct nx_waiting_attempt *attempt;
	(void)state;
	for (int i = 0; i < NX_ATTEMPTS_GROUP; i++) {
		assert_true(nx_attempt_queue_due(&queue) > 0);
		nx_attempt_queue_add(&queue, ask(A, "", false));
	}
	assert_true(nx_attempt_queue_due(&queue) == 0);
	while (nx_attempt_queue_take(&queue, &attempt, 1) > 0)
		talloc_free(attempt);
	assert_int_equal(queue.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        STORE_TEST(a_group_is_recorded_and_answered),
	        STORE_TEST(the_same_attempt_counts_once),
	        STORE_TEST(where_nobody_waits_it_is_tried_again),
	        STORE_TEST(a_hashed_store_keeps_no_sender),
	        STORE_TEST(who_is_erased_sent_nothing),
	        cmocka_unit_test(they_wait_for_others_and_for_their_time),
	        cmocka_unit_test(a_full_group_waits_no_longer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
