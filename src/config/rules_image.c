/* SPDX-License-Identifier: ISC */
#include "config/config.h"

#include "base/digest.h"
#include "config/watch.h"
#include "match/pattern.h"
#include "snapshot/layouts.h"
#include "sys/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/*
 * Rules as they are in memory, kept in a file. The file fits when it is from
 * the same program and the rule files are those that it was made from: by their
 * name, size, times and inode or, if these differ, by a digest of their
 * contents.
 */
struct image_content { /* the root of an image */
	struct nx_rules_from from;
	struct nx_watch watch;
	uint8_t digest[NX_DIGEST_SIZE];
	const struct nx_engine *engine;
};

static NX_LAYOUT(content_layout, struct image_content,
                 NX_TEXT(struct image_content, from.shipped),
                 NX_TEXT(struct image_content, from.site),
                 NX_TEXT(struct image_content, from.profile),
                 NX_TEXT(struct image_content, from.policy),
                 NX_INSIDE(struct image_content, watch, 1, nx_watch_layout),
                 NX_ONE(struct image_content, engine, nx_engine_layout));

struct mapping { /* mapping of the file; lives as long as the rules are used */
	char *bytes;
	size_t size;
	const struct image_content *content;
};

static int unmap(struct mapping *mapping)
{
	const struct nx_pattern *pattern;
	for (size_t i = 0;
	     mapping->content && (pattern = nx_image_listed(mapping->bytes, i));
	     i++)
		nx_pattern_forget(pattern);
	munmap(mapping->bytes, mapping->size);
	return 0;
}

/* A file that others could have written is not read: an image can make the
 * program do anything. */
static bool is_trusted(const struct stat *about)
{
	return S_ISREG(about->st_mode) && about->st_nlink == 1 &&
	       (about->st_uid == geteuid() || about->st_uid == 0) &&
	       (about->st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
	       about->st_size > 0;
}

/* NULL when there is none that can be used. */
static struct mapping *map(TALLOC_CTX *ctx, const char *path)
{
	struct stat about;
	NX_CLOSES int file =
	        open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (file < 0 || fstat(file, &about) < 0 || !is_trusted(&about))
		return NULL;
	size_t size = (size_t)about.st_size;
	void *bytes =
	        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
	if (bytes == MAP_FAILED)
		return NULL;
	struct mapping *mapping = talloc_zero(ctx, struct mapping);
	mapping->bytes = bytes;
	mapping->size = size;
	talloc_set_destructor(mapping, unmap);
	mapping->content = nx_image_read(bytes, size);
	return mapping;
}

/* The policy is not in an image. */
static bool is_from(const struct nx_rules_from *a,
                    const struct nx_rules_from *b)
{
	return strcmp(a->shipped, b->shipped) == 0 &&
	       strcmp(a->site, b->site) == 0 &&
	       strcmp(a->profile, b->profile) == 0;
}

static bool same_bytes(TALLOC_CTX *ctx, const struct image_content *content)
{
	struct nx_watch now;
	struct nx_error err;
	uint8_t digest[NX_DIGEST_SIZE];
	return nx_watch_look(ctx, &content->from, &now, &err) &&
	       nx_watch_same_program(&content->watch, &now) &&
	       nx_watch_digest(ctx, &now, digest) &&
	       memcmp(digest, content->digest, sizeof(digest)) == 0;
}

static bool fits(TALLOC_CTX *ctx, const struct image_content *content,
                 const struct nx_rules_from *from, bool exact)
{
	return content && is_from(&content->from, from) &&
	       (nx_watch_holds(&content->watch) ||
	        (!exact && same_bytes(ctx, content)));
}

static bool use_image(TALLOC_CTX *ctx, const struct nx_rules_from *from,
                      const struct nx_rules_cache *cache, struct nx_rules *out)
{
	struct mapping *mapping = map(ctx, cache->file);
	if (!mapping)
		return false;
	/* a process that may write makes a new one, whose times fit again */
	if (!fits(mapping, mapping->content, from, cache->write)) {
		talloc_free(mapping);
		return false;
	}
	*out = (struct nx_rules){.engine = mapping->content->engine,
	                         .image = mapping->bytes};
	return true;
}

/* --- writing -------------------------------------------------------------- */

enum { LEFT_AFTER = 60 }; /* seconds: writing takes less than one */

/* Writes the whole file or nothing: under another name until it is complete. */
static void write_file(TALLOC_CTX *ctx, const char *path, const char *bytes,
                       size_t size)
{
	struct nx_error err;
	const char *slash = strrchr(path, '/');
	const char *directory =
	        talloc_strndup(ctx, path, (size_t)(slash - path));
	const char *other =
	        talloc_asprintf(ctx, "%s.%ld", path, (long)getpid());
	nx_file_sweep(directory, talloc_asprintf(ctx, "%s.", slash + 1),
	              time(NULL) - LEFT_AFTER);
	NX_CLOSES int file = open(
	        other, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	        0600);
	if (file < 0)
		return;
	nx_file_follow_owner(file, directory);
	if (!nx_file_write_all(file, bytes, size, &err) ||
	    rename(other, path) < 0)
		unlink(other);
}

/* What another user keeps is theirs: root does not read it, and has nothing to
 * put in its place that they would trust more. */
static bool is_anothers(const char *path)
{
	struct stat about;
	return lstat(path, &about) == 0 && S_ISREG(about.st_mode) &&
	       about.st_uid != geteuid() && about.st_uid != 0;
}

/* Writes no image when a file was changed just now, since it might change again
 * within the same tick of the clock, nor when one has changed since before it
 * was read. */
static void keep(TALLOC_CTX *ctx, const struct nx_rules_from *from,
                 const struct nx_rules_cache *cache,
                 const struct nx_watch *watch, const struct nx_engine *engine)
{
	size_t size;
	struct image_content content = {
	        .from = *from, .watch = *watch, .engine = engine};
	if (nx_watch_is_fresh(watch) || is_anothers(cache->file) ||
	    !nx_watch_digest(ctx, watch, content.digest) ||
	    !nx_watch_holds(watch))
		return;
	const char *bytes =
	        nx_image_write(ctx, &content, &content_layout, &size);
	write_file(ctx, cache->file, bytes, size);
}

bool nx_rules_open(TALLOC_CTX *ctx, const struct nx_rules_from *from,
                   const struct nx_rules_cache *cache, struct nx_rules *out,
                   struct nx_error *err)
{
	if (use_image(ctx, from, cache, out))
		return nx_rules_policy(ctx, from, out->engine, &out->policy,
		                       err);
	TALLOC_CTX *scratch = talloc_new(ctx);
	struct nx_watch watch;
	bool known = cache->write && nx_watch_look(scratch, from, &watch, err);
	bool loaded = nx_rules_load(ctx, from, out, err);
	if (known && loaded)
		keep(scratch, from, cache, &watch, out->engine);
	talloc_free(scratch);
	return loaded;
}

void nx_rules_prepare(const void *subject)
{
	const struct nx_rules *rules = subject;
	const struct nx_pattern *pattern;
	for (size_t i = 0;
	     rules->image && (pattern = nx_image_listed(rules->image, i)); i++)
		nx_pattern_prepare(pattern);
}
