/* SPDX-License-Identifier: ISC */
#ifndef NX_FUZZ_H
#define NX_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* The functions of a fuzz target: libFuzzer calls both, and so does replay.c. A
 * finding is a crash; a broken promise is an abort(). */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void need(bool promise)
{
	if (!promise)
		abort();
}

#endif
