/* SPDX-License-Identifier: ISC */
#include "config/config.h"

#include "base/text.h"
#include "report/conditions/detectors.h"
#include "sys/file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* From directories of rules to an engine and a policy. */

enum { FILE_SIZE = 1024 * 1024 };

struct files {
	struct nx_source *file; /* only the names, until they are read */
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
	files->file = talloc_realloc(files, files->file, struct nx_source,
	                             files->count + count);
	for (size_t i = 0; i < count; i++)
		if (!is_hidden(names[i]))
			files->file[files->count++] = (struct nx_source){
			        .name = talloc_asprintf(files, "%s/%s",
			                                directory, names[i])};
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
	return strcmp(((const struct nx_source *)a)->name,
	              ((const struct nx_source *)b)->name);
}

static bool find_files(struct files *files, const char *directory,
                       struct nx_error *err)
{
	if (!add_files(files, directory, err) ||
	    !add_folders(files, directory, err))
		return false;
	if (files->count > 0)
		qsort(files->file, files->count, sizeof(*files->file), by_path);
	return true;
}

/* --- which files ---------------------------------------------------------- */

struct where { /* the files of both directories */
	const struct nx_rules_from *from;
	struct files *shipped;
	struct files *site;
};

/* The name of the file within its directory. */
static const char *inside(const char *path, const char *directory)
{
	return path + strlen(directory) + 1;
}

/* Files that hold one thing, and no rules with ids to merge. */
static bool is_whole(const char *name)
{
	return strcmp(name, "policy.yaml") == 0 ||
	       nx_detectors_is_source(name) ||
	       strncmp(name, "formats/", strlen("formats/")) == 0;
}

static bool is_replaced(const struct where *where, const char *path)
{
	const char *name = inside(path, where->from->shipped);
	if (!is_whole(name))
		return false;
	for (size_t i = 0; i < where->site->count; i++) {
		const char *other = where->site->file[i].name;
		if (strcmp(inside(other, where->from->site), name) == 0)
			return true;
	}
	return false;
}

static bool find_both(struct where *where, TALLOC_CTX *ctx,
                      struct nx_error *err)
{
	where->shipped = talloc_zero(ctx, struct files);
	where->site = talloc_zero(ctx, struct files);
	if (!find_files(where->shipped, where->from->shipped, err))
		return false;
	if (where->shipped->count == 0)
		return nx_error_set(err, NX_ERROR_CONFIG,
		                    "%s: there are no rules in it",
		                    where->from->shipped);
	return !*where->from->site ||
	       find_files(where->site, where->from->site, err);
}

/* --- what is in them ------------------------------------------------------ */

struct sources {
	struct nx_source *table; /* all but the policy */
	size_t tables;
	struct nx_source policy;
};

static bool read_source(TALLOC_CTX *ctx, const char *path, bool site,
                        struct nx_source *out, struct nx_error *err)
{
	char *bytes;
	if (!nx_file_read(ctx, path, FILE_SIZE, &bytes, &out->size, err))
		return false;
	out->name = path;
	out->text = bytes;
	out->site = site;
	return true;
}

static bool add_source(TALLOC_CTX *ctx, const char *path, const char *directory,
                       bool site, struct sources *out, struct nx_error *err)
{
	struct nx_source source;
	if (!read_source(ctx, path, site, &source, err))
		return false;
	if (strcmp(inside(path, directory), "policy.yaml") == 0)
		out->policy = source;
	else
		out->table[out->tables++] = source;
	return true;
}

static bool read_sources(TALLOC_CTX *ctx, const struct where *where,
                         struct sources *out, struct nx_error *err)
{
	const struct nx_rules_from *from = where->from;
	/* and one for the profile */
	size_t count = where->shipped->count + where->site->count + 1;
	out->table = talloc_array(ctx, struct nx_source, count);
	for (size_t i = 0; i < where->shipped->count; i++) {
		const char *path = where->shipped->file[i].name;
		if (!is_replaced(where, path) &&
		    !add_source(ctx, path, from->shipped, false, out, err))
			return false;
	}
	for (size_t i = 0; i < where->site->count; i++)
		if (!add_source(ctx, where->site->file[i].name, from->site,
		                true, out, err))
			return false;
	if (!out->policy.name)
		return nx_error_set(err, NX_ERROR_CONFIG,
		                    "%s/policy.yaml: No such file or directory",
		                    from->shipped);
	return true;
}

