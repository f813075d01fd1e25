/* SPDX-License-Identifier: ISC */

/* A client of a policy service. */
#include "fuzz_ask.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static bool is_action(const char *bytes, size_t size)
{
	static const char action[] = "action=";
	const size_t word = strlen(action);
	return size >= word + 2 && memcmp(bytes, action, word) == 0 &&
	       memcmp(bytes + size - 2, "\n\n", 2) == 0 &&
	       is_printable(bytes, size - 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_ask(NX_ASK_POLICY, is_action, data, size);
	return 0;
}
