/* SPDX-License-Identifier: ISC */
#ifndef NX_TESTS_SOURCES_H
#define NX_TESTS_SOURCES_H

/* Files of rules as texts, and tables from them. */

#include "classify/tables.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static inline struct nx_source source(const char *name, const char *content)
{
	return (struct nx_source){name, content, strlen(content), false};
}

/* At most that many are given. */
enum { SOURCES = 16 };

/* As the engine does: concepts.yaml and words/ first, the rest with them. The
 * concepts belong to the tables. */
static inline bool compile_sources(TALLOC_CTX *ctx,
                                   const struct nx_source *sources,
                                   size_t count, const struct nx_tables **out,
                                   struct nx_error *err)
{
	struct nx_source part[2][SOURCES];
	size_t parts[2] = {0, 0};
	const struct nx_concepts *concepts;

	for (size_t i = 0; i < count; i++) {
		const bool words = nx_concepts_is_source(sources[i].name);

		part[words][parts[words]++] = sources[i];
	}
	if (!nx_concepts_compile(ctx, part[1], parts[1], &concepts, err))
		return false;

	void *const own = (void *)(uintptr_t)concepts;
	const bool is_good =
	        nx_tables_compile(ctx, concepts, part[0], parts[0], out, err);

	if (is_good)
		talloc_steal(*out, own);
	else
		talloc_free(own);
	return is_good;
}

/* The same as the state of a group of tests. */
static inline int begin_sources(void **state, const struct nx_source *sources,
                                size_t count)
{
	const struct nx_tables *tables;
	struct nx_error err;

	if (!compile_sources(NULL, sources, count, &tables, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	*state = (void *)(uintptr_t)tables;
	return 0;
}

#endif
