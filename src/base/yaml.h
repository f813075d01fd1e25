/* SPDX-License-Identifier: ISC */
#ifndef NX_BASE_YAML_H
#define NX_BASE_YAML_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <talloc.h>

/*
 * A YAML file as a tree of nodes that know where they stand. Strict: one
 * document; no directives, anchors, aliases, tags or merge keys; no empty or
 * duplicate keys; depth at most 16; size at most 1 MiB; UTF-8. libyaml is
 * fenced here and used through its event interface, because it has no limits of
 * its own.
 *
 * Every scalar is text; a file of comments alone is an empty map. A node that
 * is absent is NULL; the readers below take NULL and answer the fallback.
 */
struct nx_source {        /* a file's text, read by the shell */
	const char *name; /* path as the administrator knows it */
	const char *text;
	size_t size;
	bool site; /* from the administrator's own rules, which may replace
	              shipped ones */
};

enum nx_yaml_kind { NX_YAML_NONE = 0, NX_YAML_TEXT, NX_YAML_LIST, NX_YAML_MAP };

struct nx_yaml {
	enum nx_yaml_kind kind;
	int line;                    /* from 1 */
	int column;                  /* from 1 */
	const char *file;            /* as given to nx_yaml_parse */
	const char *key;             /* of a member of a map, else "" */
	int key_line, key_column;    /* where the key stands */
	const char *text;            /* for TEXT, else "" */
	const struct nx_yaml *next;  /* the next sibling */
	const struct nx_yaml *first; /* the first child of a LIST or MAP */
	size_t count;                /* children */
};

NX_MUST_USE bool nx_yaml_parse(TALLOC_CTX *ctx, const char *file,
                               const char *text, size_t size,
                               const struct nx_yaml **out,
                               struct nx_error *err);

/* The member of that name, or NULL. */
const struct nx_yaml *nx_yaml_get(const struct nx_yaml *map, const char *key);

/* Text of a member, or fallback when it is absent or not TEXT. */
const char *nx_yaml_text(const struct nx_yaml *map, const char *key,
                         const char *fallback);

/* Fills *err with "FILE:LINE:COLUMN: " and the message; returns false. */
bool nx_yaml_error(struct nx_error *err, const struct nx_yaml *node,
                   const char *format, ...) NX_PRINTF(3, 4);

/* The node must be a map whose keys are all in keys (NULL-terminated): an
 * unknown key is an error at the key, which also names the known ones. */
NX_MUST_USE bool nx_yaml_check_keys(const struct nx_yaml *map,
                                    const char *const *keys,
                                    struct nx_error *err);

/* The member must be present and be a TEXT that is not empty. */
NX_MUST_USE bool nx_yaml_need_text(const struct nx_yaml *map, const char *key,
                                   const char **out, struct nx_error *err);

/* The same for a member that may be absent; *out then stays as it is. */
NX_MUST_USE bool nx_yaml_take_text(const struct nx_yaml *map, const char *key,
                                   const char **out, struct nx_error *err);

/* The member, if present, must be a whole number in [low, high]; when absent,
 * *out stays as it is. */
NX_MUST_USE bool nx_yaml_number(const struct nx_yaml *map, const char *key,
                                int64_t low, int64_t high, int64_t *out,
                                struct nx_error *err);

/* The member, if present, must be "true" or "false"; when absent, *out is
 * false. */
NX_MUST_USE bool nx_yaml_flag(const struct nx_yaml *map, const char *key,
                              bool *out, struct nx_error *err);

#endif
