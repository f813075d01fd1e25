/* SPDX-License-Identifier: ISC */
#include "config/config.h"

#include "base/text.h"
#include "config/watch.h"
#include "report/conditions/detectors.h"
#include "sys/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* From directories of rules to an engine and a policy. */

enum { FILE_SIZE = 1024 * 1024 };

static const char PROFILES[] = "profiles/";
static const char POLICIES[] = "policies/";

static bool is_in_folder(const char *name, const char *folder)
{
	return strncmp(name, folder, strlen(folder)) == 0;
}

/* --- which files ---------------------------------------------------------- */

struct files { /* of one directory, in order of path */
	const char *directory;
	bool site;
	const char **path;
	size_t count;
};

/* The name of a file within its directory. */
static const char *inside(const struct files *files, size_t i)
{
	return files->path[i] + strlen(files->directory) + 1;
}

static struct files pick(TALLOC_CTX *ctx, const struct nx_watch *watch,
                         const char *directory, bool site)
{
	size_t end = site ? watch->count : watch->site;
	struct files files = {
	        .directory = directory,
	        .site = site,
	        .path = talloc_array(ctx, const char *, watch->count)};
	for (size_t i = site ? watch->site : 1; i < end; i++)
		if (nx_watch_is_yaml(watch->item[i].path))
			files.path[files.count++] = watch->item[i].path;
	qsort(files.path, files.count, sizeof(*files.path), nx_text_compare);
	return files;
}

/* Files that hold one thing, and no rules with ids to merge. */
static bool is_whole(const char *name)
{
	return nx_detectors_is_source(name) || is_in_folder(name, "formats/");
}

/* Read elsewhere. */
static bool is_apart(const char *name)
{
	return strcmp(name, "policy.yaml") == 0 ||
	       is_in_folder(name, PROFILES) || is_in_folder(name, POLICIES);
}

static bool is_replaced(const char *name, const struct files *by)
{
	if (!is_whole(name))
		return false;
	for (size_t i = 0; i < by->count; i++)
		if (strcmp(inside(by, i), name) == 0)
			return true;
	return false;
}

/* --- what is in them ------------------------------------------------------ */

