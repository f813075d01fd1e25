/* SPDX-License-Identifier: ISC */
#include "store/history.h"
#include "store/verify.h"
#include "stores.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/wait.h>

/* A store among other processes: its files are moved while they are open, and
 * many open it at once. */

#define A "a@example.org"
#define B "b@example.org"
#define C "c@example.org"

enum { OPENERS = 30, ROUNDS = 60 };

static const char *const FILES[] = {"nixie.db", "nixie.db-wal", "nixie.db-shm"};

enum { DATABASE = 1, OTHERS = 2 };

/* Puts one prefix in the place of the other. */
static void move(const struct fixture *f, const char *from, const char *to,
                 int which)
{
	for (int i = 0; i < 3; i++) {
		char *old = talloc_asprintf(NULL, "%s/%s%s", f->directory, from,
		                            FILES[i]);
		char *new = talloc_asprintf(NULL, "%s/%s%s", f->directory, to,
		                            FILES[i]);
		if (which & (i == 0 ? DATABASE : OTHERS))
			assert_int_equal(rename(old, new), 0);
		talloc_free(old);
		talloc_free(new);
	}
}

/* As the daemon's writer does it; returns whether the answer is 250. */
static bool take(struct fixture *f, unsigned number, const char *address)
{
	struct nx_outcome outcome;
	const struct nx_event event =
	        event_of(number, address, NX_CLASS_HARD, 0);
	const struct nx_delivery delivery = delivery_of(f, &event, 1);
	return nx_store_renew(f->store, &f->err) &&
	       nx_store_add(f->store, f->policy, &delivery, &outcome, &f->err);
}

static bool exists(const struct fixture *f, const char *name)
{
	char *path = talloc_asprintf(NULL, "%s/%s", f->directory, name);
	const bool is = access(path, F_OK) == 0;
	talloc_free(path);
	return is;
}

static void expect_deferred(struct fixture *f, unsigned number)
{
	assert_false(take(f, number, B));
	assert_int_equal(f->err.kind, NX_ERROR_TEMPORARY);
	assert_non_null(strstr(f->err.text, "/nixie.db: "));
}

static void what_moved_away_takes_nothing_until_it_is_back(void **state)
{
	struct fixture *f = *state;
	assert_true(take(f, 1, A));
	move(f, "", "old-", DATABASE | OTHERS);
	expect_deferred(f, 2);
	expect_deferred(f, 2);
	assert_false(exists(f, "nixie.db"));
	move(f, "old-", "", DATABASE | OTHERS);
	assert_true(take(f, 3, B));
	reopen(f, NX_STORE_READ);
	assert_true(is_suppressed(f, A, 1));
	assert_true(is_suppressed(f, B, 1));
}

static void what_was_put_in_its_place_is_used(void **state)
{
	struct fixture *f = *state;
	assert_true(take(f, 1, A));
	move(f, "", "old-", DATABASE | OTHERS);
	struct nx_store *other;
	need(f,
	     nx_store_open(f, f->directory, NX_STORE_WRITE, &other, &f->err));
	struct nx_store *own = f->store;
	f->store = other;
	add_one(f, 3, C, NX_CLASS_COMPLAINT, 0);
	f->store = own;
	assert_true(take(f, 2, B));
	/* nothing is kept of what the old one had numbers for */
	assert_int_equal(standing_of(f, "", B, 1).cause, NX_CAUSE_HARD);
	assert_int_equal(standing_of(f, "", C, 1).cause, NX_CAUSE_COMPLAINT);
	nx_store_close(other);
	reopen(f, NX_STORE_READ);
	assert_false(is_suppressed(f, A, 1));
	assert_true(is_suppressed(f, B, 1));
	assert_int_equal(standing_of(f, "", B, 1).cause, NX_CAUSE_HARD);
	reopen(f, NX_STORE_WRITE);
	size_t findings;
	need(f, nx_store_verify(f->store, NULL, NULL, &findings, &f->err));
	assert_int_equal(findings, 0);
}

static void a_group_is_not_committed_to_what_moved(void **state)
{
	struct fixture *f = *state;
	need(f, nx_store_begin(f->store, &f->err));
	add_one(f, 1, A, NX_CLASS_HARD, 0);
	move(f, "", "old-", DATABASE | OTHERS);
	assert_false(nx_store_commit(f->store, &f->err));
	move(f, "old-", "", DATABASE | OTHERS);
	assert_true(take(f, 2, B));
	assert_false(is_suppressed(f, A, 1));
	assert_true(is_suppressed(f, B, 1));
}

/* Others would make a WAL of their own. */
static void a_wal_that_moved_is_noticed(void **state)
{
	struct fixture *f = *state;
	struct nx_outcome outcome;
	assert_true(take(f, 1, A));
	move(f, "", "old-", OTHERS);
	const struct nx_event event = event_of(2, B, NX_CLASS_HARD, 0);
	const struct nx_delivery delivery = delivery_of(f, &event, 1);
	assert_false(nx_store_add(f->store, f->policy, &delivery, &outcome,
	                          &f->err));
	assert_true(take(f, 2, B));
	reopen(f, NX_STORE_READ);
	assert_true(is_suppressed(f, B, 1));
}

