/* SPDX-License-Identifier: ISC */
#include "store/current.h"
#include "store/known.h"
#include "stores.h"

#include <sys/wait.h>

/* Of whom a standing is known, in memory: what it may deny, and when. */

#define A "a@example.org"
#define B "b@example.org"
#define C "c@example.net"

enum { MANY = 300000 };

static const struct nx_known_place PLACE = {1, 2};

static bool denies(struct nx_known *known, int64_t number, int64_t key)
{
	const struct nx_known_state state = {PLACE, number};
	return nx_known_is_neither(known, &state, key, key);
}

static void commit(struct nx_known *known, int64_t number, int64_t key)
{
	const struct nx_known_state state = {PLACE, number};
	nx_known_committed(known, &state, &key, 1);
}

static void fill(struct nx_known *known, int64_t number, const int64_t *key,
                 size_t count)
{
	assert_true(nx_known_begin(known, &PLACE, (int64_t)count));
	assert_true(nx_known_add(known, key, count));
	nx_known_complete(known, number);
}

/* splitmix64 */
static int64_t key_of(uint64_t number)
{
	uint64_t key = number * UINT64_C(0x9e3779b97f4a7c15);
	key = (key ^ key >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	key = (key ^ key >> 27) * UINT64_C(0x94d049bb133111eb);
	return (int64_t)(key ^ key >> 31);
}

/* --- the table ------------------------------------------------------------ */

static void it_has_all_keys_and_no_others(void **state)
{
	(void)state;
	struct nx_known *known = nx_known_new(NULL);
	int64_t *key = talloc_array(known, int64_t, MANY);
	for (size_t i = 0; i < MANY; i++)
		key[i] = key_of(i + 1);
	fill(known, 1, key, MANY);
	assert_int_equal(nx_known_count(known), MANY);
	for (size_t i = 0; i < MANY; i++) {
		assert_false(denies(known, 1, key[i]));
		assert_true(denies(known, 1, key_of(MANY + 1 + i)));
	}
	talloc_free(known);
}

static void keys_at_the_ends_are_keys(void **state)
{
	(void)state;
	static const int64_t key[] = {0, -1, -2, 1, INT64_MIN, INT64_MAX};
	struct nx_known *known = nx_known_new(NULL);
	fill(known, 1, key + 1, 5);
	assert_true(denies(known, 1, 0));
	fill(known, 1, key, 6);
	assert_int_equal(nx_known_count(known), 6);
	for (size_t i = 0; i < 6; i++)
		assert_false(denies(known, 1, key[i]));
	assert_true(denies(known, 1, -3));
	assert_true(denies(known, 1, 2));
	talloc_free(known);
}

static void what_is_full_denies_nothing_later(void **state)
{
	(void)state;
	struct nx_known *known = nx_known_new(NULL);
	int64_t number = 1;
	fill(known, number, NULL, 0);
	while (denies(known, number, -5)) {
		assert_true(number < MANY);
		number++;
		commit(known, number, key_of((uint64_t)number));
	}
	const size_t count = nx_known_count(known);
	assert_true(count > 1000);
	assert_true(denies(known, number - 1, -5));
	commit(known, number + 1, key_of(1));
	assert_false(denies(known, number + 1, -5));
	/* the next time there is more room */
	fill(known, number + 1, NULL, 0);
	for (int64_t i = 0; i <= (int64_t)count; i++)
		commit(known, number + 2 + i, key_of((uint64_t)i));
	assert_true(denies(known, number + 2 + (int64_t)count, -5));
	talloc_free(known);
}

/* --- commits -------------------------------------------------------------- */

static void only_commits_in_a_row_are_known(void **state)
{
	(void)state;
	struct nx_known *known = nx_known_new(NULL);
	commit(known, 4, 10);
	assert_false(denies(known, 4, 99));
	fill(known, 4, (const int64_t[]){10}, 1);
	assert_true(denies(known, 4, 99));
	assert_true(denies(known, 3, 99));
	assert_false(denies(known, 5, 99));
	commit(known, 5, 11);
	assert_true(denies(known, 5, 99));
	assert_false(denies(known, 5, 11));
	commit(known, 7, 12); /* the sixth was another's */
	assert_false(denies(known, 6, 99));
	assert_false(denies(known, 7, 99));
	talloc_free(known);
}

static void what_is_committed_on_the_way_is_known(void **state)
{
	(void)state;
	struct nx_known *known = nx_known_new(NULL);
	assert_true(nx_known_begin(known, &PLACE, 10));
	commit(known, 8, 20);
	commit(known, 9, 21);
	assert_true(nx_known_add(known, (const int64_t[]){10}, 1));
	commit(known, 10, 22);
	assert_false(denies(known, 8, 99));
	nx_known_complete(known, 8);
	assert_true(denies(known, 10, 99));
	assert_false(denies(known, 10, 20));
	assert_false(denies(known, 10, 22));
	talloc_free(known);
}

static void another_place_is_not_known(void **state)
{
	(void)state;
	struct nx_known *known = nx_known_new(NULL);
	const struct nx_known_state other = {{1, 3}, 4};
	fill(known, 4, NULL, 0);
	assert_false(nx_known_is_neither(known, &other, 9, 9));
	nx_known_committed(known, &(struct nx_known_state){{1, 3}, 5},
	                   (const int64_t[]){9}, 1);
	assert_false(denies(known, 5, 99));
	nx_known_forget(known);
	assert_false(denies(known, 4, 99));
	assert_false(nx_known_add(known, (const int64_t[]){9}, 1));
	nx_known_complete(known, 4);
	assert_false(denies(known, 4, 99));
	talloc_free(known);
}

/* --- a store -------------------------------------------------------------- */

struct asking {
	struct nx_known *known;
	struct nx_store *looks;
};

static struct asking begin(struct fixture *f)
{
	struct asking asking = {.known = nx_known_new(f)};
	need(f, nx_store_open(f, f->directory, NX_STORE_LOOK, &asking.looks,
	                      &f->err));
	nx_store_share(asking.looks, asking.known);
	nx_store_share(f->store, asking.known);
	need(f, nx_store_tell_known(asking.looks, asking.known, &f->err));
	return asking;
}

static bool blocks(struct fixture *f, const struct asking *asking,
                   const char *address)
{
	struct nx_response out;
	const struct nx_question question = nx_question_of(&NO_STREAMS, "");
	need(f, nx_store_view_begin(asking->looks, &f->err));
	need(f, nx_store_ask(f, asking->looks, &question, address, T0 + NX_HOUR,
	                     &out, &f->err));
	nx_store_view_end(asking->looks);
	return out.blocking > 0;
}

static void suppress(struct fixture *f, struct nx_store *store,
                     const char *address)
{
	const struct nx_manual_action act = {.mail = {.name = ""},
	                                     .who = "",
	                                     .note = "",
	                                     .reason = "manual",
	                                     .now = T0};
	need(f,
	     nx_store_suppress(store, f->policy, &act, &address, 1, &f->err));
}

static void suppress_elsewhere(struct fixture *f, const char *address)
{
	const pid_t child = fork();
	if (child == 0) {
		struct nx_store *other;
		if (!nx_store_open(NULL, f->directory, NX_STORE_THERE, &other,
		                   &f->err))
			_exit(1);
		suppress(f, other, address);
		_exit(0);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void what_this_process_commits_is_known(void **state)
{
	struct fixture *f = *state;
	add_one(f, 1, A, NX_CLASS_HARD, 0);
	const struct asking asking = begin(f);
	assert_int_equal(nx_known_count(asking.known), 1);
	assert_true(blocks(f, &asking, A));
	assert_false(blocks(f, &asking, B));
	add_one(f, 2, B, NX_CLASS_HARD, 0);
	assert_int_equal(nx_known_count(asking.known), 2);
	assert_true(blocks(f, &asking, B));
	suppress(f, f->store, "@example.net");
	assert_int_equal(nx_known_count(asking.known), 3);
	assert_true(blocks(f, &asking, C));
	/* what is not committed is not told as if it were */
	need(f, nx_store_begin(f->store, &f->err));
	add_one(f, 3, "d@example.org", NX_CLASS_HARD, 0);
	nx_store_rollback(f->store);
	add_one(f, 4, "e@example.org", NX_CLASS_HARD, 0);
	assert_int_equal(nx_known_count(asking.known), 4);
}

static void what_another_process_commits_is_answered_at_once(void **state)
{
	struct fixture *f = *state;
	const struct asking asking = begin(f);
	assert_false(blocks(f, &asking, A));
	suppress_elsewhere(f, A);
	assert_true(blocks(f, &asking, A));
	/* what this one commits now does not hide the gap */
	add_one(f, 1, B, NX_CLASS_HARD, 0);
	assert_true(blocks(f, &asking, A));
	assert_true(blocks(f, &asking, B));
	need(f, nx_store_tell_known(asking.looks, asking.known, &f->err));
	assert_int_equal(nx_known_count(asking.known), 2);
	assert_true(blocks(f, &asking, A));
	assert_false(blocks(f, &asking, C));
}

static void a_view_is_current_until_somebody_commits(void **state)
{
	struct fixture *f = *state;
	const struct asking asking = begin(f);
	assert_false(blocks(f, &asking, A));
	need(f, nx_store_view_begin(asking.looks, &f->err));
	assert_true(nx_store_is_current(asking.looks));
	add_one(f, 1, A, NX_CLASS_HARD, 0);
	assert_false(nx_store_is_current(asking.looks));
	nx_store_view_end(asking.looks);
	need(f, nx_store_view_begin(asking.looks, &f->err));
	assert_true(nx_store_is_current(asking.looks));
	suppress_elsewhere(f, B);
	assert_false(nx_store_is_current(asking.looks));
	nx_store_view_end(asking.looks);
	assert_true(blocks(f, &asking, B));
}

/* Its number is the same, and its file may have the same inode. */
static void another_store_in_its_place_is_asked(void **state)
{
	struct fixture *f = *state;
	struct asking asking = begin(f);
	add_one(f, 1, B, NX_CLASS_HARD, 0);
	assert_false(blocks(f, &asking, A));
	nx_store_close(f->store);
	remove_tree(f->directory);
	assert_int_equal(mkdir(f->directory, 0700), 0);
	assert_false(nx_store_renew(asking.looks, &f->err));
	need(f, nx_store_open(f, f->directory, NX_STORE_WRITE, &f->store,
	                      &f->err));
	suppress(f, f->store, A);
	need(f, nx_store_renew(asking.looks, &f->err));
	assert_true(blocks(f, &asking, A));
	assert_false(blocks(f, &asking, B));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(it_has_all_keys_and_no_others),
	        cmocka_unit_test(keys_at_the_ends_are_keys),
	        cmocka_unit_test(what_is_full_denies_nothing_later),
	        cmocka_unit_test(only_commits_in_a_row_are_known),
	        cmocka_unit_test(what_is_committed_on_the_way_is_known),
	        cmocka_unit_test(another_place_is_not_known),
	        STORE_TEST(what_this_process_commits_is_known),
	        STORE_TEST(what_another_process_commits_is_answered_at_once),
	        STORE_TEST(a_view_is_current_until_somebody_commits),
	        STORE_TEST(another_store_in_its_place_is_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
