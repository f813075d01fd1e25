/* SPDX-License-Identifier: ISC */

/*
 * replay DIRECTORY: a fuzz target over its corpus, without a fuzzer. Fails when
 * the corpus is empty.
 */
#include "fuzz.h"
#include "sys/file.h"

#include <stdio.h>

static bool replay(const char *directory, const char *name)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	char *bytes = NULL;
	size_t size = 0;
	struct nx_error err = {0};
	const char *path = talloc_asprintf(ctx, "%s/%s", directory, name);
	const bool ok = nx_file_read(ctx, path, 0, &bytes, &size, &err);
	if (ok)
		LLVMFuzzerTestOneInput((const uint8_t *)bytes, size);
	else
		fprintf(stderr, "%s\n", err.text);
	talloc_free(ctx);
	return ok;
}

int main(int argc, char **argv)
{
	char **name = NULL;
	size_t count = 0;
	size_t replayed = 0;
	struct nx_error err = {0};
	if (argc != 2) {
		fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
		return 2;
	}
	LLVMFuzzerInitialize(&argc, &argv);
	if (!nx_file_names(NULL, argv[1], "", &name, &count, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	for (size_t i = 0; i < count; i++)
		replayed += replay(argv[1], name[i]);
	talloc_free(name);
	printf("%zu of %zu replayed\n", replayed, count);
	return count == 0 || replayed < count;
}
