/* SPDX-License-Identifier: ISC */
#include "serve/writer_queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Which messages are the next group: nobody waits for long. */

enum { MESSAGES = 600 };

static struct {
	struct nx_writer_message message;
	struct nx_submission submission;
	struct nx_reading reading;
} all[MESSAGES];
static struct nx_writer_batch batch;
static const struct nx_writer_rules some_rules, other_rules;

/* Of a report about so many. */
static struct nx_writer_message *add(struct nx_writer_queue *queue, int number,
                                     size_t recipients,
                                     const struct nx_writer_rules *rules)
{
	all[number].reading.record.recipients = recipients;
	all[number].submission.recipients = 1;
	all[number].submission.reading = &all[number].reading;
	all[number].message = (struct nx_writer_message){
	        .submission = &all[number].submission, .rules = rules};
	nx_writer_queue_add(queue, &all[number].message);
	return &all[number].message;
}

static bool is_in_group(const struct nx_writer_message *message)
{
	for (size_t i = 0; i < batch.messages; i++)
		if (batch.message[i] == message)
			return true;
	return false;
}

static void the_small_pass_the_large(void **state)
{
	struct nx_writer_queue queue = {.turn = false};
	(void)state;
	for (int i = 0; i < 40; i++)
		add(&queue, i, 1000, &some_rules);
	const struct nx_writer_message *honest =
	        add(&queue, 40, 1, &some_rules);
	nx_writer_queue_take(&queue, &batch);
	assert_true(is_in_group(honest));
	assert_true(is_in_group(&all[0].message));
	assert_int_equal(batch.messages, 2);
}

static void the_large_go_too(void **state)
{
	struct nx_writer_queue queue = {.turn = false};
	(void)state;
	for (int i = 0; i < 500; i++)
		add(&queue, i, 1, &some_rules);
	for (int i = 500; i < 503; i++)
		add(&queue, i, 5000, &some_rules);
	for (int i = 500; i < 503; i++) {
		nx_writer_queue_take(&queue, &batch);
		assert_true(is_in_group(&all[i].message));
	}
	assert_true(nx_writer_queue_is_empty(&queue));
}

static void a_group_has_the_same_rules(void **state)
{
	struct nx_writer_queue queue = {.turn = false};
	int groups = 0, large = 0;
	(void)state;
	add(&queue, 0, 1000, &some_rules);
	for (int i = 1; i < MESSAGES; i++)
		add(&queue, i, 1, &other_rules);
	for (; !nx_writer_queue_is_empty(&queue); groups++) {
		nx_writer_queue_take(&queue, &batch);
		assert_true(batch.messages > 0);
		for (size_t i = 1; i < batch.messages; i++)
			assert_ptr_equal(batch.message[i]->rules,
			                 batch.message[0]->rules);
		if (is_in_group(&all[0].message))
			large = groups;
	}
	assert_in_range(large, 0, 1);
	assert_int_equal(groups, 4);
}

static void moved_messages_keep_their_order(void **state)
{
	struct nx_writer_queue queue = {.turn = false}, more = {.turn = false};
	(void)state;
	nx_writer_queue_move(&queue, &more);
	assert_true(nx_writer_queue_is_empty(&queue));
	add(&queue, 0, 1, &some_rules);
	add(&more, 1, 1, &some_rules);
	add(&more, 2, 900, &some_rules);
	nx_writer_queue_move(&queue, &more);
	assert_true(nx_writer_queue_is_empty(&more));
	nx_writer_queue_take(&queue, &batch);
	assert_int_equal(batch.messages, 3);
	for (int i = 0; i < 3; i++)
		assert_ptr_equal(batch.message[i], &all[i].message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_small_pass_the_large),
	        cmocka_unit_test(the_large_go_too),
	        cmocka_unit_test(a_group_has_the_same_rules),
	        cmocka_unit_test(moved_messages_keep_their_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
