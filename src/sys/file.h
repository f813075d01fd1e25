/* SPDX-License-Identifier: ISC */
#ifndef NX_SYS_FILE_H
#define NX_SYS_FILE_H

#include "base/error.h"

#include <stddef.h>
#include <talloc.h>

/*
 * Files and descriptors, with each return value checked. A file that does not
 * exist, may not be read, is not a regular file or is too large is a DATA
 * error; no room on the disk is FULL; everything else is TEMPORARY. What is
 * read hangs on ctx and has a NUL after its end; it may be larger than talloc's
 * own blocks, so it is freed with its context, never by itself.
 */

/* A whole regular file, at most limit bytes (more is an error; limit 0: no
 * limit). */
NX_MUST_USE bool nx_file_read(TALLOC_CTX *ctx, const char *path, size_t limit,
                              char **bytes, size_t *size, struct nx_error *err);

/* Everything that can be read from a descriptor until its end. */
NX_MUST_USE bool nx_file_read_all(TALLOC_CTX *ctx, int descriptor, char **bytes,
                                  size_t *size, struct nx_error *err);

/* Reads until size bytes are there or the input ends; false with errno. */
NX_MUST_USE bool nx_file_fill(int descriptor, char *bytes, size_t size,
                              size_t *got);

NX_MUST_USE bool nx_file_write_all(int descriptor, const void *bytes,
                                   size_t size, struct nx_error *err);

/* Makes changes in a directory (a new name, a removed one) durable. */
NX_MUST_USE bool nx_file_sync_directory(const char *directory,
                                        struct nx_error *err);

/* When root made the file: gives it to the owner of its directory, who could
 * not use it otherwise. A failure is ignored. */
void nx_file_follow_owner(int descriptor, const char *directory);

/* Names in a directory in byte order, without "." and ".."; with a suffix (""
 * is none) only those that end with it. */
NX_MUST_USE bool nx_file_names(TALLOC_CTX *ctx, const char *directory,
                               const char *suffix, char ***names, size_t *count,
                               struct nx_error *err);

/* The file system where that file or directory is; false with errno, and a size
 * of 0. */
struct nx_volume {
	int64_t free, size; /* octets; free for us */
};
bool nx_file_volume(const char *path, struct nx_volume *out);

/* Whether an errno says that nothing more can be written: no room, a quota, a
 * limit of size, a file system that has become read-only. */
bool nx_file_is_full(int number);

/* Fills *err with errno as the error of a file of ours, FULL or TEMPORARY;
 * returns false. */
bool nx_file_trouble(struct nx_error *err, const char *path);

void nx_file_close(int *descriptor); /* for the cleanup attribute; -1 is none */
#define NX_CLOSES __attribute__((cleanup(nx_file_close)))

/* Removes the files whose name begins so and that were changed last before that
 * time: what a process left behind that was killed while it wrote. */
void nx_file_sweep(const char *directory, const char *prefix, int64_t before);

#endif
