/* SPDX-License-Identifier: ISC */

/* A client of a tcp_table. */
#include "fuzz_ask.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static bool is_line(const char *bytes, size_t size)
{
	return size > 4 && size <= 4096 && bytes[size - 1] == '\n' &&
	       bytes[3] == ' ' && is_printable(bytes, size - 1) &&
	       nx_text_is_ascii(bytes, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_ask(NX_ASK_TCP_TABLE, is_line, data, size);
	return 0;
}
