/* SPDX-License-Identifier: ISC */
#include "store/quarantine.h"

#include "base/date.h"
#include "base/digest.h"
#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

/* The time of a file is when its message came, in nixie's own time. */

struct quarantine {
	const char *directory; /* the store's */
	const char *path;
	const char *tmp;
	const char *new_one;
	int64_t now;
};

struct kept { /* one file */
	char *path;
	int64_t time;
	int64_t size;
};

struct keep { /* all of them */
	struct kept *item;
	size_t count;
	int64_t bytes;
};

static bool fail(struct nx_error *err, const char *path)
{
	return nx_error_set(err, NX_ERROR_TEMPORARY, "%s: %s", path,
	                    strerror(errno));
}

/* --- folders -------------------------------------------------------------- */

static bool make_folder(const struct quarantine *to, const char *path,
                        struct nx_error *err)
{
	if (mkdir(path, 0700) < 0)
		return errno == EEXIST || fail(err, path);
	NX_CLOSES int descriptor =
	        open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (descriptor < 0)
		return fail(err, path);
	nx_file_follow_owner(descriptor, to->directory);
	return true;
}

static bool is_there(const char *path)
{
	struct stat about;
	return stat(path, &about) == 0;
}

static bool make_folders(const struct quarantine *to, struct nx_error *err)
{
	if (is_there(to->new_one))
		return true;
	/* new comes last: when it is there, all are */
	const char *current = talloc_asprintf(to, "%s/cur", to->path);
	return make_folder(to, to->path, err) &&
	       make_folder(to, to->tmp, err) && make_folder(to, current, err) &&
	       make_folder(to, to->new_one, err) &&
	       nx_file_sync_directory(to->path, err) &&
	       nx_file_sync_directory(to->directory, err);
}

/* --- caps ----------------------------------------------------------------- */

static bool look(TALLOC_CTX *ctx, const char *folder, struct keep *keep,
                 struct nx_error *err)
{
	char **names;
	size_t count;
	struct stat about;
	if (!nx_file_names(ctx, folder, "", &names, &count, err))
		return false;
	keep->item = talloc_realloc(ctx, keep->item, struct kept,
	                            keep->count + count);
	for (size_t i = 0; i < count; i++) {
		char *path = talloc_asprintf(ctx, "%s/%s", folder, names[i]);
		if (lstat(path, &about) < 0)
			continue; /* somebody else was quicker */
		keep->item[keep->count++] = (struct kept){
		        path, about.st_mtime, (int64_t)about.st_size};
		keep->bytes += (int64_t)about.st_size;
	}
	return true;
}

static int by_time(const void *a, const void *b)
{
	const struct kept *one = a, *other = b;
	if (one->time != other->time)
		return one->time < other->time ? -1 : 1;
	return strcmp(one->path, other->path);
}

static bool is_too_much(const struct quarantine *to, const struct keep *keep,
                        const struct kept *oldest, size_t left, int64_t more)
{
	return left >= NX_QUARANTINE_COUNT ||
	       keep->bytes + more > NX_QUARANTINE_BYTES ||
	       to->now - oldest->time > NX_QUARANTINE_DAYS * NX_DAY;
}

/* The oldest go until there is room for one more of that size. */
static bool make_room(const struct quarantine *to, int64_t more,
                      struct nx_error *err)
{
	struct keep keep = {0};
	const char *current = talloc_asprintf(to, "%s/cur", to->path);
	if (!look((void *)to, to->new_one, &keep, err) ||
	    !look((void *)to, current, &keep, err))
		return false;
	if (keep.count == 0)
		return true;
	qsort(keep.item, keep.count, sizeof(*keep.item), by_time);
	for (size_t i = 0; i < keep.count; i++) {
		const struct kept *oldest = &keep.item[i];
		if (!is_too_much(to, &keep, oldest, keep.count - i, more))
			break;
		if (unlink(oldest->path) < 0 && errno != ENOENT)
			return fail(err, oldest->path);
		keep.bytes -= oldest->size;
	}
	return true;
}

/* What a writer left that did not live to its rename. */
static void sweep(const struct quarantine *to)
{
	struct keep keep = {0};
	struct nx_error ignored;
	if (!look((void *)to, to->tmp, &keep, &ignored))
		return;
	for (size_t i = 0; i < keep.count; i++)
		if (to->now - keep.item[i].time > NX_DAY)
			unlink(keep.item[i].path);
}

/* --- adding --------------------------------------------------------------- */

static bool write_to(const struct quarantine *to, int descriptor,
                     const char *bytes, size_t size, struct nx_error *err)
{
	struct timespec time = {.tv_sec = (time_t)to->now};
	const struct timespec times[2] = {time, time};
	nx_file_follow_owner(descriptor, to->directory);
	return nx_file_write_all(descriptor, bytes, size, err) &&
	       futimens(descriptor, times) == 0 && fsync(descriptor) == 0;
}

static bool write_file(const struct quarantine *to, const char *path,
                       const char *bytes, size_t size, struct nx_error *err)
{
	int descriptor =
	        open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	             0600);
	if (descriptor < 0)
		return fail(err, path);
	if (!write_to(to, descriptor, bytes, size, err)) {
		fail(err, path);
		close(descriptor);
		return false;
	}
	return close(descriptor) == 0 || fail(err, path);
}

static bool add(const struct quarantine *to, const char *name,
                const char *bytes, size_t size, struct nx_error *err)
{
	const char *path = talloc_asprintf(to, "%s/%s", to->new_one, name);
	const char *draft =
	        talloc_asprintf(to, "%s/%s.%ld", to->tmp, name, (long)getpid());
	if (!make_folders(to, err))
		return false;
	if (is_there(path))
		return true;
	sweep(to);
	if (!make_room(to, (int64_t)size, err))
		return false;
	unlink(draft); /* ours, of a process with the same number */
	if (!write_file(to, draft, bytes, size, err)) {
		unlink(draft);
		return false;
	}
	if (rename(draft, path) < 0)
		return fail(err, path);
	return nx_file_sync_directory(to->new_one, err);
}

bool nx_quarantine_add(const char *directory, const uint8_t digest[32],
                       const char *bytes, size_t size, int64_t now,
                       struct nx_error *err)
{
	char name[2 * NX_DIGEST_SIZE + 1];
	struct quarantine *to = talloc_zero(NULL, struct quarantine);
	to->directory = directory;
	to->path = talloc_asprintf(to, "%s/quarantine", directory);
	to->tmp = talloc_asprintf(to, "%s/tmp", to->path);
	to->new_one = talloc_asprintf(to, "%s/new", to->path);
	to->now = now;
	nx_digest_hex(digest, NX_DIGEST_SIZE, name);
	if (size > NX_QUARANTINE_BYTES)
		size = NX_QUARANTINE_BYTES;
	bool added = add(to, name, bytes, size, err);
	talloc_free(to);
	return added;
}
