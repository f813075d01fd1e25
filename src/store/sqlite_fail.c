/* SPDX-License-Identifier: ISC */
#include "store/sqlite.h"

#include "sys/file.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>

/* What went wrong with the store, in a sentence, and what to do about it. */

static enum nx_error_kind fault_of(int code, int number)
{
	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
		return NX_ERROR_DAMAGED;
	if (code == SQLITE_FULL || nx_file_is_full(number))
		return NX_ERROR_FULL;
	return NX_ERROR_TEMPORARY;
}

/* A WAL cannot be read without its -shm file, which must exist already for a
 * process that may not create it. */
static bool lacks_shm(const struct nx_store *store)
{
	int code = sqlite3_extended_errcode(store->db);
	return sqlite3_db_readonly(store->db, "main") == 1 &&
	       (code == SQLITE_READONLY_DIRECTORY ||
	        code == SQLITE_READONLY_CANTINIT ||
	        code == SQLITE_READONLY_RECOVERY || code == SQLITE_CANTOPEN);
}

static const char *advice(const struct nx_store *store, int code, int number)
{
	if (lacks_shm(store))
		return ": whoever reads must be able to write in its "
		       "directory, or find the -wal and -shm files of a "
		       "writer there";
	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
		return ": restore a backup: nixie db restore";
	if (code == SQLITE_FULL || nx_file_is_full(number))
		return ": make room there";
	if (code == SQLITE_READONLY)
		return ": the file, or its file system, may only be read";
	if (code == SQLITE_BUSY)
		return ": another process uses it for long; try again";
	return "";
}

bool nx_sqlite_fail(const struct nx_store *store, struct nx_error *err)
{
	int left = errno; /* SQLite does not keep it for a commit */
	int code = sqlite3_errcode(store->db) & 0xff;
	int number = sqlite3_system_errno(store->db);
	if (number == 0 && code == SQLITE_IOERR)
		number = left;
	if (code == SQLITE_CANTOPEN && number == EACCES && !lacks_shm(store)) {
		errno = number;
		return nx_sqlite_fail_file("", store->path, store->directory,
		                           err);
	}
	const bool of_system =
	        (code == SQLITE_CANTOPEN || code == SQLITE_IOERR) &&
	        number != 0;
	return nx_error_set(err, fault_of(code, number), "%s: %s%s%s%s%s",
	                    store->path, sqlite3_errmsg(store->db),
	                    of_system ? " (" : "",
	                    of_system ? strerror(number) : "",
	                    of_system ? ")" : "", advice(store, code, number));
}

static const char *owner_of(const char *path)
{
	struct stat about;
	const struct passwd *owner =
	        stat(path, &about) == 0 ? getpwuid(about.st_uid) : NULL;
	return owner ? owner->pw_name : "its owner";
}

bool nx_sqlite_fail_file(const char *what, const char *path, const char *near,
                         struct nx_error *err)
{
	const int number = errno;
	const enum nx_error_kind fault =
	        nx_file_is_full(number) ? NX_ERROR_FULL : NX_ERROR_TEMPORARY;
	if (number == EACCES || number == EPERM)
		return nx_error_set(err, fault,
		                    "%s%s: %s: run nixie as %s, or as a member "
		                    "of its group",
		                    what, path, strerror(number),
		                    owner_of(near));
	return nx_error_set(
	        err, fault, "%s%s: %s%s", what, path, strerror(number),
	        number == ENOENT || number == ENOTDIR
	                ? ": create it, or name one with --store or store: in "
	                  "nixie.yaml"
	                : "");
}
