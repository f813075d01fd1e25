/* SPDX-License-Identifier: ISC */
#ifndef NX_CONFIG_CONFIG_H
#define NX_CONFIG_CONFIG_H

#include "base/error.h"
#include "engine.h"
#include "policy/policy.h"

/*
 * nixie.yaml, strict: where the store and the rules are. And the rules as read
 * from there. What a command is told by option stands above the file.
 */
struct nx_config {
	const char *file;  /* that was read, or "" */
	const char *store; /* directory */
	const char *rules; /* directory */
	const char
	        *site_rules; /* directory of the administrator's own, or "" */
	const char *profile; /* whose verdicts replace ours, or "" */
	const char *scope;
	int workers; /* 0: one a core */
};

/* path NULL: /etc/nixie/nixie.yaml when it exists, else the defaults. */
NX_MUST_USE bool nx_config_load(TALLOC_CTX *ctx, const char *path,
                                struct nx_config *out, struct nx_error *err);

/* Where the shipped rules are when nobody says: the installed directory, or
 * rules/ beside the build tree of the running program. */
const char *nx_config_default_rules(TALLOC_CTX *ctx);

struct nx_rules_from {
	const char *shipped; /* directory */
	const char *site;    /* directory, or "" */
	const char *profile; /* name, or "" */
};

struct nx_rules {
	const struct nx_engine *engine;
	const struct nx_policy *policy;
	char *image; /* that they stand in, or NULL */
};

/* All *.yaml of the directory and of its folders, in order of path: the tables
 * by their names, policy.yaml as the policy, the rest as text rules. Those of
 * the site directory, which may be empty, come to them: rules as
 * nx_tables_compile has it; its policy.yaml, formats and signs (automatic.yaml,
 * unsubscribe.yaml) stand in place of shipped files of the same name. The
 * profile is profiles/NAME.yaml of the site, else as shipped. *out is touched
 * on success only, so that a set in use stays. */
NX_MUST_USE bool nx_rules_load(TALLOC_CTX *ctx,
                               const struct nx_rules_from *from,
                               struct nx_rules *out, struct nx_error *err);

struct nx_rules_cache {
	const char *file; /* "" for none */
	bool write;       /* when it does not fit */
};

/* The same from an image of them when there is one that fits, which is fifty
 * times faster; else as above, and makes that image. What it cannot read or
 * write is no error. Examples have been proven when the image was made. */
NX_MUST_USE bool nx_rules_open(TALLOC_CTX *ctx,
                               const struct nx_rules_from *from,
                               const struct nx_rules_cache *cache,
                               struct nx_rules *out, struct nx_error *err);

/* Of a struct nx_rules: those from an image compile a pattern when it is first
 * matched; this does all at once. */
void nx_rules_prepare(const void *rules);

/* The names of all profiles, in byte order. */
NX_MUST_USE bool nx_rules_profiles(TALLOC_CTX *ctx,
                                   const struct nx_rules_from *from,
                                   const char *const **names, size_t *count,
                                   struct nx_error *err);

#endif
