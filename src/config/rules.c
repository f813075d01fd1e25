/* SPDX-License-Identifier: ISC */
#include "config/config.h"

#include "sys/file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A directory of rules to an engine and a policy. */

enum { FILE_SIZE = 1024 * 1024 };

struct files {
	char **path;
	size_t count;
};

static bool is_hidden(const char *name)
{
	return *name == '.';
}

/* Kept for other kinds of files. */
static bool is_reserved(const char *name)
{
	return strcmp(name, "profiles") == 0;
}

static bool is_directory(const char *path)
{
	struct stat about;
	return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static bool add_files(struct files *files, const char *directory,
                      struct nx_error *err)
{
	char **names;
	size_t count;
	if (!nx_file_names(files, directory, ".yaml", &names, &count, err))
		return false;
	files->path = talloc_realloc(files, files->path, char *,
	                             files->count + count);
	for (size_t i = 0; i < count; i++)
		if (!is_hidden(names[i]))
			files->path[files->count++] = talloc_asprintf(
			        files, "%s/%s", directory, names[i]);
	return true;
}

static bool add_folders(struct files *files, const char *directory,
                        struct nx_error *err)
{
	char **names;
	size_t count;
	if (!nx_file_names(files, directory, "", &names, &count, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		const char *path =
		        talloc_asprintf(files, "%s/%s", directory, names[i]);
		if (is_hidden(names[i]) || is_reserved(names[i]) ||
		    !is_directory(path))
			continue;
		if (!add_files(files, path, err))
			return false;
	}
	return true;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool find_files(struct files *files, const char *directory,
                       struct nx_error *err)
{
	if (!add_files(files, directory, err) ||
	    !add_folders(files, directory, err))
		return false;
	if (files->count == 0)
		return nx_error_set(err, NX_ERROR_CONFIG,
		                    "%s: there are no rules in it", directory);
	qsort(files->path, files->count, sizeof(*files->path), by_path);
	return true;
}

struct sources {
	struct nx_source *table; /* all but the policy */
	size_t tables;
	struct nx_source policy;
};

static bool read_sources(TALLOC_CTX *ctx, const struct files *files,
                         const char *directory, struct sources *out,
                         struct nx_error *err)
{
	const char *policy = talloc_asprintf(ctx, "%s/policy.yaml", directory);
	out->table = talloc_array(ctx, struct nx_source, files->count);
	for (size_t i = 0; i < files->count; i++) {
		char *bytes;
		struct nx_source source = {.name = files->path[i]};
		if (!nx_file_read(ctx, source.name, FILE_SIZE, &bytes,
		                  &source.size, err))
			return false;
		source.text = bytes;
		if (strcmp(source.name, policy) == 0)
			out->policy = source;
		else
			out->table[out->tables++] = source;
	}
	if (!out->policy.name)
		return nx_error_set(err, NX_ERROR_CONFIG,
		                    "%s: No such file or directory", policy);
	return true;
}

static bool find_and_read(TALLOC_CTX *ctx, const char *directory,
                          struct sources *out, struct nx_error *err)
{
	struct files *files = talloc_zero(ctx, struct files);
	if (find_files(files, directory, err) &&
	    read_sources(ctx, files, directory, out, err))
		return true;
	err->fault = NX_ERROR_CONFIG;
	return false;
}

/* The sources stay with the rules, which name the file they are from. */
bool nx_rules_load(TALLOC_CTX *ctx, const char *directory, struct nx_rules *out,
                   struct nx_error *err)
{
	struct sources sources = {0};
	return find_and_read(ctx, directory, &sources, err) &&
	       nx_engine_compile(ctx, sources.table, sources.tables,
	                         &out->engine, err) &&
	       nx_policy_compile(ctx, &sources.policy,
	                         nx_engine_tables(out->engine), &out->policy,
	                         err);
}
