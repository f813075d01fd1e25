/* SPDX-License-Identifier: ISC */
#include "config/config.h"

#include "config/read_retention.h"
#include "config/read_serve.h"
#include "config/read_site.h"
#include "config/read_streams.h"
#include "mail/address.h"
#include "sys/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_STORE "/var/lib/nixie"
#define DEFAULT_SITE  "/etc/nixie/rules.d"

enum { FILE_SIZE = 1024 * 1024, MOST_WORKERS = 64, HOST_SIZE = 256 };

/* The directory of the running program; "" when it is unknown. */
static const char *own_directory(TALLOC_CTX *ctx)
{
	char path[4096];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (length <= 0)
		return "";
	path[length] = '\0';
	char *slash = strrchr(path, '/');
	return slash ? talloc_strndup(ctx, path, (size_t)(slash - path)) : "";
}

/* In a build tree the rules are those of its source. An installation that was
 * moved finds its rules relative to the program. */
const char *nx_config_default_rules(TALLOC_CTX *ctx)
{
	const char *own = own_directory(ctx);
	const char *cache = talloc_asprintf(ctx, "%s/CMakeCache.txt", own);
	const bool built = access(cache, F_OK) == 0;
	char *beside = talloc_asprintf(
	        ctx, "%s/%s", own, built ? "../../rules" : NIXIE_RULES_BESIDE);
	char *rules = *own ? realpath(beside, NULL) : NULL;
	if (!rules)
		return NIXIE_RULES_DIR;
	beside = talloc_strdup(ctx, rules);
	free(rules);
	return beside;
}

static bool read_basics(const struct nx_yaml *root, struct nx_config *out,
                        struct nx_error *err)
{
	int64_t workers = out->workers;
	if (!nx_yaml_take_text(root, "store", &out->store, err) ||
	    !nx_yaml_take_text(root, "rules", &out->rules, err) ||
	    !nx_yaml_take_text(root, "site_rules", &out->site_rules, err) ||
	    !nx_yaml_take_text(root, "profile", &out->profile, err) ||
	    !nx_yaml_take_text(root, "scope", &out->stream, err) ||
	    !nx_yaml_take_text(root, "stream", &out->stream, err) ||
	    !nx_yaml_take_text(root, "policy", &out->policy, err) ||
	    !nx_yaml_number(root, "workers", 0, MOST_WORKERS, &workers, err))
		return false;
	out->workers = (int)workers;
	return true;
}

static bool read_keys(TALLOC_CTX *ctx, const struct nx_yaml *root,
                      struct nx_config *out, struct nx_error *err)
{
	static const char *const keys[] = {"store",
	                                   "rules",
	                                   "site_rules",
	                                   "profile",
	                                   "policy",
	                                   "scope",
	                                   "stream",
	                                   "streams",
	                                   "default_stream",
	                                   "workers",
	                                   "lmtp",
	                                   "ask",
	                                   "blocked",
	                                   "http",
	                                   "host",
	                                   "status",
	                                   "spool",
	                                   "log",
	                                   "limits",
	                                   "quarantine",
	                                   "domains",
	                                   "protect",
	                                   "local_domains",
	                                   "own_hosts",
	                                   "originals",
	                                   "retention",
	                                   "privacy",
	                                   "attempts",
	                                   NULL};
	return nx_yaml_check_keys(root, keys, err) &&
	       read_basics(root, out, err) &&
	       nx_config_read_site(ctx, root, &out->site, err) &&
	       nx_config_read_own_hosts(ctx, root, &out->budget.own_hosts,
	                                err) &&
	       nx_config_read_streams(ctx, root, &out->streams, err) &&
	       nx_config_read_retention(root, &out->retention, err) &&
	       nx_config_read_privacy(root, &out->hashed, err) &&
	       nx_config_read_serve(ctx, root, out, err);
}

/* --- what else is wrong --------------------------------------------------- */

struct place {
	long line, column;
};

static struct place place_of(const struct nx_yaml *node)
{
	return node->key_line > 0
	               ? (struct place){node->key_line, node->key_column}
	               : (struct place){node->line, node->column};
}

/* "FILE:LINE:COLUMN: …" */
static bool read_place(const char *file, const char *text, struct place *out)
{
	const size_t size = strlen(file);
	char *end = NULL;
	if (strncmp(text, file, size) != 0 || text[size] != ':')
		return false;
	out->line = strtol(text + size + 1, &end, 10);
	if (*end != ':')
		return false;
	out->column = strtol(end + 1, &end, 10);
	return *end == ':' && out->line > 0 && out->column > 0;
}

/* The last child that begins there or before. */
static struct nx_yaml *child_at(const struct nx_yaml *parent,
                                const struct place *place)
{
	const struct nx_yaml *found = NULL;
	for (const struct nx_yaml *child = parent->first; child;
	     child = child->next) {
		const struct place at = place_of(child);
		if (at.line < place->line ||
		    (at.line == place->line && at.column <= place->column))
			found = child;
	}
	return (struct nx_yaml *)found;
}

