/* SPDX-License-Identifier: ISC */

/* A token file: an error names it, and what is read is as it must be. */
#include "api/token_file.h"
#include "fuzz.h"

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
	struct nx_bearer token = {0};
	struct nx_error err = {0};
	if (nx_token_file_parse(ctx, "f.token", (const char *)data, size,
	                        &token, &err)) {
		need(*token.name != '\0' && strlen(token.name) <= 64);
		need(strpbrk(token.name, " =\"\n\r\t") == NULL);
		need(token.scope >= NX_SCOPE_READ &&
		     token.scope <= NX_SCOPE_ADMIN);
		need(nx_bearer_of_secret(&token, 1, "") == NULL);
	} else {
		need(strncmp(err.text, "f.token", 7) == 0);
	}
	talloc_free(ctx);
	return 0;
}
