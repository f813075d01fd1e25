/* SPDX-License-Identifier: ISC */
#include "store/sqlite_copy.h"

#include "store/backup.h"
#include "store/schema.h"
#include "sys/clock.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LEFT_BEHIND = 3600 }; /* seconds: by then nobody writes it any more */

/* --- room ----------------------------------------------------------------- */

bool nx_sqlite_has_room(const char *directory, int64_t bytes,
                        struct nx_error *err)
{
	enum { MEBIBYTE = 1024 * 1024 };
	struct nx_volume volume;
	if (!nx_file_volume(directory, &volume))
		return nx_file_trouble(err, directory);
	const int64_t room = volume.free;
	return bytes <= room ||
	       nx_error_set(err, NX_ERROR_FULL,
	                    "%s: it takes %" PRId64 " MiB, and %" PRId64
	                    " MiB are free",
	                    directory, bytes / MEBIBYTE + 1, room / MEBIBYTE);
}

bool nx_sqlite_bytes(struct nx_store *store, int64_t *used, int64_t *whole,
                     struct nx_error *err)
{
	int64_t pages, unused, size;
	if (!nx_query_number(store, NX_SQL_PAGES, &pages, err) ||
	    !nx_query_number(store, NX_SQL_FREE_PAGES, &unused, err) ||
	    !nx_query_number(store, NX_SQL_PAGE_SIZE, &size, err))
		return false;
	*used = (pages - unused) * size;
	*whole = pages * size;
	return true;
}

/* --- a copy --------------------------------------------------------------- */

static bool is_sound(struct nx_store *copy, struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(copy, NX_SQL_INTEGRITY);
	if (nx_query_step(&query, err) != NX_STEP_ROW)
		return false;
	const char *words = nx_query_text(&query);
	return strcmp(words, "ok") == 0 ||
	       nx_error_set(err, NX_ERROR_DAMAGED,
	                    "%s: damaged: nixie db verify tells more",
	                    copy->path);
}

/* What is wrong with the copy is wrong with what it was made of. */
static bool judge(const struct nx_store *from, const char *file,
                  struct nx_error *err)
{
	struct nx_store *copy;
	int64_t version;
	TALLOC_CTX *ctx = talloc_new(NULL);
	if (!nx_sqlite_open_copy(ctx, file, false, &copy, err)) {
		talloc_free(ctx);
		return false;
	}
	talloc_free(copy->path);
	copy->path = talloc_strdup(copy, from->path);
	const bool good = nx_schema_is_ours(copy, &version, err) &&
	                  is_sound(copy, err) && nx_schema_load_key(copy, err);
	talloc_free(ctx);
	return good;
}

static bool write_copy(struct nx_store *from, const char *file,
                       struct nx_error *err)
{
	NX_ENDS struct nx_query query = nx_query_begin(from, NX_SQL_COPY);
	nx_query_put_text(&query, file);
	return nx_query_run(&query, err);
}

static bool fill(struct nx_store *from, int descriptor, const char *file,
                 struct nx_error *err)
{
	struct nx_error of_copy;
	if (!write_copy(from, file, &of_copy))
		return nx_error_set(err, of_copy.kind, "not copied: %s",
		                    of_copy.text);
	if (fsync(descriptor) < 0)
		return nx_file_trouble(err, file);
	return judge(from, file, err);
}

/* Nobody leaves a store that has no schema, or is of others. */
static bool is_store(struct nx_store *from, struct nx_error *err)
{
	int64_t version;
	return nx_schema_is_ours(from, &version, err) &&
	       (version > 0 || nx_sqlite_no_store(from, err));
}

static char *fill_new(TALLOC_CTX *ctx, struct nx_store *from,
                      const char *directory, const char *prefix,
                      struct nx_error *err)
{
	char *path = talloc_asprintf(ctx, "%s/%sXXXXXX", directory, prefix);
	NX_CLOSES int descriptor = mkostemp(path, O_CLOEXEC);
	if (descriptor < 0) {
		nx_file_trouble(err, directory);
		return NULL;
	}
	nx_file_follow_owner(descriptor, directory);
	if (fill(from, descriptor, path, err))
		return path;
	unlink(path);
	return NULL;
}

