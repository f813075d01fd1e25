/* SPDX-License-Identifier: ISC */
#ifndef NX_TESTS_BLOCKS_H
#define NX_TESTS_BLOCKS_H

#include "sources.h"
#include "sys/file.h"

#include <stdlib.h>

/* The shipped tables that block events need, without rules on words. */
static inline const struct nx_tables *shipped_tables(TALLOC_CTX *ctx)
{
	static const char *const names[] = {"reasons.yaml", "zones.yaml",
	                                    "providers.yaml"};
	enum { FILES = sizeof(names) / sizeof(*names) };
	struct nx_source sources[FILES];
	const struct nx_tables *tables = NULL;
	struct nx_error err;

	for (size_t i = 0; i < FILES; i++) {
		const char *path =
		        talloc_asprintf(ctx, "%s/%s", RULES_DIR, names[i]);
		char *bytes;
		size_t size;

		if (!nx_file_read(ctx, path, 1024 * 1024, &bytes, &size,
		                  &err)) {
			fprintf(stderr, "%s\n", err.text);
			abort();
		}
		sources[i] = (struct nx_source){names[i], bytes, size, false};
	}
	if (!compile_sources(ctx, sources, FILES, &tables, &err)) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	return tables;
}

#endif
