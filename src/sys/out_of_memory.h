/* SPDX-License-Identifier: ISC */
#ifndef NX_SYS_OUT_OF_MEMORY_H
#define NX_SYS_OUT_OF_MEMORY_H

/*
 * Out of memory ends the process: the MTA still has the mail. The end is one
 * line and an exit status, never a signal, also where a library aborts.
 */
enum { NX_OUT_OF_MEMORY_EXIT = 71 };

/* Says so, on stdout with 75 where nx_tempfail_exit is expected, else on
 * stderr with 71. Allocates nothing. */
_Noreturn void nx_out_of_memory(void);

/* From here on abort(3) ends with a line and 71. */
void nx_out_of_memory_catch_abort(void);

#endif
