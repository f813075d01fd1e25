/* SPDX-License-Identifier: ISC */

/* Diagnostics: the text is repaired first, as everywhere. */
#include "base/text.h"
#include "fuzz.h"
#include "mail/reply.h"

#include <stdlib.h>

enum { TEXT_SIZE = 64 * 1024 };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	TALLOC_CTX *ctx = talloc_new(NULL);
	const char *text =
	        nx_text_repair(ctx, (const char *)data, size, TEXT_SIZE);
	struct nx_reply reply = {0};
	nx_reply_parse(ctx, text, &reply);
	if (reply.text == NULL)
		abort();
	if (reply.code != 0 && (reply.code < 200 || reply.code > 599))
		abort();
	talloc_free(ctx);
	return 0;
}
