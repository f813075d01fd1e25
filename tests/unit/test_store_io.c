/* SPDX-License-Identifier: ISC */
#include "stores.h"

#include <sqlite3.h>

/*
 * The store over a file system that fails: every read, write, sync, truncate,
 * lock and shared page that a group of messages needs fails, once, from then
 * on, or twice with some that succeed in between.
 */
#define A "a@example.org"
#define B "b@example.org"

enum { GAPS = 40, ENOUGH = 1000 };

/* --- a file system that fails --------------------------------------------- */

static struct {
	long calls;    /* so far */
	long first;    /* the first that fails; 0: none */
	long gap;      /* to the second; 0: none, -1: all fail from there */
	bool happened; /* the first failure has happened */
} fault;

static bool fails(void)
{
	if (fault.first == 0)
		return false;
	const long behind = ++fault.calls - fault.first;
	if (behind < 0)
		return false;
	fault.happened = true;
	return behind == 0 || fault.gap < 0 || behind == fault.gap;
}

struct file { /* what SQLite has; the real file is behind it */
	sqlite3_file head;
	sqlite3_file *real;
};

static sqlite3_file *real_of(sqlite3_file *file)
{
	return ((struct file *)file)->real;
}

#define PASS(file, method, ...)                                                \
	real_of(file)->pMethods->method(real_of(file), __VA_ARGS__)

static int file_close(sqlite3_file *file)
{
	return real_of(file)->pMethods->xClose(real_of(file));
}

static int file_read(sqlite3_file *file, void *out, int size, sqlite3_int64 at)
{
	return fails() ? SQLITE_IOERR_READ : PASS(file, xRead, out, size, at);
}

static int file_write(sqlite3_file *file, const void *bytes, int size,
                      sqlite3_int64 at)
{
	return fails() ? SQLITE_IOERR_WRITE
	               : PASS(file, xWrite, bytes, size, at);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	return fails() ? SQLITE_IOERR_TRUNCATE : PASS(file, xTruncate, size);
}

/* No power is cut in this test. */
static int file_sync(sqlite3_file *file, int flags)
{
	(void)file;
	(void)flags;
	return fails() ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *out)
{
	return fails() ? SQLITE_IOERR_FSTAT : PASS(file, xFileSize, out);
}

static int file_lock(sqlite3_file *file, int level)
{
	return fails() ? SQLITE_IOERR_LOCK : PASS(file, xLock, level);
}

static int file_unlock(sqlite3_file *file, int level)
{
	return PASS(file, xUnlock, level);
}

static int file_is_reserved(sqlite3_file *file, int *out)
{
	return PASS(file, xCheckReservedLock, out);
}

static int file_control(sqlite3_file *file, int what, void *data)
{
	return PASS(file, xFileControl, what, data);
}

