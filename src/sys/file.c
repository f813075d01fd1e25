/* SPDX-License-Identifier: ISC */
#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { FIRST_ROOM = 64 * 1024 };

/* A block of any size that is freed with a talloc context. */
struct write_block {
	char *bytes;
	size_t size; /* bytes filled */
	size_t room; /* without the NUL after it */
};

static int block_free(struct write_block *block)
{
	free(block->bytes);
	return 0;
}

static struct write_block *block_new(TALLOC_CTX *ctx)
{
	struct write_block *block = talloc_zero(ctx, struct write_block);
	talloc_set_destructor(block, block_free);
	return block;
}

static bool block_grow(struct write_block *block, size_t room)
{
	char *bytes = room < SIZE_MAX ? realloc(block->bytes, room + 1) : NULL;
	if (!bytes)
		return false;
	block->bytes = bytes;
	block->room = room;
	return true;
}

bool nx_file_volume(const char *path, struct nx_volume *out)
{
	struct statvfs about;
	*out = (struct nx_volume){.size = 0};
	if (statvfs(path, &about) != 0)
		return false;
	out->free = (int64_t)(about.f_bavail * about.f_frsize);
	out->size = (int64_t)(about.f_blocks * about.f_frsize);
	return true;
}

bool nx_file_is_full(int number)
{
	return number == ENOSPC || number == EDQUOT || number == EFBIG ||
	       number == EROFS;
}

bool nx_file_trouble(struct nx_error *err, const char *path)
{
	enum nx_error_kind fault =
	        nx_file_is_full(errno) ? NX_ERROR_FULL : NX_ERROR_TEMPORARY;
	return nx_error_set(err, fault, "%s: %s", path, strerror(errno));
}

static bool fail(struct nx_error *err, const char *path, int number)
{
	bool theirs = number == ENOENT || number == ENOTDIR ||
	              number == EACCES || number == ELOOP ||
	              number == ENAMETOOLONG;
	enum nx_error_kind fault = theirs ? NX_ERROR_DATA : NX_ERROR_TEMPORARY;
	if (nx_file_is_full(number))
		fault = NX_ERROR_FULL;
	return nx_error_set(err, fault, "%s: %s", path, strerror(number));
}

void nx_file_close(int *descriptor)
{
	if (*descriptor >= 0)
		close(*descriptor);
	*descriptor = -1;
}

static ssize_t read_some(int descriptor, void *to, size_t room)
{
	ssize_t got;
	do
		got = read(descriptor, to, room);
	while (got < 0 && errno == EINTR);
	return got;
}

bool nx_file_fill(int descriptor, char *bytes, size_t size, size_t *got)
{
	for (*got = 0; *got < size;) {
		const ssize_t more =
		        read_some(descriptor, bytes + *got, size - *got);
		if (more <= 0)
			return more == 0;
		*got += (size_t)more;
	}
	return true;
}

/* Reads until the end; more than limit bytes is an error (0: no limit). */
static bool fill(struct write_block *block, int descriptor, const char *name,
                 size_t limit, struct nx_error *err)
{
	for (;;) {
		if (block->size == block->room &&
		    !block_grow(block, block->room ? 2 * block->room
		                                   : (size_t)FIRST_ROOM))
			return fail(err, name, ENOMEM);
		ssize_t got = read_some(descriptor, block->bytes + block->size,
		                        block->room - block->size);
		if (got < 0)
			return fail(err, name, errno);
		block->size += (size_t)got;
		if (limit && block->size > limit)
			return nx_error_set(err, NX_ERROR_DATA,
			                    "%s: larger than %zu bytes", name,
			                    limit);
		if (got == 0)
			break;
	}
	block->bytes[block->size] = '\0';
	return true;
}

bool nx_file_read_all(TALLOC_CTX *ctx, int descriptor, char **bytes,
                      size_t *size, struct nx_error *err)
{
	struct write_block *block = block_new(ctx);
	if (!fill(block, descriptor, "input", 0, err)) {
		talloc_free(block);
		return false;
	}
	*bytes = block->bytes;
	*size = block->size;
	return true;
}

