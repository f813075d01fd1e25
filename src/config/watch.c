/* SPDX-License-Identifier: ISC */
#include "config/watch.h"

#include "sys/file.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum {
	FILE_SIZE = 1024 * 1024,
	FRESH = 2 /* seconds: the coarsest clock of a file system */
};

static const char PROGRAM[] = "/proc/self/exe";

static NX_LAYOUT(watched_layout, struct nx_watched,
                 NX_TEXT(struct nx_watched, path));

NX_LAYOUT(nx_watch_layout, struct nx_watch,
          NX_MANY(struct nx_watch, item, count, watched_layout));

static bool look(const char *path, struct nx_watched *out)
{
	struct stat about = {0};
	bool found = stat(path, &about) == 0;
	memset(out, 0, sizeof(*out)); /* it is compared and saved as bytes */
	out->path = path;
	out->is_file = S_ISREG(about.st_mode);
	out->is_directory = S_ISDIR(about.st_mode);
	out->device = about.st_dev;
	out->inode = about.st_ino;
	out->size = (uint64_t)about.st_size;
	out->modified[0] = about.st_mtim.tv_sec;
	out->modified[1] = about.st_mtim.tv_nsec;
	out->changed[0] = about.st_ctim.tv_sec;
	out->changed[1] = about.st_ctim.tv_nsec;
	return found;
}

static void add(TALLOC_CTX *ctx, struct nx_watch *watch,
                const struct nx_watched *item)
{
	if ((watch->count & (watch->count - 1)) == 0)
		watch->item =
		        talloc_realloc(ctx, watch->item, struct nx_watched,
		                       2 * watch->count + 1);
	watch->item[watch->count++] = *item;
}

bool nx_watch_is_yaml(const char *name)
{
	size_t size = strlen(name);
	return size >= 5 && strcmp(name + size - 5, ".yaml") == 0;
}

/* What is named *.yaml is kept whatever it is: it is for the reader to say that
 * it cannot be read. depth: how many levels of folders are still entered. */
static bool add_directory(TALLOC_CTX *ctx, struct nx_watch *watch,
                          const char *directory, int depth,
                          struct nx_error *err)
{
	char **names;
	size_t count;
	struct nx_watched found;
	look(directory, &found);
	add(ctx, watch, &found);
	if (!nx_file_names(ctx, directory, "", &names, &count, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		const char *path =
		        talloc_asprintf(ctx, "%s/%s", directory, names[i]);
		if (*names[i] == '.')
			continue;
		look(path, &found);
		if (nx_watch_is_yaml(names[i]))
			add(ctx, watch, &found);
		else if (depth > 0 && found.is_directory &&
		         !add_directory(ctx, watch, path, depth - 1, err))
			return false;
	}
	return true;
}

bool nx_watch_look(TALLOC_CTX *ctx, const struct nx_rules_from *from,
                   struct nx_watch *out, struct nx_error *err)
{
	struct nx_watched program;
	*out = (struct nx_watch){.count = 0};
	look(PROGRAM, &program);
	add(ctx, out, &program);
	if (!add_directory(ctx, out, from->shipped, 1, err))
		return false;
	out->site = out->count;
	return !*from->site || add_directory(ctx, out, from->site, 1, err);
}

static bool is_same(const struct nx_watched *a, const struct nx_watched *b)
{
	size_t from = offsetof(struct nx_watched, is_file);
	return memcmp((const char *)a + from, (const char *)b + from,
	              sizeof(*a) - from) == 0;
}

bool nx_watch_holds(const struct nx_watch *watch)
{
	struct nx_watched now;
	for (size_t i = 0; i < watch->count; i++)
		if (!look(watch->item[i].path, &now) ||
		    !is_same(&watch->item[i], &now))
			return false;
	return true;
}

bool nx_watch_same_program(const struct nx_watch *a, const struct nx_watch *b)
{
	return is_same(&a->item[0], &b->item[0]);
}

bool nx_watch_is_fresh(const struct nx_watch *watch)
{
	time_t now = time(NULL);
	for (size_t i = 0; i < watch->count; i++)
		if (watch->item[i].changed[0] + FRESH >= now)
			return true;
	return false;
}

static bool add_file(TALLOC_CTX *ctx, struct nx_digest_state *state,
                     const char *path)
{
	struct nx_error err;
	char *bytes;
	uint64_t size;
	size_t read;
	if (!nx_file_read(ctx, path, FILE_SIZE, &bytes, &read, &err))
		return false;
	size = read;
	nx_digest_add(state, path, strlen(path) + 1);
	nx_digest_add(state, &size, sizeof(size));
	nx_digest_add(state, bytes, read);
	return true;
}

bool nx_watch_digest(TALLOC_CTX *ctx, const struct nx_watch *watch,
                     uint8_t out[NX_DIGEST_SIZE])
{
	TALLOC_CTX *scratch = talloc_new(ctx);
	struct nx_digest_state state;
	bool good = true;
	nx_digest_init(&state);
	for (size_t i = 1; i < watch->count && good; i++)
		good = !watch->item[i].is_file ||
		       add_file(scratch, &state, watch->item[i].path);
	nx_digest_end(&state, out);
	talloc_free(scratch);
	return good;
}
