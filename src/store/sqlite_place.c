/* SPDX-License-Identifier: ISC */
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { STEP_MS = 5 };

/* The system's header for this has the name of one of ours. */
enum { LOCK_SHARED = 1, LOCK_ALONE = 2, LOCK_AT_ONCE = 4 };
extern int flock(int descriptor, int how);

/* A directory can be locked by everybody who may read it, and no file is made
 * for that. Where it cannot, SQLite's own locks must do. */
int nx_sqlite_place_turn(const char *path, bool may_write)
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
	const int how = (may_write ? LOCK_ALONE : LOCK_SHARED) | LOCK_AT_ONCE;
	const int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int waited = 0;
	while (directory >= 0 && waited < NX_SQLITE_PATIENCE_MS &&
	       flock(directory, how) < 0 &&
	       (errno == EWOULDBLOCK || errno == EINTR)) {
		nanosleep(&step, NULL);
		waited += STEP_MS;
	}
	return directory;
}

bool nx_sqlite_place_is_turn(const char *path, int *turn)
{
	*turn = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *turn < 0 || flock(*turn, LOCK_SHARED | LOCK_AT_ONCE) == 0 ||
	       errno != EWOULDBLOCK;
}

/* By the name that was given: it may lead elsewhere by now. */
static bool look_at(const struct nx_store *store, int which, struct stat *out)
{
	static const char *const suffix[NX_PLACE_FILES] = {"", "-wal", "-shm"};
	char path[PATH_MAX];
	const int size = snprintf(path, sizeof(path), "%s/nixie.db%s",
	                          store->named, suffix[which]);
	return size < PATH_MAX && stat(path, out) == 0;
}

static void note(struct nx_store *store, int which)
{
	struct stat about;
	const bool found = look_at(store, which, &about);
	store->place.device[which] = found ? about.st_dev : 0;
	store->place.inode[which] = found ? about.st_ino : 0;
}

static bool moved(const struct nx_store *store, struct nx_error *err)
{
	return nx_error_set(err, NX_ERROR_TEMPORARY,
	                    "%s: moved or replaced while it was open",
	                    store->path);
}

/* SQLite compares the file that it has open with the one that the path leads
 * to. */
bool nx_sqlite_place_note_database(struct nx_store *store, struct nx_error *err)
{
	int has_moved = 0;
	store->place = (struct nx_sqlite_place){0};
	note(store, 0);
	sqlite3_file_control(store->db, NULL, SQLITE_FCNTL_HAS_MOVED,
	                     &has_moved);
	return (store->place.inode[0] != 0 && !has_moved) || moved(store, err);
}

bool nx_sqlite_place_note_others(struct nx_store *store, struct nx_error *err)
{
	for (int i = 1; i < NX_PLACE_FILES; i++)
		note(store, i);
	return nx_sqlite_place_holds(store, err);
}

static bool is_there(const struct nx_store *store, int which)
{
	const struct nx_sqlite_place *place = &store->place;
	struct stat about;
	return place->inode[which] == 0 ||
	       (look_at(store, which, &about) &&
	        about.st_ino == place->inode[which] &&
	        about.st_dev == place->device[which]);
}

bool nx_sqlite_place_has_database(const struct nx_store *store,
                                  struct nx_error *err)
{
	return is_there(store, 0) || moved(store, err);
}

bool nx_sqlite_place_holds(const struct nx_store *store, struct nx_error *err)
{
	for (int i = 0; i < NX_PLACE_FILES; i++)
		if (!is_there(store, i))
			return moved(store, err);
	return true;
}

/* Where SQLite puts the lock that everybody keeps who has a WAL open. */
enum { SHARED_FIRST = 0x40000002, SHARED_SIZE = 510 };

pid_t nx_sqlite_place_user(const char *path)
{
	struct flock lock = {.l_type = F_WRLCK,
	                     .l_whence = SEEK_SET,
	                     .l_start = SHARED_FIRST,
	                     .l_len = SHARED_SIZE};
	const int descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	const bool asked =
	        descriptor >= 0 && fcntl(descriptor, F_GETLK, &lock) == 0;
	if (descriptor >= 0)
		close(descriptor);
	return asked && lock.l_type != F_UNLCK ? lock.l_pid : 0;
}
