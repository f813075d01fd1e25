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
	const char *scope;
	int workers; /* 0: one a core */
};

/* path NULL: /etc/nixie/nixie.yaml when it exists, else the defaults. */
NX_MUST_USE bool nx_config_load(TALLOC_CTX *ctx, const char *path,
                                struct nx_config *out, struct nx_error *err);

/* Where the shipped rules are when nobody says: the installed directory, or
 * rules/ beside the build tree of the running program. */
const char *nx_config_default_rules(TALLOC_CTX *ctx);

struct nx_rules {
	const struct nx_engine *engine;
	const struct nx_policy *policy;
};

/* All *.yaml of the directory and of its folders, in order of path: the tables
 * by their names, policy.yaml as the policy, the rest as text rules. */
NX_MUST_USE bool nx_rules_load(TALLOC_CTX *ctx, const char *directory,
                               struct nx_rules *out, struct nx_error *err);

#endif