static bool is_name(const char *text)
{
	return *text && !text[strspn(text, "abcdefghijklmnopqrstuvwxyz"
	                                   "0123456789-")];
}

static bool add_profile(TALLOC_CTX *ctx, const struct nx_rules_from *from,
                        struct sources *out, struct nx_error *err)
{
	struct nx_source *profile = &out->table[out->tables];
	if (!*from->profile)
		return true;
	if (!is_name(from->profile))
		return nx_error_set(err, NX_ERROR_CONFIG,
		                    "profile \"%s\": may only be made of a-z, "
		                    "0-9 and -",
		                    from->profile);
	const char *path = talloc_asprintf(ctx, "%s/profiles/%s.yaml",
	                                   from->site, from->profile);
	if (!*from->site || access(path, F_OK) < 0)
		path = talloc_asprintf(ctx, "%s/profiles/%s.yaml",
		                       from->shipped, from->profile);
	if (!read_source(ctx, path, false, profile, err))
		return false;
	out->tables++;
	return true;
}

static bool find_and_read(TALLOC_CTX *ctx, const struct nx_rules_from *from,
                          struct sources *out, struct nx_error *err)
{
	struct where where = {.from = from};
	if (find_both(&where, ctx, err) &&
	    read_sources(ctx, &where, out, err) &&
	    add_profile(ctx, from, out, err))
		return true;
	err->kind = NX_ERROR_CONFIG;
	return false;
}

/* The sources are kept with the rules, which name the file they are from. */
bool nx_rules_load(TALLOC_CTX *ctx, const struct nx_rules_from *from,
                   struct nx_rules *out, struct nx_error *err)
{
	struct sources sources = {0};
	struct nx_rules rules = {.image = NULL};
	if (!find_and_read(ctx, from, &sources, err) ||
	    !nx_engine_compile(ctx, sources.table, sources.tables,
	                       &rules.engine, err) ||
	    !nx_policy_compile(ctx, &sources.policy,
	                       nx_engine_tables(rules.engine), &rules.policy,
	                       err))
		return false;
	*out = rules;
	return true;
}

/* --- profiles ------------------------------------------------------------- */

static bool add_names(TALLOC_CTX *ctx, const char *directory,
                      const char ***names, size_t *count, struct nx_error *err)
{
	char **files;
	size_t found;
	directory = talloc_asprintf(ctx, "%s/profiles", directory);
	if (!is_directory(directory))
		return true;
	if (!nx_file_names(ctx, directory, ".yaml", &files, &found, err))
		return false;
	*names = talloc_realloc(ctx, *names, const char *, *count + found + 1);
	for (size_t i = 0; i < found; i++)
		if (!is_hidden(files[i]))
			(*names)[(*count)++] = talloc_strndup(
			        ctx, files[i],
			        strlen(files[i]) - strlen(".yaml"));
	return true;
}

bool nx_rules_profiles(TALLOC_CTX *ctx, const struct nx_rules_from *from,
                       const char *const **names, size_t *count,
                       struct nx_error *err)
{
	const char **found = NULL;
	size_t kept = 0;
	*count = 0;
	if (!add_names(ctx, from->shipped, &found, count, err) ||
	    (*from->site && !add_names(ctx, from->site, &found, count, err)))
		return false;
	if (*count > 0)
		qsort(found, *count, sizeof(*found), nx_text_compare);
	for (size_t i = 0; i < *count; i++)
		if (kept == 0 || strcmp(found[kept - 1], found[i]) != 0)
			found[kept++] = found[i];
	*names = found;
	*count = kept;
	return true;
}