static bool read_file(struct write_block *block, const char *path, size_t limit,
                      struct nx_error *err)
{
	struct stat about;
	/* opening a FIFO must not block */
	NX_CLOSES int descriptor =
	        open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (descriptor < 0 || fstat(descriptor, &about) < 0)
		return fail(err, path, errno);
	if (!S_ISREG(about.st_mode))
		return nx_error_set(err, NX_ERROR_DATA,
		                    "%s: not a regular file", path);
	/* one more than expected: the read that finds the end */
	size_t wanted = (size_t)about.st_size + 1;
	if (limit && wanted > limit)
		wanted = limit + 1;
	if (!block_grow(block, wanted))
		return fail(err, path, ENOMEM);
	return fill(block, descriptor, path, limit, err);
}

bool nx_file_read(TALLOC_CTX *ctx, const char *path, size_t limit, char **bytes,
                  size_t *size, struct nx_error *err)
{
	struct write_block *block = block_new(ctx);
	if (!read_file(block, path, limit, err)) {
		talloc_free(block);
		return false;
	}
	*bytes = block->bytes;
	*size = block->size;
	return true;
}

bool nx_file_write_all(int descriptor, const void *bytes, size_t size,
                       struct nx_error *err)
{
	const char *from = bytes;
	while (size > 0) {
		ssize_t put = write(descriptor, from, size);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return fail(err, "output", put < 0 ? errno : ENOSPC);
		from += put;
		size -= (size_t)put;
	}
	return true;
}

bool nx_file_sync_directory(const char *directory, struct nx_error *err)
{
	NX_CLOSES int descriptor =
	        open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (descriptor < 0 || fsync(descriptor) < 0)
		return fail(err, directory, errno);
	return true;
}

void nx_file_follow_owner(int descriptor, const char *directory)
{
	struct stat about;
	if (geteuid() == 0 && stat(directory, &about) == 0)
		(void)!fchown(descriptor, about.st_uid, about.st_gid);
}

static void close_directory(DIR **directory)
{
	if (*directory)
		closedir(*directory);
}

static bool is_wanted(const char *name, const char *suffix)
{
	size_t length = strlen(name), end = strlen(suffix);
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	return length >= end && strcmp(name + length - end, suffix) == 0;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool nx_file_names(TALLOC_CTX *ctx, const char *directory, const char *suffix,
                   char ***names, size_t *count, struct nx_error *err)
{
	__attribute__((cleanup(close_directory))) DIR *open_one =
	        opendir(directory);
	if (!open_one)
		return fail(err, directory, errno);
	size_t room = 16, used = 0;
	char **found = talloc_array(ctx, char *, room);
	const struct dirent *entry;
	while (errno = 0, (entry = readdir(open_one))) {
		if (!is_wanted(entry->d_name, suffix))
			continue;
		if (used == room) {
			room *= 2;
			found = talloc_realloc(ctx, found, char *, room);
		}
		found[used++] = talloc_strdup(found, entry->d_name);
	}
	if (errno) {
		talloc_free(found);
		return fail(err, directory, errno);
	}
	qsort(found, used, sizeof(*found), by_bytes);
	*names = found;
	*count = used;
	return true;
}

void nx_file_sweep(const char *directory, const char *prefix, int64_t before)
{
	char **names;
	size_t count = 0;
	struct stat about;
	struct nx_error ignored;
	TALLOC_CTX *ctx = talloc_new(NULL);
	bool found =
	        nx_file_names(ctx, directory, "", &names, &count, &ignored);
	for (size_t i = 0; found && i < count; i++) {
		const char *path =
		        talloc_asprintf(ctx, "%s/%s", directory, names[i]);
		if (strncmp(names[i], prefix, strlen(prefix)) == 0 &&
		    lstat(path, &about) == 0 && about.st_mtime < before)
			unlink(path);
	}
	talloc_free(ctx);
}