static int file_sector(sqlite3_file *file)
{
	return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int file_traits(sqlite3_file *file)
{
	return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int shared_map(sqlite3_file *file, int page, int size, int extend,
                      void volatile **out)
{
	return fails() ? SQLITE_IOERR_SHMMAP
	               : PASS(file, xShmMap, page, size, extend, out);
}

static int shared_lock(sqlite3_file *file, int from, int count, int flags)
{
	return (flags & SQLITE_SHM_UNLOCK) == 0 && fails()
	               ? SQLITE_IOERR_SHMLOCK
	               : PASS(file, xShmLock, from, count, flags);
}

static void shared_barrier(sqlite3_file *file)
{
	real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int shared_unmap(sqlite3_file *file, int remove)
{
	return PASS(file, xShmUnmap, remove);
}

static const sqlite3_io_methods methods = {
        .iVersion = 2,
        .xClose = file_close,
        .xRead = file_read,
        .xWrite = file_write,
        .xTruncate = file_truncate,
        .xSync = file_sync,
        .xFileSize = file_size,
        .xLock = file_lock,
        .xUnlock = file_unlock,
        .xCheckReservedLock = file_is_reserved,
        .xFileControl = file_control,
        .xSectorSize = file_sector,
        .xDeviceCharacteristics = file_traits,
        .xShmMap = shared_map,
        .xShmLock = shared_lock,
        .xShmBarrier = shared_barrier,
        .xShmUnmap = shared_unmap,
};

static sqlite3_vfs *real_system;
static sqlite3_vfs system_that_fails;

static int system_open(sqlite3_vfs *system, const char *path,
                       sqlite3_file *file, int flags, int *got)
{
	struct file *own = (struct file *)file;
	(void)system;
	own->head.pMethods = NULL;
	own->real = (sqlite3_file *)(own + 1);
	if (fails())
		return SQLITE_CANTOPEN;
	const int code =
	        real_system->xOpen(real_system, path, own->real, flags, got);
	if (own->real->pMethods != NULL)
		own->head.pMethods = &methods;
	return code;
}

static int use_it(void **state)
{
	(void)state;
	real_system = sqlite3_vfs_find(NULL);
	system_that_fails = *real_system;
	system_that_fails.zName = "fails";
	system_that_fails.szOsFile =
	        (int)sizeof(struct file) + real_system->szOsFile;
	system_that_fails.xOpen = system_open;
	return sqlite3_vfs_register(&system_that_fails, 1);
}

/* --- a group of messages -------------------------------------------------- */

static bool offer(struct fixture *f, unsigned number, const char *address,
                  struct nx_outcome *out)
{
	const struct nx_event event =
	        event_of(number, address, NX_CLASS_HARD, 0);
	struct nx_delivery delivery = delivery_of(f, &event, *address != '\0');
	static const struct nx_quarantine_limits limits = {10, 100000, 7};
	static const char letter[6000];
	delivery.limits = &limits;
	if (delivery.events == 0)
		delivery.keep = (struct nx_quarantined){
		        .time = T0,
		        .why = NX_QUARANTINE_ORDINARY,
		        .envelope = {"", true, "b@example.org", "", ""},
		        .size = sizeof(letter),
		        .bytes = letter,
		        .kept = sizeof(letter)};
	memcpy(delivery.keep.digest, delivery.digest, NX_DIGEST_SIZE);
	return nx_store_add(f->store, f->policy, &delivery, out, &f->err);
}

/* As the daemon's writer does it; returns whether the answer is 250. */
static bool offer_all(struct fixture *f)
{
	struct nx_outcome out;
	if (!nx_store_begin(f->store, &f->err))
		return false;
	if (offer(f, 1, A, &out) && offer(f, 2, "", &out) &&
	    offer(f, 3, B, &out))
		return nx_store_commit(f->store, &f->err);
	nx_store_rollback(f->store);
	return false;
}

static void expect_both(struct fixture *f)
{
	struct nx_store_status status;
	reopen(f, NX_STORE_WRITE);
	assert_true(is_suppressed(f, A, 1));
	assert_true(is_suppressed(f, B, 1));
	need(f, nx_store_status(f, f->store, T0, &status, &f->err));
	assert_int_equal(status.events, 2);
	assert_int_equal(status.messages, 3);
	assert_int_equal(status.quarantined, 1);
	size_t findings;
	need(f, nx_store_verify(f->store, NULL, NULL, &findings, &f->err));
	assert_int_equal(findings, 0);
}

/* Returns whether the failure happened. */
static bool try_with(long first, long gap)
{
	void *state;
	struct nx_outcome out;
	set_up(&state);
	struct fixture *f = state;
	reopen(f, NX_STORE_WRITE);
	fault.calls = 0;
	fault.first = first;
	fault.gap = gap;
	fault.happened = false;
	const bool taken = offer_all(f);
	fault.first = 0;
	if (taken) {
		expect_both(f);
	} else {
		/* each by itself, and then again, as an MTA would */
		need(f, offer(f, 1, A, &out));
		need(f, offer(f, 2, "", &out));
		need(f, offer(f, 3, B, &out));
		expect_both(f);
		need(f, offer_all(f));
		expect_both(f);
	}
	tear_down(&state);
	return fault.happened;
}

static long try_all(long gap)
{
	long first = 1;
	while (first < ENOUGH && try_with(first, gap))
		first++;
	return first - 1;
}

static void a_call_that_fails_once_loses_nothing(void **state)
{
	(void)state;
	assert_in_range(try_all(0), 20, ENOUGH - 2);
}

static void calls_that_fail_from_then_on_lose_nothing(void **state)
{
	(void)state;
	assert_in_range(try_all(-1), 20, ENOUGH - 2);
}

static void calls_that_fail_again_lose_nothing(void **state)
{
	(void)state;
	for (long gap = 1; gap <= GAPS; gap++)
		assert_in_range(try_all(gap), 20, ENOUGH - 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_call_that_fails_once_loses_nothing),
	        cmocka_unit_test(calls_that_fail_from_then_on_lose_nothing),
	        cmocka_unit_test(calls_that_fail_again_lose_nothing),
	};
	return cmocka_run_group_tests(tests, use_it, NULL);
}
