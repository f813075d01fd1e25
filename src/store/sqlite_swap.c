/* SPDX-License-Identifier: ISC */
#include "store/backup.h"
#include "store/schema.h"
#include "store/sqlite_copy.h"

#include "sys/clock.h"
#include "sys/file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/*
 * Another database in the place of the store's. The write lock of the old one
 * is held until the new one has its name, and nothing of it is left in the WAL:
 * nobody can commit to what is about to go, and no WAL of the old one comes to
 * stand beside the new one. A process that is killed on the way leaves the one
 * or the other.
 */

/* --- the old one ---------------------------------------------------------- */

static const char *program_of(TALLOC_CTX *ctx, pid_t process)
{
	char *name = NULL;
	size_t size = 0;
	struct nx_error ignored;
	const char *path =
	        talloc_asprintf(ctx, "/proc/%ld/comm", (long)process);
	if (process <= 0 ||
	    !nx_file_read(ctx, path, 0, &name, &size, &ignored) || size < 2)
		return "another";
	name[size - 1] = '\0'; /* the line end */
	return name;
}

static bool is_alone(TALLOC_CTX *ctx, const char *path, const char *way_out,
                     struct nx_error *err)
{
	const pid_t user = nx_sqlite_place_user(path);
	return user == 0 ||
	       nx_error_set(err, NX_ERROR_TEMPORARY,
	                    "%s: in use by process %ld (%s): %s", path,
	                    (long)user, program_of(ctx, user), way_out);
}

static int64_t size_of(const char *path)
{
	struct stat about;
	return stat(path, &about) == 0 ? (int64_t)about.st_size : 0;
}

/* With the lock and nothing in the WAL; others may come in between. */
static bool hold(struct nx_store *old, struct nx_error *err)
{
	enum { TRIES = 20 };
	int64_t busy = 0;
	char *wal = talloc_asprintf(old, "%s-wal", old->path);
	for (int i = 0; i < TRIES && busy == 0; i++) {
		if (!nx_query_number(old, NX_SQL_CHECKPOINT, &busy, err) ||
		    !nx_sqlite_run(old, NX_SQL_BEGIN, err))
			return false;
		if (size_of(wal) == 0)
			return true;
		if (!nx_sqlite_run(old, NX_SQL_ROLLBACK, err))
			return false;
	}
	return nx_error_set(err, NX_ERROR_TEMPORARY,
	                    "%s: others use it all the time; try again",
	                    old->path);
}

/* *old is NULL when there is none, or one that cannot be read. */
static bool find_old(TALLOC_CTX *ctx, const char *directory,
                     struct nx_store **old, struct nx_error *err)
{
	struct nx_store *store;
	const char *path = talloc_asprintf(ctx, "%s/nixie.db", directory);
	*old = NULL;
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return true;
	if (nx_sqlite_open_bare(ctx, directory, true, &store, err)) {
		if (hold(store, err)) {
			*old = store;
			return true;
		}
		talloc_free(store);
	}
	return err->kind == NX_ERROR_DAMAGED;
}

/* --- its place ------------------------------------------------------------ */

/* Gives the old one a second name; *kept is that, or "" when there is none. */
static bool keep(TALLOC_CTX *ctx, const char *path, const char **kept,
                 struct nx_error *err)
{
	enum { TRIES = 100 }; /* in a second */
	const time_t now = (time_t)nx_clock_now();
	struct tm date;
	char text[32];
	gmtime_r(&now, &date);
	strftime(text, sizeof(text), "%Y%m%dT%H%M%SZ", &date);
	const char *name = talloc_asprintf(ctx, "%s.before-%s", path, text);
	*kept = name;
	for (int i = 2; i < TRIES; i++) {
		if (link(path, *kept) == 0)
			return true;
		if (errno != EEXIST)
			break;
		*kept = talloc_asprintf(ctx, "%s-%d", name, i);
	}
	if (errno != ENOENT)
		return nx_file_trouble(err, *kept);
	*kept = "";
	return true;
}

/* A log that could not be emptied belongs to the old one alone; where it is not
 * kept, there is nothing in it. */
static bool put_away(TALLOC_CTX *ctx, const char *path, const char *kept,
                     const char *suffix, struct nx_error *err)
{
	const char *from = talloc_asprintf(ctx, "%s%s", path, suffix);
	const char *to = talloc_asprintf(ctx, "%s%s", kept, suffix);
	const bool gone = *kept && size_of(from) > 0 ? rename(from, to) == 0
	                                             : unlink(from) == 0;
	return gone || errno == ENOENT || nx_file_trouble(err, from);
}

