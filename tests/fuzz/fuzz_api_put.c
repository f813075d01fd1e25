/* SPDX-License-Identifier: ISC */

/* The body of PUT /v1/suppressions/{address}. */
#include "fuzz_api.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_ask(NX_API_PUT, "/v1/suppressions/a@example.com", data, size,
	         false);
	return 0;
}
