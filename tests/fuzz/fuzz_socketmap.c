/* SPDX-License-Identifier: ISC */

/* A client of a socketmap. */
#include "fuzz_ask.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static bool is_netstring(const char *bytes, size_t size)
{
	const char *colon = memchr(bytes, ':', size);
	if (colon == NULL)
		return false;
	const size_t before = (size_t)(colon - bytes) + 1;
	const size_t length = strtoul(bytes, NULL, 10);
	return size == before + length + 1 && bytes[size - 1] == ',' &&
	       is_printable(bytes, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_ask(NX_ASK_SOCKETMAP, is_netstring, data, size);
	return 0;
}
