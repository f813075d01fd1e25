/* SPDX-License-Identifier: ISC */
#include "store/sqlite.h"

#include "base/text.h"
#include "event/event.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Before schema 3 the quarantine was a Maildir in the store's directory: in new
 * and cur a file for each message, named by its digest; in wait files that hold
 * several, each behind a line "NAME TIME SIZE", with zeros behind the last.
 * What is there is taken into the store, in one transaction, and only then
 * removed. The messages have their envelope as headers, as in any Maildir.
 */
static const char *const FOLDERS[] = {"new", "cur", "wait", "tmp"};

enum { LINE = 200 }; /* longest line before a message */

struct old_file {
	const char *folder, *name, *path;
	bool is_journal; /* it holds several */
	int64_t time;
};

struct takeover {
	struct nx_store *store;
	TALLOC_CTX *ctx;
	const char *path; /* of the old quarantine */
	struct old_file *file;
	size_t files;
};

/* The name of a file is the digest, before what a mail reader adds to it,
 * unless it was put there by hand. */
static void digest_of(const char *name, const char *bytes, size_t size,
                      uint8_t out[NX_DIGEST_SIZE])
{
	uint8_t content[NX_DIGEST_SIZE];
	bool is_hex = strcspn(name, ":") == (size_t)2 * NX_DIGEST_SIZE;
	for (size_t i = 0; is_hex && i < NX_DIGEST_SIZE; i++) {
		const int byte = nx_text_hex_byte(name + 2 * i, 2);
		is_hex = byte >= 0;
		out[i] = (uint8_t)byte;
	}
	if (is_hex)
		return;
	nx_event_content(bytes, size, content);
	nx_event_digest("", content, out);
}

/* Why it was kept is not written anywhere, but follows from what was recorded
 * of it. */
static bool find_why(struct nx_store *store,
                     const uint8_t digest[NX_DIGEST_SIZE],
                     enum nx_quarantine_why *out, struct nx_error *err)
{
	*out = NX_QUARANTINE_ORDINARY;
	NX_ENDS struct nx_query query = nx_query_begin(store, NX_SQL_WHY);
	nx_query_put_bytes(&query, digest, NX_DIGEST_SIZE);
	const enum nx_step_answer answer = nx_query_step(&query, err);
	if (answer == NX_STEP_ROW)
		*out = nx_quarantine_why_of_name(nx_query_text(&query));
	return answer != NX_STEP_FAILED;
}

static bool take(struct takeover *old, const char *name, int64_t time,
                 const char *bytes, size_t size, struct nx_error *err)
{
	struct nx_quarantined message = {
	        .time = time,
	        .envelope = {"", false, "", "", ""},
	        .size = (int64_t)size,
	        .bytes = bytes,
	        .kept = size < NX_PRESCAN_BYTES ? size : NX_PRESCAN_BYTES};
	digest_of(name, bytes, size, message.digest);
	return find_why(old->store, message.digest, &message.why, err) &&
	       nx_sqlite_quarantine(old->store, &message, NULL, err);
}

/* A message that was not written completely had not been acknowledged, and is
 * left out. */
static bool take_several(struct takeover *old, const char *bytes, size_t size,
                         struct nx_error *err)
{
	const char *const end = bytes + size;
	while (bytes < end) {
		const size_t left = (size_t)(end - bytes);
		const char *line_end =
		        memchr(bytes, '\n', left < LINE ? left : LINE);
		const char *blank = memchr(bytes, ' ', left);
		if (line_end == NULL || blank == NULL || blank > line_end)
			break;
		char *name = talloc_strndup(old->ctx, bytes,
		                            (size_t)(blank - bytes));
		char *next;
		const int64_t time = strtoll(blank, &next, 10);
		const unsigned long long length = strtoull(next, &next, 10);
		bytes = line_end + 1;
		if (next != line_end || length > (size_t)(end - bytes))
			break;
		if (!take(old, name, time, bytes, (size_t)length, err))
			return false;
		bytes += length;
	}
	return true;
}

static bool take_file(struct takeover *old, const struct old_file *file,
                      struct nx_error *err)
{
	char *bytes;
	size_t size;
	if (strcmp(file->folder, "tmp") == 0)
		return true;
	TALLOC_CTX *ctx = talloc_new(old->ctx);
	const bool done =
	        nx_file_read(ctx, file->path, 0, &bytes, &size, err) &&
	        (file->is_journal
	                 ? take_several(old, bytes, size, err)
	                 : take(old, file->name, file->time, bytes, size, err));
	talloc_free(ctx);
	return done;
}

