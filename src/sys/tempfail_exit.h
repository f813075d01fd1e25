/* SPDX-License-Identifier: ISC */
#ifndef NX_SYS_TEMPFAIL_EXIT_H
#define NX_SYS_TEMPFAIL_EXIT_H

#include <stdbool.h>

/*
 * The MTA takes any exit status of a pipe command except 0 and 75 as a
 * permanent refusal, and a bounce that is refused is lost: it has no sender to
 * go back to. Needs only libc, since nixie-pipe is linked with it too.
 */
enum { NX_TEMPFAIL_EXIT = 75 };

/* Whoever ends the process is to use 75: said before anything is done, and by
 * begin. */
void nx_tempfail_exit_expect(void);
bool nx_tempfail_exit_is_expected(void);

/* From here on every signal, and every unforeseen exit(3), ends with 75. Writes
 * that fail come back as errors. */
void nx_tempfail_exit_begin(void);

/* From here on exit(3) keeps its status. */
void nx_tempfail_exit_end(void);

/* Restores the default handling of signals, for a forked child. */
void nx_tempfail_exit_drop(void);

/* Writes the line with the reason that tells the MTA to try again. Never fails:
 * there is nobody to report a failure to. */
void nx_tempfail_exit_say(const char *why);

/* Reads the rest of stdin, so that the MTA sees our answer and not a broken
 * pipe. Returns whether there was any input. */
bool nx_tempfail_exit_drain(void);

#endif
