/* SPDX-License-Identifier: ISC */
#ifndef NX_SYS_TEMPFAIL_EXIT_H
#define NX_SYS_TEMPFAIL_EXIT_H

#include <stdbool.h>

/*
 * To the MTA a pipe command that ends with anything but 0 or 75 has refused
 * the message for good, and a bounce that is refused is gone: it has no sender
 * to go back to. Needs nothing but libc: nixie-pipe is made of it too.
 */
enum { NX_TEMPFAIL_EXIT = 75 };

/* From here on every signal, and every exit(3) that nobody foresaw, ends with
 * 75. Writes that fail come back as errors. */
void nx_tempfail_exit_begin(void);

/* From here on exit(3) is what it says. */
void nx_tempfail_exit_end(void);

/* Signals do again what they always did: for a forked child. */
void nx_tempfail_exit_drop(void);

/* Writes the line by which the MTA knows that it is to try again, with why.
 * Never fails: nobody would be left to tell. */
void nx_tempfail_exit_say(const char *why);

/* Reads what is left of stdin, so that the MTA gets to know our answer and
 * not a broken pipe. Returns whether there was any. */
bool nx_tempfail_exit_drain(void);

#endif