static void drop(struct nx_yaml *parent, const struct nx_yaml *child)
{
	const struct nx_yaml **at = &parent->first;
	while (*at && *at != child)
		at = (const struct nx_yaml **)&(*at)->next;
	if (!*at)
		return;
	*at = child->next;
	parent->count--;
}

/* What others refer to is dropped with what refers to it. */
static void drop_streams(struct nx_yaml *root)
{
	static const char *const keys[] = {"streams", "default_stream"};
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		drop(root, nx_yaml_get(root, keys[i]));
}

/* Takes away the item, or the member, that is wrong. */
static bool drop_at(struct nx_yaml *root, const struct place *place)
{
	struct nx_yaml *child = child_at(root, place);
	if (!child)
		return false;
	struct nx_yaml *item = child_at(child, place);
	if (strstr(child->key, "stream"))
		drop_streams(root);
	if (item && child->count > 1) /* an empty one is wrong again */
		drop(child, item);
	else
		drop(root, child);
	return true;
}

static bool stands_before(const char *file, const char *a, const char *b)
{
	struct place of_a = {0}, of_b = {0};
	return read_place(file, a, &of_a) && read_place(file, b, &of_b) &&
	       (of_a.line < of_b.line ||
	        (of_a.line == of_b.line && of_a.column < of_b.column));
}

/* In the order of the file. */
static void put(struct nx_config *out, const char *text)
{
	size_t at = out->wrongs++;
	for (; at > 0 && stands_before(out->file, text, out->wrong[at - 1]);
	     at--)
		out->wrong[at] = out->wrong[at - 1];
	out->wrong[at] = text;
}

/* *err is the first that was met; in the end the first of the file. */
static void find_all(TALLOC_CTX *ctx, struct nx_yaml *root,
                     const struct nx_config *start, struct nx_config *out,
                     struct nx_error *err)
{
	struct nx_error next = *err;
	struct place place;
	out->wrongs = 0;
	put(out, talloc_strdup(ctx, err->text));
	while (out->wrongs < NX_CONFIG_ERRORS &&
	       read_place(out->file, next.text, &place) &&
	       drop_at(root, &place)) {
		struct nx_config scratch = *start;
		if (read_keys(ctx, root, &scratch, &next))
			break;
		put(out, talloc_strdup(ctx, next.text));
	}
	nx_error_set(err, err->kind, "%s", out->wrong[0]);
}

static bool read_config(TALLOC_CTX *ctx, struct nx_config *out,
                        struct nx_error *err)
{
	char *bytes;
	size_t size;
	const struct nx_yaml *root;
	if (!nx_file_read(ctx, out->file, FILE_SIZE, &bytes, &size, err)) {
		err->kind = NX_ERROR_CONFIG;
		return false;
	}
	const struct nx_config start = *out;
	if (!nx_yaml_parse(ctx, out->file, bytes, size, &root, err))
		return false;
	if (read_keys(ctx, root, out, err))
		return true;
	find_all(ctx, (struct nx_yaml *)root, &start, out, err);
	return false;
}

static const char *default_site(void)
{
	return access(DEFAULT_SITE, F_OK) == 0 ? DEFAULT_SITE : "";
}

/* Those that are named, and this one. */
static struct nx_site_names own_hosts(TALLOC_CTX *ctx,
                                      const struct nx_config *config)
{
	const struct nx_site_names *named = &config->budget.own_hosts;
	char system[HOST_SIZE] = "";
	gethostname(system, sizeof(system) - 1);
	const char *const own[] = {config->host, system};
	const char **name = talloc_array(ctx, const char *, named->count + 2);
	size_t count = 0;
	for (; count < named->count; count++)
		name[count] = named->name[count];
	for (size_t i = 0; i < 2; i++) {
		name[count] = nx_address_normal_domain(ctx, own[i]);
		count += *name[count] != '\0';
	}
	return nx_site_names_of(name, count);
}

bool nx_config_load(TALLOC_CTX *ctx, const char *path, struct nx_config *out,
                    struct nx_error *err)
{
	static const struct nx_streams none = {.fallback = ""};
	*out = (struct nx_config){.file = "",
	                          .store = DEFAULT_STORE,
	                          .rules = nx_config_default_rules(ctx),
	                          .site_rules = default_site(),
	                          .profile = "",
	                          .policy = "",
	                          .stream = "",
	                          .streams = &none};
	nx_config_set_retention(&out->retention);
	nx_config_set_serve(out);
	if (path)
		out->file = talloc_strdup(ctx, path);
	else if (access(NX_CONFIG_FILE, F_OK) == 0 || errno != ENOENT)
		out->file = NX_CONFIG_FILE;
	if (*out->file && !read_config(ctx, out, err))
		return false;
	out->site.own_hosts = own_hosts(ctx, out);
	return true;
}

void nx_config_complete(TALLOC_CTX *ctx, struct nx_config *config)
{
	if (!*config->status)
		config->status =
		        talloc_asprintf(ctx, "%s/status.sock", config->store);
	if (!*config->spool)
		config->spool = talloc_asprintf(ctx, "%s/spool", config->store);
}
