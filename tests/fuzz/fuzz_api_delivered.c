/* SPDX-License-Identifier: ISC */

/* The body of POST /v1/delivered. */
#include "fuzz_api.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_ask(NX_API_POST, "/v1/delivered", data, size, false);
	return 0;
}
