/* SPDX-License-Identifier: ISC */
#include "sys/out_of_memory.h"

#include <stddef.h>

/*
 * The allocator of the C library, for the program and all libraries in it, with
 * one difference: it never answers that there is no memory, but ends the
 * process. Nothing in the program has to foresee that, and no library is left
 * half way. A sanitizer has an allocator of its own, and this file is left out.
 */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *block, size_t size);

void *malloc(size_t size)
{
	void *block = __libc_malloc(size);
	if (block == NULL)
		nx_out_of_memory();
	return block;
}

void *calloc(size_t count, size_t size)
{
	void *block = __libc_calloc(count, size);
	if (block == NULL)
		nx_out_of_memory();
	return block;
}

/* Of size 0 it frees. */
void *realloc(void *block, size_t size)
{
	void *moved = __libc_realloc(block, size);
	if (moved == NULL && size > 0)
		nx_out_of_memory();
	return moved;
}
