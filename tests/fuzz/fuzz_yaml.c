/* SPDX-License-Identifier: ISC */

/* Rule files: an error says where it is. */
#include "base/yaml.h"
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const struct nx_yaml *root = NULL;
	struct nx_error err = {0};
	if (!nx_yaml_parse(ctx, "f.yaml", (const char *)data, size, &root,
	                   &err) &&
	    strncmp(err.text, "f.yaml:", 7) != 0)
		abort();
	talloc_free(ctx);
	return 0;
}