/* What is no file stays where it is. */
static void find_file(struct takeover *old, const char *folder,
                      const char *name)
{
	struct stat about;
	struct old_file file = {.folder = folder,
	                        .name = name,
	                        .path = talloc_asprintf(old->ctx, "%s/%s/%s",
	                                                old->path, folder,
	                                                name),
	                        .is_journal = strcmp(folder, "wait") == 0};
	if (lstat(file.path, &about) != 0 || !S_ISREG(about.st_mode))
		return;
	file.time = about.st_mtime;
	old->file = talloc_realloc(old->ctx, old->file, struct old_file,
	                           old->files + 1);
	old->file[old->files++] = file;
}

static bool find_files(struct takeover *old, const char *folder,
                       struct nx_error *err)
{
	char **names;
	size_t count;
	struct stat about;
	const char *path =
	        talloc_asprintf(old->ctx, "%s/%s", old->path, folder);
	if (lstat(path, &about) != 0 || !S_ISDIR(about.st_mode))
		return true;
	if (!nx_file_names(old->ctx, path, "", &names, &count, err))
		return false;
	for (size_t i = 0; i < count; i++)
		find_file(old, folder, names[i]);
	return true;
}

/* In the order in which they came: journals are of the latest, and numbered. */
static int by_time(const void *a, const void *b)
{
	const struct old_file *one = a, *other = b;
	if (one->is_journal != other->is_journal)
		return one->is_journal ? 1 : -1;
	if (one->time != other->time && !one->is_journal)
		return one->time < other->time ? -1 : 1;
	return strcmp(one->path, other->path);
}

static bool take_all(struct takeover *old, struct nx_error *err)
{
	for (size_t i = 0; i < sizeof(FOLDERS) / sizeof(FOLDERS[0]); i++)
		if (!find_files(old, FOLDERS[i], err))
			return false;
	if (old->files > 0)
		qsort(old->file, old->files, sizeof(*old->file), by_time);
	for (size_t i = 0; i < old->files; i++)
		if (!take_file(old, &old->file[i], err))
			return false;
	return true;
}

/* Whatever cannot be removed is found again at the next start, and is not new
 * then. */
static void remove_all(const struct takeover *old)
{
	for (size_t i = 0; i < old->files; i++)
		(void)unlink(old->file[i].path);
	for (size_t i = 0; i < sizeof(FOLDERS) / sizeof(FOLDERS[0]); i++)
		(void)rmdir(talloc_asprintf(old->ctx, "%s/%s", old->path,
		                            FOLDERS[i]));
	(void)unlink(talloc_asprintf(old->ctx, "%s/wait.lock", old->path));
	(void)rmdir(old->path);
}

/* An older nixie may still be running: it adds to a journal under this lock,
 * and sees afterwards that the journal is gone. */
static bool lock(const struct takeover *old, int *descriptor,
                 struct nx_error *err)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	const char *path = talloc_asprintf(old->ctx, "%s/wait.lock", old->path);
	*descriptor = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (*descriptor < 0)
		return errno == ENOENT || nx_file_trouble(err, path);
	while (fcntl(*descriptor, F_OFD_SETLKW, &whole) < 0)
		if (errno != EINTR)
			return nx_file_trouble(err, path);
	return true;
}

/* A folder of somebody else stays: root must not read and remove what another
 * user has put behind these names. */
static bool is_ours(const char *path)
{
	struct stat about;
	return lstat(path, &about) == 0 && S_ISDIR(about.st_mode) &&
	       about.st_uid == geteuid();
}

static bool take_over(struct takeover *old, struct nx_error *err)
{
	NX_CLOSES int descriptor = -1;
	if (!lock(old, &descriptor, err) || !nx_sqlite_enter(old->store, err) ||
	    !nx_sqlite_leave(old->store, take_all(old, err), err))
		return false;
	remove_all(old);
	return true;
}

bool nx_sqlite_take_folder(struct nx_store *store, struct nx_error *err)
{
	struct takeover old = {.store = store, .ctx = talloc_new(store)};
	old.path = talloc_asprintf(old.ctx, "%s/quarantine", store->directory);
	const bool done = !is_ours(old.path) || take_over(&old, err);
	talloc_free(old.ctx);
	return done;
}
