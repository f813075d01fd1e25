/* SPDX-License-Identifier: ISC */
#include "store/hash.h"
#include "store/schema.h"
#include "store/subject.h"

#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Opening, closing and transactions. */

/* --- files ---------------------------------------------------------------- */

static bool fail(const struct nx_store *store, const char *what,
                 const char *path, struct nx_error *err)
{
	return nx_sqlite_fail_file(
	        what, path, store->directory ? store->directory : store->named,
	        err);
}

const char *nx_sqlite_parent(TALLOC_CTX *ctx, const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return ".";
	return slash == path
	               ? "/"
	               : talloc_strndup(ctx, path, (size_t)(slash - path));
}

static bool make_directory(struct nx_store *store, struct nx_error *err)
{
	size_t length = strlen(store->named);
	while (length > 1 && store->named[length - 1] == '/')
		length--;
	const char *bare = talloc_strndup(store, store->named, length);
	if (mkdir(bare, 0700) == 0)
		return nx_file_sync_directory(nx_sqlite_parent(store, bare),
		                              err);
	if (errno == EACCES && access(bare, F_OK) != 0 && errno == ENOENT)
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "store directory %s is not there, and may "
		                    "not be made: make it for this user",
		                    bare);
	return errno == EEXIST ||
	       fail(store, "store directory ", store->named, err);
}

static void free_path(char **path)
{
	free(*path);
}

/* The directory may be a symbolic link; the database may not. */
static bool find_directory(struct nx_store *store, struct nx_error *err)
{
	struct stat about;
	__attribute__((cleanup(free_path))) char *real =
	        realpath(store->named, NULL);
	if (!real || stat(real, &about) < 0)
		return fail(store, "store directory ", store->named, err);
	errno = ENOTDIR;
	if (!S_ISDIR(about.st_mode))
		return fail(store, "store directory ", store->named, err);
	talloc_free(store->directory);
	talloc_free(store->path);
	store->directory = talloc_strdup(store, real);
	store->path = talloc_asprintf(store, "%s/nixie.db", real);
	return true;
}

/* Makes the file readable by its owner only; SQLite gives its other files the
 * same mode. An existing file is not opened here: closing it would drop the
 * locks that this process may hold on it. */
