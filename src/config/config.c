/* SPDX-License-Identifier: ISC */
#include "config/config.h"

#include "config/read_serve.h"
#include "config/read_site.h"
#include "config/read_streams.h"
#include "sys/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_FILE  "/etc/nixie/nixie.yaml"
#define DEFAULT_STORE "/var/lib/nixie"
#define DEFAULT_SITE  "/etc/nixie/rules.d"

enum { FILE_SIZE = 1024 * 1024, MOST_WORKERS = 64 };

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
	static const char *const keys[] = {
	        "store",          "rules",     "site_rules", "profile",
	        "policy",         "scope",     "stream",     "streams",
	        "default_stream", "workers",   "lmtp",       "host",
	        "status",         "spool",     "log",        "limits",
	        "quarantine",     "domains",   "protect",    "local_domains",
	        "own_hosts",      "originals", NULL};
	return nx_yaml_check_keys(root, keys, err) &&
	       read_basics(root, out, err) &&
	       nx_config_read_site(ctx, root, &out->site, err) &&
	       nx_config_read_own_hosts(ctx, root, &out->budget.own_hosts,
	                                err) &&
	       nx_config_read_streams(ctx, root, &out->streams, err) &&
	       nx_config_read_serve(ctx, root, out, err);
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
	return nx_yaml_parse(ctx, out->file, bytes, size, &root, err) &&
	       read_keys(ctx, root, out, err);
}

static const char *default_site(void)
{
	return access(DEFAULT_SITE, F_OK) == 0 ? DEFAULT_SITE : "";
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
	nx_config_set_serve(out);
	if (path)
		out->file = talloc_strdup(ctx, path);
	else if (access(DEFAULT_FILE, F_OK) == 0 || errno != ENOENT)
		out->file = DEFAULT_FILE;
	return !*out->file || read_config(ctx, out, err);
}

void nx_config_complete(TALLOC_CTX *ctx, struct nx_config *config)
{
	if (!*config->status)
		config->status =
		        talloc_asprintf(ctx, "%s/status.sock", config->store);
	if (!*config->spool)
		config->spool = talloc_asprintf(ctx, "%s/spool", config->store);
}