/* kept "": the old one goes. */
static bool take_place(TALLOC_CTX *ctx, const char *path, const char *kept,
                       const char *copy, struct nx_error *err)
{
	const char *directory = nx_sqlite_parent(ctx, path);
	const char *shm = talloc_asprintf(ctx, "%s-shm", path);
	if (!put_away(ctx, path, kept, "-wal", err) ||
	    !put_away(ctx, path, kept, "-journal", err))
		return false;
	if (unlink(shm) < 0 && errno != ENOENT)
		return nx_file_trouble(err, shm);
	if (!nx_file_sync_directory(directory, err))
		return false;
	if (rename(copy, path) < 0)
		return nx_file_trouble(err, path);
	return nx_file_sync_directory(directory, err);
}

/* --- restore -------------------------------------------------------------- */

static bool is_file(const char *file, struct nx_error *err)
{
	struct stat about;
	if (stat(file, &about) < 0)
		return nx_error_set(err, NX_ERROR_DATA, "%s: %s", file,
		                    strerror(errno));
	return S_ISREG(about.st_mode) ||
	       nx_error_set(err, NX_ERROR_DATA, "%s: not a regular file", file);
}

static char *copy_file(TALLOC_CTX *ctx, const char *file, const char *path,
                       struct nx_error *err)
{
	struct nx_store *from;
	if (!is_file(file, err) ||
	    !nx_sqlite_open_copy(ctx, file, false, &from, err))
		return NULL;
	char *copy = nx_sqlite_copy(ctx, from, path, err);
	talloc_free(from);
	return copy;
}

static bool replace(TALLOC_CTX *ctx, const char *directory, const char *copy,
                    const char **kept, struct nx_error *err)
{
	const char *path = talloc_asprintf(ctx, "%s/nixie.db", directory);
	struct nx_store *old;
	NX_CLOSES int turn = nx_sqlite_place_turn(directory, true);
	(void)turn;
	if (!find_old(ctx, directory, &old, err))
		return false;
	const bool done = keep(ctx, path, kept, err) &&
	                  take_place(ctx, path, *kept, copy, err);
	talloc_free(old);
	return done;
}

bool nx_store_restore(TALLOC_CTX *ctx, const char *directory, const char *file,
                      bool force, const char **kept, struct nx_error *err)
{
	const char *path = talloc_asprintf(ctx, "%s/nixie.db", directory);
	if (!force &&
	    !is_alone(ctx, path,
	              "stop it first, or say --force when what it took since "
	              "the backup may go",
	              err))
		return false;
	const char *copy = copy_file(ctx, file, path, err);
	if (copy && nx_sqlite_restart_changes(ctx, copy, err) &&
	    replace(ctx, directory, copy, kept, err))
		return true;
	if (copy)
		unlink(copy);
	return false;
}

/* --- compact -------------------------------------------------------------- */

/* Read by another connection: the one that holds the lock is in a
 * transaction. */
static bool compact(TALLOC_CTX *ctx, struct nx_store *old, struct nx_error *err)
{
	struct nx_store *reader;
	if (!nx_sqlite_open_bare(ctx, old->named, false, &reader, err))
		return false;
	const char *copy = nx_sqlite_copy(ctx, reader, old->path, err);
	talloc_free(reader);
	if (!copy)
		return false;
	NX_CLOSES int turn = nx_sqlite_place_turn(old->directory, true);
	(void)turn;
	if (take_place(ctx, old->path, "", copy, err))
		return true;
	unlink(copy);
	return false;
}

bool nx_store_compact(TALLOC_CTX *ctx, const char *directory,
                      struct nx_store_sizes *out, struct nx_error *err)
{
	const char *path = talloc_asprintf(ctx, "%s/nixie.db", directory);
	struct nx_store *old;
	if (!is_alone(ctx, path, "stop it first", err) ||
	    !nx_sqlite_open_bare(ctx, directory, true, &old, err))
		return false;
	out->before = size_of(path);
	const bool done = hold(old, err) && compact(ctx, old, err);
	talloc_free(old);
	out->after = size_of(path);
	return done;
}

/* --- upgrade -------------------------------------------------------------- */

/* Each table is written anew and the old one overwritten, in the log first. */
enum { TIMES = 3 };

bool nx_store_look_at_upgrade(TALLOC_CTX *ctx, const char *directory,
                              struct nx_store_upgrade *out,
                              struct nx_error *err)
{
	struct nx_store *store;
	int64_t version, used, whole;
	if (!nx_sqlite_open_bare(ctx, directory, false, &store, err))
		return false;
	const bool found =
	        nx_schema_is_ours(store, &version, err) &&
	        (version > 0 || nx_sqlite_no_store(store, err)) &&
	        nx_sqlite_bytes(store, &used, &whole, err) &&
	        (version == NX_SCHEMA_LATEST ||
	         nx_sqlite_has_room(store->directory, TIMES * used, err));
	talloc_free(store);
	if (found)
		*out = (struct nx_store_upgrade){.from = (int)version,
		                                 .to = NX_SCHEMA_LATEST,
		                                 .needs = TIMES * used};
	return found;
}
