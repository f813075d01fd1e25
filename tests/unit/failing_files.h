/* SPDX-License-Identifier: ISC */
#ifndef TESTS_UNIT_FAILING_FILES_H
#define TESTS_UNIT_FAILING_FILES_H

#include <sqlite3.h>
#include <stdbool.h>
#include <sys/types.h>

/* A file system for SQLite of which any read, write, sync, truncate, lock and
 * shared page may fail, once, from then on, or twice. */

enum fault_kind {
	FAULT_EIO = 0,
	FAULT_ENOSPC, /* what would write finds no room */
	FAULT_SHORT   /* the system reads or writes half of what it should */
};

static struct {
	enum fault_kind kind;
	long calls;    /* so far */
	long first;    /* the first that fails; 0: none */
	long gap;      /* to the second; 0: none, -1: all fail from there */
	bool happened; /* the first failure has happened */
} fault;

static bool is_met(void)
{
	if (fault.first == 0)
		return false;
	const long behind = ++fault.calls - fault.first;
	if (behind < 0)
		return false;
	fault.happened = true;
	return behind == 0 || fault.gap < 0 || behind == fault.gap;
}

static bool fails(void)
{
	return fault.kind != FAULT_SHORT && is_met();
}

static int code_of_write(int code)
{
	return fault.kind == FAULT_ENOSPC ? SQLITE_FULL : code;
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
	return fails() ? code_of_write(SQLITE_IOERR_WRITE)
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

/* --- half of what was asked for --------------------------------------------
 */

typedef ssize_t read_call(int, void *, size_t);
typedef ssize_t write_call(int, const void *, size_t);
typedef ssize_t read_at_call(int, void *, size_t, off_t);
typedef ssize_t write_at_call(int, const void *, size_t, off_t);

static sqlite3_syscall_ptr real_read, real_write, real_read_at, real_write_at;

static size_t cut(size_t size)
{
	const bool is_short = fault.kind == FAULT_SHORT && size > 1;
	return is_short && is_met() ? size / 2 : size;
}

static ssize_t short_read(int file, void *out, size_t size)
{
	return ((read_call *)real_read)(file, out, cut(size));
}

static ssize_t short_write(int file, const void *bytes, size_t size)
{
	return ((write_call *)real_write)(file, bytes, cut(size));
}

static ssize_t short_read_at(int file, void *out, size_t size, off_t at)
{
	return ((read_at_call *)real_read_at)(file, out, cut(size), at);
}

static ssize_t short_write_at(int file, const void *bytes, size_t size,
                              off_t at)
{
	return ((write_at_call *)real_write_at)(file, bytes, cut(size), at);
}

/* Which of these there are depends on how SQLite was built. */
static void replace(const char *name, sqlite3_syscall_ptr *real, void *ours)
{
	const sqlite3_syscall_ptr there =
	        real_system->xGetSystemCall(real_system, name);
	if (there == NULL)
		return;
	*real = there;
	real_system->xSetSystemCall(real_system, name,
	                            (sqlite3_syscall_ptr)ours);
}

static inline int use_failing_files(void **state)
{
	(void)state;
	real_system = sqlite3_vfs_find(NULL);
	system_that_fails = *real_system;
	system_that_fails.zName = "fails";
	system_that_fails.szOsFile =
	        (int)sizeof(struct file) + real_system->szOsFile;
	system_that_fails.xOpen = system_open;
	replace("read", &real_read, (void *)short_read);
	replace("write", &real_write, (void *)short_write);
	replace("pread", &real_read_at, (void *)short_read_at);
	replace("pwrite", &real_write_at, (void *)short_write_at);
	replace("pread64", &real_read_at, (void *)short_read_at);
	replace("pwrite64", &real_write_at, (void *)short_write_at);
	return sqlite3_vfs_register(&system_that_fails, 1);
}

#endif