struct sources {
	struct nx_source *item;
	size_t count;
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

static bool read_sources(TALLOC_CTX *ctx, const struct files *files,
                         const struct files *replaced_by, struct sources *out,
                         struct nx_error *err)
{
	for (size_t i = 0; i < files->count; i++) {
		const char *name = inside(files, i);
		if (is_apart(name) ||
		    (replaced_by && is_replaced(name, replaced_by)))
			continue;
		if (!read_source(ctx, files->path[i], files->site,
		                 &out->item[out->count], err))
			return false;
		out->count++;
	}
	return true;
}

static bool read_both(TALLOC_CTX *ctx, const struct nx_rules_from *from,
                      struct sources *out, struct nx_error *err)
{
	struct nx_watch watch;
	if (!nx_watch_look(ctx, from, &watch, err))
		return false;
	struct files shipped = pick(ctx, &watch, from->shipped, false);
	struct files site = pick(ctx, &watch, from->site, true);
	/* and one for the profile */
	out->item = talloc_array(ctx, struct nx_source,
	                         shipped.count + site.count + 1);
	if (shipped.count == 0)
		return nx_error_set(err, NX_ERROR_CONFIG,
		                    "%s: there are no rules in it",
		                    from->shipped);
	return read_sources(ctx, &shipped, &site, out, err) &&
	       read_sources(ctx, &site, NULL, out, err);
}

/* A file of the site, or else the shipped one. */
static bool read_either(TALLOC_CTX *ctx, const struct nx_rules_from *from,
                        const char *name, struct nx_source *out,
                        struct nx_error *err)
{
	const char *path = talloc_asprintf(ctx, "%s/%s", from->site, name);
	if (!*from->site || access(path, F_OK) < 0)
		path = talloc_asprintf(ctx, "%s/%s", from->shipped, name);
	return read_source(ctx, path, false, out, err);
}

static bool is_name(const char *text)
{
	return *text && !text[strspn(text, "abcdefghijklmnopqrstuvwxyz"
	                                   "0123456789-")];
}

/* folder/NAME.yaml of the site, or else the shipped one. what names it in an
 * error. */
static bool read_named(TALLOC_CTX *ctx, const struct nx_rules_from *from,
                       const char *what, const char *folder, const char *name,
                       struct nx_source *out, struct nx_error *err)
{
	if (!is_name(name))
		return nx_error_set(err, NX_ERROR_CONFIG,
		                    "%s \"%s\": may only be made of a-z, "
		                    "0-9 and -",
		                    what, name);
	return read_either(ctx, from,
	                   talloc_asprintf(ctx, "%s%s.yaml", folder, name), out,
	                   err);
}

static bool add_profile(TALLOC_CTX *ctx, const struct nx_rules_from *from,
                        struct sources *out, struct nx_error *err)
{
	return !*from->profile ||
	       read_named(ctx, from, "profile", PROFILES, from->profile,
	                  &out->item[out->count++], err);
}

static bool read_policy(TALLOC_CTX *ctx, const struct nx_rules_from *from,
                        struct nx_source *out, struct nx_error *err)
{
	if (!*from->policy)
		return read_either(ctx, from, "policy.yaml", out, err);
	if (strchr(from->policy, '/'))
		return read_source(ctx, from->policy, false, out, err);
	return read_named(ctx, from, "policy", POLICIES, from->policy, out,
	                  err);
}

static bool as_configuration(struct nx_error *err)
{
	err->kind = NX_ERROR_CONFIG;
	return false;
}

/* The sources are kept with the rules, which name the file they are from. */
static bool load_engine(TALLOC_CTX *ctx, const struct nx_rules_from *from,
                        const struct nx_engine **out, struct nx_error *err)
{
	struct sources sources = {0};
	if (!read_both(ctx, from, &sources, err) ||
	    !add_profile(ctx, from, &sources, err))
		return as_configuration(err);
	return nx_engine_compile(ctx, sources.item, sources.count, out, err);
}

bool nx_rules_policy(TALLOC_CTX *ctx, const struct nx_rules_from *from,
                     const struct nx_engine *engine,
                     const struct nx_policy **out, struct nx_error *err)
{
	struct nx_source source;
	if (*from->site && access(from->site, X_OK) < 0)
		return nx_error_set(err, NX_ERROR_CONFIG, "%s: %s", from->site,
		                    strerror(errno));
	if (!read_policy(ctx, from, &source, err))
		return as_configuration(err);
	return nx_policy_compile(ctx, &source,
	                         engine ? nx_engine_tables(engine) : NULL, out,
	                         err);
}

bool nx_rules_load(TALLOC_CTX *ctx, const struct nx_rules_from *from,
                   struct nx_rules *out, struct nx_error *err)
{
	struct nx_rules rules = {.image = NULL};
	if (!load_engine(ctx, from, &rules.engine, err) ||
	    !nx_rules_policy(ctx, from, rules.engine, &rules.policy, err))
		return false;
	*out = rules;
	return true;
}

/* --- names ------------------------------------------------------------- */

static void add_names(TALLOC_CTX *ctx, const struct files *files,
                      const char *folder, const char **names, size_t *count)
{
	for (size_t i = 0; i < files->count; i++) {
		const char *name = inside(files, i);
		if (!is_in_folder(name, folder))
			continue;
		name += strlen(folder);
		names[(*count)++] = talloc_strndup(
		        ctx, name, strlen(name) - strlen(".yaml"));
	}
}

static bool find_names(TALLOC_CTX *ctx, const struct nx_rules_from *from,
                       const char *folder, const char *const **names,
                       size_t *count, struct nx_error *err)
{
	struct nx_watch watch;
	size_t found = 0;
	*count = 0;
	if (!nx_watch_look(ctx, from, &watch, err))
		return false;
	struct files shipped = pick(ctx, &watch, from->shipped, false);
	struct files site = pick(ctx, &watch, from->site, true);
	const char **list =
	        talloc_array(ctx, const char *, shipped.count + site.count + 1);
	add_names(ctx, &shipped, folder, list, &found);
	add_names(ctx, &site, folder, list, &found);
	qsort(list, found, sizeof(*list), nx_text_compare);
	for (size_t i = 0; i < found; i++)
		if (*count == 0 || strcmp(list[*count - 1], list[i]) != 0)
			list[(*count)++] = list[i];
	*names = list;
	return true;
}

bool nx_rules_profiles(TALLOC_CTX *ctx, const struct nx_rules_from *from,
                       const char *const **names, size_t *count,
                       struct nx_error *err)
{
	return find_names(ctx, from, PROFILES, names, count, err);
}

bool nx_rules_policies(TALLOC_CTX *ctx, const struct nx_rules_from *from,
                       const char *const **names, size_t *count,
                       struct nx_error *err)
{
	return find_names(ctx, from, POLICIES, names, count, err);
}