char *nx_sqlite_copy(TALLOC_CTX *ctx, struct nx_store *from, const char *file,
                     struct nx_error *err)
{
	const char *directory = nx_sqlite_parent(ctx, file);
	const char *slash = strrchr(file, '/');
	const char *prefix =
	        talloc_asprintf(ctx, ".%s.new-", slash ? slash + 1 : file);
	int64_t used, whole;
	if (!is_store(from, err) || !nx_sqlite_bytes(from, &used, &whole, err))
		return NULL;
	nx_file_sweep(directory, prefix, nx_clock_now() - LEFT_BEHIND);
	return nx_sqlite_has_room(directory, used, err)
	               ? fill_new(ctx, from, directory, prefix, err)
	               : NULL;
}

bool nx_sqlite_restart_changes(TALLOC_CTX *ctx, const char *copy,
                               struct nx_error *err)
{
	enum { HAS_WRITER = 4 };
	struct nx_store *store;
	int64_t version;

	if (!nx_sqlite_open_copy(ctx, copy, true, &store, err))
		return false;
	const bool done =
	        nx_query_number(store, NX_SQL_VERSION, &version, err) &&
	        (version < HAS_WRITER ||
	         nx_sqlite_run(store, NX_SQL_RENEW_WRITER, err));
	talloc_free(store);
	return done;
}

/* --- backup --------------------------------------------------------------- */

static bool is_there(const char *file, struct nx_error *err)
{
	return nx_error_set(err, NX_ERROR_DATA,
	                    "%s: is there already; --force replaces it", file);
}

static void free_path(char **path)
{
	free(*path);
}

static bool is_of_store(TALLOC_CTX *ctx, const struct nx_store *store,
                        const char *file)
{
	const char *slash = strrchr(file, '/');
	__attribute__((cleanup(free_path))) char *directory =
	        realpath(nx_sqlite_parent(ctx, file), NULL);
	return directory && strcmp(directory, store->directory) == 0 &&
	       strncmp(slash ? slash + 1 : file, "nixie.db", 8) == 0;
}

static bool may_make(TALLOC_CTX *ctx, const struct nx_store *store,
                     const char *file, bool force, struct nx_error *err)
{
	struct stat about;
	if (is_of_store(ctx, store, file))
		return nx_error_set(err, NX_ERROR_USAGE,
		                    "%s: is one of the store's own names",
		                    file);
	if (lstat(file, &about) < 0)
		return true;
	if (!S_ISREG(about.st_mode))
		return nx_error_set(err, NX_ERROR_DATA,
		                    "%s: is there and no regular file", file);
	return force || is_there(file, err);
}

static bool give_name(const char *copy, const char *file, bool force,
                      struct nx_error *err)
{
	const bool named =
	        force ? rename(copy, file) == 0 : link(copy, file) == 0;
	const int number = errno;
	if (!named || !force)
		unlink(copy);
	errno = number;
	if (!named)
		return errno == EEXIST ? is_there(file, err)
		                       : nx_file_trouble(err, file);
	return true;
}

static bool back_up(TALLOC_CTX *ctx, struct nx_store *store, const char *file,
                    bool force, struct nx_error *err)
{
	if (!may_make(ctx, store, file, force, err))
		return false;
	const char *copy = nx_sqlite_copy(ctx, store, file, err);
	return copy && give_name(copy, file, force, err) &&
	       nx_file_sync_directory(nx_sqlite_parent(ctx, file), err);
}

bool nx_store_backup(TALLOC_CTX *ctx, const char *directory, const char *file,
                     bool force, int64_t *bytes, struct nx_error *err)
{
	struct nx_store *store;
	struct stat about;
	if (!nx_sqlite_open_bare(ctx, directory, false, &store, err))
		return false;
	const bool done = back_up(ctx, store, file, force, err);
	talloc_free(store);
	*bytes = done && stat(file, &about) == 0 ? (int64_t)about.st_size : 0;
	return done;
}
