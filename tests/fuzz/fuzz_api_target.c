/* SPDX-License-Identifier: ISC */

/* Method, path and query, with cursors: the first byte is the method. */
#include "fuzz_api.h"

static enum nx_api_method method_of(uint8_t byte)
{
	switch (byte) {
	case 'P':
		return NX_API_PUT;
	case 'O':
		return NX_API_POST;
	case 'D':
		return NX_API_DELETE;
	case 'G':
		return NX_API_GET;
	default:
		return NX_API_NO_METHOD;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char body[] = "{\"note\":\"for a test\"}";
	if (size < 1)
		return 0;
	char *target = strndup((const char *)data + 1, size - 1);
	fuzz_ask(method_of(*data), target, body, sizeof(body) - 1, false);
	free(target);
	return 0;
}