static void an_empty_file_is_no_store(void **state)
{
	struct fixture *f = *state;
	char *path = talloc_asprintf(f, "%s/nixie.db", f->directory);
	move(f, "", "old-", DATABASE | OTHERS);
	const int file = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(file >= 0);
	close(file);
	expect_deferred(f, 2);
	struct stat about;
	assert_int_equal(stat(path, &about), 0);
	assert_int_equal(about.st_size, 0);
	assert_int_equal(unlink(path), 0);
	move(f, "old-", "", DATABASE | OTHERS);
	assert_true(take(f, 3, A));
}

/* --- many at once --------------------------------------------------------- */

static _Noreturn void open_one(const char *directory, int start)
{
	char byte;
	struct nx_store *store;
	struct nx_error err;
	if (read(start, &byte, 1) != 0 ||
	    !nx_store_open(NULL, directory, NX_STORE_CREATE, &store, &err)) {
		fprintf(stderr, "%s\n", err.text);
		_exit(1);
	}
	nx_store_close(store);
	_exit(0);
}

static int openers_that_fail(const char *directory)
{
	int start[2], status, failed = 0;
	pid_t child[OPENERS];
	assert_int_equal(pipe(start), 0);
	for (int i = 0; i < OPENERS; i++) {
		child[i] = fork();
		assert_true(child[i] >= 0);
		if (child[i] == 0) {
			close(start[1]);
			open_one(directory, start[0]);
		}
	}
	close(start[0]);
	close(start[1]); /* now */
	for (int i = 0; i < OPENERS; i++) {
		assert_int_equal(waitpid(child[i], &status, 0), child[i]);
		failed += status != 0;
	}
	return failed;
}

static void all_first_opens_succeed(void **state)
{
	(void)state;
	TALLOC_CTX *ctx = talloc_new(NULL);
	char *directory = make_directory(ctx);
	char *store = talloc_asprintf(ctx, "%s/store", directory);
	for (int i = 0; i < ROUNDS; i++) {
		assert_int_equal(openers_that_fail(store), 0);
		remove_tree(store);
	}
	remove_tree(directory);
	talloc_free(ctx);
}

/* --- a reader whose output nobody takes ----------------------------------- */

struct reader {
	sqlite3 *other; /* a connection that empties the WAL */
	int rows, pinned;
};

static int read_busy(void *user, int columns, char **text, char **name)
{
	struct reader *reader = user;
	(void)name;
	reader->pinned += columns < 1 || strcmp(text[0], "0") != 0;
	return 0;
}

static bool look(struct reader *reader)
{
	assert_int_equal(sqlite3_exec(reader->other,
	                              "PRAGMA wal_checkpoint(TRUNCATE)",
	                              read_busy, reader, NULL),
	                 SQLITE_OK);
	reader->rows++;
	return true;
}

static bool on_state(void *user, const struct nx_subject_state *state)
{
	(void)state;
	return look(user);
}

static bool on_history(void *user, const struct nx_history *history)
{
	(void)history;
	return look(user);
}

static bool on_quarantined(void *user, const struct nx_quarantined *message)
{
	(void)message;
	return look(user);
}

static void put_aside(struct fixture *f)
{
	static const struct nx_quarantine_limits limits = {10, 100000, 7};
	struct nx_outcome outcome;
	const struct nx_event event = event_of(9, "", NX_CLASS_HARD, 0);
	struct nx_delivery delivery = delivery_of(f, &event, 0);
	delivery.limits = &limits;
	delivery.keep = (struct nx_quarantined){
	        .time = T0,
	        .why = NX_QUARANTINE_ORDINARY,
	        .envelope = {"", true, "b@example.org", "", ""},
	        .size = 1,
	        .bytes = "x",
	        .kept = 1};
	memcpy(delivery.keep.digest, delivery.digest, NX_DIGEST_SIZE);
	need(f,
	     nx_store_add(f->store, f->policy, &delivery, &outcome, &f->err));
}

static void no_reader_keeps_the_wal_while_it_is_read(void **state)
{
	struct fixture *f = *state;
	struct reader reader = {0};
	char *path = talloc_asprintf(f, "%s/nixie.db", f->directory);
	add_one(f, 1, A, NX_CLASS_HARD, 0);
	assert_int_equal(sqlite3_open(path, &reader.other), SQLITE_OK);
	/* something is in the WAL before each of them */
	attempt(f, "", A, 1);
	need(f, nx_store_list(f->store, NULL, T0, on_state, &reader, &f->err));
	attempt(f, "", A, 2);
	need(f, nx_store_walk(f->store, 0, T0, T0 + NX_DAY, on_history, &reader,
	                      &f->err));
	add_one(f, 2, B, NX_CLASS_HARD, 0);
	need(f, nx_store_walk(f->store, 1U << NX_CLASS_HARD, T0, T0 + NX_DAY,
	                      on_history, &reader, &f->err));
	attempt(f, "", A, 3);
	need(f, nx_store_history(f->store, A, on_history, &reader, &f->err));
	put_aside(f);
	need(f,
	     nx_quarantine_list(f->store, 1, on_quarantined, &reader, &f->err));
	sqlite3_close(reader.other);
	assert_int_equal(reader.rows, 10);
	assert_int_equal(reader.pinned, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        STORE_TEST(what_moved_away_takes_nothing_until_it_is_back),
	        STORE_TEST(what_was_put_in_its_place_is_used),
	        STORE_TEST(a_group_is_not_committed_to_what_moved),
	        STORE_TEST(a_wal_that_moved_is_noticed),
	        STORE_TEST(an_empty_file_is_no_store),
	        cmocka_unit_test(all_first_opens_succeed),
	        STORE_TEST(no_reader_keeps_the_wal_while_it_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