static bool make_file(const struct nx_store *store, struct nx_error *err)
{
	NX_CLOSES int descriptor = open(
	        store->path,
	        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (descriptor < 0)
		return errno == EEXIST || fail(store, "", store->path, err);
	nx_file_follow_owner(descriptor, store->directory);
	return true;
}

bool nx_sqlite_no_store(const struct nx_store *store, struct nx_error *err)
{
	return nx_error_set(err, NX_ERROR_TEMPORARY,
	                    "%s: no store here yet: the first message or "
	                    "entry makes one",
	                    store->path);
}

static bool find_file(const struct nx_store *store, struct nx_error *err)
{
	if (access(store->path, F_OK) == 0)
		return true;
	return errno == ENOENT ? nx_sqlite_no_store(store, err)
	                       : fail(store, "", store->path, err);
}

/* --- connection ----------------------------------------------------------- */

static bool set_flag(struct nx_store *store, int flag, int value,
                     struct nx_error *err)
{
	return sqlite3_db_config(store->db, flag, value, NULL) == SQLITE_OK ||
	       nx_sqlite_fail(store, err);
}

/* A hostile or damaged file must not run anything, deleted text must be erased,
 * and what is committed must be on the disk. */
static bool harden(struct nx_store *store, struct nx_error *err)
{
	static const char SETTINGS[] =
	        "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
	        "PRAGMA secure_delete=ON; PRAGMA cell_size_check=ON;"
	        "PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;"
	        "PRAGMA cache_size=-8192; PRAGMA wal_autocheckpoint=4096;"
	        "PRAGMA journal_size_limit=67108864;";
	const int patience = store->looks ? 0 : NX_SQLITE_PATIENCE_MS;
	return (sqlite3_busy_timeout(store->db, patience) == SQLITE_OK ||
	        nx_sqlite_fail(store, err)) &&
	       set_flag(store, SQLITE_DBCONFIG_DEFENSIVE, 1, err) &&
	       set_flag(store, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, err) &&
	       set_flag(store, SQLITE_DBCONFIG_DQS_DDL, 0, err) &&
	       set_flag(store, SQLITE_DBCONFIG_DQS_DML, 0, err) &&
	       (sqlite3_exec(store->db, SETTINGS, NULL, NULL, NULL) ==
	                SQLITE_OK ||
	        nx_sqlite_fail(store, err));
}

static bool open_as(struct nx_store *store, const char *name, int how,
                    struct nx_error *err)
{
	const bool may_write = (how & SQLITE_OPEN_READWRITE) != 0;
	int code = sqlite3_open_v2(name, &store->db,
	                           how | SQLITE_OPEN_NOMUTEX |
	                                   SQLITE_OPEN_NOFOLLOW |
	                                   SQLITE_OPEN_EXRESCODE,
	                           NULL);
	if (!store->db)
		return nx_error_set(err, NX_ERROR_TEMPORARY, "%s: %s",
		                    store->path, sqlite3_errstr(code));
	if (code != SQLITE_OK)
		return nx_sqlite_fail(store, err);
	if (!harden(store, err))
		return false;
	/* whoever only reads may ask for very many addresses */
	if (!may_write)
		sqlite3_exec(store->db, "PRAGMA cache_size=-16384", NULL, NULL,
		             NULL);
	/* the WAL stays when the last writer closes it, so that a reader that
	 * may not write in the directory can still read */
	int stays = 1;
	if (may_write)
		sqlite3_file_control(store->db, NULL, SQLITE_FCNTL_PERSIST_WAL,
		                     &stays);
	return true;
}

static bool open_file(struct nx_store *store, bool may_write,
                      struct nx_error *err)
{
	return open_as(store, store->path,
	               may_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY,
	               err);
}

/* As it lies there: without a WAL beside it, nothing of the kind is made. */
static bool open_still(struct nx_store *store, struct nx_error *err)
{
	char *wal = talloc_asprintf(store, "%s-wal", store->path);
	char *name =
	        talloc_strdup(store, *store->path == '/' ? "file://" : "file:");
	if (access(wal, F_OK) == 0)
		return open_file(store, false, err);
	for (const char *at = store->path; *at; at++)
		name = talloc_asprintf_append_buffer(
		        name, strchr("%?#", *at) ? "%%%02x" : "%c",
		        (unsigned char)*at);
	name = talloc_strdup_append_buffer(name, "?immutable=1");
	return open_as(store, name, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
	               err);
}

static void close_database(struct nx_store *store)
{
	for (int i = 0; i < NX_SQL_COUNT; i++) {
		sqlite3_finalize(store->statement[i]);
		store->statement[i] = NULL;
	}
	sqlite3_close(store->db);
	store->current = (struct nx_sqlite_current){.at = NULL};
	store->db = NULL;
	store->grouped = store->begun = store->failed = false;
	store->number = store->viewed = 0;
	nx_sqlite_changes_forget(store);
	nx_pairs_forget(store);
	for (size_t i = 0; i < NX_MEDIANS; i++)
		TALLOC_FREE(store->median[i].domain);
	store->next_median = 0;
	store->hold_now = 0;
	explicit_bzero(&store->key, sizeof(store->key));
}

static int store_free(struct nx_store *store)
{
	close_database(store);
	return 0;
}

/* Who opens a store that must be there does not fill an empty file. */
static bool find_schema(struct nx_store *store, struct nx_error *err)
{
	int64_t version;
	if (!nx_query_number(store, NX_SQL_VERSION, &version, err))
		return false;
	return version > 0 || nx_sqlite_no_store(store, err);
}

/* What it has open must be known to be seen to move. */
static bool open_to_look(struct nx_store *store, struct nx_error *err)
{
	NX_CLOSES int turn = -1;
	if (!nx_sqlite_place_is_turn(store->directory, &turn))
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "%s: others open it just now", store->path);
	return find_file(store, err) && open_file(store, false, err) &&
	       nx_sqlite_place_note_database(store, err) &&
	       nx_schema_check(store, false, err) &&
	       nx_sqlite_place_note_others(store, err);
}

static bool open_database(struct nx_store *store, enum nx_store_mode mode,
                          struct nx_error *err)
{
	const bool may_write = mode != NX_STORE_READ;
	const bool makes = mode == NX_STORE_WRITE || mode == NX_STORE_CREATE;
	NX_CLOSES int turn = nx_sqlite_place_turn(store->directory, may_write);
	(void)turn;
	return (makes ? make_file(store, err) : find_file(store, err)) &&
	       open_file(store, may_write, err) &&
	       (!may_write || nx_sqlite_place_note_database(store, err)) &&
	       (mode != NX_STORE_THERE || find_schema(store, err)) &&
	       nx_schema_check(store, may_write, err) &&
	       (!may_write || nx_sqlite_place_note_others(store, err));
}

static bool open_store(struct nx_store *store, enum nx_store_mode mode,
                       struct nx_error *err)
{
	store->looks = mode == NX_STORE_LOOK;
	if (mode == NX_STORE_CREATE && !make_directory(store, err))
		return false;
	if (store->looks)
		return find_directory(store, err) && open_to_look(store, err);
	return find_directory(store, err) && open_database(store, mode, err) &&
	       (mode == NX_STORE_READ || nx_sqlite_take_folder(store, err));
}

static struct nx_store *new_store(TALLOC_CTX *ctx, const char *directory)
{
	struct nx_store *store = talloc_zero(ctx, struct nx_store);
	talloc_set_destructor(store, store_free);
	store->named = talloc_strdup(store, directory);
	return store;
}

bool nx_store_has_older_digests(const struct nx_store *store,
                                enum nx_older_digest kind)
{
	return store->older_digests[kind];
}

bool nx_store_open(TALLOC_CTX *ctx, const char *directory,
                   enum nx_store_mode mode, struct nx_store **out,
                   struct nx_error *err)
{
	struct nx_store *store = new_store(ctx, directory);
	if (!open_store(store, mode, err)) {
		talloc_free(store);
		return false;
	}
	*out = store;
	return true;
}

