/* SPDX-License-Identifier: ISC */
#ifndef NX_REPORT_SUBJECTS_H
#define NX_REPORT_SUBJECTS_H

#include <stdbool.h>

/*
 * What a subject alone tells. It is decoded; "Re:" and brackets in front are
 * passed over; ASCII letters compare without case.
 */

/* Begins as programs begin that answer for somebody who is away. */
bool nx_subject_is_vacation(const char *subject);

/* Begins as mail systems begin that give a message back or warn of delay. */
bool nx_subject_is_bounce(const char *subject);

#endif
