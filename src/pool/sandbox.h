/* SPDX-License-Identifier: ISC */
#ifndef NX_POOL_SANDBOX_H
#define NX_POOL_SANDBOX_H

#include <stdbool.h>

/*
 * What a worker gives up before it reads a message. libseccomp is fenced in
 * sandbox.c.
 */
enum {
	NX_SANDBOX_CHANNEL = 3,        /* the only descriptor that stays */
	NX_SANDBOX_MEMORY = 256 << 20, /* bytes of address space */
	NX_SANDBOX_STACK = 8 << 20,    /* the minimum; GMime recurses */
	NX_SANDBOX_CPU = 3             /* seconds, over a worker's whole life */
};

/* Closes every descriptor except one, which becomes NX_SANDBOX_CHANNEL; 0, 1
 * and 2 are redirected to nothing (2 stays in a build with sanitizers, which
 * report there). */
void nx_sandbox_close_all_but(int descriptor);

/* Permanent: no new privileges, no core, the limits above, no file written, no
 * process made, and system calls only to read and write open descriptors and to
 * get memory. Opening and asking about files fails with EACCES, because the C
 * library does so in passing; any other call kills the process (SIGSYS). False
 * when the kernel refuses: then nothing may be read. */
bool nx_sandbox_enter(void);

/* Whether memory is bounded as well; it is not in a build with sanitizers. */
bool nx_sandbox_bounds_memory(void);

#endif