bool nx_sqlite_open_bare(TALLOC_CTX *ctx, const char *directory, bool may_write,
                         struct nx_store **out, struct nx_error *err)
{
	struct nx_store *store = new_store(ctx, directory);
	if (!find_directory(store, err) || !find_file(store, err) ||
	    !open_file(store, may_write, err)) {
		talloc_free(store);
		return false;
	}
	*out = store;
	return true;
}

bool nx_sqlite_open_copy(TALLOC_CTX *ctx, const char *file, bool may_write,
                         struct nx_store **out, struct nx_error *err)
{
	struct nx_store *store = new_store(ctx, nx_sqlite_parent(ctx, file));
	store->directory = talloc_strdup(store, store->named);
	store->path = talloc_strdup(store, file);
	if (!(may_write ? open_file(store, true, err)
	                : open_still(store, err))) {
		talloc_free(store);
		return false;
	}
	*out = store;
	return true;
}

/* The old files are closed first: SQLite must not take a file that came back
 * for the one that it has open, with a WAL that went elsewhere. */
bool nx_store_renew(struct nx_store *store, struct nx_error *err)
{
	const bool hashed = store->hashed;
	if (store->db != NULL && nx_sqlite_place_holds(store, err))
		return true;
	close_database(store);
	if (open_store(store, store->looks ? NX_STORE_LOOK : NX_STORE_THERE,
	               err) &&
	    nx_store_require(store, hashed, err)) {
		nx_sqlite_known_open(store);
		return true;
	}
	close_database(store);
	return false;
}

void nx_store_close(struct nx_store *store)
{
	talloc_free(store);
}

/* --- transactions --------------------------------------------------------- */

/* SQLite may have rolled back by itself, for example on a full disk. */
static void roll_back(struct nx_store *store)
{
	struct nx_error ignored;
	if (!sqlite3_get_autocommit(store->db))
		(void)!nx_sqlite_run(store, NX_SQL_ROLLBACK, &ignored);
}

/* Ends a single call or the group; returns whether it is committed. What is
 * committed to a file that nobody finds any more would be lost. */
static bool end(struct nx_store *store, bool done, struct nx_error *err)
{
	done = done && nx_sqlite_changes_end(store, err) &&
	       nx_sqlite_place_holds(store, err) &&
	       nx_sqlite_run(store, NX_SQL_COMMIT, err);
	if (!done)
		roll_back(store);
	nx_sqlite_known_commit(store, done);
	nx_sqlite_changes_forget(store);
	store->grouped = store->begun = store->failed = false;
	store->number = 0;
	if (!done) /* their ids will be given to others */
		nx_pairs_forget(store);
	return done;
}

/* SQLite ends a transaction by itself on some errors; later statements must not
 * be committed without the earlier ones. */
static bool is_gone(const struct nx_store *store)
{
	return store->begun && sqlite3_get_autocommit(store->db);
}

static bool begin(struct nx_store *store, struct nx_error *err)
{
	if (!nx_sqlite_run(store, NX_SQL_BEGIN, err))
		return false;
	if (!store->has_reading || nx_sqlite_note_clock(store, err))
		return true;
	roll_back(store);
	return false;
}

bool nx_sqlite_enter(struct nx_store *store, struct nx_error *err)
{
	if (store->db == NULL)
		return nx_sqlite_no_store(store, err);
	if (store->failed || is_gone(store))
		return nx_error_set(err, NX_ERROR_TEMPORARY,
		                    "%s: the transaction has failed",
		                    store->path);
	if (!store->begun)
		store->begun = begin(store, err);
	return store->begun;
}

bool nx_sqlite_leave(struct nx_store *store, bool done, struct nx_error *err)
{
	if (!store->grouped)
		return end(store, done, err);
	store->failed = store->failed || !done;
	return done;
}

bool nx_store_begin(struct nx_store *store, struct nx_error *err)
{
	if (store->grouped)
		return nx_error_set(err, NX_ERROR_INTERNAL,
		                    "%s: a transaction within a transaction",
		                    store->path);
	store->grouped = nx_sqlite_enter(store, err);
	return store->grouped;
}

void nx_store_rollback(struct nx_store *store)
{
	struct nx_error ignored;
	if (store->grouped)
		(void)end(store, false, &ignored);
}

bool nx_store_commit(struct nx_store *store, struct nx_error *err)
{
	if (!store->grouped)
		return nx_error_set(err, NX_ERROR_INTERNAL,
		                    "%s: no transaction to commit",
		                    store->path);
	return end(store, nx_sqlite_enter(store, err), err);
}

bool nx_store_view_begin(struct nx_store *store, struct nx_error *err)
{
	if (store->looks && !nx_sqlite_place_has_database(store, err))
		return false;
	if (store->looks)
		nx_sqlite_current_note(store);
	if (!nx_sqlite_run(store, NX_SQL_VIEW, err))
		return false;
	nx_sqlite_known_view(store);
	return true;
}

void nx_store_view_end(struct nx_store *store)
{
	store->viewed = 0;
	roll_back(store);
}
